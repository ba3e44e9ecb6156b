"""Notices, in SQL: written with their act, and taken by whoever writes their messages.

Taking is deleting, in the transaction that queues the messages: of all who want the same notice one
deletes the row, so that each happening is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from twostep.storage.database import Connection
from twostep.storage.tables import attempts, messages, notices, sign_ins

_LONG_AGO = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A happening of which a user is to be told. ``data`` is JSON; ``made_at`` in milliseconds."""

    environment_id: bytes
    id: bytes
    user_id: bytes
    kind: str
    data: str
    made_at: int


def add(connection: Connection, notice: Notice) -> None:
    """Write one, in the transaction of its act."""
    connection.execute(
        insert(notices).values({name: getattr(notice, name) for name in notice.__slots__})
    )


def oldest(connection: Connection, *, most: int) -> Sequence[Notice]:
    """At most so many that wait, of all environments, the oldest first."""
    rows = connection.execute(select(notices).order_by(notices.c.made_at).limit(most)).all()
    return [
        Notice(
            environment_id=row.environment_id,
            id=row.id,
            user_id=row.user_id,
            kind=row.kind,
            data=row.data,
            made_at=row.made_at,
        )
        for row in rows
    ]


def take(connection: Connection, notice: Notice) -> bool:
    """Delete it; False where somebody else did, or its user is gone."""
    gone = connection.execute(
        delete(notices)
        .where(notices.c.environment_id == notice.environment_id, notices.c.id == notice.id)
        .returning(notices.c.id)
    ).first()
    return gone is not None


def drop_all(connection: Connection) -> None:
    """Nobody is told of what waits in a restored backup: it was told at the time."""
    connection.execute(delete(notices))


def told(
    connection: Connection, environment_id: bytes, user_id: bytes, kind: str, *, since: int
) -> Sequence[int]:
    """When that happened of which the user has been told in messages of that kind, since then."""
    return (
        connection.execute(
            select(messages.c.made_at)
            .where(
                messages.c.environment_id == environment_id,
                messages.c.user_id == user_id,
                messages.c.kind == kind,
                messages.c.made_at > since,
            )
            .distinct()
            .order_by(messages.c.made_at)
        )
        .scalars()
        .all()
    )


def wrong_in_sign_in(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    browser_id: bytes,
    *,
    purpose: str,
) -> int:
    """How many tries of the user's failed in the sign-in that waits in this browser. In a session,
    where none waits: in that session.
    """
    began = (
        select(func.max(sign_ins.c.started_at))
        .where(
            sign_ins.c.environment_id == environment_id,
            sign_ins.c.user_id == user_id,
            sign_ins.c.browser_id == browser_id,
            sign_ins.c.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    return connection.execute(
        select(func.count())
        .select_from(attempts)
        .where(
            attempts.c.environment_id == environment_id,
            attempts.c.subject == user_id,
            attempts.c.purpose == purpose,
            attempts.c.browser_id == browser_id,
            attempts.c.state == "failed",
            attempts.c.started_at >= func.coalesce(began, _LONG_AGO),
        )
    ).scalar_one()
