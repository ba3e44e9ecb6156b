"""Users, what lists of them are filtered by, and the words that find them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

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
_DISABLED = text("disabled_at is not null")
_LOCKED = text("locked_until is not null")
_PAUSED = text("two_step_paused_until is not null")
_UNREACHED = text("disabled_at is null and address_failed is not null")


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
    # What the person is called, beside the name that they sign in with; empty where nobody said.
    Column("full_name", Text, nullable=False, default=""),
    # A pause of the second step, given by an administrator (MISSION B-5); keys stay.
    time_column("two_step_paused_at", nullable=True),
    time_column("two_step_paused_until", nullable=True),
    # Since when a set-up code is asked before an app may be set up (AC-34).
    time_column("set_up_code_asked_at", nullable=True),
    # What lists are asked for, noted with every change of it: whoever has an app, or codes sent...
    Column("second_step", Text, nullable=False, default="none"),
    time_column("last_sign_in_at", nullable=True),
    # ...and until when a counter of wrong tries holds somebody back, as it was last noted.
    time_column("locked_until", nullable=True),
    # How the user can be reached, noted with every change of an address.
    Column("email_reach", Text, nullable=False, default="none"),
    Column("text_reach", Text, nullable=False, default="none"),
    Column("gateway", Text, nullable=True),
    Column("address_failed", Text, nullable=True),
    time_column("made_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    Index("uq_users_name_key", "environment_id", "name_key", unique=True),
    # Each filter of User Management begins at once, in order, however many users there are.
    Index("ix_users_second_step", "environment_id", "second_step", "name_key"),
    Index("ix_users_last_sign_in", "environment_id", "last_sign_in_at", "name_key"),
    Index(
        "ix_users_locked",
        "environment_id",
        "name_key",
        "locked_until",
        sqlite_where=_LOCKED,
        postgresql_where=_LOCKED,
    ),
    Index(
        "ix_users_paused",
        "environment_id",
        "name_key",
        "two_step_paused_until",
        sqlite_where=_PAUSED,
        postgresql_where=_PAUSED,
    ),
    Index(
        "ix_users_disabled",
        "environment_id",
        "name_key",
        "second_step",
        "disabled_at",
        sqlite_where=_DISABLED,
        postgresql_where=_DISABLED,
    ),
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


search_terms = Table(
    "search_terms",
    metadata,
    environment_column(),
    # A word of a name, or a whole user name: ``core.search_terms``. By its bytes, so that all that
    # begins alike stands together whatever language the database sorts in.
    Column("term", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    # That of the user: who is found by the same word is listed in the order of names.
    Column("name_key", Text, nullable=False),
    id_column("user_id"),
    PrimaryKeyConstraint("environment_id", "term", "name_key"),
    of_user(),
    Index("ix_search_terms_user", "environment_id", "user_id", "term"),
    sqlite_with_rowid=False,
)
