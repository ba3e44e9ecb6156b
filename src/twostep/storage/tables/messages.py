"""Messages on their way, and what became of them."""

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
    text,
)

from twostep.storage.tables.columns import (
    environment_column,
    id_column,
    metadata,
    of_user,
    time_column,
)

_WAITING = text("state in ('queued', 'sending')")

messages = Table(
    "messages",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("sign_in_id", LargeBinary(16), nullable=True),
    Column("kind", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("route", Text, nullable=False),
    # Whereto and what, sealed by the key ring; gone as soon as nothing is left to be done.
    Column("sealed", LargeBinary, nullable=True),
    Column("key_version", Integer, nullable=True),
    Column("masked", Text, nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=True),
    Column("words", Text, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("history", Text, nullable=False),
    time_column("made_at"),
    # When it may be taken: at once, at its next try, or when its sender's claim has run out.
    time_column("due_at"),
    time_column("expires_at"),
    Column("claim", LargeBinary(16), nullable=True),
    time_column("tried_at", nullable=True),
    time_column("settled_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    # Over the few that wait: a million old ones do not make the next one slower to find.
    Index(
        "ix_messages_due", "priority", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING
    ),
    Index("ix_messages_listed", "environment_id", "made_at", "id"),
    Index("ix_messages_user", "environment_id", "user_id", "made_at", "id"),
    # Of each state, kind and route the newest is found at once, however many others there are.
    Index("ix_messages_state", "environment_id", "state", "made_at", "id"),
    Index("ix_messages_kind", "environment_id", "kind", "made_at", "id"),
    Index("ix_messages_route", "environment_id", "route", "made_at", "id"),
    Index("ix_messages_to", "environment_id", "address_hash", "made_at", "id"),
    Index("ix_messages_address", "address_hash", "made_at"),
    Index("ix_messages_tried_at", "tried_at"),
    Index(
        "ix_messages_key_version",
        "environment_id",
        "key_version",
        sqlite_where=text("key_version is not null"),
        postgresql_where=text("key_version is not null"),
    ),
)
