"""What every change of somebody's second step does, whoever asks for it: all that was begun under
the old one ends, and nothing else that changed meanwhile slips through with it (AC-04, I-3).
"""

from __future__ import annotations

from dataclasses import replace

from twostep.core.generations import Generations
from twostep.flows.installation import Installation
from twostep.flows.sessions import end_others
from twostep.flows.situations import generations_of
from twostep.storage import users
from twostep.storage.database import Connection


class OvertakenMeanwhile(Exception):
    """Something else of this person changed between two statements of the transaction."""


def begin_anew(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    begun: Generations,
    keep: bytes | None,
    ended_by: str,
    now: int,
) -> Generations:
    """Raise the number of the user's second step and end their sessions but ``keep``; the numbers
    of today.

    ``begun``: those under which the change was asked for. Raises OvertakenMeanwhile where anything
    else was changed just before: the user's row is ours since the raise, so it shows, and whoever
    changes the second step must have shown what holds now.
    """
    users.raise_second_step_generation(connection, environment_id, user_id)
    end_others(
        connection,
        installation,
        environment_id=environment_id,
        user_id=user_id,
        keep=keep,
        ended_by=ended_by,
        now=now,
    )
    today = generations_of(connection, users.by_id(connection, environment_id, user_id))
    if today is None or today != replace(begun, second_step=begun.second_step + 1):
        raise OvertakenMeanwhile
    return today
