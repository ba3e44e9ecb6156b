"""What follows from another address in the place of one: all that was begun while codes and notices
went to the old one ends, and no browser is remembered but the one in which its owner did it
(AC-26).
"""

from __future__ import annotations

from twostep.core.sessions import Session
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.second_step_changes import OvertakenMeanwhile, begin_anew
from twostep.flows.sessions import carry_over, end_others
from twostep.flows.user_links import void_all
from twostep.storage import sessions, users
from twostep.storage.database import Connection

ENDED_BY = "address_changed"


def end_what_was_begun(
    connection: Connection, installation: Installation, session: Session, *, now: int
) -> None:
    """Their owner did it in this session, which goes on with what its browser remembers. Raises
    OvertakenMeanwhile where it has ended.
    """
    live = sessions.locked(connection, session.environment_id, session.id)
    if live is None:
        raise OvertakenMeanwhile
    void_all(connection, session.environment_id, session.user_id, now=now)
    today = begin_anew(
        connection,
        installation,
        session.environment_id,
        session.user_id,
        begun=live.generations,
        keep=session.id,
        ended_by=ENDED_BY,
        now=now,
    )
    carry_over(connection, live, today=today)


def end_everything(
    connection: Connection, installation: Installation, user: User, *, now: int
) -> None:
    """Somebody else did it, for the user."""
    void_all(connection, user.environment_id, user.id, now=now)
    users.raise_second_step_generation(connection, user.environment_id, user.id)
    end_others(
        connection,
        installation,
        environment_id=user.environment_id,
        user_id=user.id,
        keep=None,
        ended_by=ENDED_BY,
        now=now,
    )
