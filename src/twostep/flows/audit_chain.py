"""Checking the audit log: ``twostep audit verify``.

Reads the whole chain of an environment, in pieces, on a running installation or on a copy of its
database with its key file (B-9). It changes nothing. What is compared, besides the chain itself:

* the newest seal, which says how far the chain must reach;
* the checkpoints, which say what it was when they were written;
* the stub, which says where the chain begins if retention has taken the oldest entries;
* the rows of people that events refer to, each with its mark.

What cannot be told: that an event was deleted, or put in, in the second before it was sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from twostep.core.audit_chain import (
    BEGINNING,
    Broken,
    Fault,
    Intact,
    Seal,
    SealedEvent,
    VerificationResult,
    verify,
)
from twostep.core.audit_stubs import NotAStub, read_stub
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import KeyMissing, KeyRing
from twostep.flows.audit import is_genuine
from twostep.flows.checkpoints import read_lines
from twostep.storage import audit_chain, audit_stubs, people
from twostep.storage.audit_chain import Page
from twostep.storage.database import Database
from twostep.storage.people import StoredPerson

PIECE: Final = 5_000
"""Rows read at once: a few megabytes, whatever the size of the log."""

LATE_MS: Final = 60_000
"""Events are sealed within a second. One that waits for a minute says that nobody seals."""

MOST_NAMED: Final = 10

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found in one environment.

    ``chain`` names the first number that is wrong, or the newest entry where none is. ``behind`` is
    the number of the last entry that retention took away, 0 where it took none. ``checked`` is how
    many entries were read, ``checkpoints`` how many lines they were compared with;
    ``forged_lines`` and ``torn_lines`` are the numbers of lines that could not be (see
    ``checkpoints.Lines``). ``unsealed`` events wait; ``oldest_unsealed_at`` is in milliseconds, and
    ``late`` says that it is longer ago than a minute. ``changed_people`` are ids of rows that are
    not as they were written, ``lost_people`` of rows that are gone, ten of each at the most.
    """

    environment_id: bytes
    chain: VerificationResult
    behind: int
    checked: int
    checkpoints: int
    forged_lines: Sequence[int]
    torn_lines: Sequence[int]
    unsealed: int
    oldest_unsealed_at: int | None
    late: bool
    changed_people: Sequence[bytes]
    lost_people: Sequence[bytes]

    @property
    def in_order(self) -> bool:
        """Whether nothing is wrong. A torn line is no tampering, and counts as nothing."""
        return isinstance(self.chain, Intact) and not (
            self.forged_lines or self.late or self.changed_people or self.lost_people
        )


def verify_environment(
    database: Database,
    ring: KeyRing,
    environment_id: bytes,
    *,
    now: int,
    checkpoints: Iterable[str] = (),
    progress: Progress = lambda done, total: None,
) -> Verification:
    """Check everything in one environment's log. ``checkpoints`` are lines, of one file or several.

    ``progress`` hears how many entries were read, of how many there were at the beginning. Raises
    KeyMissing for an environment without an audit key, DatabaseAway and DatabaseBusy.
    """
    ring.current(KeyPurpose.AUDIT, environment_id=environment_id)
    lines = read_lines(ring, environment_id, checkpoints)
    reading = _Reading(database, environment_id, progress)
    chain = reading.check(_key_of(ring, environment_id), lines.seals)
    waiting = database.read(lambda connection: audit_chain.waiting_in(connection, environment_id))
    oldest = waiting.oldest_at
    return Verification(
        environment_id=environment_id,
        chain=chain,
        behind=reading.start.number,
        checked=reading.done,
        checkpoints=len(lines.seals),
        forged_lines=lines.forged,
        torn_lines=lines.torn,
        unsealed=waiting.count,
        oldest_unsealed_at=oldest,
        late=oldest is not None and oldest < now - LATE_MS,
        changed_people=_changed_people(database, ring, environment_id),
        lost_people=database.read(
            lambda connection: people.lost(connection, environment_id, most=MOST_NAMED)
        ),
    )


