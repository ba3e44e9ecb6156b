"""Texts through a provider: to which numbers, and how many. Each of them is paid for.

Threat: who gets a service to send texts to numbers that they earn from, or to thousands of numbers,
lives on its bill (AC-53). So nothing is sent before a password was right; nothing to a country that
no administrator has named; nothing to a number that costs more than a mobile; and of all others so
many a day at the most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from twostep.core.messages import DAY

BUDGET_LASTS: Final = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTerms:
    """An environment's terms. ``countries`` in the order of the property, ``a_day`` the most texts
    within ``BUDGET_LASTS``; ``allowed``: codes by text are a second step there.
    """

    countries: tuple[str, ...] = ()
    a_day: int = 0
    allowed: bool = False

    @property
    def open(self) -> bool:
        """Whether a number can be of any use."""
        return self.allowed and bool(self.countries) and self.a_day > 0

    @property
    def home(self) -> str | None:
        """The country in which a number is that was typed without one."""
        return self.countries[0] if self.countries else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How far a budget is used up: of so many texts a day at the most, when the text was made after
    which there is none left (ms); None where there is room.
    """

    a_day: int
    full_since: int | None


def may_text_at(budgets: Collection[Spent], *, now: int) -> int:
    """When a text may be sent: ``now``, or when each budget has room again. A budget of none at all
    has no room for a day, and then for another.
    """
    return max([now, *(_room_at(spent, now) for spent in budgets)])


def _room_at(spent: Spent, now: int) -> int:
    if spent.a_day == 0:
        return now + BUDGET_LASTS
    return now if spent.full_since is None else min(spent.full_since, now) + BUDGET_LASTS
