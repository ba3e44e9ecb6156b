"""Who had a second step on a day that is over, from what changed since and what is so today.

Promise: as far back as the log reaches, the answer is exact, however long ago somebody set up: what
stands in no event any more, because retention has taken it, stands in how things are today or in
the first event after that day. What is not known is said, and not guessed.

    ─ … ─┤ log begins ├─── last change before the day ──▶ day ──▶ first change after ─── today
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind


class Had(StrEnum):
    """What somebody had set up."""

    APP = "app"
    CODES = "codes"
    """Codes by email or text message, turned on by themselves."""
    BOTH = "both"
    UNKNOWN = "unknown"
    """Something, which was removed later: what it was, no event says that is still there."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event that changed somebody's second step, at that moment (ms)."""

    at: int
    kind: EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What somebody has now, and since when (ms); None: not."""

    app_since: int | None = None
    codes_since: int | None = None


NOBODY: Final = Today()

_Effect = tuple[bool | None, bool]
"""Whether they had it before, and after; None: the event does not say."""

_ON_APP: Final[Mapping[EventKind, _Effect]] = MappingProxyType(
    {
        EventKind.AUTHENTICATOR_SET_UP: (False, True),
        EventKind.AUTHENTICATOR_REPLACED: (True, True),
        EventKind.AUTHENTICATOR_REMOVED: (True, False),
        EventKind.TWO_STEP_REMOVED: (None, False),
        EventKind.USER_ERASED: (False, False),
    }
)

_ON_CODES: Final[Mapping[EventKind, _Effect]] = MappingProxyType(
    {
        EventKind.CODES_TURNED_ON: (False, True),
        EventKind.CODES_TURNED_OFF: (True, False),
        EventKind.TWO_STEP_REMOVED: (None, False),
        EventKind.USER_ERASED: (False, False),
    }
)

CHANGES: Final = frozenset({*_ON_APP, *_ON_CODES})
"""The kinds of event that say something about somebody's second step."""


def had_at(moment: int, changes: Sequence[Change], today: Today) -> Had:
    """What somebody had just before that moment. ``changes`` are all that the log still has, in
    order.
    """
    app = _had(moment, changes, _ON_APP, today.app_since)
    codes = _had(moment, changes, _ON_CODES, today.codes_since)
    if app and codes:
        return Had.BOTH
    if app or codes:
        return Had.APP if app else Had.CODES
    return Had.UNKNOWN if None in (app, codes) else Had.NONE


def _had(
    moment: int, changes: Sequence[Change], effects: Mapping[EventKind, _Effect], since: int | None
) -> bool | None:
    about = [change for change in changes if change.kind in effects]
    before = [change for change in about if change.at < moment]
    if before:
        return effects[before[-1].kind][1]
    if about:
        return effects[about[0].kind][0]
    return since is not None and since < moment
