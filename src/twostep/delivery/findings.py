"""What an examination found: one verdict for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is."""

    GOOD = "good"
    MIND = "mind"
    """It works, and something should be better."""
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be found out from here. That is no fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line. ``what`` is what was looked at, ``words`` what was found."""

    verdict: Verdict
    what: str
    words: str
