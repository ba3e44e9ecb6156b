"""Texts are paid for: to which countries, and how many (AC-53)."""

from __future__ import annotations

import phonenumbers
import pytest

from tests.core.situations import NOW
from twostep.core.countries import COUNTRIES
from twostep.core.text_terms import BUDGET_LASTS, Spent, TextTerms, may_text_at

ROOM = Spent(a_day=5, full_since=None)
FULL = Spent(a_day=5, full_since=NOW - 1)


def test_a_number_is_of_use_where_all_of_it_is_there() -> None:
    """AC-53: by default there is no country, so by default there is no text."""
    full = {"countries": ("GB", "US"), "a_day": 1, "allowed": True}
    assert TextTerms(**full).open  # type: ignore[arg-type]
    assert TextTerms(**full).home == "GB"  # type: ignore[arg-type]
    for less in ({"countries": ()}, {"a_day": 0}, {"allowed": False}):
        assert not TextTerms(**(full | less)).open  # type: ignore[arg-type]
    assert not TextTerms().open
    assert TextTerms().home is None


@pytest.mark.parametrize(
    ("budgets", "at"),
    [
        ([], NOW),
        ([ROOM], NOW),
        ([ROOM, FULL], NOW - 1 + BUDGET_LASTS),
        ([FULL, Spent(a_day=5, full_since=NOW - 9)], NOW - 1 + BUDGET_LASTS),
        ([Spent(a_day=5, full_since=NOW - BUDGET_LASTS)], NOW),
        ([Spent(a_day=0, full_since=None)], NOW + BUDGET_LASTS),
        ([Spent(a_day=5, full_since=NOW + 7)], NOW + BUDGET_LASTS),
    ],
)
def test_a_text_waits_until_each_budget_has_room(budgets: list[Spent], at: int) -> None:
    assert may_text_at(budgets, now=NOW) == at


def test_the_countries_are_those_of_telephone_numbers() -> None:
    """A new one comes with the library, and is added here by hand: no list decides by itself where
    money goes."""
    assert phonenumbers.SUPPORTED_REGIONS == COUNTRIES
