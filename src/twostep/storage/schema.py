"""Which version of the schema a database has. Making and changing it is in upgrades.py."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import inspect, text

from twostep.storage.database import Connection, Database
from twostep.storage.sqlite import SqliteDatabase

VERSIONS = ("0001_first",)
"""Every version, oldest first. The migrations say the same (a test compares); read from here, a
start needs no Alembic.
"""
NEWEST = VERSIONS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The schema of this program: it can be served."""

    version: str = NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """No file yet, or no tables: ``create_schema`` makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """Made by an earlier Twostep: ``upgrade`` brings it to this one's schema."""

    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """Made by a later Twostep. Only that one, or a later one still, can use it."""

    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Not Twostep's: it has tables, and no version. Nothing may be made in it."""

    tables: tuple[str, ...]


SchemaState = Current | Empty | Older | Newer | Foreign


def schema_state(database: Database) -> SchemaState:
    """What is in the database. Raises DatabaseAway or DatabaseBusy."""
    if isinstance(database, SqliteDatabase) and not database.path.exists():
        return Empty()
    return database.read(schema_found)


def schema_found(connection: Connection) -> SchemaState:
    """What is in the database on the other end of a connection."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return Empty()
    if "alembic_version" not in tables:
        return Foreign(tables=tuple(sorted(tables)))
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    if found == NEWEST:
        return Current()
    return Older(found=found) if found in VERSIONS else Newer(found=found)
