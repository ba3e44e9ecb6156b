"""From rows to the facts that ``core.sign_in`` decides on.

Every door reads its facts here, in one transaction, so that no two doors can see a sign-in
differently.
"""

from __future__ import annotations

from twostep.core.generations import Generations
from twostep.core.lockouts import Purpose
from twostep.core.properties import policy_of, session_limits_of
from twostep.core.sessions import Session
from twostep.core.situations import Asked, Credentials, Live, Pauses, Situation
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.lockouts import standing_of
from twostep.storage import authenticators, environments, passwords, properties, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


def of_sign_in(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    *,
    now: int,
    asked: Asked | None = None,
) -> Situation:
    """The facts of a pending sign-in, as they are at this moment."""
    user = users.by_id(connection, sign_in.environment_id, sign_in.user_id)
    stored = properties.of_environment(connection, sign_in.environment_id)
    return Situation(
        user=user,
        policy=policy_of(stored),
        proofs=sign_ins.proofs_of(connection, sign_in.environment_id, sign_in.id),
        credentials=credentials_of(connection, sign_in.environment_id, sign_in.user_id),
        begun=sign_in.begun,
        today=generations_of(connection, user),
        waits_until=sign_in.waits_until,
        pauses=pauses_of(
            connection, installation, sign_in.environment_id, sign_in.user_id, now=now
        ),
        asked=asked or Asked(),
    )


def of_session(
    connection: Connection,
    installation: Installation,
    session: Session,
    *,
    now: int,
    asked: Asked | None = None,
) -> Situation:
    """The facts of a live session, as they are at this moment. What only a sensitive act needs is
    read for it alone.
    """
    user = users.by_id(connection, session.environment_id, session.user_id)
    stored = properties.of_environment(connection, session.environment_id)
    return Situation(
        user=user,
        policy=policy_of(stored),
        proofs=sign_ins.proofs_of(connection, session.environment_id, session.sign_in_id),
        credentials=credentials_of(connection, session.environment_id, session.user_id),
        begun=session.generations,
        today=generations_of(connection, user),
        live=Live(session=session, limits=session_limits_of(stored)),
        pauses=Pauses()
        if asked is None
        else pauses_of(connection, installation, session.environment_id, session.user_id, now=now),
        asked=asked or Asked(),
    )


def generations_of(connection: Connection, user: User | None) -> Generations | None:
    """Today's generations, or None where the user is gone."""
    if user is None:
        return None
    return Generations(
        installation=environments.generation(connection),
        password=user.password_generation,
        second_step=user.second_step_generation,
    )


def credentials_of(connection: Connection, environment_id: bytes, user_id: bytes) -> Credentials:
    """What the user has."""
    active = authenticators.active(connection, environment_id, user_id)
    return Credentials(
        has_password=passwords.of_user(connection, environment_id, user_id) is not None,
        authenticators=frozenset() if active is None else frozenset({active.id}),
    )


def pauses_of(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    now: int,
) -> Pauses:
    """What the counters say now about this user."""
    password = standing_of(
        connection, installation, environment_id, user_id, Purpose.PASSWORD, now=now
    )
    codes = standing_of(
        connection, installation, environment_id, user_id, Purpose.SECOND_STEP, now=now
    )
    return Pauses(
        password_until=password.blocked_until,
        password_stopped=password.disabled,
        codes_until=codes.blocked_until,
        codes_stopped=codes.disabled,
    )
