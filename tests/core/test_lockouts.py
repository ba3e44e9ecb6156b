"""The table of pauses, budgets and stops, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.lockouts import (
    DAY,
    HOUR,
    LIMITS,
    MINUTE,
    PASSWORD,
    RECOVERY_CODE,
    SECOND,
    SECOND_STEP,
    Budget,
    Cause,
    Delay,
    Purpose,
    Schedule,
    Standing,
    standing,
)

NOW = 1_700_000_000_000


def after(
    failures: int, *, schedule: Schedule = PASSWORD, ago: int = 0, cleared_at: int | None = None
) -> Standing:
    """Where a subject stands after so many failures, the newest of them made ``ago``."""
    times = [NOW - ago - number * MINUTE for number in range(failures)]
    return standing(times, now=NOW, schedule=schedule, cleared_at=cleared_at)


# --- the table


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (0, None),
        (1, None),
        (4, None),
        (5, 30 * SECOND),
        (6, MINUTE),
        (7, 2 * MINUTE),
        (8, 5 * MINUTE),
        (9, 15 * MINUTE),
        (10, 30 * MINUTE),
        (11, 30 * MINUTE),
        (99, 30 * MINUTE),
    ],
)
def test_wrong_passwords_are_followed_by_growing_pauses(failures: int, pause: int | None) -> None:
    found = after(failures)
    assert found.blocked_until == (None if pause is None else NOW + pause)
    assert found.open_now == (pause is None)
    assert found.cause == (None if pause is None else Cause.DELAY)
    assert not found.disabled
    if pause is not None:
        assert not after(failures, ago=pause - 1).open_now
        assert after(failures, ago=pause).open_now


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(4, None), (5, 30 * SECOND), (9, 30 * SECOND), (10, 30 * MINUTE), (19, 30 * MINUTE)],
)
def test_wrong_codes_are_followed_by_pauses(failures: int, pause: int | None) -> None:
    found = after(failures, schedule=SECOND_STEP)
    assert found.blocked_until == (None if pause is None else NOW + pause)
    assert not found.budget_spent


@pytest.mark.parametrize(
    ("failures", "until"),
    [(4, None), (5, HOUR), (9, HOUR), (10, DAY), (11, DAY)],
)
def test_five_wrong_recovery_codes_spend_the_hour_and_ten_the_day(
    failures: int, until: int | None
) -> None:
    """All of them at one moment, as a script sends them."""
    times = [NOW] * failures
    found = standing(times, now=NOW, schedule=RECOVERY_CODE, cleared_at=None)
    assert found.blocked_until == (None if until is None else NOW + until)
    assert found.tries_left_before_pause == max(0, 5 - failures)
    if until is not None:
        assert found.cause is Cause.BUDGET
        almost, then = (
            standing(times, now=NOW + later, schedule=RECOVERY_CODE, cleared_at=None)
            for later in (until - 1, until)
        )
        assert (almost.open_now, then.open_now) == (False, True)


def test_twenty_wrong_codes_spend_the_day() -> None:
    times = [NOW - number * HOUR for number in range(20)]
    found = standing(times, now=NOW, schedule=SECOND_STEP, cleared_at=None)
    oldest = times[-1]
    assert found.cause is Cause.BUDGET
    assert found.budget_spent
    assert found.blocked_until == oldest + DAY
    later = standing(times, now=oldest + DAY, schedule=SECOND_STEP, cleared_at=None)
    assert later.open_now
    assert later.tries_left_before_pause == 1


def test_fifty_wrong_codes_spend_the_month_even_where_the_day_is_free() -> None:
    times = [NOW - 2 * DAY - number * 6 * HOUR for number in range(50)]
    found = standing(times, now=NOW, schedule=SECOND_STEP, cleared_at=None)
    assert found.cause is Cause.BUDGET
    assert found.blocked_until == times[-1] + 30 * DAY


def test_the_later_of_two_reasons_to_wait_is_said() -> None:
    times = [NOW, *(NOW - DAY + 1_000 for _ in range(19))]
    found = standing(times, now=NOW, schedule=SECOND_STEP, cleared_at=None)
    assert found.budget_spent
    assert found.blocked_until == NOW + 30 * MINUTE


@pytest.mark.parametrize("schedule", [PASSWORD, SECOND_STEP, RECOVERY_CODE])
def test_a_hundred_in_a_row_disable_and_no_time_heals_it(schedule: Schedule) -> None:
    times = [NOW - number * DAY for number in range(100)]
    for later in (0, DAY, 400 * DAY):
        found = standing(times, now=NOW + later, schedule=schedule, cleared_at=None)
        assert found.disabled
        assert not found.open_now
        assert found.cause is Cause.HARD_STOP
        assert found.blocked_until is None
        assert found.tries_left_before_pause == 0
    assert not standing(
        times[:99], now=NOW + 400 * DAY, schedule=schedule, cleared_at=None
    ).disabled


@pytest.mark.parametrize("schedule", [PASSWORD, SECOND_STEP, RECOVERY_CODE])
def test_clearing_frees_at_once_and_forgets_what_was_counted(schedule: Schedule) -> None:
    times = [NOW - number for number in range(100)]
    found = standing(times, now=NOW, schedule=schedule, cleared_at=NOW)
    assert found == standing([], now=NOW, schedule=schedule, cleared_at=None)
    assert found.open_now


def test_what_is_counted_after_clearing_counts_again() -> None:
    times = [NOW + number for number in (6, 5, 4, 3, 2)] + [NOW - number for number in range(90)]
    found = standing(times, now=NOW + 6, schedule=PASSWORD, cleared_at=NOW)
    assert found.counted == 5
    assert found.blocked_until == NOW + 6 + 30 * SECOND


def test_ac_18_a_success_ends_the_row_of_a_hundred_and_refills_no_budget() -> None:
    """NIST SP 800-63B-4 §3.2.2 counts consecutive failures; §5.4's budgets roll on."""
    times = [NOW - number * 14 * HOUR for number in range(100)]
    without = standing(times, now=NOW, schedule=SECOND_STEP, cleared_at=None)
    assert without.disabled
    found = standing(
        times, now=NOW, schedule=SECOND_STEP, cleared_at=None, last_success_at=times[3]
    )
    assert not found.disabled
    assert found.budget_spent
    assert not found.open_now


