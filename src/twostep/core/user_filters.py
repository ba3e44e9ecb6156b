"""What a list of users can be narrowed down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.lockouts import DAY
from twostep.core.users import SecondStep


class UserState(StrEnum):
    """What may hold somebody back, or let them in without a second step."""

    LOCKED = "locked"
    """Too many wrong passwords or codes: until a while has passed, or until they are unlocked."""
    PAUSED = "paused"
    """An administrator has paused their second step."""
    DISABLED = "disabled"


class SignedIn(StrEnum):
    """When somebody signed in for the last time; the value is what the address bar says."""

    NEVER = "never"
    WITHIN_7_DAYS = "within-7-days"
    BEFORE_30_DAYS = "before-30-days"
    """At some time, and not in the last 30 days."""
    BEFORE_90_DAYS = "before-90-days"


_WITHIN: Final[Mapping[SignedIn, int]] = {SignedIn.WITHIN_7_DAYS: 7 * DAY}
_BEFORE: Final[Mapping[SignedIn, int]] = {
    SignedIn.BEFORE_30_DAYS: 30 * DAY,
    SignedIn.BEFORE_90_DAYS: 90 * DAY,
}

SECOND_STEPS: Final[Mapping[str, frozenset[SecondStep]]] = {
    **{step.value: frozenset({step}) for step in SecondStep},
    "set-up": frozenset(SecondStep) - {SecondStep.NONE},
}
"""What the address bar says, and whom it means: ``set-up`` is whoever has anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list shows; an empty set, an empty tuple and None stand for everybody.

    ``words``: each is the beginning of a word of the name (``search_terms.words_of``).
    ``address_hash``: whoever has this address. ``user_id``: this one. ``signed_in_from`` and
    ``signed_in_before`` in milliseconds.
    """

    words: tuple[str, ...] = ()
    address_hash: bytes | None = None
    user_id: bytes | None = None
    second_steps: frozenset[SecondStep] = frozenset()
    state: UserState | None = None
    never_signed_in: bool = False
    signed_in_from: int | None = None
    signed_in_before: int | None = None


def bounds_of(asked: SignedIn | None, now: int) -> tuple[int | None, int | None]:
    """From when on, and before when (ms), the last sign-in was, counted back from ``now``."""
    within = None if asked is None else _WITHIN.get(asked)
    before = None if asked is None else _BEFORE.get(asked)
    return (
        None if within is None else now - within,
        None if before is None else now - before,
    )
