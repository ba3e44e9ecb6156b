"""The words in which versions are written. A released version never changes, so nor do these."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

Columns = list[Column[Any]]


def _columns(kind: TypeEngine[Any], names: tuple[str, ...], nullable: bool) -> Columns:
    return [Column(name, kind, nullable=nullable) for name in names]


def bytes_of(length: int | None, *names: str, nullable: bool = False) -> Columns:
    """Bytes: an id has 16, a hash 32, what is sealed any number."""
    return _columns(LargeBinary(length), names, nullable)


def texts(*names: str, nullable: bool = False) -> Columns:
    """Text of any length."""
    return _columns(Text(), names, nullable)


def texts_by_bytes(*names: str) -> Columns:
    """Text that is compared by its bytes, on PostgreSQL as on SQLite, in whatever language."""
    kind = Text().with_variant(Text(collation="C"), "postgresql")
    return [Column(name, kind, nullable=False) for name in names]


def times(*names: str, nullable: bool = False) -> Columns:
    """Milliseconds."""
    return _columns(BigInteger(), names, nullable)


def large_numbers(*names: str, nullable: bool = False) -> Columns:
    """64 bits."""
    return _columns(BigInteger(), names, nullable)


def numbers(*names: str, nullable: bool = False) -> Columns:
    """32 bits."""
    return _columns(Integer(), names, nullable)


def small_numbers(*names: str, nullable: bool = False) -> Columns:
    """16 bits."""
    return _columns(SmallInteger(), names, nullable)


def booleans(*names: str, nullable: bool = False) -> Columns:
    """True or false."""
    return _columns(Boolean(), names, nullable)


def of_environment(table: str) -> ForeignKeyConstraint:
    """The row's environment exists."""
    return ForeignKeyConstraint(
        ["environment_id"], ["environments.id"], name=f"fk_{table}_environments"
    )


def of_user(table: str) -> ForeignKeyConstraint:
    """The row's user exists, in the row's environment."""
    return ForeignKeyConstraint(
        ["environment_id", "user_id"],
        ["users.environment_id", "users.id"],
        name=f"fk_{table}_users",
    )


def make_index(
    name: str, table: str, *columns: str, unique: bool = False, where: str | None = None
) -> None:
    """An index, over the rows of a condition where one is given."""
    condition = None if where is None else text(where)
    op.create_index(
        name,
        table,
        list(columns),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
