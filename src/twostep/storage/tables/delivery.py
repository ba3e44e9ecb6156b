"""How an environment's messages leave, and how it looks, where it differs from the installation."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from twostep.storage.tables.columns import (
    environment_column,
    id_column,
    metadata,
    of_environment,
    time_column,
)

delivery_routes = Table(
    "delivery_routes",
    metadata,
    environment_column(),
    # 'mail' or 'text': of each an environment has one at most.
    Column("kind", Text, nullable=False),
    # New with each change.
    id_column(),
    # The whole of it, host and password alike, sealed by the key ring: who can write to the
    # database cannot send the codes elsewhere.
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    # How many messages it takes in a minute.
    Column("rate", Integer, nullable=True),
    time_column("changed_at"),
    PrimaryKeyConstraint("environment_id", "kind"),
    of_environment(),
    Index("ix_delivery_routes_key_version", "environment_id", "key_version"),
)

looks = Table(
    "looks",
    metadata,
    environment_column(),
    Column("sender", Text, nullable=True),
    Column("sender_name", Text, nullable=True),
    Column("bounces", Text, nullable=True),
    Column("accent", Text, nullable=True),
    Column("logo", LargeBinary, nullable=True),
    # From the hash of its content, for its address.
    Column("logo_name", Text, nullable=True),
    time_column("changed_at"),
    PrimaryKeyConstraint("environment_id"),
    of_environment(),
)
