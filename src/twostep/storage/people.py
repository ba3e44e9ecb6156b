"""The people that events refer to, in SQL.

An event says who did what to whom by references to this table: a user's row has the user's own id,
a visitor's (one address with one browser) a random one. What is personal stands in ``content``
alone, so that it can be erased without touching an event, and the chain over the events stays
whole (AC-83).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, union_all, update

from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.database import Connection
from twostep.storage.tables import events, people

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """One row of ``people``.

    ``user_id`` is there for a user and is the row's id too, ``lookup`` for a visitor; what somebody
    wrote about a user has neither. ``content`` is JSON, of which ``flows.audit`` says what stands
    in it. Of a row that was erased only the ids are left.
    """

    id: bytes
    user_id: bytes | None
    lookup: bytes | None
    content: str | None


def add(connection: Connection, environment_id: bytes, persons: Sequence[StoredPerson]) -> None:
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


def after_id(
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


def lost(connection: Connection, environment_id: bytes, *, most: int) -> Sequence[bytes]:
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


def erase(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> int:
    """Empty the user's row, the notes about them, and the rows of visitors who appear in nobody
    else's events; how many.

    An event keeps its references, which then lead to empty rows: no event and no seal changes.
    Whose address a visitor's is, says the event's actor, or its target where nobody had signed in
    yet; a name that does not exist claims none, for people mistype their own. A visitor seen again
    after this gets a new row. Reads every event of the environment.
    """
    whose = func.coalesce(events.c.actor_id, events.c.target_id)
    seen = select(events.c.visitor_id).where(
        events.c.environment_id == environment_id, events.c.visitor_id.is_not(None)
    )
    others = select(people.c.id).where(
        people.c.environment_id == environment_id,
        people.c.user_id.is_not(None),
        people.c.user_id != user_id,
        people.c.erased_at.is_(None),
    )
    only_theirs = and_(
        people.c.id.in_(seen.where(whose == user_id)),
        people.c.id.not_in(seen.where(whose.in_(others))),
    )
    # As flows.audit spells it. In what somebody typed, quotes are written another way.
    about_them = people.c.content.contains(f'"about":"{user_id.hex()}"', autoescape=True)
    return connection.execute(
        update(people)
        .where(
            people.c.environment_id == environment_id,
            people.c.erased_at.is_(None),
            or_(people.c.id == user_id, only_theirs, about_them),
        )
        .values(content=None, lookup=None, erased_at=now)
    ).rowcount


def add_erased(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> None:
    """Write an empty row for a user who has none, so that nobody writes one with a name."""
    connection.execute(
        insert_or_nothing(connection, people).values(
            environment_id=environment_id,
            id=user_id,
            user_id=user_id,
            lookup=None,
            content=None,
            erased_at=now,
        )
    )


def _values(environment_id: bytes, person: StoredPerson) -> dict[str, object]:
    return {
        "environment_id": environment_id,
        "id": person.id,
        "user_id": person.user_id,
        "lookup": person.lookup,
        "content": person.content,
    }
