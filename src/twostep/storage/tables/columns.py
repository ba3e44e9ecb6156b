"""What the columns of all tables have in common."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, LargeBinary, MetaData

INSTALLATION_ID = bytes(16)
"""Stands where an environment's id would, for what belongs to the whole installation."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def id_column(name: str = "id") -> Column[bytes]:
    """An id: 16 random bytes."""
    return Column(name, LargeBinary(16), nullable=False)


def environment_column() -> Column[bytes]:
    """The environment that a row belongs to, first part of its key."""
    return Column("environment_id", LargeBinary(16), nullable=False)


def time_column(name: str, *, nullable: bool = False) -> Column[int]:
    """A moment in milliseconds."""
    return Column(name, BigInteger, nullable=nullable)


def of_environment() -> ForeignKeyConstraint:
    """The row belongs to an environment that exists."""
    return ForeignKeyConstraint(["environment_id"], ["environments.id"])


def of_user() -> ForeignKeyConstraint:
    """The row belongs to a user of the same environment."""
    return ForeignKeyConstraint(["environment_id", "user_id"], ["users.environment_id", "users.id"])
