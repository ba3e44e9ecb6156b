"""Taking the oldest events out of the audit log, in SQL. What is taken, and that it may be, says
``flows.audit_trimming``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from twostep.storage.database import Connection
from twostep.storage.tables import events, people, seals


class TakenElsewhere(Exception):
    """Another node has taken some of them at the same moment: nothing of this may be kept."""


def take(connection: Connection, environment_id: bytes, *, through: int, expected: int) -> None:
    """Delete the events up to this number, and the seals before it. ``expected``: how many events
    that are. The newest seal is never among them. Raises TakenElsewhere.
    """
    gone = connection.execute(
        delete(events).where(
            events.c.environment_id == environment_id,
            events.c.number.is_not(None),
            events.c.number <= through,
        )
    ).rowcount
    if gone != expected:
        raise TakenElsewhere
    connection.execute(
        delete(seals).where(seals.c.environment_id == environment_id, seals.c.number <= through)
    )


def unseen_visitors(connection: Connection, environment_id: bytes, *, most: int) -> Sequence[bytes]:
    """Visitors to whom no event refers any more. Reads every event of the environment."""
    seen = select(events.c.visitor_id).where(
        events.c.environment_id == environment_id, events.c.visitor_id.is_not(None)
    )
    return (
        connection.execute(
            select(people.c.id)
            .where(
                people.c.environment_id == environment_id,
                people.c.user_id.is_(None),
                people.c.content.is_not(None),
                people.c.id.not_in(seen),
            )
            .limit(most)
        )
        .scalars()
        .all()
    )


def empty_visitors(
    connection: Connection, environment_id: bytes, ids: Sequence[bytes], *, now: int
) -> int:
    """Empty these rows; how many. A visitor seen again after this gets a new one."""
    return connection.execute(
        update(people)
        .where(
            people.c.environment_id == environment_id,
            people.c.id.in_(ids),
            people.c.content.is_not(None),
        )
        .values(content=None, lookup=None, erased_at=now)
    ).rowcount
