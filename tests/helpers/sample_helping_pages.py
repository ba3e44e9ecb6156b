"""The dialogs of removal, pause and help-desk code, as ``sample_pages`` has the other pages."""

from __future__ import annotations

from dataclasses import replace

from twostep.admin import helping_views
from twostep.admin.helping_forms import ends, minutes_offered, why
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.core.spelling import spelled
from twostep.core.ways import Way
from twostep.flows.sent_code_states import WayTo
from twostep.flows.step_up import By
from twostep.i18n.audit_words import REASONS
from twostep.i18n.helping_notices import HelpingNotice
from twostep.i18n.notices import AnyNotice, Notice, said
from twostep.web.forms import Form
from twostep.web.fresh_proof import CodeSentTo
from twostep.web.proof_fields import NOTHING_ASKED, ProofFields
from twostep.web.rendering import FieldError, View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

HOUR = 60 * 60_000
DAY = 24 * HOUR

CALLED = "Bartholomäus-Maximilian von und zu Hohenlohe-Schillingsfürst (bartholomaeus.hohenlohe)"
USER = f"/admin/users/{'4a' * 16}"
CODE = "4XKQ-9TDM-2H8R-P6WZ-7V3C"
CHOSEN = why(Form({"reason": "lost_phone"}))

WAYS = (
    WayTo(way=Way.EMAIL, masked="a•••@northside.example"),
    WayTo(way=Way.PHONE, masked="•••• 42"),
)
SENT = CodeSentTo(way="email", masked="a•••@northside.example", digits=6)
BY_CODE = ProofFields(by=By.CODE)
BY_CODE_OR_SENT = ProofFields(by=By.CODE, ways=WAYS, or_sent_code=True)
BY_PASSWORD = ProofFields(by=By.PASSWORD)
NOT_SENT_YET = ProofFields(by=By.SENT_CODE, ways=WAYS)
BY_SENT_CODE = ProofFields(by=By.SENT_CODE, ways=WAYS, sent_to=SENT, or_app=True)


def wrong(field: str, notice: AnyNotice, **data: int | str) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


def removal() -> helping_views.RemoveTwoStep:
    return helping_views.RemoveTwoStep(
        csrf="a-token",
        called=CALLED,
        here=f"{USER}/remove-two-step",
        back=USER,
        caller_check=f"{USER}/check-caller",
        has_one=True,
        sessions=3,
        devices=2,
        required=False,
        asks_set_up_code=False,
        told=True,
        by_password=False,
        reasons=CHOSEN.choices,
        note="",
        proof=BY_CODE,
    )


def shown() -> helping_views.CodeShown:
    return helping_views.CodeShown(
        called=CALLED,
        back=USER,
        code=CODE,
        groups=spelled(CODE),
        purpose=HelpDeskPurpose.SET_UP,
        until=TODAY + DAY,
        uses=1,
        told=True,
        after_removal=True,
    )


def pause() -> helping_views.PauseTwoStep:
    return helping_views.PauseTwoStep(
        csrf="a-token",
        called=CALLED,
        here=f"{USER}/pause",
        back=USER,
        paused_until=None,
        has_one=True,
        required=True,
        ends=ends("1", now=TODAY),
        day_chosen=False,
        day="",
        first_day="2026-04-12",
        last_day="2026-05-11",
        told=True,
        by_password=False,
        reasons=why(Form({})).choices,
        note="",
        proof=NOTHING_ASKED,
    )


def alive(purpose: HelpDeskPurpose, uses_left: int) -> helping_views.OpenCodeLine:
    return helping_views.OpenCodeLine(
        purpose=purpose,
        made_at=TODAY - HOUR,
        until=TODAY + HOUR,
        uses_left=uses_left,
        reason=next(iter(REASONS.values())),
        note="ticket 4711" if uses_left else "",
        withdraw=f"{USER}/help-desk-code/{'5b' * 16}/withdraw",
    )


