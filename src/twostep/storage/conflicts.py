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
    return insert_for(connection.dialect.name, table).on_conflict_do_nothing()


def insert_for(dialect: str, table: Table) -> Any:
    """The INSERT of that dialect, which knows ON CONFLICT."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
