"""How many events there were, by the day."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from twostep.storage.tables.columns import environment_column, metadata

event_counts = Table(
    "event_counts",
    metadata,
    environment_column(),
    # Days since 1970-01-01, in UTC.
    Column("day", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    # The level of a sign-in, or what became of a message; empty for all others.
    Column("detail", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment_id", "day", "kind", "detail"),
)
