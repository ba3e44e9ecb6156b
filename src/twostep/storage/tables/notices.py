"""What users are still to be told of: a row for each happening, until its messages are written."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, Text

from twostep.storage.tables.columns import environment_column, id_column, metadata, time_column

notices = Table(
    "notices",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("kind", Text, nullable=False),
    # Where it was done and what more the words need, as JSON. No secret and no address of a user.
    Column("data", Text, nullable=False),
    time_column("made_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    # Nobody is told of anything who is no user any more.
    ForeignKeyConstraint(
        ["environment_id", "user_id"],
        ["users.environment_id", "users.id"],
        ondelete="CASCADE",
    ),
    Index("ix_notices_made_at", "made_at"),
    Index("ix_notices_user", "environment_id", "user_id"),
)
