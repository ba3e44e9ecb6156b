"""From an event of the audit log to a line of **Recent activity**."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twostep.core.audit import EventKind
from twostep.core.reasons import Code, Reasons
from twostep.flows.audit import Happened
from twostep.i18n.activities import LISTED
from twostep.pages.security_views import ActivityLine


def activity_lines(happenings: Sequence[Happened]) -> tuple[ActivityLine, ...]:
    """The lines for those events that a person is told of; the others are for the log alone.

    A sign-in says why its second step was asked for, as the page said it that asked.
    """
    asked = _asked(happenings)
    return tuple(
        ActivityLine(
            at=happening.at,
            activity=LISTED[happening.kind],
            browser=happening.visitor.browser if happening.visitor else "",
            address=happening.visitor.address if happening.visitor else "",
            reasons=_telling(asked.get(_completed(happening), happening.reasons)),
        )
        for happening in happenings
        if happening.kind in LISTED and not _went_on(happening)
    )


def _asked(happenings: Sequence[Happened]) -> Mapping[object, Reasons]:
    """By sign-in, why it was not through after its password: in one sentence, the most telling."""
    return {
        happening.data["sign_in"]: happening.reasons[-1:]
        for happening in happenings
        if happening.kind is EventKind.PASSWORD_ACCEPTED and happening.reasons
    }


def _completed(happening: Happened) -> object:
    """The sign-in that succeeded, where this is one."""
    return happening.data.get("sign_in") if happening.kind is EventKind.SIGN_IN_COMPLETED else None


def _went_on(happening: Happened) -> bool:
    """Whether a session only took another token: nobody would say that it ended."""
    return happening.data.get("ended_by") == "exchanged"


def _telling(reasons: Reasons) -> Reasons:
    """The reasons that say more than the line itself: of a wrong password everybody knows that it
    proved nothing.
    """
    return tuple(reason for reason in reasons if reason.code is not Code.NOTHING_PROVEN)
