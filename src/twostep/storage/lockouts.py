"""Attempts and the row that serialises them, in SQL.

An attempt is reserved and committed before its proof is compared, and settled after. While one
request holds the
row of :func:`lock`, no other can reserve for the same subject, so two of them never read the same
count (AC-14).
The subject is a user's id, or for a name that does not exist a keyed hash of it: both cost the
same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from twostep.storage.conflicts import insert_for
from twostep.storage.tables import attempts, lockouts

COUNTED = ("open", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """An attempt as it is reserved."""

    id: bytes
    environment_id: bytes
    subject: bytes
    purpose: str
    state: str
    browser_id: bytes
    network: bytes
    wider_network: bytes
    started_at: int


def lock(connection: Connection, environment_id: bytes, subject: bytes, purpose: str) -> int | None:
    """Take the subject's row until the transaction ends; gives the time at which the counter was
    last cleared.

    An upsert, because it locks the row on PostgreSQL and needs no row to be there first.
    """
    statement = insert_for(connection, lockouts).values(
        environment_id=environment_id, subject=subject, purpose=purpose, reservations=1
    )
    return connection.execute(  # type: ignore[no-any-return]
        statement.on_conflict_do_update(
            index_elements=["environment_id", "subject", "purpose"],
            set_={"reservations": lockouts.c.reservations + 1},
        ).returning(lockouts.c.cleared_at)
    ).scalar_one()


def cleared_at(
    connection: Connection, environment_id: bytes, subject: bytes, purpose: str
) -> int | None:
    """When the counter was last cleared, without taking the row."""
    return connection.execute(
        select(lockouts.c.cleared_at).where(
            lockouts.c.environment_id == environment_id,
            lockouts.c.subject == subject,
            lockouts.c.purpose == purpose,
        )
    ).scalar()


def counted_times(
    connection: Connection,
    environment_id: bytes,
    subject: bytes,
    purpose: str,
    *,
    since: int,
    most: int,
) -> Sequence[int]:
    """When the attempts began that count against the subject, newest first: open or failed, not
    forgiven.
    """
    return (
        connection.execute(
            select(attempts.c.started_at)
            .where(
                attempts.c.environment_id == environment_id,
                attempts.c.subject == subject,
                attempts.c.purpose == purpose,
                attempts.c.state.in_(COUNTED),
                attempts.c.started_at > since,
            )
            .order_by(attempts.c.started_at.desc())
            .limit(most)
        )
        .scalars()
        .all()
    )


def network_failures(
    connection: Connection, block: bytes, *, wider: bool, since: int, most: int
) -> tuple[int, int | None]:
    """How many counted attempts came from that block of addresses, and when the newest began."""
    column = attempts.c.wider_network if wider else attempts.c.network
    newest = (
        select(attempts.c.started_at)
        .where(column == block, attempts.c.started_at > since, attempts.c.state.in_(COUNTED))
        .order_by(attempts.c.started_at.desc())
        .limit(most)
        .subquery()
    )
    row = connection.execute(
        select(
            func.count().label("number"), func.max(newest.c.started_at).label("newest")
        ).select_from(newest)
    ).one()
    return row.number, row.newest


def add(connection: Connection, attempt: NewAttempt) -> None:
    """Write an attempt."""
    connection.execute(
        insert(attempts).values(
            {
                "id": attempt.id,
                "environment_id": attempt.environment_id,
                "subject": attempt.subject,
                "purpose": attempt.purpose,
                "state": attempt.state,
                "browser_id": attempt.browser_id,
                "network": attempt.network,
                "wider_network": attempt.wider_network,
                "started_at": attempt.started_at,
            }
        )
    )


def settle(
    connection: Connection, environment_id: bytes, attempt_id: bytes, *, state: str, now: int
) -> bool:
    """Write what became of an open attempt; False where it was settled before."""
    changed = connection.execute(
        update(attempts)
        .where(
            attempts.c.environment_id == environment_id,
            attempts.c.id == attempt_id,
            attempts.c.state == "open",
        )
        .values(state=state, settled_at=now)
        .returning(attempts.c.id)
    ).first()
    return changed is not None


def forgive(
    connection: Connection, environment_id: bytes, subject: bytes, browser_id: bytes, *, now: int
) -> None:
    """A sign-in succeeded: its own failures no longer count. Those of other sign-ins stay."""
    connection.execute(
        update(attempts)
        .where(
            attempts.c.environment_id == environment_id,
            attempts.c.subject == subject,
            attempts.c.browser_id == browser_id,
            attempts.c.state == "failed",
        )
        .values(state="forgiven", settled_at=now)
    )


def clear(
    connection: Connection, environment_id: bytes, subject: bytes, purpose: str, *, now: int
) -> None:
    """Nothing that was counted until now counts any longer."""
    lock(connection, environment_id, subject, purpose)
    connection.execute(
        update(lockouts)
        .where(
            lockouts.c.environment_id == environment_id,
            lockouts.c.subject == subject,
            lockouts.c.purpose == purpose,
        )
        .values(cleared_at=now)
    )
