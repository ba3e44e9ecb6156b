"""*At once*: which live sessions must prove more, and what is asked of them (CT-12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import (
    NOW,
    OTHER_KEY,
    both_shown,
    code_shown,
    live,
    password_shown,
    policy,
    situation,
    with_key,
)
from twostep.core.policies import Policy
from twostep.core.reasons import Code
from twostep.core.sign_in import (
    FRESH_FOR,
    AskFirstStep,
    AskSecondStep,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
    next_step,
)

AT_ONCE = replace(policy("required"), at_once_at=NOW)
LATER = replace(policy("required"), at_once_at=NOW - 1)
"""Ticked before the session of these tests began, which is at NOW."""


def codes(step: NextStep) -> list[Code]:
    return [reason.code for reason in step.reasons]


@pytest.mark.parametrize("held", [policy("required"), LATER])
def test_a_live_session_finishes_unless_it_began_before_the_tick(held: Policy) -> None:
    step = next_step(live(with_key(password_shown(), policy=held)), NOW)
    assert isinstance(step, SignedIn)
    assert codes(step) == [Code.SESSION_GOES_ON]


def test_whoever_has_a_second_step_and_has_not_shown_it_is_asked_for_it() -> None:
    """AC-28: also where the session began by a remembered device."""
    step = next_step(live(with_key(password_shown(), policy=AT_ONCE)), NOW)
    assert isinstance(step, AskSecondStep)
    assert codes(step)[0] is Code.REQUIRED_HERE


def test_a_session_that_has_shown_both_goes_on() -> None:
    assert isinstance(next_step(live(both_shown(policy=AT_ONCE)), NOW), SignedIn)


def test_a_code_of_a_key_that_is_gone_is_asked_again() -> None:
    shown = with_key(password_shown(), code_shown(key=OTHER_KEY), policy=AT_ONCE)
    assert isinstance(next_step(live(shown), NOW), AskSecondStep)


@pytest.mark.parametrize("age", [0, FRESH_FOR])
def test_whoever_has_none_sets_one_up_with_a_password_of_the_last_five_minutes(age: int) -> None:
    shown = situation(password_shown(at=NOW - age), policy=AT_ONCE)
    step = next_step(live(shown), NOW)
    assert isinstance(step, SetUp)
    assert codes(step) == [Code.REQUIRED_HERE, Code.NOT_SET_UP_YET]


@pytest.mark.parametrize("age", [FRESH_FOR + 1, -1])
def test_with_an_older_password_it_is_asked_first(age: int) -> None:
    """Nobody who finds, or steals, a session may enrol a phone of their own (R-20)."""
    shown = situation(password_shown(at=NOW - age), policy=AT_ONCE)
    step = next_step(live(shown), NOW)
    assert isinstance(step, AskFirstStep)
    assert codes(step)[-1] is Code.PROOF_TOO_OLD


def test_in_a_sign_in_the_age_of_the_password_does_not_matter() -> None:
    """It waits for as long as somebody needs who installs an app."""
    shown = situation(password_shown(at=NOW - 2 * FRESH_FOR), policy=AT_ONCE)
    assert isinstance(next_step(shown, NOW), SetUp)


def test_a_session_that_is_over_is_over() -> None:
    ended = live(situation(password_shown(), policy=AT_ONCE), ended_at=NOW)
    assert isinstance(next_step(ended, NOW), Refused)


def test_where_it_is_not_required_any_more_a_session_goes_on() -> None:
    loosened = replace(policy("optional"), at_once_at=None)
    assert isinstance(next_step(live(with_key(password_shown(), policy=loosened)), NOW), SignedIn)
