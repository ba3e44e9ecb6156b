"""Sign-ins, sessions, devices, and what was tried."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
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
    of_environment,
    of_user,
    time_column,
)

sign_ins = Table(
    "sign_ins",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("state", Text, nullable=False),
    Column("token_hash", LargeBinary(32), nullable=True, unique=True),
    Column("browser_id", LargeBinary(32), nullable=False),
    Column("going_to", Text, nullable=True),
    Column("device_id", LargeBinary(16), nullable=True),
    Column("device_is_good", Boolean, nullable=False),
    Column("wants_remembering", Boolean, nullable=False),
    Column("session_id", LargeBinary(16), nullable=True),
    # By which way its second step was shown: what is offered first in that browser next time.
    Column("way", Text, nullable=True),
    time_column("started_at"),
    time_column("waits_until"),
    Column("extensions", SmallInteger, nullable=False),
    time_column("ended_at", nullable=True),
    Column("installation_generation", Integer, nullable=False),
    Column("password_generation", Integer, nullable=False),
    Column("second_step_generation", Integer, nullable=False),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("ix_sign_ins_user", "environment_id", "user_id", "started_at"),
    Index("ix_sign_ins_started_at", "started_at"),
)


proofs = Table(
    "proofs",
    metadata,
    environment_column(),
    id_column(),
    id_column("sign_in_id"),
    Column("kind", Text, nullable=False),
    Column("credential_id", LargeBinary(16), nullable=True),
    time_column("shown_at"),
    # When one act that asks for a proof of its own took it (AC-36).
    time_column("spent_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    ForeignKeyConstraint(
        ["environment_id", "sign_in_id"],
        ["sign_ins.environment_id", "sign_ins.id"],
        ondelete="CASCADE",
    ),
    Index("ix_proofs_sign_in", "environment_id", "sign_in_id"),
)


sessions = Table(
    "sessions",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    id_column("sign_in_id"),
    Column("device_id", LargeBinary(16), nullable=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("level", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("address", Text, nullable=False),
    time_column("started_at"),
    time_column("last_used_at"),
    time_column("ended_at", nullable=True),
    Column("ended_by", Text, nullable=True),
    # Until when its cookie was made to last; none where it goes with the browser.
    time_column("lasts_until", nullable=True),
    # When it ends whatever else holds: with the help-desk code that opened it.
    time_column("ends_at", nullable=True),
    Column("help_desk_code_id", LargeBinary(16), nullable=True),
    Column("installation_generation", Integer, nullable=False),
    Column("password_generation", Integer, nullable=False),
    Column("second_step_generation", Integer, nullable=False),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("ix_sessions_user", "environment_id", "user_id", "started_at"),
    Index("ix_sessions_started_at", "started_at"),
)


devices = Table(
    "devices",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("earlier_token_hash", LargeBinary(32), nullable=True),
    Column("browser", Text, nullable=False),
    Column("address", Text, nullable=False),
    time_column("first_used_at"),
    time_column("last_used_at"),
    time_column("verified_at", nullable=True),
    Column("days_at_issue", Integer, nullable=True),
    time_column("passes_until", nullable=True),
    time_column("forgotten_at", nullable=True),
    Column("installation_generation", Integer, nullable=False),
    Column("password_generation", Integer, nullable=False),
    Column("second_step_generation", Integer, nullable=False),
    Column("remembering_generation", Integer, nullable=False),
    Column("off_generation", Integer, nullable=False),
    Column("earlier_is_good", Boolean, nullable=False),
    Column("way", Text, nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("ix_devices_user", "environment_id", "user_id"),
    Index("ix_devices_earlier_token_hash", "earlier_token_hash"),
)


lockouts = Table(
    "lockouts",
    metadata,
    environment_column(),
    id_column("subject"),
    Column("purpose", Text, nullable=False),
    Column("reservations", BigInteger, nullable=False),
    time_column("cleared_at", nullable=True),
    time_column("succeeded_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "subject", "purpose"),
)


attempts = Table(
    "attempts",
    metadata,
    environment_column(),
    id_column(),
    id_column("subject"),
    Column("purpose", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("browser_id", LargeBinary(32), nullable=False),
    Column("network", LargeBinary(8), nullable=False),
    Column("wider_network", LargeBinary(8), nullable=False),
    time_column("started_at"),
    time_column("settled_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    Index(
        "ix_attempts_counted",
        "environment_id",
        "subject",
        "purpose",
        "started_at",
        sqlite_where=text("state in ('open', 'failed')"),
        postgresql_where=text("state in ('open', 'failed')"),
    ),
    Index(
        "ix_attempts_network",
        "network",
        "started_at",
        sqlite_where=text("state in ('open', 'failed')"),
        postgresql_where=text("state in ('open', 'failed')"),
    ),
    Index(
        "ix_attempts_wider_network",
        "wider_network",
        "started_at",
        sqlite_where=text("state in ('open', 'failed')"),
        postgresql_where=text("state in ('open', 'failed')"),
    ),
    Index("ix_attempts_started_at", "started_at"),
)


revocations = Table(
    "revocations",
    metadata,
    Column(
        "number",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    environment_column(),
    Column("session_id", LargeBinary(16), nullable=True),
    Column("user_id", LargeBinary(16), nullable=True),
    time_column("revoked_at"),
    sqlite_autoincrement=True,
)
