"""The first version's tables of resets that were asked for and of lists of new users."""

from __future__ import annotations

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from twostep.storage.migrations.words import (
    booleans,
    bytes_of,
    make_index,
    numbers,
    of_environment,
    texts,
    times,
)


def make_arrivals() -> None:
    """Makes them, after the environments."""
    op.create_table(
        "asked_resets",
        *bytes_of(16, "environment_id", "id"),
        *bytes_of(16, "user_id", nullable=True),
        *bytes_of(32, "address_hash"),
        *texts("data"),
        *times("made_at"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_asked_resets"),
        of_environment("asked_resets"),
    )
    make_index("ix_asked_resets_made_at", "asked_resets", "made_at")
    op.create_table(
        "imports",
        *bytes_of(16, "environment_id", "id"),
        *bytes_of(16, "made_by", nullable=True),
        *texts("state"),
        *numbers("lines", "bad", "invited", "finished"),
        *texts("language"),
        *times("made_at", "changed_at"),
        PrimaryKeyConstraint("environment_id", "id", name="pk_imports"),
        of_environment("imports"),
    )
    make_index("ix_imports_state", "imports", "state", "changed_at")
    _lines()


def _lines() -> None:
    table = "import_lines"
    op.create_table(
        table,
        *bytes_of(16, "environment_id", "id", "import_id"),
        *numbers("number"),
        *bytes_of(16, "user_id"),
        *texts("name", "name_key", "full_name"),
        *bytes_of(None, "sealed", nullable=True),
        *numbers("key_version", nullable=True),
        *texts("masked", nullable=True),
        *bytes_of(32, "address_hash", nullable=True),
        *booleans("invite"),
        *texts("problem", nullable=True),
        PrimaryKeyConstraint("environment_id", "id", name=f"pk_{table}"),
    )
    of_list = (table, "environment_id", "import_id")
    make_index(f"uq_{table}_number", *of_list, "number", unique=True)
    make_index(f"ix_{table}_name_key", *of_list, "name_key", "number")
    make_index(f"ix_{table}_bad", *of_list, "number", where="problem is not null")
    make_index(f"ix_{table}_key_version", table, "environment_id", "key_version")
