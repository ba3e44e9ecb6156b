"""The pages by which people come in, as ``sample_pages`` has the other pages."""

from __future__ import annotations

from dataclasses import replace

from tests.helpers.sample_helping_pages import (
    BY_CODE,
    BY_CODE_OR_SENT,
    BY_PASSWORD,
    CALLED,
    DAY,
    TODAY,
    USER,
    wrong,
)
from twostep.admin import arrival_views
from twostep.admin.user_import import EXAMPLE
from twostep.core.user_lists import MOST_LINES, Column, LineProblem, ListProblem
from twostep.flows.user_imports import Sample
from twostep.i18n.arrival_notices import LINES, LISTS, ArrivalNotice
from twostep.i18n.notices import Notice, said
from twostep.pages import link_views
from twostep.web.proof_fields import NOTHING_ASKED
from twostep.web.rendering import View

LIST = f"/admin/users/import/{'5c' * 16}"
LONG_NAME = "bartholomaeus-maximilian.hohenlohe-schillingsfuerst@northside-housing.example"


def reset() -> arrival_views.SendReset:
    return arrival_views.SendReset(
        csrf="a-token",
        called=CALLED,
        here=f"{USER}/password-reset",
        back=USER,
        caller_check=f"{USER}/check-caller",
        masked="b•••@northside.example",
        why_not="",
        codes_too=False,
        link_lasts=30,
        proof=BY_CODE,
    )


def invite() -> arrival_views.InviteUser:
    return arrival_views.InviteUser(
        csrf="a-token",
        link_lasts=72,
        user_name="",
        full_name="",
        email="",
        proof=NOTHING_ASKED,
    )


def again() -> arrival_views.InviteAgain:
    return arrival_views.InviteAgain(
        csrf="a-token",
        called=CALLED,
        here=f"{USER}/invite",
        back=USER,
        masked="b•••@northside.example",
        why_not="",
        open_until=TODAY + 2 * DAY,
        link_lasts=72,
        proof=BY_PASSWORD,
    )


def listed() -> arrival_views.ListShown:
    return arrival_views.ListShown(
        csrf="a-token",
        here=LIST,
        state="checked",
        lines=1200,
        bad=0,
        invited=1100,
        without=100,
        finished=0,
        wrong=(),
        more=None,
        samples=(
            Sample(name="ann", full_name="Ann Lee", masked="a•••@northside.example", invite=True),
            Sample(name=LONG_NAME, full_name="", masked="", invite=False),
        ),
        proof=BY_CODE_OR_SENT,
    )


WRONG = tuple(
    arrival_views.WrongLine(
        number=number,
        name=LONG_NAME if problem is LineProblem.TWICE else "",
        why=said(LINES[problem], first=7),
    )
    for number, problem in enumerate(LineProblem, start=8)
)
SEND_LIST = arrival_views.ImportUsers(
    csrf="a-token",
    columns=tuple(column.value for column in Column),
    example=EXAMPLE,
    most=MOST_LINES,
)

ARRIVAL_VIEWS: dict[str, View] = {
    "reset-send": reset(),
    "reset-send-both": replace(reset(), codes_too=True, proof=BY_PASSWORD),
    "reset-send-enough": replace(
        reset(),
        proof=NOTHING_ASKED,
        errors=(wrong("", ArrivalNotice.ENOUGH_SENT, until=TODAY + DAY),),
    ),
    **{
        f"reset-send-not-{why}": replace(reset(), why_not=why, masked="")
        for why in ("disabled", "no_password", "no_address", "address_new", "unreadable")
    },
    "invite": invite(),
    "invite-wrong": replace(
        invite(),
        user_name="ann",
        proof=BY_CODE,
        errors=(
            wrong("user_name", Notice.USER_NAME_TAKEN),
            wrong("full_name", ArrivalNotice.FULL_NAME_UNUSABLE),
            wrong("email", ArrivalNotice.ADDRESS_UNUSABLE),
        ),
    ),
    "invite-again": again(),
    "invite-again-not": replace(again(), why_not="has_password", masked="", open_until=None),
    "import": SEND_LIST,
    "import-wrong": replace(
        SEND_LIST, errors=(wrong("file", LISTS[ListProblem.NOT_UTF8], number=12),)
    ),
    "import-checked": listed(),
    "import-bad": replace(
        listed(),
        bad=len(WRONG),
        wrong=WRONG,
        more=f"{LIST}?after=19",
        samples=(),
        proof=NOTHING_ASKED,
    ),
    "import-reading": replace(listed(), state="reading", samples=(), proof=NOTHING_ASKED),
    "import-running": replace(
        listed(), state="switched", finished=400, samples=(), proof=NOTHING_ASKED
    ),
    "import-done": replace(listed(), state="done", samples=(), proof=NOTHING_ASKED),
}

CHOOSE = link_views.ChoosePassword(
    csrf="a-token", user_name=LONG_NAME, shortest=15, save_url="/reset/x", invited=False
)

LINK_VIEWS: dict[str, View] = {
    "forgot-password": link_views.ForgotPassword(csrf="a-token", link_lasts=30),
    "forgot-password-empty": link_views.ForgotPassword(
        csrf="a-token",
        link_lasts=30,
        errors=(wrong("user_name", ArrivalNotice.NAME_OR_ADDRESS_MISSING),),
    ),
    "reset": CHOOSE,
    "reset-short": replace(
        CHOOSE, errors=(wrong("new_password", Notice.PASSWORD_TOO_SHORT, limit=15),)
    ),
    "invitation": replace(CHOOSE, invited=True, save_url="/invitation/x"),
}
