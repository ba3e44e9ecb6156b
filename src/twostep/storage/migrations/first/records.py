"""The first version's tables of what happens: sign-ins, sessions, attempts, events."""

from __future__ import annotations

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

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
    times,
)


def make_records() -> None:
    """Makes them, in the order in which they refer to each other."""
    _sign_ins()
    _sessions()
    _devices()
    _attempts()
    _events()


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *texts("state"),
        *bytes_of(32, "token_hash", nullable=True),
        *bytes_of(32, "browser_id"),
        *texts("going_to", nullable=True),
        *bytes_of(16, "device_id", nullable=True),
        *booleans("device_is_good", "wants_remembering"),
        *bytes_of(16, "session_id", nullable=True),
        *texts("way", nullable=True),
        *times("started_at", "waits_until"),
        *small_numbers("extensions"),
        *times("ended_at", nullable=True),
        *numbers("installation_generation", "password_generation", "second_step_generation"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_sign_ins"),
        of_user("sign_ins"),
        UniqueConstraint("token_hash", name="uq_sign_ins_token_hash"),
    )
    make_index("ix_sign_ins_started_at", "sign_ins", "started_at")
    make_index("ix_sign_ins_user", "sign_ins", "environment_id", "user_id", "started_at")
    op.create_table(
        "proofs",
        *bytes_of(16, "environment_id", "id", "sign_in_id"),
        *texts("kind"),
        *bytes_of(16, "credential_id", nullable=True),
        *times("shown_at"),
        *times("spent_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_proofs"),
        ForeignKeyConstraint(
            ["environment_id", "sign_in_id"],
            ["sign_ins.environment_id", "sign_ins.id"],
            name="fk_proofs_sign_ins",
            ondelete="CASCADE",
        ),
    )
    make_index("ix_proofs_sign_in", "proofs", "environment_id", "sign_in_id")


def _sessions() -> None:
    op.create_table(
        "sessions",
        *bytes_of(16, "environment_id", "id", "user_id", "sign_in_id"),
        *bytes_of(16, "device_id", nullable=True),
        *bytes_of(32, "token_hash"),
        *texts("level", "reasons", "browser", "address"),
        *times("started_at", "last_used_at"),
        *times("ended_at", nullable=True),
        *texts("ended_by", nullable=True),
        *times("lasts_until", "ends_at", nullable=True),
        *bytes_of(16, "help_desk_code_id", nullable=True),
        *numbers("installation_generation", "password_generation", "second_step_generation"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_sessions"),
        of_user("sessions"),
        UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    make_index("ix_sessions_started_at", "sessions", "started_at")
    make_index("ix_sessions_user", "sessions", "environment_id", "user_id", "started_at")


def _devices() -> None:
    op.create_table(
        "devices",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *bytes_of(32, "token_hash"),
        *bytes_of(32, "earlier_token_hash", nullable=True),
        *texts("browser", "address"),
        *times("first_used_at", "last_used_at"),
        *times("verified_at", nullable=True),
        *numbers("days_at_issue", nullable=True),
        *times("passes_until", "forgotten_at", nullable=True),
        *numbers(
            "installation_generation",
            "password_generation",
            "second_step_generation",
            "remembering_generation",
            "off_generation",
        ),
        *booleans("earlier_is_good"),
        *texts("way", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_devices"),
        of_user("devices"),
        UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    make_index("ix_devices_earlier_token_hash", "devices", "earlier_token_hash")
    make_index("ix_devices_user", "devices", "environment_id", "user_id")


def _attempts() -> None:
    op.create_table(
        "lockouts",
        *bytes_of(16, "environment_id", "subject"),
        *texts("purpose"),
        *large_numbers("reservations"),
        *times("cleared_at", nullable=True),
        *times("succeeded_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "subject", "purpose", name="pk_lockouts"),
    )
    op.create_table(
        "attempts",
        *bytes_of(16, "environment_id", "id", "subject"),
        *texts("purpose", "state"),
        *bytes_of(32, "browser_id"),
        *bytes_of(8, "network", "wider_network"),
        *times("started_at"),
        *times("settled_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_attempts"),
        of_environment("attempts"),
    )
    make_index(
        "ix_attempts_counted",
        "attempts",
        "environment_id",
        "subject",
        "purpose",
        "started_at",
        where="state in ('open', 'failed')",
    )
    make_index(
        "ix_attempts_network",
        "attempts",
        "network",
        "started_at",
        where="state in ('open', 'failed')",
    )
    make_index("ix_attempts_started_at", "attempts", "started_at")
    make_index(
        "ix_attempts_wider_network",
        "attempts",
        "wider_network",
        "started_at",
        where="state in ('open', 'failed')",
    )


def _events() -> None:
    op.create_table(
        "events",
        *bytes_of(16, "environment_id", "id"),
        *times("happened_at"),
        *texts("kind"),
        *bytes_of(16, "actor_id", "target_id", "visitor_id", nullable=True),
        *texts("data"),
        *large_numbers("number", nullable=True),
        *bytes_of(32, "mac", nullable=True),
        *numbers("key_version", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_events"),
    )
    make_index("ix_events_listed", "events", "environment_id", "happened_at", "id")
    for column in ("actor", "target"):
        what = ("environment_id", f"{column}_id", "happened_at", "id")
        make_index(f"ix_events_{column}", "events", *what)
    make_index("ix_events_kind", "events", "environment_id", "kind", "happened_at", "id")
    make_index(
        "ix_events_two_step",
        "events",
        *("environment_id", "target_id", "happened_at", "id"),
        where="kind in ('account:authenticator:set_up', 'account:authenticator:replaced',"
        " 'account:authenticator:removed', 'account:codes:turned_on', 'account:codes:turned_off',"
        " 'admin:two_step:removed', 'admin:user:erased')",
    )
    make_index(
        "ix_events_unsealed",
        "events",
        "environment_id",
        "happened_at",
        "id",
        where="number is null",
    )
    make_index(
        "uq_events_number",
        "events",
        "environment_id",
        "number",
        unique=True,
        where="number is not null",
    )
    op.create_table(
        "seals",
        *bytes_of(16, "environment_id"),
        *large_numbers("number"),
        *bytes_of(32, "mac"),
        *numbers("key_version"),
        *times("sealed_at"),
        PrimaryKeyConstraint("environment_id", "number", name="pk_seals"),
    )
    op.create_table(
        "stubs",
        *bytes_of(16, "environment_id"),
        *texts("line"),
        PrimaryKeyConstraint("environment_id", name="pk_stubs"),
    )
    op.create_table(
        "people",
        *bytes_of(16, "environment_id", "id"),
        *bytes_of(16, "user_id", "lookup", nullable=True),
        *texts("content", nullable=True),
        *times("erased_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_people"),
    )
    make_index("uq_people_lookup", "people", "environment_id", "lookup", unique=True)
    make_index("uq_people_user", "people", "environment_id", "user_id", unique=True)
