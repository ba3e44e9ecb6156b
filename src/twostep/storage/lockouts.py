"""Attempts and the row that serialises them, in SQL.

An attempt is reserved and committed before its proof is compared, and settled after. While one
request holds the row of :func:`lock`, no other can reserve for the same subject, so two of them
never read the same count (AC-14). The subject is a user's id, or for a name that does not exist a
keyed hash of it: both cost the same. For a browser that the account knows it is its device's id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    select,
    union_all,
    update,
)

from twostep.storage.conflicts import insert_for
from twostep.storage.tables import attempts, devices, lockouts

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


@dataclass(frozen=True, slots=True)
class Marks:
    """When a counter was last cleared, and when a sign-in of the subject last succeeded by it."""

    cleared_at: int | None = None
    succeeded_at: int | None = None


@cache
def _lock_statement(dialect: str) -> Any:
    return (
        insert_for(dialect, lockouts)
        .on_conflict_do_update(
            index_elements=["environment_id", "subject", "purpose"],
            set_={"reservations": lockouts.c.reservations + 1},
        )
        .returning(lockouts.c.cleared_at, lockouts.c.succeeded_at)
    )


_INSERT = insert(attempts)
_SETTLE = (
    update(attempts)
    .where(
        attempts.c.environment_id == bindparam("environment"),
        attempts.c.id == bindparam("attempt"),
        attempts.c.state == "open",
    )
    .values(state=bindparam("new_state"), settled_at=bindparam("now"))
    .returning(attempts.c.id)
)
_FORGIVE = (
    update(attempts)
    .where(
        attempts.c.environment_id == bindparam("environment"),
        attempts.c.subject == bindparam("whose"),
        attempts.c.browser_id == bindparam("browser"),
        attempts.c.purpose.in_(bindparam("purposes", expanding=True)),
        attempts.c.state == "failed",
    )
    .values(state="forgiven", settled_at=bindparam("now"))
)


def lock(connection: Connection, environment_id: bytes, subject: bytes, purpose: str) -> Marks:
    """Take the subject's row until the transaction ends.

    An upsert, because it locks the row on PostgreSQL and needs no row to be there first.
    """
    row = connection.execute(
        _lock_statement(connection.dialect.name),
        {
            "environment_id": environment_id,
            "subject": subject,
            "purpose": purpose,
            "reservations": 1,
        },
    ).one()
    return Marks(row.cleared_at, row.succeeded_at)


def marks(connection: Connection, environment_id: bytes, subject: bytes, purpose: str) -> Marks:
    """The same, without taking the row."""
    row = connection.execute(
        select(lockouts.c.cleared_at, lockouts.c.succeeded_at).where(
            lockouts.c.environment_id == environment_id,
            lockouts.c.subject == subject,
            lockouts.c.purpose == purpose,
        )
    ).first()
    return Marks() if row is None else Marks(row.cleared_at, row.succeeded_at)


def succeeded(
    connection: Connection,
    environment_id: bytes,
    subject: bytes,
    purposes: Collection[str],
    *,
    now: int,
) -> None:
    """A sign-in succeeded by these: what failed before is no longer one row of failures."""
    connection.execute(
        update(lockouts)
        .where(
            lockouts.c.environment_id == environment_id,
            lockouts.c.subject == subject,
            lockouts.c.purpose.in_(sorted(purposes)),
        )
        .values(succeeded_at=now)
    )


_COUNTED_TIMES = (
    select(attempts.c.started_at)
    .where(
        attempts.c.environment_id == bindparam("environment"),
        attempts.c.subject == bindparam("subject"),
        attempts.c.purpose == bindparam("purpose"),
        attempts.c.state.in_(COUNTED),
        attempts.c.started_at > bindparam("since"),
    )
    .order_by(attempts.c.started_at.desc())
    .limit(bindparam("most"))
)


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
            _COUNTED_TIMES,
            {
                "environment": environment_id,
                "subject": subject,
                "purpose": purpose,
                "since": since,
                "most": most,
            },
        )
        .scalars()
        .all()
    )


def _of_block(column: Column[bytes], name: str) -> Select[int, Any]:
    newest = (
        select(attempts.c.started_at)
        .where(
            column == bindparam(name),
            attempts.c.started_at > bindparam("since"),
            attempts.c.state.in_(COUNTED),
        )
        .order_by(attempts.c.started_at.desc())
        .limit(bindparam("most"))
        .subquery()
    )
    return select(func.count().label("number"), func.max(newest.c.started_at).label("newest"))


_NETWORK_FAILURES = union_all(
    _of_block(attempts.c.network, "block"), _of_block(attempts.c.wider_network, "wider")
)


def network_failures(
    connection: Connection, block: bytes, wider: bytes, *, since: int, most: int
) -> Sequence[tuple[int, int | None]]:
    """How many counted attempts came from each of two blocks, and when the newest began.

    Each count stops at ``most``.
    """
    rows = connection.execute(
        _NETWORK_FAILURES, {"block": block, "wider": wider, "since": since, "most": most}
    ).all()
    return [(row.number, row.newest) for row in rows]


def add(connection: Connection, attempt: NewAttempt) -> None:
    """Write an attempt."""
    connection.execute(_INSERT, {name: getattr(attempt, name) for name in attempt.__slots__})


def settle(
    connection: Connection, environment_id: bytes, attempt_id: bytes, *, state: str, now: int
) -> bool:
    """Write what became of an open attempt; False where it was settled before."""
    changed = connection.execute(
        _SETTLE,
        {"environment": environment_id, "attempt": attempt_id, "new_state": state, "now": now},
    ).first()
    return changed is not None


def forgive(
    connection: Connection,
    environment_id: bytes,
    subject: bytes,
    browser_id: bytes,
    purposes: Collection[str],
    *,
    now: int,
) -> None:
    """A sign-in succeeded by these: its own failures no longer count. Those of others stay."""
    connection.execute(
        _FORGIVE,
        {
            "environment": environment_id,
            "whose": subject,
            "browser": browser_id,
            "purposes": sorted(purposes),
            "now": now,
        },
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


def clear_known(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> None:
    """The same for the counters that the user's devices have of their own (AC-22)."""
    known = select(devices.c.id).where(
        devices.c.environment_id == environment_id, devices.c.user_id == user_id
    )
    connection.execute(
        update(lockouts)
        .where(lockouts.c.environment_id == environment_id, lockouts.c.subject.in_(known))
        .values(cleared_at=now)
    )


def failed_in_browser(
    connection: Connection, environment_id: bytes, subject: bytes, browser_id: bytes
) -> int:
    """How many tries of the subject failed in that browser and were not forgiven."""
    return connection.execute(
        select(func.count())
        .select_from(attempts)
        .where(
            attempts.c.environment_id == environment_id,
            attempts.c.subject == subject,
            attempts.c.browser_id == browser_id,
            attempts.c.state == "failed",
        )
    ).scalar_one()
