"""The first version's table of codes that were sent."""

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


def make_sent_codes() -> None:
    """Makes it, after the users."""
    op.create_table(
        "sent_codes",
        *bytes_of(16, "environment_id", "id", "user_id", "sign_in_id"),
        *texts("purpose", "method"),
        *bytes_of(16, "contact_id", "message_id"),
        *bytes_of(32, "code_hash"),
        *numbers("key_version"),
        *texts("state"),
        *small_numbers("length", "tries", "sent_before"),
        *times("made_at", "expires_at"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_sent_codes"),
        of_user("sent_codes"),
    )
    make_index(
        "uq_sent_codes_live",
        "sent_codes",
        "environment_id",
        "sign_in_id",
        "purpose",
        "method",
        unique=True,
        where="state = 'live'",
    )
    make_index("ix_sent_codes_sign_in", "sent_codes", "environment_id", "sign_in_id", "made_at")
    make_index("ix_sent_codes_made_at", "sent_codes", "made_at")
