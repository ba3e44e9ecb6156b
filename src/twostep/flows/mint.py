"""The one mint, and the one end, of sessions.

Nothing else can insert a session: a house test holds that. The mint believes nobody. It reads all
facts again in
the very transaction that makes the session, asks ``next_step``, and makes one only for
``SignedIn``; whatever a
page, an earlier request or another node thought a moment ago does not count (AC-17, R-11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.generations import Generations
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.reasons import Code, because
from twostep.core.sessions import MOST_PER_USER, Level, Session
from twostep.core.sign_in import NextStep, Refused, SignedIn, next_step
from twostep.crypto.identifiers import new_id
from twostep.crypto.tokens import Token, TokenPurpose, issue
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.sessions import end
from twostep.flows.situations import of_session, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import lockouts, sessions, sign_ins
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class Minted:
    """A new session; its token is for the browser that has earned it."""

    token: Token
    session: Session
    going_to: str | None = None


def mint(
    connection: Connection,
    installation: Installation,
    *,
    environment_id: bytes,
    sign_in_id: bytes,
    browser: Browser,
    now: int,
) -> Minted | NextStep:
    """Make the session that a pending sign-in has earned, or say what is still asked of it."""
    sign_in = sign_ins.by_id(connection, environment_id, sign_in_id)
    if sign_in is None:
        return Refused((because(Code.ENDED),))
    situation = of_sign_in(connection, installation, sign_in, now=now)
    step = next_step(situation, now)
    if not isinstance(step, SignedIn):
        return step
    if not sign_ins.end(connection, environment_id, sign_in_id, state="completed", now=now):
        return Refused((because(Code.ENDED),))
    assert situation.today is not None
    minted = _insert(
        connection,
        installation,
        _new_session(
            sign_in.user_id, sign_in_id, environment_id, step, situation.today, browser, now
        ),
        going_to=sign_in.going_to,
    )
    _settle_accounts(connection, installation, sign_in, step, browser, now)
    return minted


def exchange(
    connection: Connection,
    installation: Installation,
    session: Session,
    *,
    proven: Purpose,
    browser: Browser,
    now: int,
) -> Minted | NextStep:
    """Put a new session in a live one's place, after its person has proven more: another token, the
    same end.

    The level is computed anew from the proofs; the old token is good for nothing from this moment
    (AC-03).
    """
    situation = of_session(connection, installation, session, now=now)
    step = next_step(situation, now)
    if not isinstance(step, SignedIn):
        return step
    if not end(connection, installation, session, ended_by="exchanged", now=now):
        return Refused((because(Code.ENDED),))
    assert situation.today is not None
    fresh = _new_session(
        session.user_id,
        session.sign_in_id,
        session.environment_id,
        step,
        situation.today,
        browser,
        now,
    )
    fresh = replace(fresh, started_at=session.started_at, reasons=session.reasons)
    # Only wrong tries of what was shown: one counter's success says nothing of the other (AC-18).
    lockouts.forgive(
        connection, session.environment_id, session.user_id, browser.id, {proven}, now=now
    )
    return _insert(connection, installation, fresh, going_to=None)


def _settle_accounts(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    step: SignedIn,
    browser: Browser,
    now: int,
) -> None:
    """A sign-in succeeded: its own wrong tries are forgiven, and the log has its reasons."""
    environment_id, user_id = sign_in.environment_id, sign_in.user_id
    proven = set(Purpose) if step.level is Level.SECOND_STEP else {Purpose.PASSWORD}
    lockouts.forgive(connection, environment_id, user_id, browser.id, proven, now=now)
    lockouts.succeeded(connection, environment_id, user_id, proven, now=now)
    _end_oldest(connection, installation, environment_id, user_id, now)
    audit.record(
        connection,
        installation,
        EventKind.SIGN_IN_COMPLETED,
        environment_id=environment_id,
        now=now,
        actor=user_id,
        target=user_id,
        visitor=browser.visitor,
        reasons=step.reasons,
        level=step.level.value,
        sign_in=sign_in.id.hex(),
    )


def _end_oldest(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    now: int,
) -> None:
    """A user has at most so many sessions; a further one ends the oldest (ASVS 7.1.2)."""
    for session_id in sessions.end_oldest(
        connection, environment_id, user_id, keep=MOST_PER_USER, now=now
    ):
        audit.record(
            connection,
            installation,
            EventKind.SESSION_ENDED,
            environment_id=environment_id,
            now=now,
            actor=user_id,
            target=user_id,
            session=session_id.hex(),
            ended_by="too_many",
        )


def _new_session(
    user_id: bytes,
    sign_in_id: bytes,
    environment_id: bytes,
    step: SignedIn,
    today: Generations,
    browser: Browser,
    now: int,
) -> Session:
    return Session(
        id=new_id(),
        environment_id=environment_id,
        user_id=user_id,
        sign_in_id=sign_in_id,
        level=step.level,
        reasons=step.reasons,
        browser=browser.visitor.browser,
        address=browser.visitor.address,
        started_at=now,
        last_used_at=now,
        ended_at=None,
        generations=today,
    )


def _insert(
    connection: Connection, installation: Installation, session: Session, *, going_to: str | None
) -> Minted:
    token = issue(
        installation.keys.token_keys(KeyPurpose.SESSION),
        purpose=TokenPurpose.SESSION,
        environment_id=session.environment_id,
    )
    sessions.add(connection, session, token_hash=token.stored)
    return Minted(token, session, going_to)
