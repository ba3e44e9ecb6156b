"""The kinds of values: what each takes, and in which spelling it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.property_values import DAY, BadValue, Choice, Countries, Day, Line, WholeNumber

FIRST_OF_MAY = str(int(datetime(2026, 5, 1, tzinfo=UTC).timestamp()) * 1000)


def test_a_day_is_kept_as_the_millisecond_in_which_it_begins_in_utc() -> None:
    assert Day().check(" 2026-05-01 ") == FIRST_OF_MAY
    assert Day().shown(FIRST_OF_MAY) == "2026-05-01"
    assert Day().check("1970-01-01") == "0"


def test_no_day_comes_before_every_day() -> None:
    assert Day().check("  ") == ""
    assert Day().shown("") == ""
    assert Day().rank("") < Day().rank("1")


@given(st.dates(min_value=date(1970, 1, 1)))
def test_every_day_that_is_written_is_shown_as_it_was_written(day: date) -> None:
    kept = Day().check(day.isoformat())
    assert Day().check(kept) == kept
    assert Day().shown(kept) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "1 May",
        "2026-02-30",
        "20260501",
        "2026-W18-5",
        "２０２６-05-01",
        "-86400000",
        "86400001",
        str(DAY * 10**7),
        "9" * 16,
        "tomorrow",
        "1969-12-31",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="2026-05-01"):
        Day().check(text)


def test_what_an_older_version_stored_is_shown_as_it_is() -> None:
    assert Day().shown("next week") == "next week"


def test_the_last_choice_is_the_strictest() -> None:
    choice = Choice(values=("always", "ask"))
    assert choice.rank("ask") > choice.rank("always")
    assert choice.bounds == "one of: always, ask"
    assert choice.shown("ask") == "ask"


def test_numbers_are_compared_as_numbers() -> None:
    assert WholeNumber(least=0, most=99).rank("9") < WholeNumber(least=0, most=99).rank("10")
    assert WholeNumber(least=0, most=99).shown("9") == "9"


def test_no_line_is_stricter_than_another() -> None:
    assert Line(longest=9).rank("a") == Line(longest=9).rank("b")
    assert Line(longest=9).shown("a b") == "a b"
    assert "mailto:" in Line(longest=9, link=True).bounds
    assert "mailto:" not in Line(longest=9).bounds


def test_a_link_that_nobody_can_read_is_refused() -> None:
    with pytest.raises(BadValue, match="begin with"):
        Line(longest=99, link=True).check("https://[")


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("", "", ""),
        (" us, gb ", "US GB", "US, GB"),
        ("US GB\tUS", "US GB", "US, GB"),
        ("US GB", "US GB", "US, GB"),
    ],
)
def test_countries_are_written_with_commas_or_blanks_and_keep_their_order(
    typed: str, stored: str, shown: str
) -> None:
    assert Countries().check(typed) == stored
    assert Countries().check(stored) == stored
    assert Countries().shown(stored) == shown
    assert Countries().rank(stored) == 0


@pytest.mark.parametrize("typed", ["UK", "USA", "US;CA", "+1", "U S", "US XX"])
def test_what_is_no_country_is_refused_with_what_is_meant(typed: str) -> None:
    with pytest.raises(BadValue, match="United Kingdom is GB"):
        Countries().check(typed)
