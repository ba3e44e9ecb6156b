"""One SQLite file and the connections to it.

A connection never makes the file: a wrong path would otherwise be an empty database, and everybody
in it unknown. And a file that has been moved away or replaced under a running server is not written
to any more: SQLite would go on, in a file that nobody can reach, and everything acknowledged from
then on would be lost.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from twostep.storage.faults import ConstraintBroken, DatabaseAway, DatabaseBusy
from twostep.storage.units import guard_transactions

_AWAY = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

# After a large backlog the journal file is cut back to this, rather than keeping its largest size
# for ever.
_JOURNAL_BYTES = 64 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Link:
    """A connection of SQLAlchemy's and the driver's own below it, which begins and ends
    transactions.

    It is used by one thread at a time.
    """

    connection: Connection
    driver: sqlite3.Connection

    def end(self) -> None:
        """Ends a transaction without keeping anything."""
        self.connection.rollback()
        if self.driver.in_transaction:
            self.driver.rollback()

    def close(self) -> None:
        """Closes both, whatever state they are in."""
        with suppress(sqlite3.Error, SQLAlchemyError):
            self.connection.invalidate()
            self.connection.close()
        self.driver.close()


class SqliteFile:
    """Opens connections to one file, and says whether it is still the same file."""

    def __init__(self, path: Path, *, patience_ms: int) -> None:
        self.path = path
        self._patience_ms = patience_ms
        self._identity: tuple[int, int] | None = None
        self._engine = self._make_engine()

    def check(self) -> None:
        """Raises DatabaseAway when the file is missing or is not the one that was opened first."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise DatabaseAway("the database file cannot be reached") from error
        identity = (status.st_dev, status.st_ino)
        if self._identity is None:
            self._identity = identity
        elif self._identity != identity:
            raise DatabaseAway("the database file was replaced while it was in use")

    def open_reader(self) -> Link:
        """A connection that cannot write."""
        link = self.open_plain()
        link.driver.execute("PRAGMA query_only = ON")
        return link

    def open_writer(self) -> Link:
        """A connection whose commits are on the disk when they return."""
        link = self.open_plain()
        (mode,) = link.driver.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            link.close()
            raise DatabaseAway(
                "the file system of the database has no shared memory for its journal"
            )
        link.driver.execute("PRAGMA synchronous = FULL")
        link.driver.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
        return link

    def open_plain(self) -> Link:
        """A connection with foreign keys, and no more."""
        connection = self._engine.connect()
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return Link(connection, driver)

    def _connect(self) -> sqlite3.Connection:
        driver = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._patience_ms / 1000,
            # Without this Python 3.11 begins transactions by itself, and an outer rollback would
            # not undo a savepoint that was released.
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("PRAGMA trusted_schema = OFF")
        # What is deleted is overwritten in the file: an erased person, a used key (AC-83).
        driver.execute("PRAGMA secure_delete = ON")
        return driver

    def _make_engine(self) -> Engine:
        engine = create_engine(
            "sqlite+pysqlite://",
            creator=self._connect,
            poolclass=NullPool,
            # A statement's parameters are names, hashes and tokens: they never enter a message.
            hide_parameters=True,
        )
        guard_transactions(engine)
        event.listen(engine, "handle_error", _end_with_the_transaction)
        return engine


def _end_with_the_transaction(context: ExceptionContext) -> None:
    """A full disk makes SQLite roll everything back by itself. The connection is not used any more
    then: what a unit still wrote would be committed by itself, statement by statement.
    """
    link = context.connection
    driver = link.connection.driver_connection if link and not link.invalidated else None
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        context.is_disconnect = True


def in_our_words(error: BaseException) -> BaseException:
    """The same failure as one of our types, or unchanged where it is a mistake in a statement or
    not SQL at all.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError):
        return ConstraintBroken(str(cause))
    if not isinstance(cause, sqlite3.Error):
        return error
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code in _BUSY:
        return _caused(DatabaseBusy("another process holds the database"), cause)
    if code in _AWAY:
        return _caused(DatabaseAway(str(cause)), cause)
    return error


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error
