"""What is on its way to become something: resets that were asked for, and lists of new users that
are read and not yet imported.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from twostep.storage.tables.columns import (
    environment_column,
    id_column,
    metadata,
    of_environment,
    time_column,
)

_BAD = text("problem is not null")

asked_resets = Table(
    "asked_resets",
    metadata,
    environment_column(),
    id_column(),
    # Whose name was typed; none where nobody has it. No key of another table: it costs the same.
    Column("user_id", LargeBinary(16), nullable=True),
    # The keyed hash of what was typed, as if it were an address.
    Column("address_hash", LargeBinary(32), nullable=False),
    # JSON: where it was asked.
    Column("data", Text, nullable=False),
    time_column("made_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    Index("ix_asked_resets_made_at", "made_at"),
)


imports = Table(
    "imports",
    metadata,
    environment_column(),
    id_column(),
    # None: the operator.
    Column("made_by", LargeBinary(16), nullable=True),
    # 'reading', 'checked', 'switched', 'done' or 'dropped'.
    Column("state", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("invited", Integer, nullable=False),
    # How many of the new users can be found and are invited.
    Column("finished", Integer, nullable=False),
    # In which the invitations are written.
    Column("language", Text, nullable=False),
    time_column("made_at"),
    time_column("changed_at"),
    PrimaryKeyConstraint("environment_id", "id"),
    of_environment(),
    Index("ix_imports_state", "state", "changed_at"),
)


import_lines = Table(
    "import_lines",
    metadata,
    environment_column(),
    # Of the address that the new user gets.
    id_column(),
    id_column("import_id"),
    Column("number", Integer, nullable=False),
    id_column("user_id"),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    # The address, as it will lie with the user; none where the line has none.
    Column("sealed", LargeBinary, nullable=True),
    Column("key_version", Integer, nullable=True),
    Column("masked", Text, nullable=True),
    Column("address_hash", LargeBinary(32), nullable=True),
    Column("invite", Boolean, nullable=False),
    Column("problem", Text, nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    Index("uq_import_lines_number", "environment_id", "import_id", "number", unique=True),
    Index("ix_import_lines_name_key", "environment_id", "import_id", "name_key", "number"),
    Index(
        "ix_import_lines_bad",
        "environment_id",
        "import_id",
        "number",
        sqlite_where=_BAD,
        postgresql_where=_BAD,
    ),
    Index("ix_import_lines_key_version", "environment_id", "key_version"),
)
