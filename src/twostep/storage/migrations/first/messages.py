"""The first version's table of messages."""

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

_WAITING = "state in ('queued', 'sending')"


def make_messages() -> None:
    """Makes it, after the users."""
    op.create_table(
        "messages",
        *bytes_of(16, "environment_id", "id", "user_id"),
        *bytes_of(16, "sign_in_id", nullable=True),
        *texts("kind"),
        *small_numbers("priority"),
        *texts("route"),
        *bytes_of(None, "sealed", nullable=True),
        *numbers("key_version", nullable=True),
        *texts("masked"),
        *bytes_of(32, "address_hash"),
        *texts("state"),
        *texts("reason", "words", nullable=True),
        *numbers("attempts"),
        *texts("history"),
        *times("made_at", "due_at", "expires_at"),
        *bytes_of(16, "claim", nullable=True),
        *times("tried_at", "settled_at", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name="pk_messages"),
        of_user("messages"),
    )
    make_index("ix_messages_due", "messages", "priority", "due_at", where=_WAITING)
    make_index("ix_messages_listed", "messages", "environment_id", "made_at", "id")
    make_index("ix_messages_user", "messages", "environment_id", "user_id", "made_at", "id")
    place = ("made_at", "id")
    make_index("ix_messages_state", "messages", "environment_id", "state", *place)
    make_index("ix_messages_kind", "messages", "environment_id", "kind", *place)
    make_index("ix_messages_route", "messages", "environment_id", "route", *place)
    make_index("ix_messages_to", "messages", "environment_id", "address_hash", *place)
    make_index("ix_messages_address", "messages", "address_hash", "made_at")
    make_index("ix_messages_tried_at", "messages", "tried_at")
    make_index(
        "ix_messages_key_version",
        "messages",
        "environment_id",
        "key_version",
        where="key_version is not null",
    )
