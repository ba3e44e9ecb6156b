"""What a list of users can be narrowed down to."""

from __future__ import annotations

import pytest

from twostep.core.lockouts import DAY
from twostep.core.user_filters import SECOND_STEPS, SignedIn, bounds_of
from twostep.core.users import SecondStep

NOW = 1_767_225_600_000


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        (None, (None, None)),
        (SignedIn.NEVER, (None, None)),
        (SignedIn.WITHIN_7_DAYS, (NOW - 7 * DAY, None)),
        (SignedIn.BEFORE_30_DAYS, (None, NOW - 30 * DAY)),
        (SignedIn.BEFORE_90_DAYS, (None, NOW - 90 * DAY)),
    ],
)
def test_days_are_counted_back_from_now(
    asked: SignedIn | None, bounds: tuple[int | None, int | None]
) -> None:
    assert bounds_of(asked, NOW) == bounds


def test_whoever_has_anything_set_up_has_one_of_the_three() -> None:
    one = {SecondStep.APP, SecondStep.CODES, SecondStep.APP_AND_CODES}
    assert SECOND_STEPS["set-up"] == one
    assert SECOND_STEPS["none"] == {SecondStep.NONE}
    assert set(SECOND_STEPS) == {*(step.value for step in SecondStep), "set-up"}
