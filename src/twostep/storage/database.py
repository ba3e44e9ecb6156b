"""The database: a transaction is a function.

A flow hands its transaction over, ``database.write(unit)`` or ``database.read(unit)``. What a unit
may rely on:

* All of it is done or nothing. ``write`` returns after the commit is on the disk.
* A unit that raises is rolled back, alone, and its exception reaches its caller.
* A read sees one moment, however many statements it has, and cannot write.
* A conditional ``UPDATE … WHERE … RETURNING`` finds its row for one caller only, whatever else
  runs.
* What a write has read, another may have changed before it commits (PostgreSQL runs writes side by
  side, READ COMMITTED). What it decides on, it locks (``with_for_update()``) or states again in the
  WHERE of its UPDATE. SQLite runs writes one after another, so a test on SQLite alone cannot find
  that mistake.

What a unit owes: it may run twice (a deadlock, a lost line), so it does nothing but SQL; it does
not commit, does not begin another unit, and returns plain values, never a result that is still to
be fetched. It does not catch a database error and go on: PostgreSQL has given its transaction up by
then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never

from sqlalchemy import Connection

from twostep.storage.database_url import Kind, PostgresqlUrl, SqliteUrl, read_database_url
from twostep.storage.faults import (
    ConstraintBroken,
    DatabaseAway,
    DatabaseBusy,
    MisusedUnit,
    WrongDatabaseUrl,
)
from twostep.storage.postgresql import PostgresqlDatabase
from twostep.storage.sqlite import SqliteDatabase
from twostep.storage.units import T, Unit

__all__ = [
    "Connection",
    "Database",
    "Unit",
    "open_database",
    "ConstraintBroken",
    "DatabaseAway",
    "DatabaseBusy",
    "MisusedUnit",
    "WrongDatabaseUrl",
]


class Database(Protocol):
    """One database, usable from any thread of the process that used it first.

    Nothing is opened, and no thread begun, before the first unit: a server may make this object,
    fork, and use it in each of its workers. A process that goes on using what its parent had opened
    gets MisusedUnit.
    """

    @property
    def kind(self) -> Kind:
        """``"sqlite"`` or ``"postgresql"``."""
        ...

    def write(self, unit: Unit[T]) -> T:
        """What the unit returned, after its commit.

        Raises DatabaseAway, DatabaseBusy, ConstraintBroken, or whatever the unit raised.
        """
        ...

    def read(self, unit: Unit[T]) -> T:
        """What the unit returned, from one moment of the database.

        Raises DatabaseAway, DatabaseBusy, or whatever the unit raised.
        """
        ...

    def clock_skew(self, clock: Callable[[], int]) -> int:
        """By how many milliseconds the database's clock is ahead of this one (behind: negative), at
        the least: how long the answer took says nothing of either.

        0 on SQLite, which has no clock of its own. Raises DatabaseAway, DatabaseBusy.
        """
        ...

    def close(self) -> None:
        """Finishes what is queued and closes every connection. Afterwards every call raises
        MisusedUnit.
        """
        ...


def open_database(
    url: str, *, connections: int = 10, queue: int = 1000, patience_ms: int = 5_000
) -> Database:
    """The database at ``url``: a path, ``sqlite:///path`` or ``postgresql://…``. It is not touched
    yet.

    ``connections`` is how many PostgreSQL connections this process may hold; ``queue`` how many
    writes may wait for SQLite's one writer; ``patience_ms`` how long to wait for a connection, for
    a lock that another process holds, and for a server that does not answer, each. Raises
    WrongDatabaseUrl.
    """
    address = read_database_url(url)
    match address:
        case SqliteUrl(path=path):
            return SqliteDatabase(path, queue=queue, patience_ms=patience_ms)
        case PostgresqlUrl(conninfo=conninfo):
            return PostgresqlDatabase(conninfo, connections=connections, patience_ms=patience_ms)
        case _:
            assert_never(address)