class _Reading:
    """One pass over the chain, while the server may go on sealing behind it."""

    def __init__(self, database: Database, environment_id: bytes, progress: Progress) -> None:
        self._database = database
        self._environment_id = environment_id
        self._progress = progress
        self._expected = database.read(
            lambda connection: audit_chain.head_of(connection, environment_id)
        )
        self.done = 0
        self.start = BEGINNING
        self._head: Seal | None = None

    def check(
        self, key_of: Callable[[int], bytes], checkpoints: Sequence[Seal]
    ) -> VerificationResult:
        """The result for the chain. Retention may take the oldest entries while they are read: then
        the chain begins elsewhere than its stub said, and is looked at anew.
        """
        while True:
            stub = self._stub()
            result = self._check_behind(stub, key_of, checkpoints)
            if isinstance(result, Intact) or self._stub() == stub:
                return result

    def _check_behind(
        self, stub: str | None, key_of: Callable[[int], bytes], checkpoints: Sequence[Seal]
    ) -> VerificationResult:
        self.done, self.start = 0, BEGINNING
        if stub is not None:
            place = self._environment_id
            try:
                self.start = read_stub(stub, environment_id=place, key_of=key_of).seal
            except NotAStub:
                return Broken(number=1, fault=Fault.MISSING)
        return self._check(key_of, checkpoints)

    def _stub(self) -> str | None:
        return self._database.read(
            lambda connection: audit_stubs.newest(connection, self._environment_id)
        )

    def _check(
        self, key_of: Callable[[int], bytes], checkpoints: Sequence[Seal]
    ) -> VerificationResult:
        """The result for the chain, with a look at where the newest seal was in the end.

        What goes on behind the newest seal, however well chained, says that seals were deleted, or
        that somebody has the key.
        """
        known = (self._expected, *checkpoints)
        result = verify(self._entries(), key_of=key_of, expected=known, start=self.start)
        if isinstance(result, Broken) or self._head is None or result.head == self._head:
            return result
        first_wrong = min(result.head.number, self._head.number) + 1
        return Broken(number=first_wrong, fault=Fault.FORKED)

    def _entries(self) -> Iterator[SealedEvent]:
        after: tuple[int, bytes] | None = audit_chain.FIRST
        while after is not None:
            page = self._page(after)
            for entry in page.entries:
                self.done += 1
                yield entry
            after, self._head = page.next, page.head
            self._progress(self.done, max(self.done, self._expected.number))

    def _page(self, after: tuple[int, bytes]) -> Page:
        return self._database.read(
            lambda connection: audit_chain.page(
                connection, self._environment_id, after=after, most=PIECE
            )
        )


def _key_of(ring: KeyRing, environment_id: bytes) -> Callable[[int], bytes]:
    """The audit key of a version. One that does not exist is asked for once: the ring looks for it
    in the database each time, and a log of a million rows may name it in each.
    """
    asked: dict[int, bytes | None] = {}

    def look(version: int) -> bytes | None:
        try:
            key = ring.at_version(KeyPurpose.AUDIT, version, environment_id=environment_id)
        except KeyMissing:
            return None
        return key.secret.reveal()

    def key_of(version: int) -> bytes:
        if version not in asked:
            asked[version] = look(version)
        found = asked[version]
        if found is None:
            raise KeyError(version)
        return found

    return key_of


def _changed_people(database: Database, ring: KeyRing, environment_id: bytes) -> Sequence[bytes]:
    changed: list[bytes] = []
    after: bytes | None = b""
    while after is not None and len(changed) < MOST_NAMED:
        page = _people(database, environment_id, after)
        changed += [person.id for person in page if not is_genuine(ring, environment_id, person)]
        after = page[-1].id if len(page) == PIECE else None
    return changed[:MOST_NAMED]


def _people(database: Database, environment_id: bytes, after: bytes) -> Sequence[StoredPerson]:
    return database.read(
        lambda connection: people.after_id(connection, environment_id, after, most=PIECE)
    )
