"""Moments in a person's words: "today 10:31", "until 3 May".

A time of day without a zone would be a wrong one for most of the world. So where nobody has said
which zone a person lives in, the words say that they mean UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

from twostep.i18n.sentences import N_
from twostep.i18n.translations import translations

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_ENGLISH = "en_GB"
"""Days are written "3 May", as in the rest of the project's English."""

_TODAY = N_("today %(time)s")
_YESTERDAY = N_("yesterday %(time)s")
_ON_A_DAY = N_("%(day)s, %(time)s")


def as_datetime(at: int, timezone: tzinfo | None = None) -> datetime:
    """Milliseconds since 1970 as a time of that zone, UTC where none is given."""
    return (_BEGINNING + timedelta(milliseconds=at)).astimezone(timezone or UTC)


def when(at: int, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """A moment that has been: "today 10:31", "yesterday 18:02", "9 March, 18:02"."""
    then, today = as_datetime(at, timezone), as_datetime(now, timezone)
    say = translations(language).gettext
    time = _time_of_day(then, language, timezone)
    days = (today.date() - then.date()).days
    if days == 0:
        return say(_TODAY) % {"time": time}
    if days == 1:
        return say(_YESTERDAY) % {"time": time}
    return say(_ON_A_DAY) % {"day": _day(then, today, language), "time": time}


def moment(at: int, language: str) -> str:
    """A moment for whoever reads of it at any later time: "9 March 2026, 18:02 UTC"."""
    then = as_datetime(at)
    day = format_date(then, "long", locale=_locale(language))
    time = _time_of_day(then, language, None)
    return translations(language).gettext(_ON_A_DAY) % {"day": day, "time": time}


def until(at: int, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """A moment as it stands after "until": "10:31", "4 May, 10:31", "3 June".

    The day is left out when the moment is less than half a day away, the time when it is more than
    a week away. One that has been, and is over for half a day, is told as its day.
    """
    then, today = as_datetime(at, timezone), as_datetime(now, timezone)
    time = _time_of_day(then, language, timezone)
    if abs(at - now) < DAY // 2:
        return time
    day = _day(then, today, language)
    if not 0 < at - now <= 7 * DAY:
        return day
    return translations(language).gettext(_ON_A_DAY) % {"day": day, "time": time}


def day(at: int, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """The day alone: "12 March", and the year where it is another one."""
    return _day(as_datetime(at, timezone), as_datetime(now, timezone), language)


def pause_end(at: int, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """The same for the end of a pause, which is told as the next whole minute.

    A pause of half a minute would otherwise be said to end in the minute that it is now, and
    whoever came back at the time that they were told would be sent away again.
    """
    return until(minute_after(at), language, now=now, timezone=timezone)


def minute_after(at: int) -> int:
    """The first whole minute that is not before this moment."""
    return -(-at // MINUTE) * MINUTE


def whole_minutes(milliseconds: int) -> int:
    """Minutes, rounded up, never fewer than one: what is left of a wait."""
    return max(1, -(-milliseconds // MINUTE))


def _time_of_day(then: datetime, language: str, timezone: tzinfo | None) -> str:
    text = format_time(then, "short", tzinfo=then.tzinfo, locale=_locale(language))
    return text if timezone else f"{text} UTC"


def _day(then: datetime, today: datetime, language: str) -> str:
    if then.year == today.year:
        return format_skeleton("MMMMd", then, tzinfo=then.tzinfo, locale=_locale(language))
    return format_date(then, "long", locale=_locale(language))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_ENGLISH if language == "en" else language)
