"""The first version's table of where an environment's events are streamed to."""

from __future__ import annotations

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from twostep.storage.migrations.words import (
    bytes_of,
    large_numbers,
    make_index,
    numbers,
    of_environment,
    texts,
    times,
)


def make_audit_streams() -> None:
    """Makes it, after the environments."""
    op.create_table(
        "audit_streams",
        *bytes_of(16, "environment_id", "id"),
        *bytes_of(None, "sealed"),
        *numbers("key_version"),
        *large_numbers("position"),
        *bytes_of(16, "claim", nullable=True),
        *times("claimed_until", nullable=True),
        *numbers("failures"),
        *texts("why", nullable=True),
        *times("due_at"),
        *times("sent_at", nullable=True),
        *times("changed_at"),
        PrimaryKeyConstraint("environment_id", name="pk_audit_streams"),
        of_environment("audit_streams"),
    )
    make_index("ix_audit_streams_key_version", "audit_streams", "environment_id", "key_version")
