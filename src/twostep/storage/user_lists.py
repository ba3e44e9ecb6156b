"""Lists of users, page by page, in SQL: as quick for a million users as for a thousand.

One thing that is asked is one stretch of an index, in the list's order, and a page reads as many
rows as it shows. Where several things are asked at once, of which one is rare, those few users are
read and sorted (``FEW``). Where none is rare, the list is walked along one of them, and whoever
does not fit the others is passed over: at most ``MOST_LOOKED_AT`` for one page, which then says
where it stopped. So no page reads more than that, whatever was asked and whoever asked it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, literal, select

from twostep.core.user_filters import Wanted
from twostep.core.users import SecondStep, User
from twostep.storage.database import Connection
from twostep.storage.tables import search_terms, users
from twostep.storage.user_list_reading import (
    Bound,
    Place,
    Reading,
    last_of,
    next_users,
    of_users,
    stretches,
    together,
)
from twostep.storage.user_list_ways import Order, Way, first_term, order_of, starts_with, ways_of
from twostep.storage.users import from_row

__all__ = ["FEW", "MOST_LOOKED_AT", "Found", "Listed", "Place", "page", "place_of"]

FEW: Final = 2_000
"""So many users are read and sorted for each page, rather than walked past."""

MOST_LOOKED_AT: Final = 10_000
"""Users who are looked at for one page: a few hundredths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One user of a list, with what is noted of them. ``locked_until`` (ms) is a hint: the counters
    know.
    """

    user: User
    second_step: SecondStep
    last_sign_in_at: int | None
    locked_until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Users in the list's order. ``stopped``: as many were looked at as one page may; from there
    on there may be more.
    """

    rows: Sequence[Listed]
    stopped: Place | None = None


def page(
    connection: Connection,
    environment_id: bytes,
    wanted: Wanted,
    *,
    now: int,
    place: Place | None = None,
    backwards: bool = False,
    most: int,
) -> Found:
    """At most so many users beyond a place; or the last ones before it, the nearest first.

    A place that is nowhere any more, because its user is gone or called otherwise, is before
    everybody.
    """
    order = order_of(wanted)
    ways = ways_of(environment_id, wanted, now)
    word = next((way.word for way in ways if way.leads is Order.WORD), "")
    reading = Reading(connection, environment_id, order, word, order.falls is not backwards, most)
    bound = None if place is None else reading.keys_of(place)
    if bound is None and backwards:
        return Found(rows=())
    leading = next((way for way in ways if way.leads is order), None)
    rare = _rarest(reading, ways)
    if rare is not None and rare is not leading:
        return _among_few(reading, rare, [way for way in ways if way is not rare], bound)
    return _walk(reading, leading, [way for way in ways if way is not leading], bound)


def place_of(wanted: Wanted, row: Listed) -> Place:
    """Where this user stands in the list."""
    by_sign_in = order_of(wanted) in (Order.LONGEST_AWAY, Order.NEWEST)
    return Place(user_id=row.user.id, signed_in_at=row.last_sign_in_at if by_sign_in else None)


def _rarest(reading: Reading, ways: Sequence[Way]) -> Way | None:
    """The one of several ways by which the fewest users are found, where these are few. One alone
    need not be asked: it leads, or is about a person.
    """
    if len(ways) < 2:
        return next(iter(ways), None)
    counted = [(_count(reading, way), way) for way in ways]
    number, way = min(counted, key=lambda each: each[0])
    return way if number <= FEW else None


def _count(reading: Reading, way: Way) -> int:
    """How many users this finds; of more than ``FEW`` nobody is counted beyond the next one."""
    found = [
        select(literal(1).label("one")).where(condition).limit(FEW + 1).subquery()
        for condition in stretches(reading, way)
    ]
    counts = (select(func.count()).select_from(some) for some in found)
    return sum(reading.connection.execute(count).scalar_one() for count in counts)


def _among_few(reading: Reading, rare: Way, others: Sequence[Way], bound: Bound | None) -> Found:
    """Read the few whom one thing finds, ask the others of each, and sort whoever is left."""
    if rare.word:
        terms = select(search_terms.c.user_id).where(starts_with(reading.environment_id, rare.word))
        strands: tuple[ColumnElement[bool], ...] = (users.c.id.in_(terms.limit(FEW + 1)),)
    else:
        strands = rare.strands
    every = [of_users(reading, strand).limit(FEW + 1) for strand in strands]
    few = together(every).subquery()
    fitting = select(few).where(*(way.fits(few.c) for way in others))
    if reading.order is Order.WORD:
        term = first_term(reading.environment_id, reading.word, few.c.id).correlate(few)
        fitting = fitting.add_columns(term.scalar_subquery().label("term"))
    found = fitting.subquery()
    query = reading.sorted(select(found).where(*reading.beyond(found.c, bound)), found.c)
    return Found(rows=_rows(reading, query.limit(reading.most)))


def _walk(
    reading: Reading, leading: Way | None, others: Sequence[Way], bound: Bound | None
) -> Found:
    """Go along the list, and pass over whoever does not fit."""
    rows: list[Listed] = []
    step, left = reading.most * (4 if others else 1), MOST_LOOKED_AT
    while True:
        step = min(step, left)
        some, c = next_users(reading, leading, bound, step, all_fit=not others)
        fitting = some.where(*(way.fits(c) for way in others))
        rows += _rows(reading, fitting.limit(reading.most - len(rows)))
        if not others or len(rows) == reading.most:
            return Found(rows=rows)
        last = last_of(reading, leading, bound, step)
        if last is None or last.number < step:
            return Found(rows=rows)
        left -= step
        bound = tuple(last)[:-2]
        if left == 0:
            return Found(rows=rows, stopped=_stopped(reading, last))
        step *= 4


def _stopped(reading: Reading, last: Row[Any]) -> Place:
    by_sign_in = reading.order in (Order.LONGEST_AWAY, Order.NEWEST)
    return Place(user_id=last.who, signed_in_at=last.last_sign_in_at if by_sign_in else None)


def _rows(reading: Reading, query: Select[Any]) -> list[Listed]:
    return [
        Listed(
            user=from_row(row),
            second_step=SecondStep(row.second_step),
            last_sign_in_at=row.last_sign_in_at,
            locked_until=row.locked_until,
        )
        for row in reading.connection.execute(query)
    ]
