"""What the help desk notes at a user: a pause of the second step, a set-up code that is asked."""

from __future__ import annotations

from sqlalchemy import Connection, update

from twostep.storage.tables import users


def pause_two_step(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    at: int | None,
    until: int | None,
) -> None:
    """Write down that the user's second step is not asked between these times (ms), or with None
    that it is.
    """
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(two_step_paused_at=at, two_step_paused_until=until)
    )


def end_pauses_everywhere(connection: Connection) -> None:
    """No pause of a restored backup runs on: it may have been ended since."""
    connection.execute(
        update(users)
        .where(users.c.two_step_paused_until.is_not(None))
        .values(two_step_paused_at=None, two_step_paused_until=None)
    )


def ask_set_up_code(
    connection: Connection, environment_id: bytes, user_id: bytes, *, since: int | None
) -> None:
    """Write down since when (ms) a set-up code is asked of the user, or with None that none is."""
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(set_up_code_asked_at=since)
    )
