"""What was begun under one number is void under any other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.generations import Generations
from twostep.core.reasons import Code

BEGUN = Generations(installation=3, password=5, second_step=7)

numbers = st.integers(min_value=1, max_value=4)
any_generations = st.builds(
    Generations, installation=numbers, password=numbers, second_step=numbers
)


def test_under_the_same_numbers_everything_still_holds() -> None:
    assert BEGUN.overtaken_by(replace(BEGUN)) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("installation", Code.INSTALLATION_RESTORED),
        ("password", Code.PASSWORD_CHANGED),
        ("second_step", Code.SECOND_STEP_CHANGED),
    ],
)
@pytest.mark.parametrize("by", [1, -1, 100])
def test_another_number_ends_it_whether_it_rose_or_fell(name: str, why: Code, by: int) -> None:
    """I-9: after a restore the number of today may be the smaller one."""
    today = replace(BEGUN, **{name: getattr(BEGUN, name) + by})
    assert BEGUN.overtaken_by(today) is why


@given(any_generations, any_generations)
def test_ac_04_only_equal_numbers_hold(one: Generations, other: Generations) -> None:
    """AC-04, the property: over all combinations of generations."""
    assert (one.overtaken_by(other) is None) == (one == other)
