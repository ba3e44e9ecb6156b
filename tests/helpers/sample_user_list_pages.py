"""The list of users in its situations, as ``sample_pages`` has the other pages."""

from __future__ import annotations

from dataclasses import replace

from twostep.admin.user_list_forms import Asked, read
from twostep.admin.user_list_page import list_of
from twostep.admin.user_list_views import Users
from twostep.core.users import SecondStep
from twostep.flows.user_lists import Line, Page, Place
from twostep.web.rendering import View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

HOUR = 3_600_000

ANN = Line(
    user_id=bytes(15) + b"\x01",
    name="ann.lee",
    full_name="Ann Lee",
    second_step=SecondStep.APP,
    recovery_codes=8,
    last_sign_in_at=TODAY - HOUR,
    locked=False,
    locked_until=None,
    paused_until=None,
    disabled_at=None,
)
BO = replace(
    ANN,
    user_id=bytes(15) + b"\x02",
    name="bo",
    full_name="",
    second_step=SecondStep.NONE,
    recovery_codes=0,
    last_sign_in_at=None,
)
LOCKED = replace(ANN, full_name="Cleo Ashby", locked=True, locked_until=TODAY + 30_000)
STOPPED = replace(BO, second_step=SecondStep.CODES, locked=True)
ALL_AT_ONCE = replace(
    LOCKED,
    name="bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst@northside.example",
    full_name="Bartholomäus Maximilian Alexander von und zu Hohenlohe-Schillingsfürst",
    second_step=SecondStep.APP_AND_CODES,
    recovery_codes=1,
    locked_until=None,
    paused_until=TODAY + 5 * HOUR,
    disabled_at=TODAY - HOUR,
)
HERE, THERE = Place(user_id=bytes(15) + b"\x01"), Place(user_id=bytes(16), signed_in_at=TODAY)


def users(
    *found: Line,
    asked: Asked | None = None,
    search: str = "",
    manages: bool = True,
    previous: Place | None = None,
    next_: Place | None = None,
    stopped: bool = False,
) -> Users:
    """The list."""
    return list_of(
        asked or Asked(),
        Page(lines=found, previous=previous, next=next_, stopped=stopped),
        csrf="a-token",
        search=search,
        manages=manages,
    )


FILTERED = read({"two_step": "set-up", "state": "locked", "signed_in": "within-7-days"})

USER_LIST_VIEWS: dict[str, View] = {
    "users": users(ANN, BO, LOCKED, STOPPED, ALL_AT_ONCE, next_=HERE),
    "users-to-read-only": users(ANN, manages=False),
    "users-none": users(),
    "users-in-between": users(
        ANN, asked=Asked(after=HERE), previous=HERE, next_=Place(user_id=BO.user_id)
    ),
    "users-past-the-end": users(asked=Asked(after=HERE), previous=HERE),
    "users-found": users(ANN, asked=read({"search": "lee"}), search="lee"),
    "users-nobody-found": users(asked=read({"search": "zz"}), search="zz"),
    "users-filtered": users(LOCKED, asked=FILTERED),
    "users-filtered-to-nobody": users(asked=FILTERED),
    "users-long-away": users(
        ANN, asked=read({"signed_in": "before-30-days", "after": f"{TODAY}-{'00' * 16}"})
    ),
    "users-stopped": users(asked=FILTERED, next_=THERE, stopped=True),
    "users-by-address": users(ANN, asked=read({"address": "00" * 32})),
    "users-by-no-address": users(asked=read({"address": "00" * 32})),
}
