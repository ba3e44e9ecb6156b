"""Whether a user is locked: what all their counters of wrong tries say together."""

from __future__ import annotations

from twostep.core.lockouts import Purpose
from twostep.flows.installation import Installation
from twostep.flows.lockouts import held_by, stands
from twostep.storage import situations, user_marks
from twostep.storage.database import Connection


def note_standing(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    now: int,
) -> None:
    """Note until when the user is held back, after a counter of theirs was cleared."""
    until = held_until(connection, installation, environment_id, user_id, now=now)
    user_marks.set_locked(connection, environment_id, user_id, until=until)


def held_until(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    now: int,
) -> int | None:
    """Until when (ms) any of the user's counters holds them back; ``user_marks.FOREVER``: until
    they are unlocked. None: they may try whatever they have.
    """
    facts = situations.facts_of(connection, environment_id, user_id)
    if facts is None:
        return None
    most = {purpose: installation.limits.of(purpose).most_needed for purpose in Purpose}
    counted = situations.counted_of(connection, environment_id, user_id, most=most)
    held = (
        held_by(stands(installation, purpose, facts.marks[purpose], counted[purpose], now))
        for purpose in Purpose
    )
    return max((until for until in held if until is not None), default=None)
