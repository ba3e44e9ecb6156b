"""Deleting everything that one user left, in SQL (AC-83).

Which tables these are is read from the tables themselves: whatever has a row for a user goes, so a
table that is added later is not forgotten. Two stay: what events refer to is emptied and not
deleted (``people.erase``), and revocations say to other nodes that a session is over.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete

from twostep.storage.database import Connection
from twostep.storage.tables import metadata, people, revocations, users

_STAY = frozenset({people.name, revocations.name})

_WHOSE = ("user_id", "subject")
"""By which columns a row says whose it is; wrong tries are counted for a ``subject``."""


def tables_of_users() -> tuple[Table, ...]:
    """The tables with rows of users, those first that refer to others; ``users`` itself last."""
    found = [
        table
        for table in reversed(metadata.sorted_tables)
        if table.name not in _STAY and any(column in table.c for column in _WHOSE)
    ]
    return (*found, users)


def erase(connection: Connection, environment_id: bytes, user_id: bytes) -> int:
    """Delete the user and every row of theirs; how many. What hangs on those goes with them."""
    return sum(
        connection.execute(
            delete(table).where(table.c.environment_id == environment_id, _whose(table) == user_id)
        ).rowcount
        for table in tables_of_users()
    )


def _whose(table: Table) -> ColumnElement[bytes]:
    if table is users:
        return table.c.id
    return next(table.c[column] for column in _WHOSE if column in table.c)
