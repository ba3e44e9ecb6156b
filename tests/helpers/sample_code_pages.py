"""The pages about codes that are sent, in their situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from typing import Any

from twostep.core.reasons import Code, because
from twostep.i18n.notices import said
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.pages.security_views import Act, CodesChoice, TwoStepState
from twostep.pages.sent_code_views import CodeLine, EnterSentCode
from twostep.pages.views import FieldError, Wait, WayLine
from twostep.web.rendering import View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""
SECOND = 1_000
MINUTE = 60 * SECOND
DAY = 86_400_000

MAIL = "a•••@a-rather-long-name.of-a-host.elsewhere.example"
TEXT = "•••• 68@sms.cricketwireless.net"
CODES_TO = "a•••@northside.example"

SEND = "/sign-in/sent-code/send"
APP = WayLine(way="authenticator", url="/sign-in/code")
PHONE = WayLine(way="phone", url=SEND, masked="•••• 68", sends=True)
GATEWAY = WayLine(way="sms_email", url=SEND, masked=TEXT, sends=True)
EMAIL = WayLine(way="email", url=SEND, masked=MAIL, sends=True)
RECOVERY = WayLine(way="recovery_code", url="/sign-in/recovery")
ALL_WAYS = (APP, PHONE, GATEWAY, EMAIL, RECOVERY)


def _code(state: str, *, ago: int = 8 * SECOND, works: bool = True, digits: int = 6) -> CodeLine:
    at = TODAY - ago
    return CodeLine(
        sent_at=at,
        expires_at=at + 10 * MINUTE,
        again_at=at + 30 * SECOND,
        digits=digits,
        works=works,
        state=state,
    )


def _enter(code: CodeLine | None, *errors: FieldError, **more: Any) -> EnterSentCode:
    usual: dict[str, Any] = {
        "way": "email",
        "masked": MAIL,
        "others": (GATEWAY, RECOVERY),
        "remember_days": 30,
        "reasons": (because(Code.NEW_DEVICE),),
        "wait": Wait(until=TODAY + 15 * MINUTE, more_time_url="/sign-in/more-time"),
    }
    return EnterSentCode(
        csrf="a-token",
        user_name="ann.lee",
        here="/sign-in/sent-code?to=email",
        verify_url="/sign-in/sent-code",
        send_url=SEND,
        code=code,
        errors=errors,
        **(usual | more),
    )


def _confirm(code: CodeLine | None, **more: Any) -> EnterSentCode:
    return _enter(
        code,
        act=Act.CONTACTS,
        cancel_url="/security",
        remember_days=None,
        reasons=(),
        wait=None,
        **more,
    )


def _wrong(notice: SentCodeNotice, **data: int) -> FieldError:
    return FieldError(field="code", said=said(notice, **data))


SENT_CODE_VIEWS: dict[str, View] = {
    "sent-code-first": _enter(None, way="sms_email", masked=TEXT, others=(EMAIL,)),
    "sent-code-on-its-way": _enter(_code("waiting")),
    "sent-code-sent": _enter(_code("sent", ago=MINUTE, digits=12)),
    "sent-code-second": _enter(_code("sent"), others=(), others_first=True),
    "sent-code-late": _enter(_code("late"), others_first=True),
    "sent-code-failed": _enter(_code("failed"), others_first=True, others=ALL_WAYS),
    "sent-code-wrong": _enter(
        _code("sent", ago=11 * MINUTE, works=False), _wrong(SentCodeNotice.CODE_WRONG, tries=4)
    ),
}

SENT_CODE_CONFIRM_VIEWS: dict[str, View] = {
    "sent-code-confirm": _confirm(_code("sent")),
}

TWO_STEP_VIEWS: dict[str, View] = {
    "two-step-codes-off": TwoStepState(
        csrf="a-token", since=None, codes=CodesChoice(to=(CODES_TO,), confirmed=True)
    ),
    "two-step-codes-on": TwoStepState(
        csrf="a-token",
        since=TODAY - 100 * DAY,
        codes=CodesChoice(to=(MAIL, TEXT), since=TODAY - 9 * DAY, confirmed=True),
    ),
    "two-step-codes-required": TwoStepState(
        csrf="a-token", since=None, codes=CodesChoice(to=(CODES_TO,)), required=True
    ),
    "two-step-codes-unconfirmed": TwoStepState(
        csrf="a-token", since=None, codes=CodesChoice(to=(MAIL,))
    ),
}
