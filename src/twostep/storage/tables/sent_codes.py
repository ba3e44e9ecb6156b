"""Codes that were sent for a second step, without their digits."""

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

_LIVE = text("state = 'live'")

sent_codes = Table(
    "sent_codes",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    # The sign-in for which it was sent; of a session, the one that the session began with.
    id_column("sign_in_id"),
    Column("purpose", Text, nullable=False),
    Column("method", Text, nullable=False),
    id_column("contact_id"),
    id_column("message_id"),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("key_version", Integer, nullable=False),
    # 'live', 'used' or 'replaced'.
    Column("state", Text, nullable=False),
    Column("length", SmallInteger, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("sent_before", SmallInteger, nullable=False),
    time_column("made_at"),
    time_column("expires_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    # One alive for each sign-in and method (SECURITY section 5.1).
    Index(
        "uq_sent_codes_live",
        "environment_id",
        "sign_in_id",
        "purpose",
        "method",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    Index("ix_sent_codes_sign_in", "environment_id", "sign_in_id", "made_at"),
    Index("ix_sent_codes_made_at", "made_at"),
)
