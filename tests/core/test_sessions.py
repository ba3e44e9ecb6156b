"""When a session ends by itself."""

from dataclasses import replace

import pytest

from tests.core.situations import NOW, both_shown, live, session
from twostep.core.reasons import Code, because
from twostep.core.sessions import HOUR, MINUTE, SessionLimits
from twostep.core.sign_in import Refused, SignedIn, next_step

LIMITS = SessionLimits()


def test_the_defaults_are_an_hour_without_use_and_twelve_in_all() -> None:
    assert (LIMITS.idle, LIMITS.absolute) == (60 * MINUTE, 12 * HOUR)


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (0, None),
        (60 * MINUTE - 1, None),
        (60 * MINUTE, Code.SESSION_IDLE),
        (12 * HOUR, Code.SESSION_OVER),
    ],
)
def test_a_session_that_nobody_uses_ends(later: int, why: Code | None) -> None:
    assert session().over(limits=LIMITS, now=NOW + later) is why


@pytest.mark.parametrize(("later", "why"), [(-1, None), (0, Code.SESSION_OVER)])
def test_use_does_not_move_the_absolute_end(later: int, why: Code | None) -> None:
    now = NOW + 12 * HOUR + later
    assert session(last_used_at=now).over(limits=LIMITS, now=now) is why


def test_what_was_ended_is_over_at_once() -> None:
    """Even where the end stands in the future, after a clock was set back."""
    assert session(ended_at=NOW + HOUR).over(limits=LIMITS, now=NOW) is Code.ENDED


def test_a_clock_that_was_set_back_moves_no_end() -> None:
    there = session(last_used_at=NOW + HOUR)
    assert there.over(limits=LIMITS, now=NOW - HOUR) is None
    assert there.over(limits=LIMITS, now=NOW + 12 * HOUR) is Code.SESSION_OVER


def test_tighter_limits_hold_for_sessions_that_began_under_wider_ones() -> None:
    tight = SessionLimits(idle=MINUTE, absolute=HOUR)
    assert session().over(limits=tight, now=NOW + MINUTE) is Code.SESSION_IDLE
    used = session(last_used_at=NOW + HOUR)
    assert used.over(limits=tight, now=NOW + HOUR) is Code.SESSION_OVER


def test_a_session_that_outlasts_its_browser_ends_where_the_installations_switch_is_on() -> None:
    """CS-5. The others go on, and one that had ended before is told the reason all the same."""
    overruled = SessionLimits(lasting=False)
    lasting = session(lasts_until=NOW + 12 * HOUR)
    assert lasting.over(limits=LIMITS, now=NOW) is None
    assert lasting.over(limits=overruled, now=NOW) is Code.LASTING_OVERRULED
    assert session().over(limits=overruled, now=NOW) is None
    ended = session(lasts_until=NOW + 12 * HOUR, ended_at=NOW)
    assert ended.over(limits=overruled, now=NOW) is Code.LASTING_OVERRULED
    assert ended.over(limits=LIMITS, now=NOW) is Code.ENDED


def test_a_lasting_session_ends_by_the_limits_of_all_sessions() -> None:
    lasting = session(lasts_until=NOW + 24 * HOUR)
    assert lasting.over(limits=LIMITS, now=NOW + HOUR) is Code.SESSION_IDLE
    assert lasting.over(limits=LIMITS, now=NOW + 12 * HOUR) is Code.SESSION_OVER


@pytest.mark.parametrize(
    ("wanted", "allowed", "until"),
    [(True, True, NOW + 2 * HOUR), (True, False, None), (False, True, None), (False, False, None)],
)
def test_a_cookie_lasts_for_whoever_wants_it_where_nothing_overrules(
    wanted: bool, allowed: bool, until: int | None
) -> None:
    limits = SessionLimits(absolute=2 * HOUR, lasting=allowed)
    assert limits.lasts_until(wanted=wanted, started_at=NOW) == until


def test_the_one_function_that_decides_refuses_it_with_its_own_reason() -> None:
    """CS-5: every door asks it."""
    facts = live(both_shown(), lasts_until=NOW + HOUR)
    assert isinstance(next_step(facts, NOW), SignedIn)
    assert facts.live is not None
    switched_on = replace(facts.live, limits=SessionLimits(lasting=False))
    step = next_step(replace(facts, live=switched_on), NOW)
    assert step == Refused((because(Code.LASTING_OVERRULED),))
