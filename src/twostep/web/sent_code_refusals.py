"""From what was refused of a code that was sent to what a page says of it."""

from __future__ import annotations

from typing import assert_never

from twostep.core.sent_codes import SECOND
from twostep.flows.codes import CodesPaused
from twostep.flows.sent_code_checks import SentCodeRefused, Why
from twostep.flows.sent_codes import NotYet
from twostep.i18n.notices import Said, said
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.web.refusals import paused_codes
from twostep.web.rendering import FieldError

_SOON = 90 * SECOND
"""So near that seconds say more than the time of day."""


def sent_code_error(refused: SentCodeRefused | CodesPaused, digits: int) -> FieldError:
    """What is said beside the code's field; ``digits``: how long the code is."""
    if isinstance(refused, CodesPaused):
        return FieldError(field="code", said=paused_codes(refused))
    return FieldError(field="code", said=_said(refused, digits))


def of_earlier() -> FieldError:
    """What is said where a code was typed, and none was sent for this sign-in: there is no field
    for it on the page that answers.
    """
    return FieldError(field="", said=said(SentCodeNotice.CODE_OF_EARLIER))


def not_yet(refused: NotYet, now: int) -> Said:
    """When a code may be asked for again."""
    left = refused.until - now
    if left <= _SOON:
        return said(SentCodeNotice.IN_A_MOMENT, seconds=max(1, -(-left // SECOND)))
    return said(SentCodeNotice.NOT_YET, until=refused.until)


def missing() -> tuple[FieldError, ...]:
    """What is said where nothing was typed."""
    return (FieldError(field="code", said=said(SentCodeNotice.CODE_MISSING)),)


def _said(refused: SentCodeRefused, digits: int) -> Said:
    match refused.why:
        case Why.MALFORMED:
            return said(SentCodeNotice.CODE_MISSHAPEN, digits=digits)
        case Why.OVER:
            return said(SentCodeNotice.CODE_OVER)
        case Why.NO_MATCH if refused.code_is_dead:
            return said(SentCodeNotice.CODE_OVER)
        case Why.NO_MATCH:
            return said(SentCodeNotice.CODE_WRONG, tries=refused.tries_left or 0)
        case _:
            assert_never(refused.why)
