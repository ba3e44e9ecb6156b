"""How a list of users is read: by which index, in which order, and what is asked of each row.

A list has one order, which follows from what is asked and never from what there is: by name; by the
word that was found; by the last sign-in. Pages fit together whatever is added meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from twostep.core.user_filters import UserState, Wanted
from twostep.storage.tables import contacts, search_terms, users

Columns = Any
"""The columns of ``users``, or of a query that has the same."""

LAST_CHARACTER = "\U0010ffff"
"""Stands in no name: ``core.users.name_key`` drops it."""


class Order(Enum):
    """In which order a list is read."""

    NAME = auto()
    WORD = auto()
    """By the first of the user's words that was found, so that a whole word comes before longer
    ones; then by name."""
    LONGEST_AWAY = auto()
    NEWEST = auto()

    @property
    def falls(self) -> bool:
        """Whether it goes from the greatest to the least."""
        return self is Order.NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One thing that is asked of a user, which an index finds.

    ``strands``: whoever fits one of them, and nobody fits two; each is one stretch of an index that
    is in the order ``leads``. Empty: a way by a word, which is read from ``search_terms``.
    ``fits`` asks the same of one row. ``same``: a column that is null in all rows, and by which its
    index is ordered first: PostgreSQL must be told that this changes nothing.
    """

    leads: Order | None
    strands: tuple[ColumnElement[bool], ...]
    fits: Callable[[Columns], ColumnElement[bool]]
    word: str = ""
    same: str | None = None


def order_of(wanted: Wanted) -> Order:
    """In which order this list is."""
    if wanted.words:
        return Order.WORD
    if wanted.signed_in_from is not None:
        return Order.NEWEST
    return Order.NAME if wanted.signed_in_before is None else Order.LONGEST_AWAY


def ways_of(environment_id: bytes, wanted: Wanted, now: int) -> Sequence[Way]:
    """All that is asked. Those that can lead in the list's order go first, the rarest before."""
    ways = [
        *_by_person(environment_id, wanted),
        # Of "ann lee" the last word leads: whoever is called Lee stands in the order of user names,
        # which often begin with the first name, so the Anns among them stand together.
        *(_by_word(environment_id, word) for word in reversed(wanted.words)),
    ]
    if wanted.state is not None:
        state = wanted.state
        ways.append(_simple(Order.NAME, lambda c: _in_state(c, state, now)))
    if wanted.never_signed_in:
        never = _simple(Order.NAME, lambda c: c.last_sign_in_at.is_(None))
        ways.append(replace(never, same="last_sign_in_at"))
    if wanted.signed_in_from is not None:
        since = wanted.signed_in_from
        ways.append(_simple(Order.NEWEST, lambda c: c.last_sign_in_at >= since))
    if wanted.signed_in_before is not None:
        before = wanted.signed_in_before
        ways.append(_simple(Order.LONGEST_AWAY, lambda c: c.last_sign_in_at < before))
    if wanted.second_steps:
        steps = sorted(step.value for step in wanted.second_steps)
        strands = tuple(users.c.second_step == step for step in steps)
        fits = lambda c: c.second_step.in_(steps)  # noqa: E731
        ways.append(Way(leads=Order.NAME, strands=strands, fits=fits))
    return ways


def starts_with(environment_id: bytes, word: str) -> ColumnElement[bool]:
    """The stretch of ``search_terms`` that begins with a word."""
    return and_(
        search_terms.c.environment_id == environment_id,
        search_terms.c.term >= word,
        search_terms.c.term < word + LAST_CHARACTER,
    )


def first_term(environment_id: bytes, word: str, user_id: Columns) -> Any:
    """The first of a user's words that begins so, where there is one: the place in ``Order.WORD``.
    A scalar query, to be correlated with the one around it.
    """
    return select(func.min(search_terms.c.term)).where(
        starts_with(environment_id, word), search_terms.c.user_id == user_id
    )


def _simple(leads: Order, fits: Callable[[Columns], ColumnElement[bool]]) -> Way:
    return Way(leads=leads, strands=(fits(users.c),), fits=fits)


def _by_word(environment_id: bytes, word: str) -> Way:
    def fits(c: Columns) -> ColumnElement[bool]:
        found = select(search_terms.c.term).where(
            starts_with(environment_id, word), search_terms.c.user_id == c.id
        )
        return exists(found.correlate(c.id.table))

    return Way(leads=Order.WORD, strands=(), fits=fits, word=word)


def _by_person(environment_id: bytes, wanted: Wanted) -> list[Way]:
    """Whoever is meant by a user name or an address: never many, so these lead in no order."""
    meant: list[Callable[[Columns], ColumnElement[bool]]] = []
    if wanted.user_id is not None:
        meant.append(lambda c: c.id == wanted.user_id)
    if wanted.address_hash is not None:
        having = select(contacts.c.user_id).where(
            contacts.c.environment_id == environment_id,
            contacts.c.address_hash == wanted.address_hash,
        )
        meant.append(lambda c: and_(c.id.in_(having), c.id != (wanted.user_id or b"")))
    strands = tuple(each(users.c) for each in meant)
    fits = lambda c: or_(*(each(c) for each in meant))  # noqa: E731
    return [Way(leads=None, strands=strands, fits=fits)] if meant else []


def _in_state(c: Columns, state: UserState, now: int) -> ColumnElement[bool]:
    """The first condition of each is the one of its index, which holds nobody else."""
    match state:
        case UserState.LOCKED:
            return and_(c.locked_until.is_not(None), c.locked_until > now)
        case UserState.PAUSED:
            until = c.two_step_paused_until
            return and_(until.is_not(None), until > now, c.two_step_paused_at <= now)
        case UserState.DISABLED:
            disabled: ColumnElement[bool] = c.disabled_at.is_not(None)
            return disabled
        case _:
            assert_never(state)
