"""When a session ends by itself."""

import pytest

from tests.core.situations import NOW, session
from twostep.core.reasons import Code
from twostep.core.sessions import HOUR, MINUTE, SessionLimits

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
