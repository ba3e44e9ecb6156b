"""Environments, their users, and what these have."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
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

installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    time_column("made_at"),
)


environments = Table(
    "environments",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("remembering_generation", Integer, nullable=False),
    Column("off_generation", Integer, nullable=False),
    time_column("made_at"),
)


addresses = Table(
    "addresses",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("environment_id", LargeBinary(16), ForeignKey("environments.id"), nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Index(
        "uq_addresses_primary",
        "environment_id",
        unique=True,
        sqlite_where=text("is_primary"),
        postgresql_where=text("is_primary"),
    ),
)


passwords = Table(
    "passwords",
    metadata,
    environment_column(),
    id_column("user_id"),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    time_column("changed_at"),
    PrimaryKeyConstraint("environment_id", "user_id"),
    of_user(),
    Index("ix_passwords_key_version", "environment_id", "key_version"),
)


authenticators = Table(
    "authenticators",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    Column("state", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("digits", SmallInteger, nullable=False),
    Column("period_seconds", SmallInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("offered_to", LargeBinary(16), nullable=True),
    time_column("offer_ends_at", nullable=True),
    time_column("made_at"),
    time_column("confirmed_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("ix_authenticators_user", "environment_id", "user_id"),
    Index(
        "uq_authenticators_active",
        "environment_id",
        "user_id",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
    Index("ix_authenticators_key_version", "environment_id", "key_version"),
)


spent_steps = Table(
    "spent_steps",
    metadata,
    environment_column(),
    id_column("authenticator_id"),
    Column("step", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment_id", "authenticator_id", "step"),
    ForeignKeyConstraint(
        ["environment_id", "authenticator_id"],
        ["authenticators.environment_id", "authenticators.id"],
        # A key that was never confirmed is deleted together with what hints have spent of it.
        ondelete="CASCADE",
    ),
)


properties = Table(
    "properties",
    metadata,
    environment_column(),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    time_column("changed_at"),
    Column("changed_by", LargeBinary(16), nullable=True),
    PrimaryKeyConstraint("environment_id", "scope", "name"),
)


grants = Table(
    "grants",
    metadata,
    environment_column(),
    id_column("user_id"),
    Column("permission", Text, nullable=False),
    Column("granted_by", LargeBinary(16), nullable=True),
    time_column("granted_at"),
    PrimaryKeyConstraint("environment_id", "user_id", "permission"),
    of_user(),
)


links = Table(
    "links",
    metadata,
    environment_column(),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    id_column(),
    Column("purpose", Text, nullable=False),
    # Whose it is; none for the link of the first administrator, who is nobody yet.
    Column("user_id", LargeBinary(16), nullable=True),
    # Of a reset: the password that it was asked for. Another one since makes it void.
    Column("password_generation", Integer, nullable=True),
    # Who sent it; none where the user asked, or the operator did.
    Column("made_by", LargeBinary(16), nullable=True),
    time_column("made_at"),
    time_column("ends_at"),
    time_column("used_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    of_user(),
    Index("ix_links_user", "environment_id", "user_id", "purpose", "made_at"),
)

help_desk_codes = Table(
    "help_desk_codes",
    metadata,
    environment_column(),
    id_column(),
    id_column("user_id"),
    # 'today' opens a session of its own kind; 'set_up' lets somebody set up an app.
    Column("purpose", Text, nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("uses", SmallInteger, nullable=False),
    Column("used", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    # None: the operator.
    Column("made_by", LargeBinary(16), nullable=True),
    time_column("made_at"),
    time_column("ends_at"),
    # Withdrawn, or another one has taken its place.
    time_column("ended_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_user(),
    Index("ix_help_desk_codes_user", "environment_id", "user_id", "made_at"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    environment_column(),
    id_column("user_id"),
    Column("slot", SmallInteger, nullable=False),
    Column("hashed", Text, nullable=False),
    time_column("made_at"),
    time_column("used_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "user_id", "slot"),
    of_user(),
)
