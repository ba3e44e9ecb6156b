"""From rows to the facts that ``core.sign_in`` decides on.

Every door reads its facts here, in one transaction, so that no two doors can see a sign-in
differently.
"""

from __future__ import annotations

from twostep.core.generations import Generations
from twostep.core.lockouts import Purpose, standing
from twostep.core.properties import policy_of, session_limits_of
from twostep.core.sessions import Session
from twostep.core.situations import Asked, Credentials, Live, Pauses, Situation
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.lockouts import not_before
from twostep.storage import environments, properties, sign_ins, situations
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn
from twostep.storage.situations import UserFacts


def of_sign_in(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    *,
    now: int,
    asked: Asked | None = None,
) -> Situation:
    """The facts of a pending sign-in, as they are at this moment."""
    stored = properties.of_environment(connection, sign_in.environment_id)
    facts = situations.facts_of(connection, sign_in.environment_id, sign_in.user_id)
    return Situation(
        user=facts.user if facts else None,
        policy=policy_of(stored),
        proofs=sign_ins.proofs_of(connection, sign_in.environment_id, sign_in.id),
        credentials=_credentials(facts),
        begun=sign_in.begun,
        today=_generations(facts),
        waits_until=sign_in.waits_until,
        pauses=_pauses(connection, installation, facts, now=now),
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
    """The facts of a live session, as they are at this moment.

    The counters of wrong tries are read only where an act asks for something: they never end a
    session.
    """
    stored = properties.of_environment(connection, session.environment_id)
    facts = situations.facts_of(connection, session.environment_id, session.user_id)
    return Situation(
        user=facts.user if facts else None,
        policy=policy_of(stored),
        proofs=sign_ins.proofs_of(connection, session.environment_id, session.sign_in_id),
        credentials=_credentials(facts),
        begun=session.generations,
        today=_generations(facts),
        live=Live(session=session, limits=session_limits_of(stored)),
        pauses=Pauses() if asked is None else _pauses(connection, installation, facts, now=now),
        asked=asked or Asked(),
    )


def generations_of(connection: Connection, user: User | None) -> Generations | None:
    """Today's generations, or None where the user is gone."""
    # Asked before it is known whether there is anybody: a name that nobody has costs the same
    # statements at sign-in (AC-21).
    installation = environments.generation(connection)
    if user is None:
        return None
    return Generations(
        installation=installation,
        password=user.password_generation,
        second_step=user.second_step_generation,
    )


def _generations(facts: UserFacts | None) -> Generations | None:
    if facts is None:
        return None
    return Generations(
        installation=facts.installation_generation,
        password=facts.user.password_generation,
        second_step=facts.user.second_step_generation,
    )


def _credentials(facts: UserFacts | None) -> Credentials:
    if facts is None:
        return Credentials()
    id_ = facts.authenticator_id
    return Credentials(
        has_password=facts.has_password,
        authenticators=frozenset() if id_ is None else frozenset({id_}),
    )


def _pauses(
    connection: Connection, installation: Installation, facts: UserFacts | None, *, now: int
) -> Pauses:
    """What the counters say now about this user."""
    if facts is None:
        return Pauses()
    counted = situations.counted_of(
        connection,
        facts.user.environment_id,
        facts.user.id,
        most={purpose: installation.limits.of(purpose).most_needed for purpose in Purpose},
    )
    password, codes = (
        standing(
            counted[purpose],
            now=not_before(next(iter(counted[purpose]), None), now),
            schedule=installation.limits.of(purpose),
            cleared_at=facts.marks[purpose].cleared_at,
            last_success_at=facts.marks[purpose].succeeded_at,
        )
        for purpose in (Purpose.PASSWORD, Purpose.SECOND_STEP)
    )
    return Pauses(
        password_until=password.blocked_until,
        password_stopped=password.disabled,
        codes_until=codes.blocked_until,
        codes_stopped=codes.disabled,
    )
