"""What the report of a day is made from, in SQL: people in the order of their ids, piece by piece.

Events about somebody's second step are a few for each user, among millions of others: an index of
these kinds alone leads to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select

from twostep.core.audit import EventKind, data_from_text
from twostep.core.sessions import Level
from twostep.core.two_step_reports import Change, Today
from twostep.storage.database import Connection
from twostep.storage.tables import TWO_STEP_KINDS, authenticators, events, users


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonToday:
    """A user as they are now. ``made_at`` in milliseconds."""

    id: bytes
    name: str
    made_at: int
    today: Today


def people(
    connection: Connection, environment_id: bytes, after: bytes, *, most: int
) -> Sequence[PersonToday]:
    """Users in the order of their ids, beginning after the id ``after``."""
    rows = connection.execute(
        select(
            users.c.id,
            users.c.name,
            users.c.made_at,
            users.c.codes_wanted_at,
            authenticators.c.confirmed_at,
        )
        .select_from(
            users.outerjoin(
                authenticators,
                and_(
                    authenticators.c.environment_id == users.c.environment_id,
                    authenticators.c.user_id == users.c.id,
                    authenticators.c.state == "active",
                ),
            )
        )
        .where(users.c.environment_id == environment_id, users.c.id > after)
        .order_by(users.c.id)
        .limit(most)
    )
    return [
        PersonToday(
            id=row.id,
            name=row.name,
            made_at=row.made_at,
            today=Today(app_since=row.confirmed_at, codes_since=row.codes_wanted_at),
        )
        for row in rows
    ]


def more_people_than(connection: Connection, environment_id: bytes, number: int) -> bool:
    """Whether the environment has more users than so many."""
    beyond = (
        select(users.c.id)
        .where(users.c.environment_id == environment_id)
        .order_by(users.c.id)
        .offset(number)
        .limit(1)
    )
    return connection.execute(beyond).first() is not None


def changes(
    connection: Connection, environment_id: bytes, after: bytes, until: bytes | None
) -> Mapping[bytes, Sequence[Change]]:
    """What changed about the second step of the users with ids behind ``after``, up to ``until``
    (None: to the end), each in order.
    """
    query = (
        select(events.c.target_id, events.c.happened_at, events.c.kind)
        .where(
            events.c.environment_id == environment_id, TWO_STEP_KINDS, events.c.target_id > after
        )
        .order_by(events.c.target_id, events.c.happened_at, events.c.id)
    )
    if until is not None:
        query = query.where(events.c.target_id <= until)
    found: dict[bytes, list[Change]] = {}
    for row in connection.execute(query):
        change = Change(at=row.happened_at, kind=EventKind(row.kind))
        found.setdefault(row.target_id, []).append(change)
    return found


def sign_ins_by_level(
    connection: Connection, environment_id: bytes, *, from_at: int, to_at: int
) -> Mapping[Level, int]:
    """How many sign-ins were completed between these moments, by what they earned."""
    # The one spelling of an event's data makes its text as good as a column.
    counted = {
        level: func.sum(case((events.c.data.contains(f'"level":"{level.value}"'), 1), else_=0))
        for level in Level
    }
    row = connection.execute(
        select(*(count.label(level.name) for level, count in counted.items())).where(
            events.c.environment_id == environment_id,
            events.c.kind == EventKind.SIGN_IN_COMPLETED.value,
            events.c.happened_at >= from_at,
            events.c.happened_at < to_at,
        )
    ).one()
    return {level: int(getattr(row, level.name) or 0) for level in Level}


def begins_at(connection: Connection, environment_id: bytes) -> int | None:
    """From which moment on (ms) the log is whole; None: from its beginning."""
    text = connection.execute(
        select(events.c.data)
        .where(
            events.c.environment_id == environment_id,
            events.c.kind == EventKind.AUDIT_TRIMMED.value,
        )
        .order_by(events.c.happened_at.desc(), events.c.id.desc())
        .limit(1)
    ).scalar()
    before = None if text is None else data_from_text(text).get("before")
    return before if isinstance(before, int) else None
