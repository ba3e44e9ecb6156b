"""Where an environment's events are streamed to, and how far."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from twostep.storage.tables.columns import (
    environment_column,
    id_column,
    metadata,
    of_environment,
    time_column,
)

audit_streams = Table(
    "audit_streams",
    metadata,
    environment_column(),
    # New with each change.
    id_column(),
    # The whole of it, address and secret alike, sealed by the key ring.
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    # The number of the last event that was taken there.
    Column("position", BigInteger, nullable=False),
    # Who sends just now, and until when nobody else does.
    Column("claim", LargeBinary(16), nullable=True),
    time_column("claimed_until", nullable=True),
    # Of the tries that failed in a row: how many, why the last one did, and when the next one is.
    Column("failures", Integer, nullable=False),
    Column("why", Text, nullable=True),
    time_column("due_at"),
    time_column("sent_at", nullable=True),
    time_column("changed_at"),
    PrimaryKeyConstraint("environment_id"),
    of_environment(),
    Index("ix_audit_streams_key_version", "environment_id", "key_version"),
)
