"""Checks of callers, without the codes that were sent for them."""

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

caller_checks = Table(
    "caller_checks",
    metadata,
    environment_column(),
    id_column(),
    # Whom the caller says they are, and the administrator who asks them.
    id_column("user_id"),
    id_column("made_by"),
    id_column("contact_id"),
    id_column("message_id"),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("key_version", Integer, nullable=False),
    # 'live', 'passed' or 'replaced'.
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    time_column("made_at"),
    time_column("expires_at"),
    time_column("passed_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    # One alive for each user and administrator.
    Index(
        "uq_caller_checks_live",
        "environment_id",
        "user_id",
        "made_by",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    Index("ix_caller_checks_user", "environment_id", "user_id", "made_at"),
    Index("ix_caller_checks_made_at", "made_at"),
)
