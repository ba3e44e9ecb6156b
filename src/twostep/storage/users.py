"""Users, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from twostep.core.users import User
from twostep.storage.tables import authenticators, users

_BY_NAME_KEY = select(users).where(
    users.c.environment_id == bindparam("environment"), users.c.name_key == bindparam("key")
)
_BY_ID = select(users).where(
    users.c.environment_id == bindparam("environment"), users.c.id == bindparam("user")
)

_LOCKED = _BY_ID.with_for_update(key_share=True)


def by_name_key(connection: Connection, environment_id: bytes, key: str) -> User | None:
    """The user of that name key, or None."""
    found = connection.execute(_BY_NAME_KEY, {"environment": environment_id, "key": key}).first()
    return None if found is None else from_row(found)


def by_id(connection: Connection, environment_id: bytes, user_id: bytes) -> User | None:
    """The user of that id in that environment, or None."""
    found = connection.execute(_BY_ID, {"environment": environment_id, "user": user_id}).first()
    return None if found is None else from_row(found)


def locked(connection: Connection, environment_id: bytes, user_id: bytes) -> User | None:
    """The user of that id, their row locked until the transaction ends.

    Whatever makes, replaces or ends something on the strength of what a user has takes this lock,
    and takes it first: before the row of a sign-in or a session. So what was read stays true until
    the commit, and no two acts of one user wait for each other crosswise. Rows that only refer to
    the user do not wait for it.
    """
    found = connection.execute(_LOCKED, {"environment": environment_id, "user": user_id}).first()
    return None if found is None else from_row(found)


def page(
    connection: Connection, environment_id: bytes, *, after: str = "", most: int = 100
) -> Sequence[User]:
    """Users in the order of their name keys, beginning after the key ``after``."""
    rows = connection.execute(
        select(users)
        .where(users.c.environment_id == environment_id, users.c.name_key > after)
        .order_by(users.c.name_key)
        .limit(most)
    ).all()
    return [from_row(row) for row in rows]


def count(connection: Connection, environment_id: bytes) -> int:
    """How many users the environment has."""
    return connection.execute(
        select(func.count()).select_from(users).where(users.c.environment_id == environment_id)
    ).scalar_one()


def count_by_second_step(connection: Connection, environment_id: bytes) -> tuple[int, int]:
    """How many users with a second step the environment has, and how many without; the disabled
    are not counted.
    """
    has_one = and_(
        authenticators.c.environment_id == users.c.environment_id,
        authenticators.c.user_id == users.c.id,
        authenticators.c.state == "active",
    )
    everybody, having = connection.execute(
        select(func.count(), func.count(authenticators.c.id))
        .select_from(users.outerjoin(authenticators, has_one))
        .where(users.c.environment_id == environment_id, users.c.disabled_at.is_(None))
    ).one()
    return having, everybody - having


def any_at_all(connection: Connection, environment_id: bytes) -> bool:
    """Whether the environment has a user."""
    row = connection.execute(
        select(users.c.id).where(users.c.environment_id == environment_id).limit(1)
    ).first()
    return row is not None


def add(connection: Connection, user: User, *, key: str) -> None:
    """Write a new user. A name that is taken raises IntegrityError."""
    connection.execute(
        insert(users).values(
            environment_id=user.environment_id,
            id=user.id,
            name=user.name,
            name_key=key,
            disabled_at=user.disabled_at,
            password_generation=user.password_generation,
            second_step_generation=user.second_step_generation,
            password_suspect_at=user.password_suspect_at,
            made_at=user.made_at,
            full_name=user.full_name,
        )
    )


def raise_password_generation(
    connection: Connection, environment_id: bytes, user_id: bytes, *, expected: int
) -> int | None:
    """Raise it by one and forget any suspicion; None where it is no longer ``expected``.

    The condition closes the race of two password changes at once: the later one finds another
    number and is
    told so, instead of overwriting a password that was set a moment ago.
    """
    return connection.execute(
        update(users)
        .where(
            users.c.environment_id == environment_id,
            users.c.id == user_id,
            users.c.password_generation == expected,
        )
        .values(password_generation=expected + 1, password_suspect_at=None)
        .returning(users.c.password_generation)
    ).scalar()


def raise_second_step_generation(
    connection: Connection, environment_id: bytes, user_id: bytes
) -> int | None:
    """Raise it by one; None where the user is gone."""
    return connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(second_step_generation=users.c.second_step_generation + 1)
        .returning(users.c.second_step_generation)
    ).scalar()


def suspect_password(
    connection: Connection, environment_id: bytes, user_id: bytes, *, now: int
) -> bool:
    """Remember that somebody else seems to know the password; whether this is new."""
    changed = connection.execute(
        update(users)
        .where(
            users.c.environment_id == environment_id,
            users.c.id == user_id,
            users.c.password_suspect_at.is_(None),
        )
        .values(password_suspect_at=now)
        .returning(users.c.id)
    ).first()
    return changed is not None


def set_disabled(
    connection: Connection, environment_id: bytes, user_id: bytes, *, disabled_at: int | None
) -> None:
    """Disable the user from that time, or enable them again with None."""
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(disabled_at=disabled_at)
    )


def call(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    name: str,
    key: str,
    full_name: str,
) -> None:
    """Let the user be called so from now on. A user name that is taken raises IntegrityError."""
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(name=name, name_key=key, full_name=full_name)
    )


def stay_signed_in(
    connection: Connection, environment_id: bytes, user_id: bytes, *, since: int | None
) -> None:
    """Write down that the user wants to stay signed in when they close the browser, since when
    (ms); None: they do not.
    """
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(stays_since=since)
    )


def from_row(row: Row[Any]) -> User:
    """The user that stands in a row with all columns of ``users``."""
    return User(
        id=row.id,
        environment_id=row.environment_id,
        name=row.name,
        made_at=row.made_at,
        password_generation=row.password_generation,
        second_step_generation=row.second_step_generation,
        disabled_at=row.disabled_at,
        password_suspect_at=row.password_suspect_at,
        stays_since=row.stays_since,
        full_name=row.full_name,
        two_step_paused_at=row.two_step_paused_at,
        two_step_paused_until=row.two_step_paused_until,
        set_up_code_asked_at=row.set_up_code_asked_at,
    )
