"""Events, in SQL. Whom they refer to is in ``people``, how they are sealed in ``audit_chain``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    insert,
    null,
    select,
    union_all,
)

from twostep.core.audit import Event, EventKind, data_as_text, data_from_text
from twostep.storage.database import Connection
from twostep.storage.tables import events, people, users

_ENVIRONMENT: BindParameter[bytes] = bindparam("environment_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What of an event's people is there already.

    ``new_users`` are users, by id with their names, who have no row of ``people`` yet. ``visitor``
    is the id of the visitor's row, or None.
    """

    new_users: Mapping[bytes, str]
    visitor: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event as it was read for a screen, with the content of its visitor's row."""

    event: Event
    visitor_content: str | None


# Both halves in one statement, because every sign-in runs it: a user is found with or without a
# row of people; an id that is nobody's (the decoy for a name that does not exist, AC-21) costs the
# same and finds nothing.
_KNOWN = union_all(
    select(users.c.id, users.c.name, people.c.id.label("person_id"))
    .select_from(
        users.outerjoin(
            people,
            and_(people.c.environment_id == users.c.environment_id, people.c.id == users.c.id),
        )
    )
    .where(
        users.c.environment_id == _ENVIRONMENT,
        users.c.id.in_([bindparam("actor"), bindparam("target")]),
    ),
    select(null(), null(), people.c.id).where(
        people.c.environment_id == _ENVIRONMENT, people.c.lookup == bindparam("lookup")
    ),
)


def known(
    connection: Connection,
    environment_id: bytes,
    *,
    actor: bytes | None,
    target: bytes | None,
    lookup: bytes | None,
) -> Known:
    """Which of these people are written down already: one statement, whoever exists."""
    rows = connection.execute(
        _KNOWN,
        {"environment_id": environment_id, "actor": actor, "target": target, "lookup": lookup},
    ).all()
    visitors = [row.person_id for row in rows if row.id is None]
    return Known(
        new_users={
            row.id: row.name for row in rows if row.id is not None and row.person_id is None
        },
        visitor=visitors[0] if visitors else None,
    )


def add(connection: Connection, event: Event) -> None:
    """Write an event; it is sealed later."""
    connection.execute(
        insert(events).values(
            environment_id=event.environment_id,
            id=event.id,
            happened_at=event.at,
            kind=event.kind.value,
            actor_id=event.actor,
            target_id=event.target,
            visitor_id=event.visitor,
            data=data_as_text(event.data),
        )
    )


def about_user(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    kinds: Collection[EventKind] = (),
    most: int,
) -> Sequence[RecordedEvent]:
    """The newest events that happened to a user, sealed or not, the newest first. ``kinds``: only
    of these; empty stands for all.
    """
    of_kinds = [events.c.kind.in_(sorted(kinds))] if kinds else []
    rows = connection.execute(
        select(events, people.c.content)
        .select_from(
            events.outerjoin(
                people,
                and_(
                    people.c.environment_id == events.c.environment_id,
                    people.c.id == events.c.visitor_id,
                ),
            )
        )
        .where(events.c.environment_id == environment_id, events.c.target_id == user_id, *of_kinds)
        .order_by(events.c.happened_at.desc(), events.c.id.desc())
        .limit(most)
    ).all()
    return [_recorded(row) for row in rows]


def _recorded(row: Row[Any]) -> RecordedEvent:
    event = Event(
        id=row.id,
        environment_id=row.environment_id,
        at=row.happened_at,
        kind=EventKind(row.kind),
        actor=row.actor_id,
        target=row.target_id,
        visitor=row.visitor_id,
        data=data_from_text(row.data),
    )
    return RecordedEvent(event=event, visitor_content=row.content)
