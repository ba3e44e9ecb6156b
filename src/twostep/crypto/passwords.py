"""Checking passwords: Argon2id, behind a bounded queue of its own (SECURITY §5.1, DESIGN §5).

A hash costs some 20 ms of a core and 19 MiB. That is what makes guessing dear, and what makes a
flood of sign-ins cheap for the one who sends it. So hashing has its own few threads at low
priority, which the other pages do not wait behind, and a queue with a known end:

    admit() ──► a ticket, or Busy at once when 64 others are waiting
      │
      └─ ticket.verify / hash / verify_nothing ──► waits its turn, two seconds at most, or Busy
           │
           └─ work that has begun is always finished

Memory is thus never more than threads × 19 MiB, whatever clients do (AC-68).

``admit`` comes first, before an attempt is reserved, so that nobody's attempts are used up by a
busy server. An unknown user's password costs the same as anybody's (``verify_nothing``, AC-21).
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from twostep.crypto.password_hashes import (
    Parameters,
    matches,
    new_hash,
    nothing_matches,
    password_bytes,
    read_hash,
)
from twostep.crypto.secret import Secret
from twostep.crypto.turns import NoPlace, Turns

QUEUE = 64
"""Tickets beyond those at work. On one thread that is about two seconds of hashing, so whoever
would wait longer than ``WAIT_MS`` is sent away at once."""

WAIT_MS = 2000
"""From admission to the start of the work (SECURITY §5.1)."""

RETRY_AFTER_SECONDS = 2
"""By then the queue that is full now has been worked off."""

T = TypeVar("T")


class Busy(Exception):
    """The queue is full, or the turn did not come in time. Nothing was compared: answer 503."""

    def __init__(self) -> None:
        super().__init__("too many passwords are waiting to be checked")
        self.retry_after_seconds = RETRY_AFTER_SECONDS


class WrongPassword(Exception):
    """The password is not the one that was hashed."""


class Hashing:
    """The hashing threads of one process. They start with the first ticket, after the fork."""

    def __init__(
        self,
        parameters: Parameters,
        *,
        threads: int,
        clock: Callable[[], int],
        queue: int = QUEUE,
        wait_ms: int = WAIT_MS,
    ) -> None:
        """``threads`` as ``hashing_threads`` gives them; ``clock`` in milliseconds."""
        self.parameters = parameters
        self.turns = Turns(name="hashing", threads=threads, places=threads + queue)
        self._clock = clock
        self._wait_ms = wait_ms

    @property
    def performed(self) -> int:
        """Hashes computed so far: tests compare by it what known and unknown users cost."""
        return self.turns.done

    def admit(self) -> Ticket:
        """A place in the queue, to be held by ``with``. Raises Busy at once when there is none."""
        try:
            self.turns.take_place()
        except NoPlace:
            raise Busy from None
        return Ticket(self, admitted_at=self._clock())

    def take_turn(self, act: Callable[[], T], *, asked_at: int | None) -> T:
        """Performs an act that was asked for then (now, if None). For Ticket. Raises Busy."""
        waited = 0 if asked_at is None else self._clock() - asked_at
        # A clock that was set back must not make the wait longer.
        wait_ms = min(self._wait_ms, max(0, self._wait_ms - waited))
        try:
            return self.turns.perform(act, wait_ms=wait_ms)
        except NoPlace:
            raise Busy from None

    def close(self) -> None:
        """Finishes the work that has begun, and ends the threads. Whoever still waits gets Busy."""
        self.turns.close()


class Ticket:
    """A place in the queue. Its acts raise Busy when their turn does not come in time."""

    def __init__(self, hashing: Hashing, *, admitted_at: int) -> None:
        self._hashing = hashing
        self._admitted_at: int | None = admitted_at
        self._given_back = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._given_back:
            self._given_back = True
            self._hashing.turns.give_back()

    def verify(self, phc: Secret[bytes], password: Secret[str]) -> None:
        """Raises WrongPassword unless the password is the one hashed in this PHC string.

        Raises PasswordTooLong, UnknownHash and HostileParameters before any work is done.
        """
        stored, typed = read_hash(phc), password_bytes(password)
        if not self._turn(lambda: matches(stored, typed)):
            raise WrongPassword

    def verify_nothing(self, password: Secret[str]) -> None:
        """The work of ``verify`` for a user who does not exist. Always raises WrongPassword."""
        typed = password_bytes(password)
        parameters = self._hashing.parameters
        self._turn(lambda: nothing_matches(parameters, typed))
        raise WrongPassword

    def hash(self, password: Secret[str]) -> Secret[bytes]:
        """A new PHC string with today's parameters, to be sealed. Raises PasswordTooLong."""
        typed = password_bytes(password)
        parameters = self._hashing.parameters
        return self._turn(lambda: new_hash(parameters, typed))

    def _turn(self, act: Callable[[], T]) -> T:
        """The first act waits from the admission on, a later one (a rehash) from its asking on."""
        if self._given_back:
            raise RuntimeError("this ticket was given back")
        asked_at, self._admitted_at = self._admitted_at, None
        return self._hashing.take_turn(act, asked_at=asked_at)


def hashing_threads(*, cores: int, workers: int) -> int:
    """Threads for each of so many worker processes (DESIGN §5).

    Four in all at the most: what a large machine has beyond that is for everything but hashing.
    """
    return max(1, min(cores, 4) // workers)
