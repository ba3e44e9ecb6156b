"""What an event counts as: once, on its day in UTC, under its kind and one known detail."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.audit import Event, EventKind
from twostep.core.event_counts import DAY_MS, Counted, counted_as, day_of, tally
from twostep.core.messages import MessageState
from twostep.core.sessions import Level


def an_event(kind: EventKind, at: int = 0, **data: object) -> Event:
    return Event(id=bytes(16), environment_id=bytes(16), at=at, kind=kind, data=data)


@pytest.mark.parametrize(
    ("at", "day"), [(0, 0), (DAY_MS - 1, 0), (DAY_MS, 1), (1_775_989_860_000, 20_555)]
)
def test_a_day_begins_at_midnight_utc(at: int, day: int) -> None:
    assert day_of(at) == day


@pytest.mark.parametrize("level", Level)
def test_a_completed_sign_in_counts_by_how_far_it_went(level: Level) -> None:
    event = an_event(EventKind.SIGN_IN_COMPLETED, DAY_MS, level=level.value)
    assert counted_as(event) == Counted(day=1, kind="sign_in:sign_in:completed", detail=level)


@pytest.mark.parametrize("state", MessageState)
def test_a_message_counts_by_what_became_of_it(state: MessageState) -> None:
    event = an_event(EventKind.MESSAGE_SETTLED, result=state.value)
    assert counted_as(event).detail == state.value


@pytest.mark.parametrize("odd", ["", "9", 2, None, ["2"], {"2": "2"}, True])
def test_a_datum_that_is_none_of_those_known_counts_without_a_detail(odd: object) -> None:
    """Whoever owns the database cannot make the table grow, nor stop who seals."""
    assert counted_as(an_event(EventKind.SIGN_IN_COMPLETED, level=odd)).detail == ""


def test_other_kinds_have_no_detail() -> None:
    assert counted_as(an_event(EventKind.CODE_REFUSED, level="2", result="sent")).detail == ""


@given(st.lists(st.tuples(st.sampled_from(EventKind), st.integers(0, 5 * DAY_MS))))
def test_every_event_counts_exactly_once(happened: list[tuple[EventKind, int]]) -> None:
    counted = tally(an_event(kind, at) for kind, at in happened)
    by_hand = Counter((at // DAY_MS, kind.value) for kind, at in happened)
    assert {(each.day, each.kind): number for each, number in counted.items()} == by_hand
