"""Two acts of one user at once: the second begins in the middle of the first.

On PostgreSQL alone: SQLite runs one write after another, so it has no middle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import text

from twostep.storage.database import Database

T = TypeVar("T")

_TRIES = 5_000
_SECONDS = 0.002

_WAITING = text(
    "select count(*) from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


class Meanwhile(Generic[T]):
    """An act that runs in a thread of its own."""

    def __init__(self, database: Database, act: Callable[[], T]) -> None:
        self._database = database
        self._done: list[T] = []
        self._ended_or_waits = False
        self._thread = threading.Thread(target=lambda: self._done.append(act()))

    def begin(self) -> None:
        """Returns when the act is done, or waits for a lock that somebody else holds."""
        self._thread.start()
        # In a thread of its own: whoever begins this is inside a unit, and may not ask again.
        watching = threading.Thread(target=self._watch)
        watching.start()
        watching.join()
        assert self._ended_or_waits, "it neither ended nor waits"

    def outcome(self) -> T:
        """What it gave, once it is done. Fails where it raised."""
        self._thread.join()
        return self._done[0]

    def _watch(self) -> None:
        for _ in range(_TRIES):
            self._thread.join(_SECONDS)
            if not self._thread.is_alive() or self._waits():
                self._ended_or_waits = True
                return

    def _waits(self) -> bool:
        return bool(self._database.read(lambda c: c.execute(_WAITING).scalar_one()))