def new_code() -> helping_views.NewHelpDeskCode:
    return helping_views.NewHelpDeskCode(
        csrf="a-token",
        called=CALLED,
        here=f"{USER}/help-desk-code",
        back=USER,
        form_id="5c" * 16,
        caller_check=f"{USER}/check-caller",
        codes=(),
        purpose=HelpDeskPurpose.TODAY,
        minutes=minutes_offered(None),
        uses="1",
        most_uses=10,
        told=True,
        reasons=CHOSEN.choices,
        note="",
        proof=BY_CODE_OR_SENT,
    )


END_PAUSE = helping_views.EndPause(
    csrf="a-token", called=CALLED, here=f"{USER}/end-pause", back=USER, paused_until=TODAY + DAY,
    proof=BY_SENT_CODE,
)  # fmt: skip
WITHDRAWAL = helping_views.WithdrawCode(
    csrf="a-token", called=CALLED, here=f"{USER}/help-desk-code/{'5b' * 16}/withdraw",
    back=f"{USER}/help-desk-code", line=alive(HelpDeskPurpose.TODAY, 2), proof=BY_PASSWORD,
)  # fmt: skip

HELPING_VIEWS: dict[str, View] = {
    "removal": removal(),
    "removal-by-password": replace(
        removal(), sessions=1, devices=1, by_password=True, told=False, proof=BY_PASSWORD
    ),
    "removal-required": replace(
        removal(), sessions=0, devices=0, required=True, asks_set_up_code=True, proof=BY_SENT_CODE
    ),
    "removal-not-sent-yet": replace(
        removal(),
        required=True,
        proof=NOT_SENT_YET,
        errors=(wrong("code", Notice.CODE_WRONG_PLAIN),),
    ),
    "removal-wrong": replace(
        removal(),
        reasons=why(Form({})).choices,
        note="ticket",
        errors=(
            wrong("reason", HelpingNotice.REASON_MISSING),
            wrong("note", Notice.FIELD_TOO_LONG, limit=200),
        ),
    ),
    "removal-of-nothing": replace(removal(), has_one=False, required=True),
    "set-up-code-shown": shown(),
    "help-desk-code-shown": replace(
        shown(),
        code="4XKQ-9TDM",
        groups=spelled("4XKQ-9TDM"),
        purpose=HelpDeskPurpose.TODAY,
        uses=3,
        told=False,
        after_removal=False,
    ),
    "pause": pause(),
    "pause-again": replace(
        pause(), paused_until=TODAY + DAY, by_password=True, told=False, proof=BY_PASSWORD
    ),
    "pause-wrong": replace(
        pause(),
        day_chosen=True,
        day="2027-01-01",
        errors=(wrong("day", HelpingNotice.DAY_TOO_FAR, last="2026-05-11"),),
    ),
    "pause-without-end": replace(
        pause(), ends=ends("", now=TODAY), errors=(wrong("end", HelpingNotice.END_MISSING),)
    ),
    "pause-of-nothing": replace(pause(), has_one=False, required=False),
    "end-pause": END_PAUSE,
    "end-pause-of-none": replace(END_PAUSE, paused_until=None),
    "new-code": new_code(),
    "new-code-and-two": replace(
        new_code(),
        codes=(alive(HelpDeskPurpose.TODAY, 0), alive(HelpDeskPurpose.SET_UP, 1)),
        purpose=HelpDeskPurpose.SET_UP,
    ),
    "new-code-wrong": replace(
        new_code(),
        uses="many",
        purpose=None,
        errors=(
            wrong("purpose", HelpingNotice.PURPOSE_MISSING),
            wrong("minutes", HelpingNotice.MINUTES_WRONG),
            wrong("uses", HelpingNotice.USES_WRONG, most=10),
        ),
    ),
    "withdraw": WITHDRAWAL,
    "withdraw-nothing": replace(WITHDRAWAL, line=None),
}
