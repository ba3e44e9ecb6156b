"""Addresses of the profiles: email, gateway, number."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from twostep.storage.tables.columns import (
    environment_column,
    id_column,
    metadata,
    of_user,
    time_column,
)

contacts = Table(
    "contacts",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("kind", Text, nullable=False),
    # 'counting' or 'waiting': of each kind a user has one of each at most.
    Column("state", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    # The address itself, sealed by the key ring.
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("masked", Text, nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False),
    # Of an SMS Email: the domain, by which whoever depends on an ending gateway is found.
    Column("gateway", Text, nullable=True),
    # How the last message to it failed; none where it did not.
    Column("failed", Text, nullable=True),
    # In which its messages are written.
    Column("language", Text, nullable=False),
    time_column("changed_at"),
    time_column("confirmed_at", nullable=True),
    # When a message to it was last taken.
    time_column("used_at", nullable=True),
    # Of a number: whose telephone network it belongs to.
    Column("country", Text, nullable=True),
    # Of one that waits: the keyed hash of its code. None where it has been used up.
    Column("code_hash", LargeBinary(32), nullable=True),
    Column("code_key_version", Integer, nullable=True),
    time_column("code_ends_at", nullable=True),
    Column("code_tries", SmallInteger, nullable=False),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("uq_contacts_user_kind_state", "environment_id", "user_id", "kind", "state", unique=True),
    Index("ix_contacts_address", "environment_id", "address_hash"),
    Index("ix_contacts_key_version", "environment_id", "key_version"),
)
