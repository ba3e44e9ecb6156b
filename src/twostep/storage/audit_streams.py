"""Streams of events, in SQL: where to, sealed, and how far they have come.

One process at a time sends the events of an environment: it claims the stream for a minute, and
every step says again whose it is. So events leave in order; after a crash the last batch leaves
once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from twostep.storage.database import Connection
from twostep.storage.tables import audit_streams as table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStream:
    """A stream as it lies in the database. ``position``: the number of the last event that was
    taken. ``failures`` in a row, ``why`` the last one; times in milliseconds.
    """

    environment_id: bytes
    id: bytes
    sealed: bytes
    key_version: int
    position: int
    failures: int = 0
    why: str | None = None
    due_at: int = 0
    sent_at: int | None = None


def put(connection: Connection, stream: StoredStream, *, now: int) -> None:
    """Put a stream in the place of the environment's former one."""
    remove(connection, stream.environment_id)
    connection.execute(
        insert(table).values(
            environment_id=stream.environment_id,
            id=stream.id,
            sealed=stream.sealed,
            key_version=stream.key_version,
            position=stream.position,
            failures=0,
            due_at=now,
            changed_at=now,
        )
    )


def remove(connection: Connection, environment_id: bytes) -> bool:
    """Whether there was one."""
    gone = connection.execute(
        delete(table).where(table.c.environment_id == environment_id).returning(table.c.id)
    ).first()
    return gone is not None


def of_environment(connection: Connection, environment_id: bytes) -> StoredStream | None:
    """The environment's stream."""
    row = connection.execute(select(table).where(table.c.environment_id == environment_id)).first()
    return None if row is None else _stored(row)


def due(connection: Connection, *, now: int) -> Sequence[bytes]:
    """The environments whose stream nobody sends just now and that may be tried."""
    return (
        connection.execute(
            select(table.c.environment_id)
            .where(
                table.c.due_at <= now,
                or_(table.c.claim.is_(None), table.c.claimed_until <= now),
            )
            .order_by(table.c.environment_id)
        )
        .scalars()
        .all()
    )


def claim(
    connection: Connection, environment_id: bytes, claim_id: bytes, *, now: int, until: int
) -> StoredStream | None:
    """Take the stream until then; None where another process has it.

    The condition closes the race of two processes: one of them finds the claim of the other.
    """
    row = connection.execute(
        update(table)
        .where(
            table.c.environment_id == environment_id,
            or_(table.c.claim.is_(None), table.c.claimed_until <= now),
        )
        .values(claim=claim_id, claimed_until=until)
        .returning(*table.c)
    ).first()
    return None if row is None else _stored(row)


def advance(
    connection: Connection,
    environment_id: bytes,
    claim_id: bytes,
    *,
    position: int,
    now: int,
    until: int,
) -> bool:
    """Note that everything up to this number was taken, and keep the claim; False where it is
    another's by now, who then sends the same once more.
    """
    changed = connection.execute(
        update(table)
        .where(
            table.c.environment_id == environment_id,
            table.c.claim == claim_id,
            table.c.position < position,
        )
        .values(position=position, claimed_until=until, failures=0, why=None, sent_at=now)
        .returning(table.c.id)
    ).first()
    return changed is not None


def let_go(connection: Connection, environment_id: bytes, claim_id: bytes) -> None:
    """End the claim."""
    connection.execute(
        update(table)
        .where(table.c.environment_id == environment_id, table.c.claim == claim_id)
        .values(claim=None, claimed_until=None)
    )


def failed(
    connection: Connection, environment_id: bytes, claim_id: bytes, *, why: str, due_at: int
) -> None:
    """Note a try that failed, and when the next one is; the claim ends."""
    connection.execute(
        update(table)
        .where(table.c.environment_id == environment_id, table.c.claim == claim_id)
        .values(
            claim=None,
            claimed_until=None,
            failures=table.c.failures + 1,
            why=why,
            due_at=due_at,
        )
    )


def _stored(row: Row[Any]) -> StoredStream:
    return StoredStream(
        environment_id=row.environment_id,
        id=row.id,
        sealed=row.sealed,
        key_version=row.key_version,
        position=row.position,
        failures=row.failures,
        why=row.why,
        due_at=row.due_at,
        sent_at=row.sent_at,
    )
