"""Moments in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from twostep.i18n.times import as_datetime, day, moment, until, when, whole_minutes

BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000  # type: ignore[arg-type, misc]


NOW = at(2026, 4, 12, 10, 31)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(2026, 4, 12, 10, 31), "today 10:31 UTC"),
        (at(2026, 4, 12, 0, 0), "today 00:00 UTC"),
        (at(2026, 4, 11, 23, 59), "yesterday 23:59 UTC"),
        (at(2026, 4, 10, 23, 59), "10 April, 23:59 UTC"),
        (at(2025, 12, 31, 8, 5), "31 December 2025, 08:05 UTC"),
    ],
)
def test_a_past_moment_is_told_as_a_person_would(moment: int, words: str) -> None:
    assert when(moment, "en", now=NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(2026, 4, 12, 11, 1), "11:01 UTC"),
        (at(2026, 4, 12, 22, 30), "22:30 UTC"),
        (at(2026, 4, 12, 22, 31), "12 April, 22:31 UTC"),
        (at(2026, 4, 13, 0, 1), "13 April, 00:01 UTC"),
        (at(2026, 4, 19, 10, 31), "19 April, 10:31 UTC"),
        (at(2026, 5, 3, 10, 31), "3 May"),
        (at(2027, 1, 2, 10, 31), "2 January 2027"),
    ],
)
def test_a_moment_to_come_names_the_day_only_where_it_is_needed(moment: int, words: str) -> None:
    assert until(moment, "en", now=NOW) == words


def test_a_moment_that_is_read_of_at_any_time_has_its_day_year_and_zone() -> None:
    at_noon = at(2026, 3, 9, 18, 2)
    assert moment(at_noon, "en") == "9 March 2026, 18:02 UTC"
    assert moment(at_noon, "es") == "9 de marzo de 2026, 18:02 UTC"


def test_a_pause_over_midnight_is_a_time_of_day() -> None:
    late = at(2026, 4, 12, 23, 50)
    assert until(late + 30 * 60_000, "en", now=late) == "00:20 UTC"


def test_in_a_time_zone_that_was_told_the_word_utc_is_left_out() -> None:
    assert when(NOW, "en", now=NOW, timezone=BERLIN) == "today 12:31"
    assert until(NOW, "en", now=NOW, timezone=BERLIN) == "12:31"


def test_the_day_is_that_of_the_time_zone() -> None:
    late = at(2026, 4, 11, 22, 30)
    assert when(late, "en", now=NOW) == "yesterday 22:30 UTC"
    assert when(late, "en", now=NOW, timezone=BERLIN) == "today 00:30"
    assert day(late, "en", now=NOW, timezone=BERLIN) == "12 April"


def test_a_zone_that_changes_its_clock_is_followed() -> None:
    """Central European summer time began at 01:00 UTC on 29 March 2026."""
    assert as_datetime(at(2026, 3, 29, 0, 59), BERLIN).hour == 1
    assert as_datetime(at(2026, 3, 29, 1, 0), BERLIN).hour == 3


@pytest.mark.parametrize(
    ("milliseconds", "minutes"), [(-5, 1), (0, 1), (1, 1), (60_000, 1), (60_001, 2), (900_000, 15)]
)
def test_what_is_left_of_a_wait_is_rounded_up_to_minutes(milliseconds: int, minutes: int) -> None:
    assert whole_minutes(milliseconds) == minutes
