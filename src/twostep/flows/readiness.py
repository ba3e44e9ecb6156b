"""Whether this node can serve: its database is there, of the right schema, and of the same time.

Codes, deadlines and pauses are judged by the clock of whichever node is asked. One whose clock is
more than ten seconds from the database's would let in what the others refuse (SECURITY §5.9).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import structlog

from twostep.core.audit import EventKind
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import environments
from twostep.storage.database import Connection
from twostep.storage.faults import DatabaseAway, DatabaseBusy
from twostep.storage.schema import Current, schema_state

MOST_SKEW = 10_000
"""Milliseconds."""

_log = structlog.get_logger("twostep.readiness")


class Unready(StrEnum):
    """Why a node cannot serve."""

    DATABASE_AWAY = "database_away"
    WRONG_SCHEMA = "wrong_schema"
    CLOCK_SKEWED = "clock_skewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What was found. ``skew_ms``: how far the database's clock is ahead, None where not known."""

    because: tuple[Unready, ...]
    skew_ms: int | None = None

    @property
    def ready(self) -> bool:
        """Whether requests should be sent here."""
        return not self.because


def readiness(installation: Installation) -> Readiness:
    """Look now. Raises nothing: what cannot be asked counts as a problem."""
    try:
        state = schema_state(installation.database)
        skew = installation.database.clock_skew(installation.clock)
    except (DatabaseAway, DatabaseBusy):
        return Readiness(because=(Unready.DATABASE_AWAY,))
    problems = []
    if not isinstance(state, Current):
        problems.append(Unready.WRONG_SCHEMA)
    if abs(skew) > MOST_SKEW:
        problems.append(Unready.CLOCK_SKEWED)
    return Readiness(because=tuple(problems), skew_ms=skew)


class ClockWatch:
    """Whether this node's clock can be trusted, as it was when last looked at.

    While it cannot, the node lets nobody in: it would be the clock by which a code is judged.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._sound = True

    @property
    def sound(self) -> bool:
        """Asked at every request, so it asks nobody."""
        return self._sound

    def look(self) -> None:
        """Compare with the database's clock. Raises DatabaseAway and DatabaseBusy."""
        skew = self._installation.database.clock_skew(self._installation.clock)
        sound = abs(skew) <= MOST_SKEW
        if sound == self._sound:
            return
        self._sound = sound
        if sound:
            _log.warning("clock_sound_again", skew_ms=skew)
        else:
            _log.error("clock_skewed", skew_ms=skew)
            self._installation.database.write(lambda connection: self._alarm(connection, skew))

    def _alarm(self, connection: Connection, skew: int) -> None:
        """In every environment's log, by the database's time: ours is the one in doubt."""
        for environment in environments.all_of_them(connection):
            audit.record(
                connection,
                self._installation,
                EventKind.CLOCK_ALARM,
                environment_id=environment.id,
                now=self._installation.clock() + skew,
                skew_ms=skew,
            )
