"""Clocks that stand still until a test moves them."""

from __future__ import annotations

from pathlib import Path

START = 1_767_225_600_000
"""1 January 2026, 00:00 UTC. Any moment would do; a fixed one makes failures repeatable."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class HandClock:
    """A clock for one process that only moves when it is told to."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, milliseconds: int) -> int:
        """Move on, and give the new time."""
        self.now += milliseconds
        return self.now


class ClockFile:
    """The machine's clock, moved for every process that reads this file (``offset_clock``)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self._write()

    def forward(self, milliseconds: int) -> None:
        """Move all processes on by so much."""
        self.offset += milliseconds
        self._write()

    def _write(self) -> None:
        """In one step, so that no reader finds half a number."""
        aside = self.path.with_suffix(".new")
        aside.write_text(str(self.offset))
        aside.replace(self.path)
