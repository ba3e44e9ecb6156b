"""What stands on the pages that take a code which was sent. See ``views``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from twostep.core.messages import FAILED, WAITING
from twostep.core.reasons import Reasons
from twostep.core.ways import Way
from twostep.flows.sent_code_states import Last, WayTo
from twostep.pages.views import Wait, WayLine
from twostep.web.acts import Act
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """The last code that was sent this way. ``state``: ``waiting`` until a server has taken the
    message, or ``late`` where none did at the first try; ``sent`` since then, ``failed`` where none
    will, ``unsure`` where nobody knows. Times in milliseconds.
    """

    sent_at: int
    expires_at: int
    again_at: int
    digits: int
    works: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterSentCode:
    """A code that goes to ``masked`` by this way; ``code`` is None before the first one.

    ``others`` are the person's other ways, to be shown first where ``others_first``. ``act``: what
    it is a fresh proof for; None inside a sign-in. ``cancel_url`` where a link leads away. ``here``
    is where the page is found again, also where it answered a form.
    """

    template: ClassVar[str] = "enter_sent_code.html"

    csrf: str
    user_name: str
    way: str
    masked: str
    here: str
    verify_url: str
    send_url: str
    code: CodeLine | None = None
    others: tuple[WayLine, ...] = ()
    others_first: bool = False
    act: Act | None = None
    cancel_url: str | None = None
    remember_days: int | None = None
    remember: bool = False
    reasons: Reasons = ()
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


def code_line(last: Last | None, way: Way) -> CodeLine | None:
    """What to say of the last code, where it went this way."""
    if last is None or last.way is not way:
        return None
    return CodeLine(
        sent_at=last.sent_at,
        expires_at=last.expires_at,
        again_at=last.again_at,
        digits=last.digits,
        works=last.works,
        state=_state(last),
    )


def _state(last: Last) -> str:
    if last.late or last.unsure:
        return "late" if last.late else "unsure"
    return "waiting" if last.state in WAITING else "failed" if last.state in FAILED else "sent"


def others(ways: Sequence[WayTo], lines: Sequence[WayLine], shown: Way) -> tuple[WayLine, ...]:
    """The lines of the other ways than the one that is shown."""
    return tuple(line for way, line in zip(ways, lines, strict=True) if way.way is not shown)


def way_named(text: str | None, ways: Sequence[WayTo]) -> Way | None:
    """The way of that name, where a code can be sent by it."""
    return next((to.way for to in ways if to.way.sent_to and to.way.value == text), None)
