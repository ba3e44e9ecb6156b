"""Inserts that may meet a row that is there already.

SQLite and PostgreSQL say it alike, but SQLAlchemy keeps the clause in its dialects; here stands the
choice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_nothing(connection: Connection, table: Table) -> Any:
    """An INSERT that does nothing where the row is there; with RETURNING it tells which of the two
    happened.
    """
    return insert_for(connection, table).on_conflict_do_nothing()


def insert_for(connection: Connection, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
