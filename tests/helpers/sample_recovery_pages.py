"""The pages about recovery codes, each in its situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from twostep.core.reasons import Code, Reasons, because
from twostep.i18n.help_desk_notices import HelpDeskNotice
from twostep.i18n.notices import Notice, Said, said
from twostep.pages import recovery_views
from twostep.pages.recovery_views import EnterRecoveryCode, RecoveryCodes
from twostep.pages.security_views import Act
from twostep.pages.views import EnterHelpDeskCode, FieldError, RecoveryCodesLine, Wait
from twostep.web.rendering import View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""
DAY = 86_400_000

CODES = (
    "01 4XKQ-9TDM-2H8R-P6WZ",
    "02 0C5V-WEY8-K3NJ-7QAT",
    "03 SD2F-6RB1-XM9P-0HGV",
    "04 T8ZK-5JCW-4QNE-Y7A3",
    "05 9MVB-H0XD-2RGS-FK6P",
    "06 C1WQ-7TNZ-8EJA-5VY4",
    "07 K6PH-3DFX-9BMR-0STG",
    "08 2NZE-QW4C-J8VY-71KA",
    "09 RBX5-0GHD-TP6M-F9S3",
    "10 WWWW-MMMM-8888-0000",
)


def line(left: int, *, made: bool = True, app_missing: bool = False) -> RecoveryCodesLine:
    """How somebody stands who has so many left."""
    return RecoveryCodesLine(
        made_at=TODAY - 90 * DAY if made else None,
        left=left,
        few=left < 3,
        app_missing=app_missing,
    )


def _enter(*errors: FieldError, act: Act | None = None) -> EnterRecoveryCode:
    waits = Wait(until=TODAY + 900_000, more_time_url="/sign-in/more-time")
    return EnterRecoveryCode(
        csrf="a-token",
        user_name="ann.lee",
        act=act,
        errors=errors,
        wait=None if act else waits,
    )


def _help_desk(*errors: Said, reasons: Reasons = ()) -> EnterHelpDeskCode:
    return EnterHelpDeskCode(
        csrf="a-token",
        user_name="ann.lee",
        reasons=reasons,
        other_ways=not reasons,
        errors=tuple(FieldError(field="help_desk_code", said=what) for what in errors),
        wait=Wait(until=TODAY + 900_000, more_time_url="/sign-in/more-time"),
    )


def _wrong(notice: Notice, **data: int) -> FieldError:
    return FieldError(field="recovery_code", said=said(notice, **data))


def _state(of: RecoveryCodesLine | None) -> RecoveryCodes:
    return RecoveryCodes(csrf="a-token", line=of, replaces="7", going_to="/")


SIGNED_OUT_VIEWS: dict[str, View] = {
    "recovery-code": _enter(),
    "recovery-code-wrong": _enter(_wrong(Notice.RECOVERY_CODE_WRONG, tries=4)),
    "recovery-code-paused": _enter(_wrong(Notice.RECOVERY_CODES_PAUSED, until=TODAY + 3_600_000)),
    "help-desk-code": _help_desk(),
    "help-desk-code-wrong": _help_desk(said(HelpDeskNotice.CODE_WRONG, tries=4)),
    "help-desk-code-for-set-up": _help_desk(reasons=(because(Code.SET_UP_CODE_ASKED),)),
}

SIGNED_IN_VIEWS: dict[str, View] = {
    "recovery-codes-first": _state(line(0, made=False)),
    "recovery-codes": _state(line(7)),
    "recovery-codes-app-missing": _state(line(9, app_missing=True)),
    "recovery-codes-of-no-use": _state(None),
    "recovery-codes-shown": recovery_views.RecoveryCodesShown(
        csrf="a-token",
        codes=CODES,
        user_name="ann.lee",
        address="signin.northside.example",
        made_at=TODAY,
        going_to="/",
    ),
    "recovery-code-used": recovery_views.RecoveryCodeUsed(csrf="a-token", left=9, going_to="/"),
    "recovery-code-used-last": recovery_views.RecoveryCodeUsed(
        csrf="a-token", left=0, going_to="/"
    ),
    "recovery-code-confirm": _enter(act=Act.NEW_KEY),
}
