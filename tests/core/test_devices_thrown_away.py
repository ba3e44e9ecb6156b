"""Whether a browser seems to throw our cookie away: what the code page then says, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from twostep.core.devices import (
    DAY,
    MINUTE,
    Device,
    EnvironmentNumbers,
    lines_of,
    throws_cookies_away,
)
from twostep.core.generations import Generations

NOW = 1_700_000_000_000
TODAY = Generations(installation=1, password=3, second_step=2)
NUMBERS = EnvironmentNumbers(remembering=1, off=1)


def device(days_ago: int, **more: object) -> Device:
    """One that was remembered for 30 days so many days ago, and not seen since."""
    at = NOW - days_ago * DAY
    made = Device(
        id=bytes([days_ago]) * 16,
        user_id=bytes(16),
        browser="Firefox on Linux",
        address="203.0.113.7",
        first_used_at=at,
        last_used_at=at,
        verified_at=at,
        days_at_issue=30,
        passes_until=at + 5 * MINUTE,
        forgotten_at=None,
        generations=TODAY,
        numbers=NUMBERS,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def says_so(
    alike: Sequence[Device], *, days: int = 30, numbers: EnvironmentNumbers = NUMBERS
) -> bool:
    return throws_cookies_away(alike, now=NOW, days_now=days, today=TODAY, numbers=numbers)


def test_two_in_a_row_that_never_came_back_are_a_habit() -> None:
    assert says_so([device(1), device(2)])
    assert says_so([device(n) for n in range(1, 10)])


def test_one_alone_may_be_another_browser_of_the_same_name() -> None:
    assert not says_so([])
    assert not says_so([device(1)])


def test_one_that_came_back_since_keeps_its_cookie() -> None:
    came_back = device(9, last_used_at=NOW - DAY)
    assert not says_so([came_back, device(2), device(3)])
    assert not says_so([device(2), replace(came_back, last_used_at=NOW - 3 * DAY), device(5)])
    assert says_so([device(1), device(2), replace(came_back, last_used_at=NOW - 3 * DAY)])


@pytest.mark.parametrize(
    "other",
    [
        device(2, days_at_issue=None),
        device(2, verified_at=None),
        device(2, forgotten_at=NOW - DAY),
        device(2, generations=replace(TODAY, password=2)),
        device(2, generations=replace(TODAY, second_step=1)),
        device(2, numbers=replace(NUMBERS, remembering=0)),
        device(30),
    ],
    ids=["unticked", "no code", "forgotten", "password", "second step", "switched off", "over"],
)
def test_one_that_would_be_asked_with_its_cookie_as_well_says_nothing(other: Device) -> None:
    """Its cookie would have spared nobody a code, so that it is missing is not why one is asked."""
    assert not says_so([device(1), other])
    assert not says_so([other, device(1)])


def test_where_nothing_is_remembered_nothing_is_said() -> None:
    alike = [device(1), device(2)]
    assert not says_so(alike, days=0)
    assert not says_so(alike, numbers=replace(NUMBERS, remembering=2))
    assert not says_so(alike, days=1)


def ids(lines: Sequence[Sequence[Device]]) -> list[list[int]]:
    return [[device.id[0] for device in line] for line in lines]


def test_few_devices_have_a_line_each() -> None:
    assert lines_of([], current=None) == []
    assert ids(lines_of([device(n) for n in range(1, 5)], current=None)) == [[1], [2], [3], [4]]


def test_many_that_only_a_cookie_could_tell_apart_share_one() -> None:
    """The others keep their lines and their places; so does the one that is looked at."""
    came_back = device(3, last_used_at=NOW)
    elsewhere = device(5, address="198.51.100.7")
    other = device(6, browser="Safari on Mac")
    same = [device(n) for n in (1, 2, 4, 7, 8, 9)]
    all_of_them = sorted([*same, came_back, elsewhere, other], key=lambda found: found.id)
    lines = lines_of(all_of_them, current=device(1).id)
    assert ids(lines) == [[1], [2, 4, 7, 8, 9], [3], [5], [6]]
    assert ids(lines_of(all_of_them[:-1], current=device(1).id))[1] == [2]
