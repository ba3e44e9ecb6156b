"""PostgreSQL: each unit is one transaction on a pooled connection.

A unit is run again, a bounded number of times, when the server says that it should be (a deadlock,
a serialization failure) or when the line was lost before COMMIT was sent. A line lost during COMMIT
is not tried again: the unit may have been kept, and a single-use thing would be found used by a
second try of its own.

Writes are READ COMMITTED. Reads are REPEATABLE READ and READ ONLY: one moment, as on SQLite, and
such a transaction never has to be repeated.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    RootTransaction,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from twostep.storage.faults import ConstraintBroken, DatabaseAway, DatabaseBusy, MisusedUnit
from twostep.storage.units import T, Unit, guard_transactions, refuse_nesting, run_unit

_TRIES = 5

# PostgreSQL's SQLSTATE codes, appendix A of its manual.
_AGAIN = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_BUSY = frozenset(
    {"53300", "55P03", "57014"}
)  # too_many_connections, lock_not_available, query_canceled


# Any number that nothing else in the database takes for its own lock: "2step" in ASCII.
_SCHEMA_LOCK = 0x3273746570


class _Again(Exception):
    """Nothing was kept: the same unit may run once more. The cause says why."""


class PostgresqlDatabase:
    """``Database`` (database.py says what it promises) over one server."""

    def __init__(self, conninfo: str, *, connections: int, patience_ms: int) -> None:
        self._engine = _make_engine(conninfo, connections=connections, patience_ms=patience_ms)
        # psycopg puts both words into the BEGIN that it sends anyway.
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._process: int | None = None
        self._closed = False

    @property
    def kind(self) -> Literal["postgresql"]:
        """Says which database this is."""
        return "postgresql"

    def write(self, unit: Unit[T]) -> T:
        """What the unit returned, after its commit."""
        return self._run(self._engine, unit)

    def read(self, unit: Unit[T]) -> T:
        """What the unit returned, from one moment of the database."""
        return self._run(self._reading, unit)

    def clock_skew(self, clock: Callable[[], int]) -> int:
        """How many milliseconds the server's clock is ahead, or 0 where its time lies between our
        asking and the answer.
        """
        asked = text("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)")
        before = clock()
        theirs = int(self.read(lambda connection: connection.execute(asked).scalar_one()))
        return theirs - min(max(theirs, before), clock())

    def close(self) -> None:
        """Closes every connection that is not in use."""
        if self._process in {None, os.getpid()}:
            self._closed = True
            self._engine.dispose()

    def _run(self, engine: Engine, unit: Unit[T]) -> T:
        self._check_use()
        last: BaseException | None = None
        for _ in range(_TRIES):
            try:
                return _attempt(engine, unit)
            except _Again as again:
                last = again.__cause__
        raise DatabaseBusy("tried again without success") from last

    def _check_use(self) -> None:
        refuse_nesting()
        if self._closed:
            raise MisusedUnit("the database has been closed")
        process = os.getpid()
        if self._process is None:
            self._process = process
        elif self._process != process:
            # Two processes would speak on one line, and each read the other's answers.
            raise MisusedUnit("the database was used before the fork: open it in each process")


@contextmanager
def changing(conninfo: str, *, patience_ms: int) -> Iterator[Connection]:
    """A transaction that may change tables, kept when the block ends without an exception.

    One process at a time has it. Raises DatabaseAway, DatabaseBusy.
    """
    engine = _make_engine(conninfo, connections=1, patience_ms=patience_ms)
    try:
        with _connect(engine) as connection, connection.begin():
            # Changing a large table takes longer than any statement of a sign-in. Waiting for a
            # lock does not: everybody else would wait behind it.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
            yield connection
    except DBAPIError as error:
        _raise_in_our_words(error)
    finally:
        engine.dispose()


def _attempt(engine: Engine, unit: Unit[T]) -> T:
    with _connect(engine) as connection:
        transaction = connection.begin()
        try:
            answer = run_unit(unit, connection)
        except DBAPIError as error:
            if connection.invalidated or _sqlstate(error) in _AGAIN:
                raise _Again from error.orig
            _take_back(connection, transaction)
            _raise_in_our_words(error)
        except BaseException:
            _take_back(connection, transaction)
            raise
        try:
            transaction.commit()
        except DBAPIError as error:
            if _sqlstate(error) in _AGAIN:
                raise _Again from error.orig
            _raise_in_our_words(error)
        return answer


def _connect(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except PoolTimeout as error:
        raise DatabaseBusy("every connection is in use") from error
    except DBAPIError as error:
        _raise_in_our_words(error)


def _take_back(connection: Connection, transaction: RootTransaction) -> None:
    """What went wrong first is what to tell, not that the line is lost by now."""
    if transaction.is_active:
        with suppress(DBAPIError):
            transaction.rollback()
    else:
        # A unit tried to end it. SQLAlchemy believes that it is over; PostgreSQL does not.
        connection.invalidate()


def _sqlstate(error: DBAPIError) -> str | None:
    return error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None


def _raise_in_our_words(error: DBAPIError) -> NoReturn:
    """One of our types, or the error itself where it is a mistake in a statement."""
    cause = error.orig
    if isinstance(cause, psycopg.IntegrityError):
        # Its own text quotes the row.
        raise ConstraintBroken(_constraint(cause)) from None
    if _sqlstate(error) in _BUSY:
        raise DatabaseBusy("PostgreSQL waited long enough") from cause
    if isinstance(cause, psycopg.OperationalError | psycopg.InternalError):
        raise DatabaseAway(str(cause)) from cause
    raise error


def _constraint(error: psycopg.IntegrityError) -> str:
    if error.diag.constraint_name:
        return error.diag.constraint_name
    return f"{error.diag.table_name}.{error.diag.column_name}: {error.sqlstate}"


def _make_engine(conninfo: str, *, connections: int, patience_ms: int) -> Engine:
    arguments = _defaults(patience_ms) | conninfo_to_dict(conninfo)
    engine = create_engine(
        "postgresql+psycopg://",
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience_ms / 1000,
        pool_use_lifo=True,
        # A statement's parameters are names, hashes and tokens: they never enter a message.
        hide_parameters=True,
        use_native_hstore=False,
    )
    guard_transactions(engine)

    @event.listens_for(engine, "do_connect")
    def _arguments(
        _dialect: Any, _record: Any, _args: list[Any], parameters: dict[str, Any]
    ) -> None:
        # Not through SQLAlchemy's own URL: libpq knows several hosts, service files and TLS
        # settings.
        parameters.update(arguments)

    @event.listens_for(engine, "handle_error")
    def _read_only(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
            connection = context.connection
            if connection and connection.get_execution_options().get("postgresql_readonly"):
                raise MisusedUnit("a read tried to write")
            # This server was the primary and no longer is: the line leads nowhere, as if lost.
            context.is_disconnect = True

    return engine


def _defaults(patience_ms: int) -> dict[str, Any]:
    """What holds unless the address says otherwise.

    A statement here takes a millisecond. One that takes thousands is waiting for something that
    does not come, with a person waiting for it; and a process that stopped in the middle of a
    transaction must not keep the rows that it has locked. A pooler that takes no start-up options
    needs ``options=`` in the address.
    """
    limits = {
        "lock_timeout": patience_ms,
        "statement_timeout": 2 * patience_ms,
        "idle_in_transaction_session_timeout": 4 * patience_ms,
    }
    return {
        "application_name": "twostep",
        # libpq counts in seconds and takes fewer than two for two.
        "connect_timeout": max(2, patience_ms // 1000),
        "tcp_user_timeout": 2 * patience_ms,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
