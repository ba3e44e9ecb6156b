"""What a typed code is worth: the window, replays, and clocks that are off."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core import authenticators
from twostep.core.authenticators import (
    CODES_VALID_AT_ONCE,
    NEW_KEY,
    NO_STEP,
    Accepted,
    Algorithm,
    AlreadyUsed,
    ClockOff,
    Match,
    NoMatch,
    Parameters,
    code_at,
    match_code,
    step_at,
)

KEY = b"12345678901234567890"
STEP = 58_000_000
NOW = STEP * 30_000 + 12_345


def match(
    code: str,
    *,
    now: int = NOW,
    last_step: int = NO_STEP,
    spent: tuple[int, ...] = (),
    parameters: Parameters = NEW_KEY,
) -> Match:
    return match_code(KEY, code, now=now, parameters=parameters, last_step=last_step, spent=spent)


def shown(step: int) -> str:
    return code_at(KEY, step, NEW_KEY)


# --- steps and parameters


def test_a_step_lasts_thirty_seconds_to_the_millisecond() -> None:
    assert step_at(29_999, NEW_KEY) == 0
    assert step_at(30_000, NEW_KEY) == 1


@pytest.mark.parametrize(
    ("digits", "period"), [(5, 30), (9, 30), (6, 14), (6, 121), (0, 30), (6, 0), (6, -30)]
)
def test_parameters_outside_the_sources_are_refused(digits: int, period: int) -> None:
    with pytest.raises(ValueError, match=r"6, 7 or 8 digits|15 to 120 seconds"):
        Parameters(algorithm=Algorithm.SHA1, digits=digits, period_seconds=period)


@pytest.mark.parametrize(("digits", "period"), [(6, 15), (8, 120)])
def test_parameters_at_the_edges_are_allowed(digits: int, period: int) -> None:
    Parameters(algorithm=Algorithm.SHA512, digits=digits, period_seconds=period)


# --- the window


@pytest.mark.parametrize("distance", [-1, 0, 1])
def test_a_code_of_the_step_before_now_and_after_is_accepted(distance: int) -> None:
    assert match(shown(STEP + distance)) == Accepted(step=STEP + distance)


@pytest.mark.parametrize("distance", range(2, 12))
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_code_up_to_ten_steps_outside_the_window_says_how_far_the_clock_is_off(
    distance: int, sign: int
) -> None:
    found = match(shown(STEP + sign * distance))
    assert isinstance(found, ClockOff)
    assert found.step == STEP + sign * distance
    assert found.slow == (sign < 0)
    assert found.seconds == distance * 30
    assert found.minutes == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6][distance - 2]


@pytest.mark.parametrize("distance", [-13, -12, 12, 13, 1000])
def test_a_code_farther_off_is_just_wrong(distance: int) -> None:
    assert match(shown(STEP + distance)) == NoMatch()


def test_a_fast_step_still_counts_as_a_minute_off() -> None:
    quick = Parameters(algorithm=Algorithm.SHA1, digits=6, period_seconds=15)
    now = STEP * 15_000
    found = match(code_at(KEY, STEP - 2, quick), now=now, parameters=quick)
    assert found == ClockOff(step=STEP - 2, slow=True, seconds=30, minutes=1)


@pytest.mark.parametrize("code", ["", "0", "12345", "1234567", "123456789012"])
def test_a_code_of_another_length_never_matches(code: str) -> None:
    assert match(code) == NoMatch()


def test_a_code_without_its_leading_zero_never_matches() -> None:
    with_zero = next(step for step in range(STEP, STEP + 500) if shown(step)[0] == "0")
    now = with_zero * 30_000
    assert match(shown(with_zero), now=now) == Accepted(step=with_zero)
    assert match(shown(with_zero).lstrip("0"), now=now) == NoMatch()


def test_the_first_minutes_of_1970_have_no_steps_before_them() -> None:
    assert match(shown(0), now=0) == Accepted(step=0)


@given(st.integers(min_value=0, max_value=2**40))
def test_at_most_three_codes_are_valid_at_once(now: int) -> None:
    current = step_at(now, NEW_KEY)
    accepted = {
        step
        for step in range(max(0, current - 15), current + 16)
        if isinstance(match(shown(step), now=now), Accepted)
    }
    assert len(accepted) <= CODES_VALID_AT_ONCE == 3
    assert accepted <= {current - 1, current, current + 1}


# --- never twice (AC-08)


def test_ac_08_a_code_is_refused_as_already_used_once_its_step_is_spent() -> None:
    assert match(shown(STEP), last_step=STEP) == AlreadyUsed(step=STEP)


def test_ac_08_an_older_code_is_refused_after_a_newer_one() -> None:
    assert match(shown(STEP), last_step=STEP + 1) == AlreadyUsed(step=STEP)
    assert match(shown(STEP - 1), last_step=STEP) == AlreadyUsed(step=STEP - 1)


def test_the_next_code_is_accepted_after_one_was_used() -> None:
    assert match(shown(STEP + 1), last_step=STEP) == Accepted(step=STEP + 1)


def test_a_step_spent_by_a_hint_is_refused_when_its_time_comes() -> None:
    """The answer "your clock is fast" told a guesser a future code: it must be worth nothing."""
    early = match(shown(STEP + 5))
    assert isinstance(early, ClockOff)
    for later in (STEP + 4, STEP + 5, STEP + 6):
        found = match(shown(STEP + 5), now=later * 30_000, spent=(early.step,))
        assert found == AlreadyUsed(step=STEP + 5)


def test_the_person_who_then_sets_the_clock_right_gets_in_with_every_other_step() -> None:
    hinted = STEP + 5
    for step in (STEP, STEP + 1, STEP + 4, STEP + 6):
        found = match(shown(step), now=step * 30_000, spent=(hinted,))
        assert found == Accepted(step=step)


@pytest.mark.parametrize("distance", [-5, 5])
def test_the_same_hint_is_not_given_twice(distance: int) -> None:
    assert match(shown(STEP + distance), spent=(STEP + distance,)) == NoMatch()


def test_an_old_code_that_newer_ones_have_spent_gets_no_hint() -> None:
    assert match(shown(STEP - 4), last_step=STEP - 4) == NoMatch()
    assert match(shown(STEP - 4), last_step=STEP - 3) == NoMatch()
    assert isinstance(match(shown(STEP - 4), last_step=STEP - 5), ClockOff)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-14, 14)), min_size=1, max_size=60).map(
        sorted
    )
)
def test_i_2_no_step_is_accepted_or_hinted_twice_whatever_is_typed_when(
    typed: list[tuple[int, int]],
) -> None:
    """The caller spends as the module says; the clock goes forward, or stands."""
    last_step, spent, seen = NO_STEP, set[int](), list[int]()
    for ahead, distance in typed:
        current = STEP + ahead
        found = match_code(
            KEY,
            shown(current + distance),
            now=current * 30_000,
            parameters=NEW_KEY,
            last_step=last_step,
            spent=spent,
        )
        if isinstance(found, Accepted):
            assert found.step > last_step
            last_step = found.step
            spent = {step for step in spent if step > last_step}
            seen.append(found.step)
        elif isinstance(found, ClockOff):
            spent.add(found.step)
            seen.append(found.step)
    assert len(seen) == len(set(seen))


# --- codes that happen to be equal (steps found by search: the key shows one code in both)

ALIKE = {1: 59_061_240, 2: 58_261_606, 5: 59_725_645, 8: 58_460_267, 13: 58_978_924}
"""Distance between two steps with the same code -> the earlier of the two."""


@pytest.mark.parametrize("distance", ALIKE)
def test_the_steps_below_do_have_equal_codes(distance: int) -> None:
    assert shown(ALIKE[distance]) == shown(ALIKE[distance] + distance)


def match_alike(distance: int, *, seen_from: int, last_step: int = NO_STEP) -> Match:
    """Type the code of both steps, ``seen_from`` steps after the earlier of them."""
    first = ALIKE[distance]
    return match(shown(first), now=(first + seen_from) * 30_000, last_step=last_step)


def test_of_two_equal_codes_in_the_window_the_nearest_to_now_counts() -> None:
    assert match_alike(1, seen_from=1) == Accepted(step=ALIKE[1] + 1)
    assert match_alike(1, seen_from=0) == Accepted(step=ALIKE[1])


def test_of_two_equally_near_the_earlier_counts() -> None:
    assert match_alike(2, seen_from=1) == Accepted(step=ALIKE[2])


def test_an_unspent_step_is_preferred_to_a_nearer_spent_one() -> None:
    found = match_alike(1, seen_from=0, last_step=ALIKE[1])
    assert found == Accepted(step=ALIKE[1] + 1)


def test_an_acceptable_step_is_preferred_to_a_hint() -> None:
    assert match_alike(8, seen_from=7) == Accepted(step=ALIKE[8] + 8)
    assert match_alike(8, seen_from=1) == Accepted(step=ALIKE[8])


def test_a_used_step_in_the_window_is_preferred_to_a_hint() -> None:
    found = match_alike(5, seen_from=0, last_step=ALIKE[5])
    assert found == AlreadyUsed(step=ALIKE[5])


def test_of_two_hints_the_smaller_distance_is_said() -> None:
    found = match_alike(13, seen_from=9)
    assert found == ClockOff(step=ALIKE[13] + 13, slow=False, seconds=120, minutes=2)


# --- equal work


@pytest.mark.parametrize("distance", [-11, -1, 0, 1, 11, 12])
def test_ac_21_every_candidate_is_computed_and_compared_whatever_matched(
    monkeypatch: pytest.MonkeyPatch, distance: int
) -> None:
    computed, compared = list[int](), list[bool]()
    compare = hmac.compare_digest

    def counted_code(key: bytes, step: int, parameters: Parameters) -> str:
        computed.append(step)
        return code_at(key, step, parameters)

    def counted_compare(left: bytes, right: bytes) -> bool:
        compared.append(compare(left, right))
        return compared[-1]

    monkeypatch.setattr(authenticators, "code_at", counted_code)
    monkeypatch.setattr(hmac, "compare_digest", counted_compare)
    match(shown(STEP + distance))
    assert computed == list(range(STEP - 11, STEP + 12))
    assert len(compared) == 23
