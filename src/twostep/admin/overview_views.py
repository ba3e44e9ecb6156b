"""What stands on the administrators' first page: pictures, each made of rows with a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from twostep.i18n.sentences import Sentence

HEIGHT: Final = 40
"""Of a row of days, in units of its picture."""

STEP: Final = 10
"""From one day to the next, in the same units; a day is two narrower than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is counted. ``path``: the list behind it.

    ``share``: how long its bar is, in hundredths of the picture; what there is at all is seen.
    """

    words: Sentence
    number: int
    path: str
    share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One thing that is counted by the day, the oldest first. ``busiest_at``: when the day with
    the most began (ms).
    """

    words: Sentence
    path: str
    days: tuple[int, ...]
    busiest_at: int

    @property
    def number(self) -> int:
        """On all days together."""
        return sum(self.days)

    @property
    def most(self) -> int:
        """On the busiest day."""
        return max(self.days)

    @property
    def bars(self) -> tuple[tuple[int, int], ...]:
        """Where the bar of each day stands and how high it is; a day without any has none."""
        return tuple(
            (place * STEP + 1, max(1, round(number * HEIGHT / self.most)))
            for place, number in enumerate(self.days)
            if number
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """Somebody who is locked, or paused. ``until`` is None where somebody must unlock them."""

    name: str
    path: str
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """Those who are locked, or paused: how many, and the first by name."""

    number: int
    lines: tuple[HeldLine, ...]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """``/admin``. ``sign_ins``, ``steps`` and ``messages`` are None for whoever may not open the
    lists behind them. ``day_starts``: when each of the days began (ms).
    """

    template: ClassVar[str] = "overview.html"

    csrf: str
    two_step: tuple[Row, ...]
    locked: HeldPart
    paused: HeldPart
    day_starts: tuple[int, ...]
    sign_ins: tuple[DayRow, ...] | None
    steps: tuple[Row, ...] | None
    messages: tuple[Row, ...] | None

    @property
    def users(self) -> int:
        """All of them who are not disabled."""
        return sum(row.number for row in self.two_step)

    @property
    def with_step(self) -> int:
        """Who has anything set up: the first row is those who have nothing."""
        return self.users - self.two_step[0].number

    @property
    def width(self) -> int:
        """Of a row of days, in units of its picture."""
        return len(self.day_starts) * STEP

    height: ClassVar[int] = HEIGHT
    bar_width: ClassVar[int] = STEP - 2
