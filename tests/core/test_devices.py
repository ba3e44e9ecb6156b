"""When a device passes: each rule by itself, to the millisecond, with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.situations import BEGUN, NOW, NUMBERS, device
from twostep.core.devices import (
    CLOCK_SLACK,
    DAY,
    MOST_REMEMBERED,
    PASSES_FOR,
    Changed,
    Device,
    EnvironmentNumbers,
    Passing,
    passing,
)
from twostep.core.generations import Generations
from twostep.core.reasons import Code, because

CHANGED = Changed(password_at=NOW - 2 * DAY, second_step_at=NOW - DAY)


def ask(
    of: Device,
    *,
    later: int = 0,
    days_now: int = 30,
    today: Generations = BEGUN,
    numbers: EnvironmentNumbers = NUMBERS,
) -> Passing:
    """Whether the device passes so many milliseconds from now."""
    return passing(
        of, now=NOW + later, days_now=days_now, today=today, numbers=numbers, changed=CHANGED
    )


def only_five_minutes(**changes: object) -> Device:
    """Not ticked."""
    return device(**{"days_at_issue": None} | changes)


def long_ago(**changes: object) -> Device:
    """Ticked, and the five minutes are over."""
    return device(**{"passes_until": NOW} | changes)


def test_the_numbers_are_those_that_the_documents_promise() -> None:
    """CT-8, AC-84."""
    assert PASSES_FOR == 300_000
    assert MOST_REMEMBERED == 20


@pytest.mark.parametrize(
    ("at_issue", "days_now", "lasts"), [(30, 30, 30), (30, 7, 7), (7, 30, 7), (365, 365, 365)]
)
def test_remembering_lasts_the_smaller_of_the_days_then_and_now(
    at_issue: int, days_now: int, lasts: int
) -> None:
    """AC-27, I-5: to the millisecond, from the right code on."""
    there = device(days_at_issue=at_issue)
    before = ask(there, later=lasts * DAY - 1, days_now=days_now)
    until = NOW + lasts * DAY
    assert before == Passing(passes=True, why=because(Code.DEVICE_REMEMBERED, until=until))
    after = ask(there, later=lasts * DAY, days_now=days_now)
    assert after == Passing(passes=False, why=because(Code.DEVICE_TIME_OVER, until=until))


def test_five_minutes_pass_and_not_a_millisecond_more() -> None:
    """AC-30, CT-8."""
    there = only_five_minutes()
    expected = Passing(passes=True, why=because(Code.DEVICE_PASSES, until=NOW + PASSES_FOR))
    assert ask(there, later=PASSES_FOR - 1) == expected
    after = ask(there, later=PASSES_FOR)
    assert after == Passing(passes=False, why=because(Code.DEVICE_NOT_REMEMBERED))


def test_use_makes_neither_of_them_longer() -> None:
    """AC-30: what decides is when the code was right, not when the browser was here last."""
    used = {"last_used_at": NOW + PASSES_FOR - 1}
    assert not ask(only_five_minutes(**used), later=PASSES_FOR).passes
    used = {"last_used_at": NOW + 30 * DAY - 1}
    assert not ask(long_ago(**used), later=30 * DAY).passes


def test_zero_days_leave_the_five_minutes_and_nothing_else() -> None:
    """I-4: while nothing is remembered, the five minutes stay."""
    voided = replace(NUMBERS, remembering=2)
    assert ask(device(), days_now=0, numbers=voided).why.code is Code.DEVICE_PASSES
    over = ask(device(), later=PASSES_FOR, days_now=0, numbers=voided)
    assert over == Passing(passes=False, why=because(Code.REMEMBERING_SWITCHED_OFF))
    assert ask(long_ago(), days_now=0).why.code is Code.REMEMBERING_SWITCHED_OFF


def test_what_zero_days_have_ended_does_not_come_back_with_thirty() -> None:
    """AC-27: 30, 0, 30."""
    again = ask(long_ago(), days_now=30, numbers=replace(NUMBERS, remembering=2))
    assert again == Passing(passes=False, why=because(Code.REMEMBERING_SWITCHED_OFF))


def test_switched_off_and_on_again_ends_the_five_minutes_too() -> None:
    """CT-11, AC-29."""
    voided = EnvironmentNumbers(remembering=2, off=2)
    assert ask(device(), numbers=voided).why.code is Code.REMEMBERING_SWITCHED_OFF
    assert ask(only_five_minutes(), numbers=voided).why.code is Code.DEVICE_NOT_REMEMBERED


def test_a_forgotten_device_never_passes() -> None:
    """CT-9: whatever else it is."""
    assert ask(device(forgotten_at=NOW)) == Passing(
        passes=False, why=because(Code.DEVICE_FORGOTTEN)
    )


def test_where_no_code_was_ever_right_the_device_is_new() -> None:
    """It is only recognised."""
    there = device(verified_at=None, days_at_issue=None, passes_until=None)
    assert ask(there) == Passing(passes=False, why=because(Code.NEW_DEVICE))
    assert there.remembered_until(days_now=30, numbers=NUMBERS) is None


@pytest.mark.parametrize(
    ("changed", "remembered", "otherwise"),
    [
        ("password", Code.DEVICE_BEFORE_PASSWORD, Code.PASSWORD_CHANGED),
        ("second_step", Code.DEVICE_BEFORE_SECOND_STEP, Code.SECOND_STEP_CHANGED),
        ("installation", Code.INSTALLATION_RESTORED, Code.INSTALLATION_RESTORED),
    ],
)
@pytest.mark.parametrize("number", [0, 2])
def test_another_number_than_the_one_of_then_ends_everything(
    changed: str, remembered: Code, otherwise: Code, number: int
) -> None:
    """AC-26, I-3, I-9: an older number and a newer one alike, and the reason says until when it
    would have lasted.
    """
    today = replace(BEGUN, **{changed: number})
    was_remembered = ask(device(), today=today)
    assert not was_remembered.passes
    assert was_remembered.why.code is remembered
    if remembered is not otherwise:
        assert was_remembered.why.get("until") == NOW + 30 * DAY
        since = CHANGED.password_at if changed == "password" else CHANGED.second_step_at
        assert was_remembered.why.get("changed") == since
    for there in (only_five_minutes(), device(verified_at=NOW - 30 * DAY)):
        assert ask(there, today=today) == Passing(passes=False, why=because(otherwise))


@pytest.mark.parametrize(("ahead", "passes"), [(CLOCK_SLACK, True), (CLOCK_SLACK + 1, False)])
def test_what_was_verified_in_the_future_is_not_believed(ahead: int, passes: bool) -> None:
    """Two nodes may differ by ten seconds; after more, nobody knows how long ago it was."""
    there = device(verified_at=NOW + ahead, passes_until=NOW + ahead + PASSES_FOR)
    assert ask(there).passes is passes
    assert (ask(there).why.code is Code.NEW_DEVICE) is not passes


def test_without_a_time_to_pass_there_are_no_five_minutes() -> None:
    """After a new key in the same browser, the remembering goes on alone."""
    assert ask(device(passes_until=None)).why.code is Code.DEVICE_REMEMBERED
    assert not ask(only_five_minutes(passes_until=None)).passes


few = st.integers(0, 2)
times = st.sampled_from([NOW + d for d in (-31 * DAY, -DAY, -PASSES_FOR, -1, 0, 1, DAY)])
maybe = st.none() | times
generations = st.builds(Generations, installation=few, password=few, second_step=few)
environment = st.builds(EnvironmentNumbers, remembering=few, off=few)
any_device = st.builds(
    device,
    verified_at=maybe,
    days_at_issue=st.none() | st.sampled_from([1, 7, 30]),
    passes_until=maybe,
    forgotten_at=maybe,
    generations=generations,
    numbers=environment,
)


@given(any_device, st.sampled_from([0, 1, 7, 30]), generations, environment)
def test_nothing_passes_but_what_all_rules_let_pass(
    there: Device, days_now: int, today: Generations, numbers: EnvironmentNumbers
) -> None:
    """I-3, I-4, I-5 over any facts at all; and time alone never makes a device pass again."""
    found = ask(there, days_now=days_now, today=today, numbers=numbers)
    if found.passes:
        assert there.forgotten_at is None
        assert there.generations == today
        assert there.verified_at is not None
        in_days = (
            there.days_at_issue is not None
            and there.numbers.remembering == numbers.remembering
            and there.verified_at + min(there.days_at_issue, days_now) * DAY > NOW
        )
        in_minutes = (
            there.passes_until is not None
            and there.numbers.off == numbers.off
            and there.passes_until > NOW
        )
        assert in_days or in_minutes
        until = found.why.get("until")
        assert isinstance(until, int)
        assert until > NOW
    elif there.verified_at is None or there.verified_at <= NOW:
        for later in (1, PASSES_FOR, DAY, 30 * DAY):
            same = ask(there, later=later, days_now=days_now, today=today, numbers=numbers)
            assert not same.passes
