"""A person's own recent activity: what happened to their account, with the reasons of the time."""

from __future__ import annotations

from collections.abc import Sequence

from twostep.flows.audit import Happened, recent_for_user
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person

SHOWN = 20


def recent_activity(installation: Installation, person: Person) -> Sequence[Happened]:
    """The newest events about the person, newest first."""
    return installation.database.read(
        lambda connection: recent_for_user(
            connection, person.user.environment_id, person.user.id, most=SHOWN
        )
    )
