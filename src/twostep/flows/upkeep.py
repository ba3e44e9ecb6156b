"""The rounds of one process: what a server looks after by itself, and how often."""

from __future__ import annotations

from typing import Final

from twostep.flows.audit_trimming import trim
from twostep.flows.installation import Installation
from twostep.flows.readiness import ClockWatch
from twostep.flows.rounds import Round, Rounds
from twostep.flows.tidying import tidy

AN_HOUR: Final = 120
"""In ticks of half a minute. What retention takes away is a day's, once a day; a server that is
started anew each night does it all the same.
"""


def upkeep(installation: Installation, watch: ClockWatch, *, audit_days: int | None) -> Rounds:
    """The rounds, not begun. ``audit_days``: for how long events are kept; None: for ever."""
    rounds = [
        Round(name="clock", every=1, act=watch.look),
        # A rotation elsewhere is heard of at once by whoever meets a new version, and by everybody
        # within a minute: the old one is kept for a day.
        Round(name="keys", every=2, act=installation.keys.reload),
        Round(name="tidy", every=20, act=lambda: tidy(installation)),
    ]
    if audit_days is not None:
        retention = Round(
            name="audit", every=AN_HOUR, act=lambda: trim(installation, days=audit_days)
        )
        rounds.append(retention)
    return Rounds(rounds)
