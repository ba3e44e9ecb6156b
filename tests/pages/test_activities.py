"""**Recent activity** says of a sign-in why its second step was asked for (B-1)."""

from __future__ import annotations

from twostep.core.audit import EventKind
from twostep.core.reasons import Code, Reasons, because
from twostep.flows.audit import Happened
from twostep.i18n.activities import Activity
from twostep.pages.activities import activity_lines

OVER = because(Code.DEVICE_TIME_OVER, until=1)
HAS_ONE = because(Code.SET_UP_BY_PERSON)
BOTH = because(Code.BOTH_STEPS_PROVEN)
REMEMBERED = because(Code.DEVICE_REMEMBERED, until=2)


def happened(kind: EventKind, *reasons: object, **data: object) -> Happened:
    found: Reasons = reasons  # type: ignore[assignment]
    return Happened(
        id=bytes(16),
        at=1,
        kind=kind,
        actor=None,
        target=None,
        visitor=None,
        reasons=found,
        data=data,
    )


def test_a_sign_in_says_in_one_sentence_why_it_was_asked_for_a_code() -> None:
    (line,) = activity_lines(
        [
            happened(EventKind.SIGN_IN_COMPLETED, BOTH, sign_in="aa"),
            happened(EventKind.PASSWORD_ACCEPTED, HAS_ONE, OVER, sign_in="aa"),
        ]
    )
    assert line.activity is Activity.SIGNED_IN
    assert line.reasons == (OVER,)


def test_a_sign_in_that_was_asked_for_nothing_says_why_not() -> None:
    """The password that was accepted belongs to another sign-in, which was given up."""
    lines = activity_lines(
        [
            happened(EventKind.SIGN_IN_COMPLETED, REMEMBERED, sign_in="bb"),
            happened(EventKind.PASSWORD_ACCEPTED, HAS_ONE, OVER, sign_in="aa"),
            happened(EventKind.SIGN_IN_CANCELLED, sign_in="aa"),
        ]
    )
    assert [line.reasons for line in lines] == [(REMEMBERED,), ()]
