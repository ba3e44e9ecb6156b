"""The administrators' first page: how things stand, in numbers.

Users are counted by what is noted at each of them, events by what was added up while they were
sealed, so that neither a million users nor a million events make anybody wait. An event counts from
the moment on in which it is sealed: within a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.event_counts import SHOWN_DAYS, day_of
from twostep.core.messages import WAITING, MessageState
from twostep.core.users import SecondStep
from twostep.flows.installation import Installation
from twostep.storage import event_counts, message_counts, user_counts
from twostep.storage.database import Connection
from twostep.storage.user_counts import Held, HeldUser
from twostep.storage.user_marks import FOREVER

__all__ = ["FOREVER", "Held", "HeldUser", "Overview", "look"]

NAMED: Final = 10
"""So many of those who are locked stand on the page; for all of them there is the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How an environment stands.

    ``first_day``: days since 1970-01-01 (UTC), of the first of the days that are looked at.
    ``events``: by kind and detail, how many on each day; what never happened is left out.
    """

    two_step: Mapping[SecondStep, int]
    locked: Held
    paused: Held
    first_day: int
    events: Mapping[tuple[EventKind, str], tuple[int, ...]]
    messages: Mapping[MessageState, int]


def look(installation: Installation, environment_id: bytes) -> Overview:
    """How the environment stands now, all from one moment."""
    now = installation.clock()
    first_day = day_of(now) - SHOWN_DAYS + 1
    kinds = {kind.value for kind in EventKind}

    def act(connection: Connection) -> Overview:
        place = (connection, environment_id)
        counted = event_counts.since(*place, day=first_day, kinds=kinds)
        days: dict[tuple[EventKind, str], list[int]] = {}
        for each, number in counted.items():
            row = days.setdefault((EventKind(each.kind), each.detail), [0] * SHOWN_DAYS)
            # A clock that was ahead makes events of a day to come; they count on its day.
            if each.day - first_day < SHOWN_DAYS:
                row[each.day - first_day] += number
        events = {what: tuple(row) for what, row in days.items() if any(row)}
        waiting = message_counts.in_states(*place, WAITING)
        return Overview(
            two_step=user_counts.by_second_step(*place),
            locked=user_counts.locked(*place, now=now, most=NAMED),
            paused=user_counts.paused(*place, now=now, most=NAMED),
            first_day=first_day,
            events=events,
            messages={**_settled(events), **waiting},
        )

    return installation.database.read(act)


def _settled(events: Mapping[tuple[EventKind, str], tuple[int, ...]]) -> Mapping[MessageState, int]:
    """Messages by what became of them. One that came back was accepted before, and is counted among
    those that came back alone, as the list of messages has it.
    """
    numbers = Counter(
        {
            MessageState(detail): sum(row)
            for (kind, detail), row in events.items()
            if kind is EventKind.MESSAGE_SETTLED and detail
        }
    )
    back = numbers[MessageState.BOUNCED]
    numbers[MessageState.ACCEPTED] = max(0, numbers[MessageState.ACCEPTED] - back)
    return {state: number for state, number in numbers.items() if number}
