"""The first version's table of notices."""

from __future__ import annotations

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint

from twostep.storage.migrations.words import bytes_of, make_index, texts, times


def make_notices() -> None:
    """Makes it, after the users."""
    op.create_table(
        "notices",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *texts("kind", "data"),
        *times("made_at"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_notices"),
        ForeignKeyConstraint(
            ["environment_id", "user_id"],
            ["users.environment_id", "users.id"],
            name="fk_notices_users",
            ondelete="CASCADE",
        ),
    )
    make_index("ix_notices_made_at", "notices", "made_at")
    make_index("ix_notices_user", "notices", "environment_id", "user_id")
