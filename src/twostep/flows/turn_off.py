"""**Turn Off**: one's own second step, where nobody requires it (CT-7).

The key is gone at once, and with it every other session, everything that waited or was remembered,
and the recovery codes, which have nothing left to stand in for. What it took to come so far, a
fresh proof with that very key or one of these codes, is asked here once more, whatever page led
here.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.core.policies import TwoStepVerification
from twostep.core.sessions import Session
from twostep.core.sign_in import FRESH_FOR, SignedIn, next_step
from twostep.core.situations import Asked
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.mint import Minted, exchange
from twostep.flows.notices import tell
from twostep.flows.second_step_changes import OvertakenMeanwhile, begin_anew
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import authenticators, recovery_codes, sessions, users
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True)
class RequiredHere:
    """The environment, or the installation, requires a second step."""


@dataclass(frozen=True, slots=True)
class NothingToTurnOff:
    """There is no second step, the session is over, or its proof is no longer fresh."""


def turn_off(
    installation: Installation, person: Person, *, browser: Browser
) -> Minted | RequiredHere | NothingToTurnOff:
    """Remove the person's authenticator; this session goes on under another token."""
    now = installation.clock()
    session = person.session
    environment_id, user_id = session.environment_id, session.user_id

    def act(connection: Connection) -> Minted | RequiredHere | NothingToTurnOff:
        users.locked(connection, environment_id, user_id)
        live = sessions.locked(connection, environment_id, session.id)
        if live is None:
            return NothingToTurnOff()
        asked = Asked(greatest_age=FRESH_FOR, act="turn_off", takes_recovery_code=True)
        situation = of_session(connection, installation, live, now=now, asked=asked)
        if situation.policy.two_step_verification is TwoStepVerification.REQUIRED:
            return RequiredHere()
        if not isinstance(next_step(situation, now), SignedIn):
            return NothingToTurnOff()
        removed = authenticators.retire_active(connection, environment_id, user_id, state="removed")
        if removed is None:
            return NothingToTurnOff()
        return _go_on(connection, installation, session, removed, browser, now)

    try:
        return installation.database.write(act)
    except OvertakenMeanwhile:
        return NothingToTurnOff()


def _go_on(
    connection: Connection,
    installation: Installation,
    session: Session,
    removed: bytes,
    browser: Browser,
    now: int,
) -> Minted | NothingToTurnOff:
    whose = (environment_id, _) = session.environment_id, session.user_id
    authenticators.drop_offers(connection, *whose)
    today = begin_anew(
        connection,
        installation,
        *whose,
        begun=session.generations,
        keep=session.id,
        ended_by="second_step_removed",
        now=now,
    )
    # Now that the other sessions are locked, so that codes which one was just making go as well.
    codes = recovery_codes.delete_set(connection, *whose)
    # The session goes on, and no device does, or a next second step would begin with a browser
    # that never showed it.
    sessions.carry_over(connection, environment_id, session.id, today=today)
    live = sessions.locked(connection, environment_id, session.id)
    assert live is not None
    step = exchange(connection, installation, live, proven=None, browser=browser, now=now)
    _record(connection, installation, session, browser, now, app=removed, codes=codes)
    return step if isinstance(step, Minted) else NothingToTurnOff()


def _record(
    connection: Connection,
    installation: Installation,
    session: Session,
    browser: Browser,
    now: int,
    *,
    app: bytes,
    codes: int,
) -> None:
    environment_id, user_id = session.environment_id, session.user_id
    audit.record(
        connection,
        installation,
        EventKind.AUTHENTICATOR_REMOVED,
        environment_id=environment_id,
        now=now,
        actor=user_id,
        target=user_id,
        visitor=browser.visitor,
        authenticator=app.hex(),
        recovery_codes=codes,
    )
    kind = MessageKind.TURNED_OFF
    tell(connection, kind, environment_id, user_id, now=now, visitor=browser.visitor)
