"""SECURITY §4.5 recomputed from the live limits: what a year of guessing is worth.

Whoever has the password, any number of sessions and addresses, and all the time in the world
gets the tries that ``SECOND_STEP`` lets through. Changing a number there changes this chance.
"""

import math

import pytest

from twostep.core.authenticators import CODES_VALID_AT_ONCE, NEW_KEY
from twostep.core.lockouts import DAY, SECOND_STEP, Schedule

YEAR = 365 * DAY
MOST_ALLOWED = 0.002


def most_guesses(schedule: Schedule, duration: int) -> float:
    """The long-run bound that the budgets set, the hard stop out of the way.

    The owner signs in all the time, which ends every row of consecutive failures, so the stop at
    a hundred does not help here.
    """
    return min(budget.most * duration / budget.window for budget in schedule.budgets)


def chance(guesses: float, *, codes: int, digits: int = 6) -> float:
    return 1.0 - math.pow(1 - codes / 10**digits, guesses)


def test_a_year_of_guessing_succeeds_with_less_than_0_2_percent() -> None:
    guesses = most_guesses(SECOND_STEP, YEAR)
    assert guesses == pytest.approx(608, abs=1)
    found = chance(guesses, codes=CODES_VALID_AT_ONCE, digits=NEW_KEY.digits)
    assert found < MOST_ALLOWED
    assert found == pytest.approx(0.0018, abs=0.0001)


def test_one_burst_to_the_hard_stop_succeeds_with_0_03_percent() -> None:
    found = chance(SECOND_STEP.hard_stop, codes=CODES_VALID_AT_ONCE)
    assert found == pytest.approx(0.0003, abs=0.00001)


@pytest.mark.parametrize(
    ("guesses", "codes", "expected"),
    [
        (3_153_600, 1, 0.96),
        (175_200, 1, 0.16),
        (175_200, 3, 0.41),
        (18_250, 3, 0.053),
        (36_135, 2, 0.07),
        (1_216, 3, 0.0036),
        (608, 1, 0.0006),
        (608, 2, 0.0012),
    ],
)
def test_the_formula_gives_the_other_rows_of_the_table(
    guesses: int, codes: int, expected: float
) -> None:
    assert chance(guesses, codes=codes) == pytest.approx(expected, rel=0.05)


def test_the_test_would_notice_a_weaker_budget() -> None:
    weaker = Schedule(
        delays=SECOND_STEP.delays,
        memory=SECOND_STEP.memory,
        budgets=tuple(budget for budget in SECOND_STEP.budgets if budget.window == DAY),
        hard_stop=SECOND_STEP.hard_stop,
    )
    assert chance(most_guesses(weaker, YEAR), codes=CODES_VALID_AT_ONCE) > MOST_ALLOWED
