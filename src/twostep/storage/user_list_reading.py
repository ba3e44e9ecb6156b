"""A list of users that is being read, in one direction: its order, and its next stretch, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    select,
    tuple_,
    union_all,
)

from twostep.storage.database import Connection
from twostep.storage.tables import search_terms, users
from twostep.storage.user_list_ways import Columns, Order, Way, first_term, starts_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended: at this user. ``signed_in_at``: where the list is in the order of the
    last sign-in; theirs as it was, or whoever signs in would take the place with them.
    """

    user_id: bytes
    signed_in_at: int | None = None


Bound = tuple[Any, ...]
"""The sort keys of a place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One list that is being read, in one direction. ``word``: the one that leads it."""

    connection: Connection
    environment_id: bytes
    order: Order
    word: str
    falls: bool
    most: int

    def keys(self, c: Columns) -> list[ColumnElement[Any]]:
        """What the list is sorted by."""
        match self.order:
            case Order.NAME:
                return [c.name_key]
            case Order.WORD:
                return [c.term, c.name_key]
            case Order.LONGEST_AWAY | Order.NEWEST:
                return [c.last_sign_in_at, c.name_key]

    def sorted(self, query: Select[Any], c: Columns, *, same: str | None = None) -> Select[Any]:
        """The query in the order of the list."""
        keys = [*([c[same]] if same else []), *self.keys(c)]
        return query.order_by(*(key.desc() if self.falls else key for key in keys))

    def beyond(self, c: Columns, bound: Bound | None) -> list[ColumnElement[bool]]:
        """What lies beyond a place."""
        if bound is None:
            return []
        keys = self.keys(c)
        one, other = (keys[0], bound[0]) if len(keys) == 1 else (tuple_(*keys), tuple_(*bound))
        return [one < other if self.falls else one > other]

    def keys_of(self, place: Place) -> Bound | None:
        """The keys of a place, or None where it is nowhere any more."""
        whose = (users.c.environment_id == self.environment_id, users.c.id == place.user_id)
        row = self.connection.execute(select(users.c.name_key).where(*whose)).first()
        if self.order in (Order.LONGEST_AWAY, Order.NEWEST):
            return (place.signed_in_at or 0, "" if row is None else row.name_key)
        if row is None:
            return None
        if self.order is Order.NAME:
            return (row.name_key,)
        found = first_term(self.environment_id, self.word, place.user_id)
        term = self.connection.execute(found).scalar()
        return None if term is None else (term, row.name_key)


def stretches(reading: Reading, way: Way) -> list[ColumnElement[bool]]:
    """The stretches of indexes where whoever this finds stands."""
    if way.word:
        return [starts_with(reading.environment_id, way.word)]
    return [and_(users.c.environment_id == reading.environment_id, each) for each in way.strands]


def next_users(
    reading: Reading, leading: Way | None, bound: Bound | None, number: int, *, all_fit: bool
) -> tuple[Select[Any], Columns]:
    """The next so many users of the list, in its order, and their columns: to be narrowed down,
    unless ``all_fit``.
    """
    stretch = _stretch(reading, leading, bound, number)
    if all_fit and reading.order is not Order.WORD:
        return stretch, users.c
    some = stretch.subquery()
    if reading.order is not Order.WORD:
        return reading.sorted(select(some), some.c), some.c
    whose = and_(users.c.environment_id == reading.environment_id, users.c.id == some.c.user_id)
    query = select(users, some.c.term).select_from(some.join(users, whose))
    return reading.sorted(query, some.c), users.c


def _stretch(
    reading: Reading, leading: Way | None, bound: Bound | None, number: int
) -> Select[Any]:
    """The same, of users or of the words that found them, read from one index."""
    if reading.order is Order.WORD:
        query = _of_words(reading).where(*reading.beyond(search_terms.c, bound))
        return reading.sorted(query, search_terms.c).limit(number)
    same = leading.same if leading else None
    strands = leading.strands if leading else (users.c.id.is_not(None),)
    every = [
        reading.sorted(
            of_users(reading, strand).where(*reading.beyond(users.c, bound)), users.c, same=same
        ).limit(number)
        for strand in strands
    ]
    if len(every) == 1:
        return every[0]
    some = together(every).subquery()
    return reading.sorted(select(some), some.c).limit(number)


def last_of(
    reading: Reading, leading: Way | None, bound: Bound | None, number: int
) -> Row[Any] | None:
    """Where such a stretch ends, and how many users it has."""
    some = _stretch(reading, leading, bound, number).subquery()
    who = some.c.user_id if reading.order is Order.WORD else some.c.id
    counted = select(func.count()).select_from(some).scalar_subquery()
    keys = reading.keys(some.c)
    query = select(*keys, who.label("who"), counted.label("number"))
    backwards = query.order_by(*(key if reading.falls else key.desc() for key in keys)).limit(1)
    found: Any = reading.connection.execute(backwards).first()
    return cast("Row[Any] | None", found)


def of_users(reading: Reading, strand: ColumnElement[bool]) -> Select[Any]:
    """The users of the environment who fit a strand."""
    return select(users).where(users.c.environment_id == reading.environment_id, strand)


def _of_words(reading: Reading) -> Select[Any]:
    """Each user once: at the first of their words that begins so."""
    earlier = search_terms.alias("earlier")
    found_before = select(earlier.c.term).where(
        earlier.c.environment_id == reading.environment_id,
        earlier.c.user_id == search_terms.c.user_id,
        earlier.c.term >= reading.word,
        earlier.c.term < search_terms.c.term,
    )
    return select(search_terms.c.term, search_terms.c.name_key, search_terms.c.user_id).where(
        starts_with(reading.environment_id, reading.word),
        ~exists(found_before.correlate(search_terms)),
    )


def together(every: Sequence[Select[Any]]) -> Any:
    """The rows of all of these, each of which has a limit of its own."""
    if len(every) == 1:
        return every[0]
    return union_all(*(select(each.subquery()) for each in every))
