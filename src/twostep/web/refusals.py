"""From what a flow refused to what a page says of it."""

from __future__ import annotations

from typing import assert_never

from twostep.core.authenticators import NEW_KEY
from twostep.core.passwords import Problem, ProblemKind
from twostep.flows import contact_reading, recovery_checks
from twostep.flows.codes import CodeRefused, CodesPaused, Why
from twostep.flows.contact_reading import NotUsable
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.recovery_checks import RecoveryCodeRefused, RecoveryCodesPaused
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, Said, clock_off, said
from twostep.web.errors import StopRequest
from twostep.web.rendering import FieldError


def code_error(refused: CodeRefused, *, in_set_up: bool = False) -> FieldError:
    """What is said beside the code's field."""
    return FieldError(field="code", said=_code(refused, in_set_up))


def _code(refused: CodeRefused, in_set_up: bool) -> Said:
    match refused.why:
        case Why.MALFORMED:
            return said(Notice.CODE_MISSHAPEN, digits=NEW_KEY.digits)
        case Why.ALREADY_USED:
            return said(Notice.CODE_USED)
        case Why.CLOCK_SLOW | Why.CLOCK_FAST:
            return clock_off(slow=refused.why is Why.CLOCK_SLOW, minutes=refused.minutes)
        case Why.NO_MATCH if in_set_up:
            return said(Notice.SET_UP_CODE_WRONG)
        case Why.NO_MATCH if refused.tries_left is None:
            return said(Notice.CODE_WRONG_PLAIN)
        case Why.NO_MATCH:
            return said(Notice.CODE_WRONG, tries=refused.tries_left or 0)
        case _:
            assert_never(refused.why)


def password_errors(
    problems: tuple[Problem, ...], *, same: bool = False, field: str = "new_password"
) -> tuple[FieldError, ...]:
    """What is said beside the field of a new password: the first problem, which is the one to mend
    first.
    """
    if same:
        return (FieldError(field=field, said=said(Notice.PASSWORD_IS_OLD)),)
    return tuple(FieldError(field=field, said=_password(problem)) for problem in problems[:1])


def _password(problem: Problem) -> Said:
    data = dict(problem.data)
    match problem.kind:
        case ProblemKind.TOO_SHORT:
            return said(Notice.PASSWORD_TOO_SHORT, limit=data["least"])
        case ProblemKind.TOO_LONG:
            return said(Notice.PASSWORD_TOO_LONG, limit=data["most"])
        case ProblemKind.COMMON | ProblemKind.PATTERN:
            return said(Notice.PASSWORD_COMMON)
        case ProblemKind.CONTEXT_WORD:
            return said(Notice.PASSWORD_HAS_CONTEXT, word=data["word"])
        case ProblemKind.UNUSABLE_CHARACTER:
            return said(Notice.PASSWORD_UNREADABLE)
        case _:
            assert_never(problem.kind)


def paused_codes(paused: CodesPaused) -> Said:
    """Until when no code is looked at."""
    if paused.until is None:
        return said(Notice.CODES_STOPPED)
    return said(Notice.PAUSED_UNTIL, until=paused.until)


def paused_passwords(until: int | None) -> Said:
    """Until when no password is looked at."""
    if until is None:
        return said(Notice.PASSWORD_STOPPED)
    return said(Notice.CURRENT_PASSWORD_PAUSED, until=until)


def recovery_code_error(refused: RecoveryCodeRefused | RecoveryCodesPaused) -> FieldError:
    """What is said beside the field of a recovery code."""
    return FieldError(field="recovery_code", said=_recovery_code(refused))


def _recovery_code(refused: RecoveryCodeRefused | RecoveryCodesPaused) -> Said:
    match refused:
        case (
            RecoveryCodesPaused(until=until) | RecoveryCodeRefused(tries_left=0, paused_until=until)
        ):
            if until is None:
                return said(Notice.RECOVERY_CODES_STOPPED)
            return said(Notice.RECOVERY_CODES_PAUSED, until=until)
        case RecoveryCodeRefused(why=recovery_checks.Why.MALFORMED):
            return said(Notice.RECOVERY_CODE_MISSHAPEN)
        case RecoveryCodeRefused(why=recovery_checks.Why.ALREADY_USED):
            return said(Notice.RECOVERY_CODE_USED)
        case RecoveryCodeRefused():
            return said(Notice.RECOVERY_CODE_WRONG, tries=refused.tries_left or 0)
        case _:
            assert_never(refused)


def address_refused(refused: NotUsable) -> Said:
    """Why an address that was typed cannot be used."""
    match refused.problem:
        case contact_reading.Problem.NOT_AN_ADDRESS:
            return said(ContactNotice.NOT_AN_ADDRESS)
        case contact_reading.Problem.NOT_A_NUMBER:
            return said(ContactNotice.NOT_A_NUMBER)
        case contact_reading.Problem.NOT_A_MOBILE:
            return said(ContactNotice.NOT_A_MOBILE)
        case contact_reading.Problem.COUNTRY_NOT_ALLOWED:
            return said(ContactNotice.COUNTRY_NOT_ALLOWED)
        case contact_reading.Problem.NO_TEXTS:
            return said(ContactNotice.NO_TEXTS_HERE)
        case contact_reading.Problem.NO_CARRIER:
            return said(ContactNotice.NO_CARRIER)
        case contact_reading.Problem.DEAD_GATEWAY:
            name = refused.carrier.name if refused.carrier else ""
            return said(ContactNotice.DEAD_GATEWAY, carrier=name)
        case _:
            assert_never(refused.problem)


def too_many(paused: NetworkPaused, now: int) -> StopRequest:
    """The page for a block of addresses from which too many wrong tries came."""
    seconds = max(1, (paused.retry_at - now + 999) // 1000)
    return StopRequest(Matter.TOO_MANY_REQUESTS, 429, retry_after=seconds)
