"""The clock. Nothing else reads it: rules take ``now``, and no SQL calls ``now()``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Clock = Callable[[], int]
"""Milliseconds since 1970 (UTC), as this machine has them."""

OFFSET_VARIABLE = "TWOSTEP_CLOCK_OFFSET_FILE"
"""Tests move the clock of all processes of a server by this variable."""


class MovedClock(Exception):
    """Somebody asked for a clock that can be moved, where people sign in."""

    def __init__(self) -> None:
        super().__init__(
            f"{OFFSET_VARIABLE} is set. It moves the clock and is for tests only: with it, a used "
            "code can be made to work again. Remove the variable."
        )


def refuse_moved_clock(environ: Mapping[str, str]) -> None:
    """Raises MovedClock where the variable is set: a switch for tests refuses production."""
    if OFFSET_VARIABLE in environ:
        raise MovedClock


def system_clock() -> int:
    """The machine's time in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class _OffsetClock:
    """A type rather than a closure, so that it can travel to a process that was not forked."""

    path: Path

    def __call__(self) -> int:
        return system_clock() + int(self.path.read_text())


def offset_clock(path: Path) -> Clock:
    """The machine's time, moved by the whole number of milliseconds that stands in the file now."""
    return _OffsetClock(path)


def steady_seconds() -> float:
    """A count of seconds that no change of the clock touches: for measuring how long something
    took.
    """
    return time.monotonic()
