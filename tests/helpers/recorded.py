"""What the audit log holds, as a test asks for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.flows.installation import Installation
from twostep.storage.tables import events


@dataclass(frozen=True)
class Recorded:
    """One event; ``about`` is its data."""

    kind: EventKind
    about: dict[str, Any]
    has_target: bool


def recorded(
    installation: Installation, environment: Environment, *kinds: EventKind
) -> list[Recorded]:
    """The events of an environment, of these kinds where some are named, in order of time."""
    rows = installation.database.read(
        lambda connection: connection.execute(
            select(events.c.kind, events.c.data, events.c.target_id)
            .where(events.c.environment_id == environment.id)
            .order_by(events.c.happened_at)
        ).all()
    )
    found = [
        Recorded(EventKind(row.kind), json.loads(row.data), row.target_id is not None)
        for row in rows
    ]
    return [event for event in found if not kinds or event.kind in kinds]
