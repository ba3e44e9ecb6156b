"""The first version's tables of how an environment's messages leave, and how it looks."""

from __future__ import annotations

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from twostep.storage.migrations.words import (
    bytes_of,
    make_index,
    numbers,
    of_environment,
    texts,
    times,
)


def make_delivery() -> None:
    """Makes them, after the environments."""
    op.create_table(
        "delivery_routes",
        *bytes_of(16, "environment_id"),
        *texts("kind"),
        *bytes_of(16, "id"),
        *bytes_of(None, "sealed"),
        *numbers("key_version"),
        *numbers("rate", nullable=True),
        *times("changed_at"),
        PrimaryKeyConstraint("environment_id", "kind", name="pk_delivery_routes"),
        of_environment("delivery_routes"),
    )
    make_index("ix_delivery_routes_key_version", "delivery_routes", "environment_id", "key_version")
    op.create_table(
        "looks",
        *bytes_of(16, "environment_id"),
        *texts("sender", "sender_name", "bounces", "accent", nullable=True),
        *bytes_of(None, "logo", nullable=True),
        *texts("logo_name", nullable=True),
        *times("changed_at"),
        PrimaryKeyConstraint("environment_id", name="pk_looks"),
        of_environment("looks"),
    )
