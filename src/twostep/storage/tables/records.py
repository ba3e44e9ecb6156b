"""The audit log, the people it refers to, and the keys."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
    time_column,
)

_TWO_STEP_KINDS = (
    "kind in ('account:authenticator:set_up', 'account:authenticator:replaced',"
    " 'account:authenticator:removed', 'account:codes:turned_on', 'account:codes:turned_off',"
    " 'admin:two_step:removed', 'admin:user:erased')"
)
TWO_STEP_KINDS = text(_TWO_STEP_KINDS)
"""Events about somebody's second step, in the words of the index over them: a database takes such
an index for a question that says the same."""

events = Table(
    "events",
    metadata,
    environment_column(),
    id_column(),
    time_column("happened_at"),
    Column("kind", Text, nullable=False),
    Column("actor_id", LargeBinary(16), nullable=True),
    Column("target_id", LargeBinary(16), nullable=True),
    Column("visitor_id", LargeBinary(16), nullable=True),
    Column("data", Text, nullable=False),
    Column("number", BigInteger, nullable=True),
    Column("mac", LargeBinary(32), nullable=True),
    Column("key_version", Integer, nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    Index(
        "uq_events_number",
        "environment_id",
        "number",
        unique=True,
        # Over the sealed ones alone: otherwise SQLite sorts all that wait for each batch of them.
        sqlite_where=text("number is not null"),
        postgresql_where=text("number is not null"),
    ),
    Index(
        "ix_events_unsealed",
        "environment_id",
        "happened_at",
        "id",
        sqlite_where=text("number is null"),
        postgresql_where=text("number is null"),
    ),
    # The audit log's page: all of it, and by whom, to whom and what; each from the newest on.
    Index("ix_events_listed", "environment_id", "happened_at", "id"),
    Index("ix_events_actor", "environment_id", "actor_id", "happened_at", "id"),
    Index("ix_events_target", "environment_id", "target_id", "happened_at", "id"),
    Index("ix_events_kind", "environment_id", "kind", "happened_at", "id"),
    # The report of a day: the few events about each user's second step.
    Index(
        "ix_events_two_step",
        "environment_id",
        "target_id",
        "happened_at",
        "id",
        sqlite_where=text(_TWO_STEP_KINDS),
        postgresql_where=text(_TWO_STEP_KINDS),
    ),
)


seals = Table(
    "seals",
    metadata,
    environment_column(),
    Column("number", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("key_version", Integer, nullable=False),
    time_column("sealed_at"),
    PrimaryKeyConstraint("environment_id", "number"),
)


stubs = Table(
    "stubs",
    metadata,
    environment_column(),
    # Signed: what retention has taken away (``core.audit_stubs``). The newest one takes the place
    # of the one before it.
    Column("line", Text, nullable=False),
    PrimaryKeyConstraint("environment_id"),
)


people = Table(
    "people",
    metadata,
    environment_column(),
    id_column(),
    Column("user_id", LargeBinary(16), nullable=True),
    Column("lookup", LargeBinary(16), nullable=True),
    Column("content", Text, nullable=True),
    time_column("erased_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "id"),
    Index("uq_people_user", "environment_id", "user_id", unique=True),
    Index("uq_people_lookup", "environment_id", "lookup", unique=True),
)


keys = Table(
    "keys",
    metadata,
    environment_column(),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("canary", LargeBinary, nullable=True),
    time_column("made_at"),
    time_column("retired_at", nullable=True),
    PrimaryKeyConstraint("environment_id", "purpose", "version"),
)