def test_the_row_begins_after_the_success_itself() -> None:
    three = Schedule(delays=(), memory=DAY, budgets=(), hard_stop=3)
    times = [NOW, NOW - 1, NOW - 2]
    for last_success_at, disabled in ((NOW - 2, False), (NOW - 3, True)):
        found = standing(
            times, now=NOW, schedule=three, cleared_at=None, last_success_at=last_success_at
        )
        assert found.disabled == disabled


def test_old_failures_no_longer_slow_a_typo_down() -> None:
    times = [NOW - 30 * DAY - number * DAY for number in range(60)]
    found = standing(times, now=NOW, schedule=PASSWORD, cleared_at=None)
    assert found.counted == 0
    assert found.open_now
    assert found.tries_left_before_pause == 5
    nearly = standing([time + 1 for time in times], now=NOW, schedule=PASSWORD, cleared_at=None)
    assert nearly.counted == 1


def test_ac_58_a_clock_that_is_set_back_frees_nobody() -> None:
    times = [NOW - number for number in range(10)]
    found = standing(times, now=NOW - DAY, schedule=PASSWORD, cleared_at=None)
    assert found.counted == 10
    assert found.blocked_until == NOW + 30 * MINUTE


def test_a_clock_that_is_set_back_makes_no_pause_of_failures_that_none_follows() -> None:
    """One typo, and then the clock goes back a day: its person would wait for that day."""
    for schedule in (PASSWORD, SECOND_STEP, RECOVERY_CODE):
        for failures in range(1, 5):
            times = [NOW - number for number in range(failures)]
            found = standing(times, now=NOW - DAY, schedule=schedule, cleared_at=None)
            assert found.open_now


@pytest.mark.parametrize(
    ("schedule", "failures", "left"),
    [
        (PASSWORD, 0, 5),
        (PASSWORD, 2, 3),
        (PASSWORD, 4, 1),
        (PASSWORD, 7, 1),
        (SECOND_STEP, 0, 5),
        (SECOND_STEP, 4, 1),
        (SECOND_STEP, 12, 1),
    ],
)
def test_the_page_can_say_how_many_tries_are_left_before_a_pause(
    schedule: Schedule, failures: int, left: int
) -> None:
    found = after(failures, schedule=schedule, ago=HOUR)
    assert found.tries_left_before_pause == left
    assert after(failures + left - 1, schedule=schedule, ago=HOUR).open_now
    assert not after(failures + left, schedule=schedule).open_now


def test_the_end_of_a_budget_shortens_the_tries_left() -> None:
    loose = Schedule(delays=(), memory=DAY, budgets=(Budget(most=3, window=HOUR),), hard_stop=100)
    found = standing([NOW - 1, NOW - 2], now=NOW, schedule=loose, cleared_at=None)
    assert found.tries_left_before_pause == 1
    full = standing([NOW, NOW - 1, NOW - 2], now=NOW, schedule=loose, cleared_at=None)
    assert full.blocked_until == NOW - 2 + HOUR


def test_the_end_of_the_hundred_shortens_the_tries_left() -> None:
    only_stop = Schedule(delays=(), memory=DAY, budgets=(), hard_stop=3)
    found = standing([NOW - 1, NOW - 2], now=NOW, schedule=only_stop, cleared_at=None)
    assert found.open_now
    assert found.tries_left_before_pause == 1


# --- what the function is handed


@given(
    st.lists(st.integers(NOW - 40 * DAY, NOW), max_size=140),
    st.sampled_from([PASSWORD, SECOND_STEP, RECOVERY_CODE]),
)
def test_the_newest_most_needed_times_say_the_same_as_all_of_them(
    times: list[int], schedule: Schedule
) -> None:
    newest_first = sorted(times, reverse=True)
    whole = standing(newest_first, now=NOW, schedule=schedule, cleared_at=None)
    part = standing(
        newest_first[: schedule.most_needed], now=NOW, schedule=schedule, cleared_at=None
    )
    assert schedule.most_needed == 100
    assert (part.blocked_until, part.disabled, part.cause) == (
        whole.blocked_until,
        whole.disabled,
        whole.cause,
    )
    assert part.tries_left_before_pause == whole.tries_left_before_pause


def test_a_schedule_with_delays_beyond_its_stop_asks_for_enough_times() -> None:
    odd = Schedule(delays=(Delay(failures=7, pause=1),), memory=DAY, budgets=(), hard_stop=3)
    assert odd.most_needed == 7


@pytest.mark.parametrize(
    ("delays", "budgets"),
    [
        ((Delay(failures=0, pause=1),), ()),
        ((Delay(failures=5, pause=1), Delay(failures=5, pause=2)), ()),
        ((Delay(failures=6, pause=1), Delay(failures=5, pause=2)), ()),
        ((), (Budget(most=0, window=1),)),
        ((), (Budget(most=101, window=1),)),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    delays: tuple[Delay, ...], budgets: tuple[Budget, ...]
) -> None:
    with pytest.raises(ValueError, match=r"must rise|between 1 and the hard stop"):
        Schedule(delays=delays, memory=DAY, budgets=budgets, hard_stop=100)


def test_each_purpose_has_its_own_schedule() -> None:
    assert LIMITS.of(Purpose.PASSWORD) is PASSWORD
    assert LIMITS.of(Purpose.SECOND_STEP) is SECOND_STEP
    assert LIMITS.of(Purpose.RECOVERY_CODE) is RECOVERY_CODE
    assert {LIMITS.of(purpose) for purpose in Purpose} == {PASSWORD, SECOND_STEP, RECOVERY_CODE}
