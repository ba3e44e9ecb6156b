"""What can go wrong with a database, in our own few types.

A driver's own message is kept as the cause and never as the text: it may hold what a row holds
(PostgreSQL's detail of a broken constraint names the values), and a log line is no place for a user
name.
"""

from __future__ import annotations

from enum import StrEnum


class DatabaseAway(Exception):
    """The database did not do it: gone, full, locked by somebody else, or broken. It may come back.

    Whoever gets this knows only that nothing was promised. Of a unit that was on its way to the
    disk at that moment all may have been kept, or nothing; never a part.
    """


class DatabaseBusy(Exception):
    """More is waiting than is allowed to wait. Nothing was done; the same may work in a second."""


class ConstraintBroken(Exception):
    """A row was refused by a constraint of the schema, and the whole unit was rolled back.

    ``constraint`` is what the database calls it: a name on PostgreSQL, "UNIQUE constraint failed:
    t.column" on SQLite. It holds no values.
    """

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class MisusedUnit(RuntimeError):
    """A mistake of ours: a unit inside a unit, a unit that commits, a database used across a fork
    or after its end. Nobody catches this; a test finds it.
    """


class UrlFault(StrEnum):
    """What is wrong with a database's address."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    NO_FILE = "no_file"
    MEMORY = "memory"
    HOST_IN_SQLITE = "host_in_sqlite"
    UNREADABLE = "unreadable"


_WHAT_IS_WRONG = {
    UrlFault.EMPTY: "it is empty",
    UrlFault.UNKNOWN_KIND: "it begins with a kind of database that Twostep does not speak",
    UrlFault.NO_FILE: "it names no file",
    UrlFault.MEMORY: "a database in memory would be gone at the next start",
    UrlFault.HOST_IN_SQLITE: "sqlite:// is followed by a host; a file has three slashes, or four",
    UrlFault.UNREADABLE: "PostgreSQL's own library cannot read it",
}


class WrongDatabaseUrl(ValueError):
    """The setting that says where the database is cannot be used. The value is never repeated."""

    def __init__(self, fault: UrlFault) -> None:
        super().__init__(
            f"The setting database (TWOSTEP_DATABASE) cannot be used: {_WHAT_IS_WRONG[fault]}. "
            "Give a file (twostep.db, sqlite:////var/lib/twostep/twostep.db) "
            "or a server (postgresql://user:password@host/name)."
        )
        self.fault = fault
