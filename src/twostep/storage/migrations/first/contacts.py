"""The first version's table of addresses."""

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


def make_contacts() -> None:
    """Makes it, after the users."""
    op.create_table(
        "contacts",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *texts("kind", "state", "entered_by"),
        *bytes_of(None, "sealed"),
        *numbers("key_version"),
        *texts("masked"),
        *bytes_of(32, "address_hash"),
        *texts("gateway", "failed", nullable=True),
        *texts("language"),
        *times("changed_at"),
        *times("confirmed_at", "used_at", nullable=True),
        *texts("country", nullable=True),
        *bytes_of(32, "code_hash", nullable=True),
        *numbers("code_key_version", nullable=True),
        *times("code_ends_at", nullable=True),
        *small_numbers("code_tries"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_contacts"),
        of_user("contacts"),
    )
    make_index(
        "uq_contacts_user_kind_state",
        "contacts",
        "environment_id",
        "user_id",
        "kind",
        "state",
        unique=True,
    )
    make_index("ix_contacts_address", "contacts", "environment_id", "address_hash")
    make_index("ix_contacts_key_version", "contacts", "environment_id", "key_version")
