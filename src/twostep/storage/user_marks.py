"""What the list of users is filtered by, noted at the user by whatever act changes it.

It could be worked out each time from authenticators, sessions and wrong tries, and not for a
million users at once: each filter begins at an index over what is noted here. What decides anything
at sign-in is never read from here.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, case, exists, literal, or_, select, tuple_, update

from twostep.core.users import SecondStep
from twostep.storage.database import Connection
from twostep.storage.tables import authenticators, users

FOREVER: Final = 253_402_300_799_000
"""The last second of the year 9999: until somebody unlocks the user."""
NOT_HELD: Final = 0
"""Until when somebody is held back whom nothing holds."""


def note_second_step(connection: Connection, environment_id: bytes, user_id: bytes) -> None:
    """Note which second step the user has now. Whoever changes an app, or turns codes on or off,
    calls it in the same transaction, with the user's row locked.
    """
    app = exists(
        select(authenticators.c.id)
        .where(
            authenticators.c.environment_id == users.c.environment_id,
            authenticators.c.user_id == users.c.id,
            authenticators.c.state == "active",
        )
        .correlate(users)
    )
    codes = users.c.codes_wanted_at.is_not(None)
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(
            second_step=case(
                (and_(app, codes), SecondStep.APP_AND_CODES.value),
                (app, SecondStep.APP.value),
                (codes, SecondStep.CODES.value),
                else_=SecondStep.NONE.value,
            )
        )
    )


def note_sign_in(
    connection: Connection, environment_id: bytes, user_id: bytes, *, now: int
) -> None:
    """Note that the user has signed in, and forget a lockout that has ended by itself."""
    over = users.c.locked_until <= now
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(last_sign_in_at=now, locked_until=case((over, None), else_=users.c.locked_until))
    )


def note_locked(
    connection: Connection, environment_id: bytes, user_id: bytes, *, until: int
) -> None:
    """Note that a counter of wrong tries holds the user back until then (ms), or ``FOREVER``;
    ``NOT_HELD`` notes nothing.

    What another counter holds longer stays. An id that is no user's, of a device or of a name that
    nobody has, notes nothing.
    """
    connection.execute(
        update(users)
        .where(
            users.c.environment_id == environment_id,
            users.c.id == user_id,
            or_(users.c.locked_until.is_(None), users.c.locked_until < until),
            literal(until) > NOT_HELD,
        )
        .values(locked_until=until)
    )


def set_locked(
    connection: Connection, environment_id: bytes, user_id: bytes, *, until: int | None
) -> None:
    """Note until when the user is held back by all counters together; None: by none."""
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(locked_until=until)
    )


def forget_past_locks(connection: Connection, *, now: int, most: int) -> int:
    """Forget at most so many lockouts that are over, in all environments; how many that were.

    Whoever signs in after a lockout forgets it by that; of everybody else the filter would meet the
    note for ever. The condition is said twice: one that was noted anew meanwhile stays.
    """
    over = users.c.locked_until <= now
    # Whom an act holds at this moment waits for the next time: an act may hold two people, and take
    # them in another order.
    some = (
        select(users.c.environment_id, users.c.id)
        .where(over)
        .limit(most)
        .with_for_update(skip_locked=True, key_share=True)
    )
    gone = connection.execute(
        update(users)
        .where(tuple_(users.c.environment_id, users.c.id).in_(some), over)
        .values(locked_until=None)
        .returning(users.c.id)
    ).all()
    return len(gone)
