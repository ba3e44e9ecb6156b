"""The first version's table of how many events there were."""

from __future__ import annotations

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from twostep.storage.migrations.words import bytes_of, large_numbers, texts


def make_event_counts() -> None:
    """Makes it."""
    op.create_table(
        "event_counts",
        *bytes_of(16, "environment_id"),
        *large_numbers("day"),
        *texts("kind", "detail"),
        *large_numbers("number"),
        PrimaryKeyConstraint("environment_id", "day", "kind", "detail", name="pk_event_counts"),
    )
