"""The first version's tables of what there is: environments, users and what they have."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
)

from twostep.storage.migrations.words import (
    booleans,
    bytes_of,
    large_numbers,
    make_index,
    numbers,
    of_environment,
    of_user,
    small_numbers,
    texts,
    texts_by_bytes,
    times,
)


def make_accounts() -> None:
    """Makes them, in the order in which they refer to each other."""
    _environments()
    _users()
    _authenticators()
    _recovery_codes()
    _properties_and_grants()
    _keys_and_links()
    _help_desk_codes()


def _environments() -> None:
    op.create_table(
        "installation",
        Column("id", SmallInteger(), autoincrement=False),
        *numbers("generation"),
        *times("made_at"),
        PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "environments",
        *bytes_of(16, "id"),
        *texts("name", "name_key"),
        *numbers("remembering_generation", "off_generation"),
        *times("made_at"),
        PrimaryKeyConstraint("id", name="pk_environments"),
        UniqueConstraint("name_key", name="uq_environments_name_key"),
    )
    op.create_table(
        "addresses",
        *texts("origin"),
        *bytes_of(16, "environment_id"),
        *booleans("is_primary"),
        PrimaryKeyConstraint("origin", name="pk_addresses"),
        of_environment("addresses"),
    )
    make_index(
        "uq_addresses_primary", "addresses", "environment_id", unique=True, where="is_primary"
    )


def _users() -> None:
    op.create_table(
        "users",
        *bytes_of(16, "environment_id", "id"),
        *texts("name", "name_key"),
        *times("disabled_at", nullable=True),
        *numbers("password_generation", "second_step_generation"),
        *times("password_suspect_at", "codes_wanted_at", "stays_since", nullable=True),
        *texts("full_name"),
        *times("two_step_paused_at", "two_step_paused_until", nullable=True),
        *times("set_up_code_asked_at", nullable=True),
        *texts("second_step"),
        *times("last_sign_in_at", "locked_until", nullable=True),
        *texts("email_reach", "text_reach"),
        *texts("gateway", "address_failed", nullable=True),
        *times("made_at"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_users"),
        of_environment("users"),
    )
    make_index("uq_users_name_key", "users", "environment_id", "name_key", unique=True)
    _indexes_of_reach()
    _lists_of_users()
    op.create_table(
        "passwords",
        *bytes_of(16, "environment_id", "user_id"),
        *bytes_of(None, "sealed"),
        *numbers("key_version"),
        *times("changed_at"),
        PrimaryKeyConstraint("environment_id", "user_id", name="pk_passwords"),
        of_user("passwords"),
    )
    make_index("ix_passwords_key_version", "passwords", "environment_id", "key_version")


def _indexes_of_reach() -> None:
    make_index(
        "ix_users_reach",
        "users",
        "environment_id",
        "email_reach",
        "text_reach",
        "name_key",
        where="disabled_at is null",
    )
    by_gateway = "disabled_at is null and gateway is not null"
    make_index(
        "ix_users_gateway", "users", "environment_id", "gateway", "name_key", where=by_gateway
    )
    unreached = "disabled_at is null and address_failed is not null"
    make_index("ix_users_address_failed", "users", "environment_id", "name_key", where=unreached)


def _lists_of_users() -> None:
    whose = ("users", "environment_id")
    make_index("ix_users_second_step", *whose, "second_step", "name_key")
    make_index("ix_users_last_sign_in", *whose, "last_sign_in_at", "name_key")
    for name, time in (("locked", "locked_until"), ("paused", "two_step_paused_until")):
        make_index(f"ix_users_{name}", *whose, "name_key", time, where=f"{time} is not null")
    disabled = ("name_key", "second_step", "disabled_at")
    make_index("ix_users_disabled", *whose, *disabled, where="disabled_at is not null")
    op.create_table(
        "search_terms",
        *bytes_of(16, "environment_id"),
        *texts_by_bytes("term"),
        *texts("name_key"),
        *bytes_of(16, "user_id"),
        PrimaryKeyConstraint("environment_id", "term", "name_key", name="pk_search_terms"),
        of_user("search_terms"),
        sqlite_with_rowid=False,
    )
    make_index("ix_search_terms_user", "search_terms", "environment_id", "user_id", "term")


def _authenticators() -> None:
    op.create_table(
        "authenticators",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *texts("state", "algorithm"),
        *small_numbers("digits", "period_seconds"),
        *bytes_of(None, "sealed"),
        *numbers("key_version"),
        *large_numbers("last_step"),
        *bytes_of(16, "offered_to", nullable=True),
        *times("offer_ends_at", nullable=True),
        *times("made_at"),
        *times("confirmed_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_authenticators"),
        of_user("authenticators"),
    )
    make_index("ix_authenticators_key_version", "authenticators", "environment_id", "key_version")
    make_index("ix_authenticators_user", "authenticators", "environment_id", "user_id")
    make_index(
        "uq_authenticators_active",
        "authenticators",
        "environment_id",
        "user_id",
        unique=True,
        where="state = 'active'",
    )
    op.create_table(
        "spent_steps",
        *bytes_of(16, "environment_id", "authenticator_id"),
        *large_numbers("step"),
        PrimaryKeyConstraint("environment_id", "authenticator_id", "step", name="pk_spent_steps"),
        ForeignKeyConstraint(
            ["environment_id", "authenticator_id"],
            ["authenticators.environment_id", "authenticators.id"],
            name="fk_spent_steps_authenticators",
            ondelete="CASCADE",
        ),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        *bytes_of(16, "environment_id", "user_id"),
        *small_numbers("slot"),
        *texts("hashed"),
        *times("made_at"),
        *times("used_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "user_id", "slot", name="pk_recovery_codes"),
        of_user("recovery_codes"),
    )


def _properties_and_grants() -> None:
    op.create_table(
        "properties",
        *bytes_of(16, "environment_id"),
        *texts("scope", "name", "value"),
        *numbers("generation"),
        *times("changed_at"),
        *bytes_of(16, "changed_by", nullable=True),
        PrimaryKeyConstraint("environment_id", "scope", "name", name="pk_properties"),
    )
    op.create_table(
        "grants",
        *bytes_of(16, "environment_id", "user_id"),
        *texts("permission"),
        *bytes_of(16, "granted_by", nullable=True),
        *times("granted_at"),
        PrimaryKeyConstraint("environment_id", "user_id", "permission", name="pk_grants"),
        of_user("grants"),
    )


def _keys_and_links() -> None:
    op.create_table(
        "revocations",
        Column("number", BigInteger().with_variant(Integer(), "sqlite"), autoincrement=True),
        *bytes_of(16, "environment_id"),
        *bytes_of(16, "session_id", "user_id", nullable=True),
        *times("revoked_at"),
        PrimaryKeyConstraint("number", name="pk_revocations"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "keys",
        *bytes_of(16, "environment_id"),
        *texts("purpose"),
        *numbers("version"),
        *bytes_of(None, "wrapped"),
        *texts("kek_id", "state"),
        *bytes_of(None, "canary", nullable=True),
        *times("made_at"),
        *times("retired_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "purpose", "version", name="pk_keys"),
    )
    op.create_table(
        "links",
        *bytes_of(16, "environment_id"),
        *bytes_of(32, "token_hash"),
        *bytes_of(16, "id"),
        *texts("purpose"),
        *bytes_of(16, "user_id", nullable=True),
        *numbers("password_generation", nullable=True),
        *bytes_of(16, "made_by", nullable=True),
        *times("made_at", "ends_at"),
        *times("used_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_links"),
        of_environment("links"),
        of_user("links"),
        UniqueConstraint("token_hash", name="uq_links_token_hash"),
    )
    make_index("ix_links_user", "links", "environment_id", "user_id", "purpose", "made_at")


def _help_desk_codes() -> None:
    op.create_table(
        "help_desk_codes",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *texts("purpose"),
        *bytes_of(32, "code_hash"),
        *numbers("key_version"),
        *small_numbers("uses", "used"),
        *texts("reason", "note"),
        *bytes_of(16, "made_by", nullable=True),
        *times("made_at", "ends_at"),
        *times("ended_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_help_desk_codes"),
        of_user("help_desk_codes"),
    )
    columns = ("environment_id", "user_id", "made_at")
    make_index("ix_help_desk_codes_user", "help_desk_codes", *columns)
