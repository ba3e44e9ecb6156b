"""From the numbers to the view of the administrators' first page.

A picture is shown to whoever may open the list behind it: users to everybody who holds a
permission, sign-ins and second steps to whoever reads the audit log, messages to whoever reads
messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from urllib.parse import urlencode

from twostep.admin.overview_views import DayRow, HeldLine, HeldPart, Overview, Row
from twostep.core.audit import EventKind
from twostep.core.event_counts import DAY_MS, SHOWN_DAYS
from twostep.core.messages import MessageState
from twostep.core.permissions import Permission
from twostep.core.sessions import Level
from twostep.core.user_filters import UserState
from twostep.core.users import SecondStep
from twostep.flows import overview
from twostep.flows.overview import FOREVER, Held
from twostep.i18n.audit_words import LEVELS
from twostep.i18n.message_states import STATES
from twostep.i18n.overview_words import REFUSED_STEPS, SIGN_INS
from twostep.i18n.sentences import Sentence
from twostep.i18n.user_lists import SECOND_STEPS

_ALWAYS = (EventKind.SIGN_IN_COMPLETED, EventKind.PASSWORD_REFUSED)
"""The rows of days that are shown on quiet days too: that nobody was refused is worth knowing."""


def view_of(found: overview.Overview, held: AbstractSet[Permission], *, csrf: str) -> Overview:
    """The page of somebody who holds these."""
    return Overview(
        csrf=csrf,
        two_step=_two_step(found),
        locked=_held(found.locked, UserState.LOCKED),
        paused=_held(found.paused, UserState.PAUSED),
        day_starts=tuple((found.first_day + place) * DAY_MS for place in range(SHOWN_DAYS)),
        sign_ins=_sign_ins(found) if Permission.AUDIT in held else None,
        steps=_steps(found) if Permission.AUDIT in held else None,
        messages=_messages(found) if Permission.MESSAGES in held else None,
    )


def _two_step(found: overview.Overview) -> tuple[Row, ...]:
    return _shared(
        (words, found.two_step.get(step, 0), f"/admin/users?two_step={step.value}")
        for step, words in sorted(
            SECOND_STEPS.items(), key=lambda each: each[0] is not SecondStep.NONE
        )
    )


def _sign_ins(found: overview.Overview) -> tuple[DayRow, ...]:
    by_kind = {kind: [0] * SHOWN_DAYS for kind in SIGN_INS}
    for (kind, _), days in found.events.items():
        if kind in by_kind:
            by_kind[kind] = [sum(both) for both in zip(by_kind[kind], days, strict=True)]
    if not any(any(days) for days in by_kind.values()):
        return ()
    return tuple(
        DayRow(
            words=SIGN_INS[kind],
            path=_events_path(found, kind),
            days=tuple(days),
            busiest_at=(found.first_day + days.index(max(days))) * DAY_MS,
        )
        for kind, days in by_kind.items()
        if any(days) or kind in _ALWAYS
    )


def _steps(found: overview.Overview) -> tuple[Row, ...]:
    """How far completed sign-ins went, and what was refused on the way; what never happened is
    left out.
    """
    completed, none = EventKind.SIGN_IN_COMPLETED, (0,)
    levels: Iterable[tuple[Sentence, int, str]] = (
        (
            LEVELS[level],
            sum(found.events.get((completed, level.value), none)),
            _events_path(found, completed),
        )
        for level in Level
    )
    refused = (
        (words, sum(found.events.get((kind, ""), none)), _events_path(found, kind))
        for kind, words in REFUSED_STEPS.items()
    )
    return _shared(row for row in (*levels, *refused) if row[1])


def _messages(found: overview.Overview) -> tuple[Row, ...]:
    rows = ((state, found.messages.get(state, 0)) for state in MessageState)
    return _shared(
        (STATES[state], number, f"/admin/messages?{urlencode({'state': state.value})}")
        for state, number in rows
        if number
    )


def _shared(rows: Iterable[tuple[Sentence, int, str]]) -> tuple[Row, ...]:
    """Each with how much it is of them all, and none of them so little that it cannot be seen."""
    found = list(rows)
    total = max(1, sum(number for _, number, _ in found))
    return tuple(
        Row(
            words=words,
            number=number,
            path=path,
            share=max(1, round(100 * number / total)) if number else 0,
        )
        for words, number, path in found
    )


def _held(found: Held, state: UserState) -> HeldPart:
    return HeldPart(
        number=found.number,
        lines=tuple(
            HeldLine(
                name=user.name,
                path=f"/admin/users/{user.id.hex()}",
                until=None if user.until >= FOREVER else user.until,
            )
            for user in found.first
        ),
        path=f"/admin/users?state={state.value}",
    )


def _events_path(found: overview.Overview, kind: EventKind) -> str:
    first = datetime.fromtimestamp(found.first_day * DAY_MS // 1000, UTC).date()
    return f"/admin/audit?{urlencode({'what': kind.value, 'from': first.isoformat()})}"
