"""SQLite: any number of threads read, each on a connection of its own, and one thread writes."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import DBAPIError

from twostep.storage.faults import MisusedUnit
from twostep.storage.sqlite_file import Link, SqliteFile, in_our_words
from twostep.storage.sqlite_writer import SqliteWriter
from twostep.storage.units import T, Unit, refuse_nesting, run_unit


class SqliteDatabase:
    """``Database`` (database.py says what it promises) over one file."""

    def __init__(self, path: Path, *, queue: int, patience_ms: int) -> None:
        self.path = path
        self._file = SqliteFile(path, patience_ms=patience_ms)
        self._writer = SqliteWriter(self._file, queue=queue)
        # A connection between two reads. The last one in is the first one out, so that its pages
        # are warm; and it belongs to no thread, because a server's worker threads come and go.
        self._idle: deque[Link] = deque()
        self._process: int | None = None
        self._closed = False

    @property
    def kind(self) -> Literal["sqlite"]:
        """Says which database this is."""
        return "sqlite"

    def write(self, unit: Unit[T]) -> T:
        """What the unit returned, after its commit."""
        self._check_use()
        return self._writer.write(unit)

    def read(self, unit: Unit[T]) -> T:
        """What the unit returned, from one moment of the database."""
        self._check_use()
        try:
            return self._read(unit)
        except (sqlite3.Error, DBAPIError) as error:
            if _was_a_write(error):
                raise MisusedUnit("a read tried to write") from error
            told = in_our_words(error)
            raise told from told.__cause__

    def clock_skew(self, clock: Callable[[], int]) -> int:
        """0: SQLite has no clock of its own."""
        return 0

    def close(self) -> None:
        """Finishes what is queued and closes every connection."""
        if self._process not in {None, os.getpid()}:
            return
        self._closed = True
        self._writer.close()
        while self._idle:
            self._idle.pop().close()

    def _read(self, unit: Unit[T]) -> T:
        self._file.check()
        try:
            link = self._idle.pop()
        except IndexError:
            link = self._file.open_reader()
        try:
            # Two statements of one unit see the same moment: outside a transaction each would see
            # its own.
            link.driver.execute("BEGIN")
            return run_unit(unit, link.connection)
        finally:
            self._give_back(link)

    def _give_back(self, link: Link) -> None:
        try:
            link.end()
        except (sqlite3.Error, DBAPIError):
            link.close()
            return
        if self._closed:
            link.close()
        else:
            self._idle.append(link)

    def _check_use(self) -> None:
        refuse_nesting()
        if self._closed:
            raise MisusedUnit("the database has been closed")
        process = os.getpid()
        if self._process is None:
            self._process = process
        elif self._process != process:
            # SQLite's locks belong to a process, and the writer's thread stayed behind in the other
            # one.
            raise MisusedUnit("the database was used before the fork: open it in each process")


def _was_a_write(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY
