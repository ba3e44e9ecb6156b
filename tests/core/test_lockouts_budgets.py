"""How many tries are evaluated whatever a guesser does, and who is never locked out.

The model below keeps a subject's attempts as the storage does, and asks the rules before each.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.lockouts import (
    COUNTED,
    DAY,
    HOUR,
    MINUTE,
    PASSWORD,
    RECOVERY_CODE,
    SECOND,
    SECOND_STEP,
    AttemptState,
    Schedule,
    Standing,
    standing,
)

NOW = 1_700_000_000_000


@dataclass
class Tried:
    """One row: when it was reserved, by which sign-in, and what became of it."""

    at: int
    sign_in: int
    state: AttemptState = AttemptState.OPEN


@dataclass
class Ledger:
    """The attempts of one subject, reserved and settled as the module promises."""

    schedule: Schedule
    rows: list[Tried] = field(default_factory=list)
    cleared_at: int | None = None
    last_success_at: int | None = None

    def standing(self, now: int) -> Standing:
        counted = sorted((row.at for row in self.rows if row.state in COUNTED), reverse=True)
        return standing(
            counted[: self.schedule.most_needed],
            now=now,
            schedule=self.schedule,
            cleared_at=self.cleared_at,
            last_success_at=self.last_success_at,
        )

    def reserve(self, now: int, sign_in: int) -> Tried | None:
        if not self.standing(now).open_now:
            self.rows.append(Tried(now, sign_in, AttemptState.REFUSED))
            return None
        self.rows.append(Tried(now, sign_in))
        return self.rows[-1]

    def succeed(self, row: Tried, now: int) -> None:
        row.state = AttemptState.PASSED
        self.last_success_at = now
        for other in self.rows:
            if other.sign_in == row.sign_in and other.state is AttemptState.FAILED:
                other.state = AttemptState.FORGIVEN

    def evaluated(self) -> list[int]:
        """When a proof of a sign-in that has not succeeded was, or may have been, compared."""
        return [row.at for row in self.rows if row.state in COUNTED]


def most_in_any_window(times: list[int], window: int) -> int:
    return max((sum(1 for t in times if start <= t < start + window) for start in times), default=0)


OWNER, GUESSER = 0, 1
steps = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, SECOND, 31 * SECOND, 10 * MINUTE, 31 * MINUTE, 5 * HOUR, DAY]),
        st.sampled_from(["guess", "guess", "guess", "killed", "burst", "void", "success", "typo"]),
    ),
    min_size=30,
    max_size=150,
)


@given(steps)
def test_i_11_no_interleaving_evaluates_more_than_20_a_day_and_50_in_30_days(
    acts: list[tuple[int, str]],
) -> None:
    """AC-12, AC-13, AC-14: guesses of many sign-ins, in parallel, killed, beside the owner's."""
    ledger, now = Ledger(SECOND_STEP), NOW
    for wait, act in acts:
        now += wait
        who = OWNER if act in ("success", "typo") else GUESSER
        tries = [ledger.reserve(now, who) for _ in range(40 if act == "burst" else 1)]
        for row in filter(None, tries):
            if act == "success":
                ledger.succeed(row, now)
            elif act != "killed":
                row.state = AttemptState.VOID if act == "void" else AttemptState.FAILED
    assert most_in_any_window(ledger.evaluated(), DAY) <= 20
    assert most_in_any_window(ledger.evaluated(), 30 * DAY) <= 50


def test_ac_12_a_guesser_who_never_sleeps_gets_20_a_day_50_a_month_and_then_the_stop() -> None:
    ledger, now = Ledger(SECOND_STEP), NOW
    while now < NOW + 90 * DAY:
        if row := ledger.reserve(now, GUESSER):
            row.state = AttemptState.FAILED
        until = ledger.standing(now).blocked_until
        now = until if until is not None else now + HOUR
    times = ledger.evaluated()
    assert most_in_any_window(times, DAY) == 20
    assert most_in_any_window(times, 30 * DAY) == 50
    assert len(times) == 100
    assert ledger.standing(now).disabled


