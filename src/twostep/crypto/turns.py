"""Turns: dear work, done by few threads, one piece after the other, with a known end to the
waiting.

Threat (AC-68): whoever can make the server do dear work makes it do all of it at once. A limit that
a client's going away lifts is none: a client that always goes away then has any number of pieces of
work running. So a piece of work belongs to the thread that does it: once begun it is finished, and
only then does that thread take the next.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Generic, TypeVar

NICENESS = 10
"""Of 19. Measured: one hash running flat out beside the forward-auth answer took its median from
0.34 to 2.4 ms on one core. At low priority the scheduler lets the answer go first, and an idle core
still hashes at full speed."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class NoPlace(Exception):
    """All places are taken, or the turn did not come in time. The work was not begun."""


class _State(Enum):
    WAITING = auto()
    BEGUN = auto()
    GIVEN_UP = auto()


class _Work(Generic[T]):
    """One piece of work on its way through the queue."""

    def __init__(self, act: Callable[[], T]) -> None:
        self.state = _State.WAITING
        # Of its own: a condition shared by all who wait would wake each of them for each of them.
        self.left_queue = threading.Event()
        self.done = threading.Event()
        self._act = act
        self._results: list[T] = []
        self._error: Exception | None = None

    def do(self) -> None:
        """Keeps the result, or the error, for whoever waits for it."""
        try:
            self._results.append(self._act())
        except Exception as error:  # noqa: BLE001  It is raised again where the result is asked for.
            self._error = error

    def result(self) -> T:
        """What the act returned, or raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


class Turns:
    """The threads and the queue of one process.

    The threads start with the first place taken, and again in a process forked from this one, which
    would otherwise inherit a queue and nobody who works on it.
    """

    def __init__(self, *, name: str, threads: int, places: int) -> None:
        """``places`` counts those at work and those that wait."""
        self.done = 0
        """Pieces of work finished since the start."""
        self._name = name
        self._threads = threads
        self._places = places
        self._begin_anew()

    def take_place(self) -> None:
        """Raises NoPlace at once when there is none. Each place taken is given back."""
        if self._process != os.getpid():
            self._begin_anew()
        with self._changed:
            if self._closed or self._taken >= self._places:
                raise NoPlace
            self._taken += 1
            if not self._running:
                self._start()

    def give_back(self) -> None:
        """The place is free for another."""
        with self._changed:
            self._taken -= 1

    def perform(self, act: Callable[[], T], *, wait_ms: int) -> T:
        """What the act returns or raises, in one of the threads.

        Raises NoPlace when it was not begun within ``wait_ms``. Once begun it is waited for without
        end.
        """
        work = _Work(act)
        with self._changed:
            if self._closed:
                raise NoPlace
            self._waiting.append(work)
            self._changed.notify()
        if not work.left_queue.wait(wait_ms / 1000):
            with self._changed:
                # It may have been begun since; then it is waited for like any other.
                if work.state is _State.WAITING:
                    self._waiting.remove(work)
                    work.state = _State.GIVEN_UP
        if work.state is _State.GIVEN_UP:
            raise NoPlace
        work.done.wait()
        return work.result()

    def close(self) -> None:
        """Ends the threads after the work they have begun. Whoever still waits gets NoPlace."""
        with self._changed:
            self._closed = True
            for work in self._waiting:
                work.state = _State.GIVEN_UP
                work.left_queue.set()
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._running:
            thread.join()

    def _begin_anew(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[_Work[Any]] = deque()
        self._running: list[threading.Thread] = []
        self._taken = 0
        self._closed = False

    def _start(self) -> None:
        for number in range(self._threads):
            thread = threading.Thread(target=self._run, name=f"{self._name}-{number}", daemon=True)
            self._running.append(thread)
            thread.start()

    def _run(self) -> None:
        _lower_priority()
        while (work := self._next()) is not None:
            work.do()
            with self._changed:
                self.done += 1
            work.done.set()

    def _next(self) -> _Work[Any] | None:
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            work = self._waiting.popleft()
            work.state = _State.BEGUN
            work.left_queue.set()
            return work


def _lower_priority() -> None:
    """On Linux a thread has a priority of its own, under its native id.

    Elsewhere, and where a sandbox forbids it, the work is done all the same and only competes
    harder.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    except (OSError, AttributeError):
        _log.info("the threads for dear work keep the priority of the others")
