"""Events by the day: what is added up while they are sealed, so that a picture reads a few rows.

Each event counts once, on the day on which it happened (UTC), under its kind and one detail: how
far a completed sign-in went, or what became of a message. The details are closed sets, so that a
day has some hundred rows at the most, however many events it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from twostep.core.audit import Event, EventKind
from twostep.core.messages import MessageState
from twostep.core.sessions import Level

DAY_MS: Final = 24 * 60 * 60 * 1_000

SHOWN_DAYS: Final = 30
"""How far back the first page of the administrators looks, today included."""

_DETAILS: Final[Mapping[EventKind, tuple[str, frozenset[str]]]] = MappingProxyType(
    {
        EventKind.SIGN_IN_COMPLETED: ("level", frozenset(Level)),
        EventKind.MESSAGE_SETTLED: ("result", frozenset(MessageState)),
    }
)
"""Of which datum the detail is taken, and what it may be."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Counted:
    """What an event counts as. ``day``: days since 1970-01-01. ``detail``: empty for most."""

    day: int
    kind: str
    detail: str = ""


def day_of(at: int) -> int:
    """The day of a moment (ms), in UTC."""
    return at // DAY_MS


def counted_as(event: Event) -> Counted:
    """What this event counts as. A datum that is none of those known counts without a detail."""
    datum, known = _DETAILS.get(event.kind, ("", frozenset()))
    detail = event.data.get(datum)
    return Counted(
        day=day_of(event.at),
        kind=event.kind.value,
        detail=detail if isinstance(detail, str) and detail in known else "",
    )


def tally(events: Iterable[Event]) -> Mapping[Counted, int]:
    """How many of these events count as what."""
    return Counter(counted_as(event) for event in events)