def test_of_recovery_codes_no_guesser_gets_more_than_5_an_hour_10_a_day_and_100_in_all() -> None:
    ledger, now = Ledger(RECOVERY_CODE), NOW
    while now < NOW + 30 * DAY and not ledger.standing(now).disabled:
        for row in [ledger.reserve(now, GUESSER) for _ in range(20)]:
            if row is not None:
                row.state = AttemptState.FAILED
        until = ledger.standing(now).blocked_until
        now = until if until is not None else now + MINUTE
    times = ledger.evaluated()
    assert most_in_any_window(times, HOUR) == 5
    assert most_in_any_window(times, DAY) == 10
    assert len(times) == 100
    assert ledger.standing(now + 365 * DAY).disabled


def test_ac_12_the_right_code_after_the_budget_is_refused_like_any_other() -> None:
    ledger, now = Ledger(SECOND_STEP), NOW
    for _ in range(20):
        row = ledger.reserve(now, GUESSER)
        assert row is not None
        row.state = AttemptState.FAILED
        now += 31 * MINUTE
    assert ledger.reserve(now, OWNER) is None
    assert ledger.reserve(now, GUESSER) is None


def test_ac_14_five_hundred_parallel_guesses_find_at_most_five_places() -> None:
    ledger = Ledger(SECOND_STEP)
    taken = [ledger.reserve(NOW, GUESSER) for _ in range(500)]
    assert sum(row is not None for row in taken) == 5
    passwords = Ledger(PASSWORD)
    assert sum(passwords.reserve(NOW, GUESSER) is not None for _ in range(500)) == 5


def test_ac_13_an_attempt_that_was_killed_stays_counted() -> None:
    ledger = Ledger(SECOND_STEP)
    ledger.reserve(NOW, GUESSER)
    assert ledger.standing(NOW + 10 * DAY).counted == 1


def test_a_refused_attempt_makes_no_pause_longer() -> None:
    ledger = Ledger(PASSWORD)
    for _ in range(5):
        ledger.reserve(NOW, GUESSER)
    until = ledger.standing(NOW).blocked_until
    for knock in range(1, 30):
        assert ledger.reserve(NOW + knock * 1_000, GUESSER) is None
    assert ledger.standing(NOW + 29_000).blocked_until == until == NOW + 30 * SECOND


@pytest.mark.parametrize("schedule", [PASSWORD, SECOND_STEP, RECOVERY_CODE])
def test_ac_12_an_owner_who_mistypes_twice_a_day_and_then_gets_in_is_never_locked(
    schedule: Schedule,
) -> None:
    ledger = Ledger(schedule)
    for day in range(60):
        morning = NOW + day * DAY
        for typo in range(2):
            row = ledger.reserve(morning + typo * 5_000, day)
            assert row is not None, f"locked on day {day}"
            row.state = AttemptState.FAILED
        row = ledger.reserve(morning + 10_000, day)
        assert row is not None, f"locked on day {day}"
        ledger.succeed(row, morning + 10_000)
    assert ledger.standing(NOW + 60 * DAY).counted == 0


def test_an_owner_who_gives_up_once_a_week_for_years_is_never_disabled() -> None:
    """Abandoned tries are never forgiven; the successes between them keep the row short."""
    ledger = Ledger(PASSWORD)
    for week in range(150):
        monday = NOW + week * 7 * DAY
        row = ledger.reserve(monday, 2 * week)
        assert row is not None
        row.state = AttemptState.FAILED
        row = ledger.reserve(monday + DAY, 2 * week + 1)
        assert row is not None
        ledger.succeed(row, monday + DAY)
    assert not ledger.standing(NOW + 151 * 7 * DAY).disabled


@given(st.lists(st.integers(0, 3 * DAY), max_size=30))
def test_after_the_hard_stop_nothing_is_evaluated_until_it_is_cleared(waits: list[int]) -> None:
    ledger, now = Ledger(PASSWORD), NOW
    while not ledger.standing(now).disabled:
        row = ledger.reserve(now, GUESSER)
        assert row is not None
        row.state = AttemptState.FAILED
        now = ledger.standing(now).blocked_until or now
    assert len(ledger.evaluated()) == 100
    for wait in waits:
        now += wait
        assert ledger.reserve(now, OWNER) is None
    ledger.cleared_at = now
    assert ledger.reserve(now, OWNER) is not None
