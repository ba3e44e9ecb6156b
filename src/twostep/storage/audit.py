"""Events, and the people that they refer to, in SQL.

An event says who did what to whom by references to ``people``: a user's row has the user's own id,
a visitor's (one address with one browser) a random one. What is personal stands in ``content``
alone, so that it can be erased without touching an event, and the chain over the events stays
whole (AC-83).

The chain itself is in ``audit_chain``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    and_,
    bindparam,
    func,
    insert,
    null,
    or_,
    select,
    union_all,
    update,
)

from twostep.core.audit import Event, EventKind, data_as_text, data_from_text
from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.database import Connection
from twostep.storage.tables import events, people, users

_ENVIRONMENT: BindParameter[bytes] = bindparam("environment_id")
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """One row of ``people``.

    ``user_id`` is there for a user and is the row's id too, ``lookup`` for a visitor. ``content``
    is JSON, of which ``flows.audit`` says what stands in it. Of a row that was erased only the ids
    are left.
    """

    id: bytes
    user_id: bytes | None
    lookup: bytes | None
    content: str | None


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


def add_people(
    connection: Connection, environment_id: bytes, persons: Sequence[StoredPerson]
) -> None:
    """Write rows of people; one that another transaction wrote since they were looked for stays."""
    connection.execute(
        insert_or_nothing(connection, people),
        [_values(environment_id, person) for person in persons],
    )


def add_visitor(connection: Connection, environment_id: bytes, visitor: StoredPerson) -> bytes:
    """Write a visitor's row; the id of the one that is there now.

    Two requests of one browser may be its first at the same moment: the unique lookup closes that
    race, and the later one takes the row that the earlier one wrote.
    """
    written: bytes | None = connection.execute(
        insert_or_nothing(connection, people)
        .values(_values(environment_id, visitor))
        .returning(people.c.id)
    ).scalar()
    if written is not None:
        return written
    id_: bytes = connection.execute(
        select(people.c.id).where(
            people.c.environment_id == environment_id, people.c.lookup == visitor.lookup
        )
    ).scalar_one()
    return id_


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
    connection: Connection, environment_id: bytes, user_id: bytes, *, most: int
) -> Sequence[RecordedEvent]:
    """The newest events that happened to a user, sealed or not, the newest first."""
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
        .where(events.c.environment_id == environment_id, events.c.target_id == user_id)
        .order_by(events.c.happened_at.desc(), events.c.id.desc())
        .limit(most)
    ).all()
    return [
        RecordedEvent(
            event=Event(
                id=row.id,
                environment_id=row.environment_id,
                at=row.happened_at,
                kind=EventKind(row.kind),
                actor=row.actor_id,
                target=row.target_id,
                visitor=row.visitor_id,
                data=data_from_text(row.data),
            ),
            visitor_content=row.content,
        )
        for row in rows
    ]


def contents_of(
    connection: Connection, environment_id: bytes, ids: Collection[bytes]
) -> Mapping[bytes, str]:
    """The content of these people's rows. Who was erased, or never was, is left out."""
    found: dict[bytes, str] = {}
    wanted = sorted(set(ids))
    for begin in range(0, len(wanted), _MOST_AT_ONCE):
        rows = connection.execute(
            select(people.c.id, people.c.content).where(
                people.c.environment_id == environment_id,
                people.c.id.in_(wanted[begin : begin + _MOST_AT_ONCE]),
                people.c.content.is_not(None),
            )
        )
        found.update((row.id, row.content) for row in rows)
    return found


def people_after(
    connection: Connection, environment_id: bytes, after: bytes, *, most: int
) -> Sequence[StoredPerson]:
    """Rows of people in the order of their ids, beginning after the id ``after``."""
    rows = connection.execute(
        select(people.c.id, people.c.user_id, people.c.lookup, people.c.content)
        .where(people.c.environment_id == environment_id, people.c.id > after)
        .order_by(people.c.id)
        .limit(most)
    )
    return [
        StoredPerson(id=row.id, user_id=row.user_id, lookup=row.lookup, content=row.content)
        for row in rows
    ]


def lost_people(connection: Connection, environment_id: bytes, *, most: int) -> Sequence[bytes]:
    """Ids that events refer to as an actor or a visitor, and that have no row. Reads every event.

    A row is erased by emptying it, never by deleting it. A target may be nobody: the decoy for a
    name that does not exist.
    """
    referred = union_all(
        *(
            select(column.label("id")).where(
                events.c.environment_id == environment_id, column.is_not(None)
            )
            for column in (events.c.visitor_id, events.c.actor_id)
        )
    ).subquery()
    there = select(people.c.id).where(
        people.c.environment_id == environment_id, people.c.id == referred.c.id
    )
    return (
        connection.execute(
            select(referred.c.id).where(~there.exists()).distinct().order_by("id").limit(most)
        )
        .scalars()
        .all()
    )


def erase_person(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> int:
    """Empty the user's row, and the rows of visitors that appear in no one else's events; how many.

    An event keeps its references, which then lead to empty rows: no event and no seal changes.
    Whose address a visitor's is, says the event's actor, or its target where nobody had signed in
    yet. A visitor seen again after this gets a new row. Reads every event of the environment.
    """
    whose = func.coalesce(events.c.actor_id, events.c.target_id)
    seen = select(events.c.visitor_id).where(
        events.c.environment_id == environment_id, events.c.visitor_id.is_not(None)
    )
    only_theirs = and_(
        people.c.id.in_(seen.where(whose == user_id)),
        people.c.id.not_in(seen.where(whose.is_distinct_from(user_id))),
    )
    return connection.execute(
        update(people)
        .where(
            people.c.environment_id == environment_id,
            people.c.erased_at.is_(None),
            or_(people.c.id == user_id, only_theirs),
        )
        .values(content=None, lookup=None, erased_at=now)
    ).rowcount


def _values(environment_id: bytes, person: StoredPerson) -> dict[str, object]:
    return {
        "environment_id": environment_id,
        "id": person.id,
        "user_id": person.user_id,
        "lookup": person.lookup,
        "content": person.content,
    }
