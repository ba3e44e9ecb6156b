"""Who had a second step on a day: exact where the log reaches, and honest where it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.audit import EventKind
from twostep.core.two_step_reports import CHANGES, NOBODY, Change, Had, Today, had_at

SET_UP, REPLACED = EventKind.AUTHENTICATOR_SET_UP, EventKind.AUTHENTICATOR_REPLACED
OFF, REMOVED = EventKind.AUTHENTICATOR_REMOVED, EventKind.TWO_STEP_REMOVED
ON_CODES, OFF_CODES = EventKind.CODES_TURNED_ON, EventKind.CODES_TURNED_OFF
ERASED = EventKind.USER_ERASED


def changes(*kinds: EventKind) -> list[Change]:
    """The first at 10, the second at 20, and so on."""
    return [Change(at=10 * place, kind=kind) for place, kind in enumerate(kinds, start=1)]


@pytest.mark.parametrize(
    ("kinds", "moment", "had"),
    [
        ((SET_UP,), 10, Had.NONE),
        ((SET_UP,), 11, Had.APP),
        ((SET_UP, REPLACED), 21, Had.APP),
        ((SET_UP, OFF), 20, Had.APP),
        ((SET_UP, OFF), 21, Had.NONE),
        ((SET_UP, REMOVED), 20, Had.APP),
        ((SET_UP, REMOVED), 21, Had.NONE),
        ((SET_UP, REMOVED, SET_UP), 31, Had.APP),
        ((ON_CODES,), 10, Had.NONE),
        ((ON_CODES,), 11, Had.CODES),
        ((ON_CODES, SET_UP), 21, Had.BOTH),
        ((ON_CODES, SET_UP, OFF_CODES), 31, Had.APP),
        ((ON_CODES, SET_UP, OFF), 31, Had.CODES),
        ((ON_CODES, SET_UP, REMOVED), 31, Had.NONE),
        ((SET_UP, ERASED), 20, Had.APP),
        ((SET_UP, ERASED), 21, Had.NONE),
    ],
)
def test_the_last_change_before_a_moment_decides(
    kinds: tuple[EventKind, ...], moment: int, had: Had
) -> None:
    assert had_at(moment, changes(*kinds), NOBODY) is had


@pytest.mark.parametrize(
    ("first", "had"),
    [
        (SET_UP, Had.NONE),
        (REPLACED, Had.APP),
        (OFF, Had.APP),
        (ON_CODES, Had.NONE),
        (OFF_CODES, Had.CODES),
        (REMOVED, Had.UNKNOWN),
        (ERASED, Had.NONE),
    ],
)
def test_where_retention_has_taken_what_was_before_the_first_change_after_it_tells(
    first: EventKind, had: Had
) -> None:
    assert had_at(5, changes(first), NOBODY) is had


def test_who_never_changed_since_is_known_from_what_they_have_today() -> None:
    assert had_at(100, [], Today(app_since=3)) is Had.APP
    assert had_at(100, [], Today(codes_since=3)) is Had.CODES
    assert had_at(100, [], Today(app_since=3, codes_since=3)) is Had.BOTH
    assert had_at(3, [], Today(app_since=3, codes_since=3)) is Had.NONE
    assert had_at(100, [], NOBODY) is Had.NONE


def test_what_was_removed_later_is_known_where_one_of_both_is() -> None:
    """They turned codes on later, so what was removed was an app, or both."""
    assert had_at(5, changes(OFF_CODES, REMOVED), NOBODY) is Had.CODES


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=8), st.integers(0, 90))
def test_the_end_of_the_log_agrees_with_any_later_moment(
    kinds: list[EventKind], after: int
) -> None:
    found = changes(*kinds)
    end = 10 * len(kinds) + 1
    assert had_at(end, found, NOBODY) is had_at(end + after, found, NOBODY)
