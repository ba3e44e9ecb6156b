"""The administrators' first page, in its situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from twostep.admin.overview_page import view_of
from twostep.core.audit import EventKind
from twostep.core.event_counts import SHOWN_DAYS, day_of
from twostep.core.messages import MessageState
from twostep.core.permissions import ALL, Permission
from twostep.core.users import SecondStep
from twostep.flows.overview import FOREVER, Held, HeldUser, Overview
from twostep.web.rendering import View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

HOUR = 3_600_000

FIRST_DAY = day_of(TODAY) - SHOWN_DAYS + 1


def days(*numbers: int) -> tuple[int, ...]:
    """These again and again, for as many days as are shown."""
    return tuple(numbers[place % len(numbers)] for place in range(SHOWN_DAYS))


NOBODY = Held(number=0, first=())

NEW = Overview(
    two_step=dict.fromkeys(SecondStep, 0) | {SecondStep.NONE: 1},
    locked=NOBODY,
    paused=NOBODY,
    first_day=FIRST_DAY,
    events={},
    messages={},
)

BUSY = Overview(
    two_step={
        SecondStep.NONE: 112,
        SecondStep.APP: 388_214,
        SecondStep.CODES: 1,
        SecondStep.APP_AND_CODES: 4_020,
    },
    locked=Held(
        number=12,
        first=[
            HeldUser(id=b"a" * 16, name="ann.lee", until=TODAY + HOUR),
            HeldUser(
                id=b"b" * 16,
                name="a-user-name-of-many-characters.without.a.blank@northside-housing.example",
                until=FOREVER,
            ),
        ],
    ),
    paused=Held(number=1, first=[HeldUser(id=b"c" * 16, name="bo", until=TODAY + 30 * HOUR)]),
    first_day=FIRST_DAY,
    events={
        (EventKind.SIGN_IN_COMPLETED, "2"): days(900, 1_020, 980, 1_100, 870, 40, 0),
        (EventKind.SIGN_IN_COMPLETED, "1r"): days(5_000, 4_300, 4_700),
        (EventKind.PASSWORD_REFUSED, ""): days(20, 31, 18, 400, 22, 3, 0),
        (EventKind.LOCKOUT_BEGUN, ""): days(0, 0, 1, 0),
        (EventKind.CODE_REFUSED, ""): days(7),
        (EventKind.CODE_CLOCK_OFF, ""): days(1, 0, 0, 0, 0),
    },
    messages={
        MessageState.QUEUED: 3,
        MessageState.ACCEPTED: 48_210,
        MessageState.GIVEN_UP: 2,
        MessageState.BOUNCED: 41,
    },
)

QUIET = Overview(
    two_step=NEW.two_step,
    locked=NOBODY,
    paused=NOBODY,
    first_day=FIRST_DAY,
    events={(EventKind.SIGN_IN_COMPLETED, "1"): (*days(0)[1:], 1)},
    messages={},
)

OVERVIEW_VIEWS: dict[str, View] = {
    "overview": view_of(BUSY, ALL, csrf="a-token"),
    "overview-new": view_of(NEW, ALL, csrf="a-token"),
    "overview-first-sign-in": view_of(QUIET, {Permission.AUDIT}, csrf="a-token"),
    "overview-help-desk": view_of(BUSY, {Permission.HELP_DESK_CODES}, csrf="a-token"),
}
