"""What a remembered device changes at a sign-in, and what it never does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import (
    BEGUN,
    NOW,
    both_shown,
    device,
    live,
    password_shown,
    policy,
    shown,
    situation,
    with_key,
)
from twostep.core.devices import PASSES_FOR
from twostep.core.reasons import Code
from twostep.core.sessions import Level
from twostep.core.sign_in import AskFirstStep, AskSecondStep, SetUp, SignedIn, level_of, next_step
from twostep.core.situations import LEVELS, Asked, Pauses, Shown, Situation

MODES = pytest.mark.parametrize("mode", ["optional", "required"])


def on_device(**changes: object) -> Situation:
    """The password was right, in a browser that is remembered."""
    return with_key(password_shown(), **{"shown": shown()} | changes)


@MODES
def test_a_device_that_passes_is_not_asked_and_the_session_says_so(mode: str) -> None:
    """CT-5: level 1r, with the reason that let it pass."""
    step = next_step(on_device(policy=policy(mode)), NOW)
    assert isinstance(step, SignedIn)
    assert step.level is Level.REMEMBERED
    assert [reason.code for reason in step.reasons] == [Code.DEVICE_REMEMBERED]
    passes = device(days_at_issue=None)
    step = next_step(on_device(policy=policy(mode), shown=shown(passes)), NOW)
    assert isinstance(step, SignedIn)
    assert step.reasons[0].code is Code.DEVICE_PASSES
    assert step.reasons[0].get("until") == NOW + PASSES_FOR


@MODES
def test_a_device_that_does_not_pass_is_asked_and_told_why(mode: str) -> None:
    """B-1: the last reason is the device's."""
    there = on_device(policy=policy(mode), shown=shown(device(forgotten_at=NOW)))
    step = next_step(there, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.reasons[-1].code is Code.DEVICE_FORGOTTEN
    assert level_of(there, NOW) is Level.PASSWORD


def test_a_cookie_that_is_nobodys_any_more_is_asked_with_its_own_reason() -> None:
    """R-04: for example a token that was replaced."""
    old = Shown(device=None, days_now=30, numbers=shown().numbers, why_not=Code.DEVICE_OLD_TOKEN)
    step = next_step(on_device(shown=old), NOW)
    assert isinstance(step, AskSecondStep)
    assert step.reasons[-1].code is Code.DEVICE_OLD_TOKEN


def test_without_the_password_a_device_is_worth_nothing() -> None:
    """AC-23."""
    assert isinstance(next_step(replace(on_device(), proofs=()), NOW), AskFirstStep)


def test_a_device_stands_in_for_no_second_step_that_was_never_set_up() -> None:
    """A row that still says that it passes opens no environment that requires a second step."""
    there = situation(password_shown(), policy=policy("required"), shown=shown(), today=BEGUN)
    gone = shown(device(generations=replace(BEGUN, second_step=0)))
    assert isinstance(next_step(replace(there, shown=gone), NOW), SetUp)


def test_where_nobody_is_asked_the_device_makes_no_difference() -> None:
    """CT-11: the level is what the proofs are worth."""
    step = next_step(on_device(policy=policy("off")), NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, step.reasons[0].code) == (Level.PASSWORD, Code.TWO_STEP_OFF)
    nobody_has_one = situation(password_shown(), shown=shown())
    step = next_step(nobody_has_one, NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, step.reasons[0].code) == (Level.PASSWORD, Code.OPTIONAL_AND_NOT_SET_UP)


def test_a_code_in_this_sign_in_counts_for_more_than_the_device() -> None:
    """I-13."""
    step = next_step(both_shown(shown=shown()), NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, step.reasons[0].code) == (Level.SECOND_STEP, Code.BOTH_STEPS_PROVEN)


def test_an_act_that_asks_for_the_second_step_asks_a_remembered_device_too() -> None:
    """AC-30, R-19: what is remembered is no proof, and neither are the five minutes."""
    by_level = Asked(level=Level.SECOND_STEP, act="turn_off")
    by_age = Asked(greatest_age=5 * 60_000, act="turn_off")
    for asked in (by_level, by_age):
        assert isinstance(next_step(on_device(asked=asked), NOW), AskSecondStep)
        in_session = live(on_device(asked=asked), level=Level.REMEMBERED)
        assert isinstance(next_step(in_session, NOW), AskSecondStep)


def test_a_pause_of_codes_does_not_keep_a_remembered_device_out() -> None:
    """AC-22: a stranger's wrong codes pause codes, and here none is asked."""
    there = on_device(pauses=Pauses(codes_until=NOW + 1, codes_stopped=True))
    assert isinstance(next_step(there, NOW), SignedIn)


@pytest.mark.parametrize("level", list(Level))
def test_a_live_session_keeps_its_label_and_never_rises_by_itself(level: Level) -> None:
    """I-13: one that had a second step which is gone is worth the password."""
    step = next_step(live(with_key(password_shown()), level=level), NOW)
    assert isinstance(step, SignedIn)
    gone = level in LEVELS.values()
    assert step.level is (Level.PASSWORD if gone else level)
