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

_ENABLED = text("disabled_at is null")
_BY_GATEWAY = text("disabled_at is null and gateway is not null")
_UNREACHED = text("disabled_at is null and address_failed is not null")

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


users = Table(
    "users",
    metadata,
    environment_column(),
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    time_column("disabled_at", nullable=True),
    Column("password_generation", Integer, nullable=False),
    Column("second_step_generation", Integer, nullable=False),
    time_column("password_suspect_at", nullable=True),
    # Since when the user has codes sent, where they turned them on by themselves.
    time_column("codes_wanted_at", nullable=True),
    # Since when they want to stay signed in when they close the browser.
    time_column("stays_since", nullable=True),
    # How the user can be reached, noted with every change of an address.
    Column("email_reach", Text, nullable=False, default="none"),
    Column("text_reach", Text, nullable=False, default="none"),
    Column("gateway", Text, nullable=True),
    Column("address_failed", Text, nullable=True),
    time_column("made_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    Index("uq_users_name_key", "environment_id", "name_key", unique=True),
    # The lists of who cannot be reached: among a million users each begins at once, in order.
    Index(
        "ix_users_reach",
        "environment_id",
        "email_reach",
        "text_reach",
        "name_key",
        sqlite_where=_ENABLED,
        postgresql_where=_ENABLED,
    ),
    Index(
        "ix_users_gateway",
        "environment_id",
        "gateway",
        "name_key",
        sqlite_where=_BY_GATEWAY,
        postgresql_where=_BY_GATEWAY,
    ),
    Index(
        "ix_users_address_failed",
        "environment_id",
        "name_key",
        sqlite_where=_UNREACHED,
        postgresql_where=_UNREACHED,
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
    time_column("made_at"),
    time_column("ends_at"),
    time_column("used_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
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
