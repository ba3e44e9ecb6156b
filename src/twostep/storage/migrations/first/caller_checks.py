"""The first version's table of checks of callers."""

from __future__ import annotations

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from twostep.storage.migrations.words import (
    bytes_of,
    make_index,
    numbers,
    of_user,
    small_numbers,
    texts,
    times,
)


def make_caller_checks() -> None:
    """Makes it, after the users."""
    table = "caller_checks"
    op.create_table(
        table,
        *bytes_of(16, "environment_id", "id", "user_id", "made_by", "contact_id", "message_id"),
        *bytes_of(32, "code_hash"),
        *numbers("key_version"),
        *texts("state"),
        *small_numbers("tries"),
        *times("made_at", "expires_at"),
        *times("passed_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name=f"pk_{table}"),
        of_user(table),
    )
    of_live = ("environment_id", "user_id", "made_by")
    make_index(f"uq_{table}_live", table, *of_live, unique=True, where="state = 'live'")
    make_index(f"ix_{table}_user", table, "environment_id", "user_id", "made_at")
    make_index(f"ix_{table}_made_at", table, "made_at")
