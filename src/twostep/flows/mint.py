"""The one mint, and the one end, of sessions.

Nothing else can insert a session: a house test holds that. The mint believes nobody. It reads all
facts again in
the very transaction that makes the session, asks ``next_step``, and makes one only for
``SignedIn``; whatever a
page, an earlier request or another node thought a moment ago does not count (AC-17, R-11).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.generations import Generations
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.properties import session_limits_of
from twostep.core.reasons import Code, because
from twostep.core.sessions import MOST_PER_USER, Level, Session
from twostep.core.sign_in import NextStep, Refused, SignedIn, next_step
from twostep.core.situations import SECOND_STEP_KINDS, ProofKind, Situation
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.tokens import Token, TokenPurpose, issue
from twostep.flows import audit
from twostep.flows.devices import DeviceCookie, keep
from twostep.flows.installation import Installation
from twostep.flows.notices import tell_of_new_device
from twostep.flows.sessions import end
from twostep.flows.situations import of_session, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import (
    authenticators,
    lockouts,
    properties,
    sessions,
    sign_ins,
    user_marks,
    users,
)
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn

_PURPOSES = {
    ProofKind.PASSWORD: Purpose.PASSWORD,
    ProofKind.AUTHENTICATOR: Purpose.SECOND_STEP,
    ProofKind.EMAIL_CODE: Purpose.SECOND_STEP,
    ProofKind.TEXT_CODE: Purpose.SECOND_STEP,
    ProofKind.RECOVERY_CODE: Purpose.RECOVERY_CODE,
    ProofKind.HELP_DESK_CODE: Purpose.HELP_DESK_CODE,
    ProofKind.SET_UP_CODE: Purpose.HELP_DESK_CODE,
}
"""Which counter's row of consecutive failures ends with a proof that helped somebody in: its own,
and no other (NIST SP 800-63B-4 section 3.2.2)."""


REMEMBERED_BY = SECOND_STEP_KINDS - {ProofKind.RECOVERY_CODE}


@dataclass(frozen=True, slots=True)
class Minted:
    """A new session; its token is for the browser that has earned it."""

    token: Token
    session: Session
    going_to: str | None = None
    device: DeviceCookie | None = None


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
    # From here on nobody disables the user or changes what they have, until the session stands.
    users.locked(connection, environment_id, sign_in.user_id)
    situation = of_sign_in(connection, installation, sign_in, now=now, browser=browser)
    step = next_step(situation, now)
    if not isinstance(step, SignedIn):
        return step
    if not sign_ins.end(connection, environment_id, sign_in_id, state="completed", now=now):
        return Refused((because(Code.ENDED),))
    assert situation.today is not None
    # A recovery code is a second step of one session (SECURITY section 0.3): by it no device passes
    # or is remembered.
    proven_here = situation.newest(REMEMBERED_BY) is not None
    device_id, cookie = _keep_device(
        connection, installation, sign_in, situation.today, browser, now, proven=proven_here
    )
    session = _new_session(sign_in, device_id, step, situation.today, browser, now)
    lasts = lasts_until(connection, situation.user, started_at=now, now=now)
    session = _ending(session, situation, step) or replace(session, lasts_until=lasts)
    minted = _insert(connection, installation, session, going_to=sign_in.going_to)
    proven = {purpose for kind, purpose in _PURPOSES.items() if situation.proves(kind)}
    _settle_accounts(connection, installation, sign_in, step, proven, browser, now)
    return replace(minted, device=cookie)


def _keep_device(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    today: Generations,
    browser: Browser,
    now: int,
    *,
    proven: bool,
) -> tuple[bytes, DeviceCookie]:
    """The same as ``keep``; and the user is told of a browser that was not known."""
    device_id, cookie = keep(
        connection, installation, sign_in, proven=proven, today=today, browser=browser, now=now
    )
    if device_id != sign_in.device_id:
        whose = sign_in.environment_id, sign_in.user_id
        tell_of_new_device(connection, *whose, device_id, browser=browser, now=now)
    return device_id, cookie


def exchange(
    connection: Connection,
    installation: Installation,
    session: Session,
    *,
    proven: Purpose | None,
    browser: Browser,
    now: int,
) -> Minted | NextStep:
    """Put a new session in a live one's place, after its person has proven more: another token, the
    same end.

    ``proven``: what was shown for it in this very act, if anything. The level is computed anew from
    the proofs; the old token is good for nothing from this moment (AC-03).
    """
    users.locked(connection, session.environment_id, session.user_id)
    situation = of_session(connection, installation, session, now=now)
    step = next_step(situation, now)
    if not isinstance(step, SignedIn):
        return step
    if not end(connection, installation, session, ended_by="exchanged", now=now):
        return Refused((because(Code.ENDED),))
    assert situation.today is not None
    fresh = replace(
        session,
        id=new_id(),
        level=step.level,
        last_used_at=now,
        generations=situation.today,
        browser=browser.visitor.browser,
        address=browser.visitor.address,
    )
    # Only wrong tries of what was shown: one counter's success says nothing of the other (AC-18).
    shown, whose = {proven} if proven else (), (session.environment_id, session.user_id)
    lockouts.forgive(connection, *whose, browser.id, shown, now=now)
    authenticators.hand_offer_on(connection, *whose, offered_to=session.id, to=fresh.id)
    return _insert(connection, installation, fresh, going_to=None)


def lasts_until(
    connection: Connection, user: User | None, *, started_at: int, now: int
) -> int | None:
    """Until when (ms) the cookie of this user's session is to last; None: as long as the browser is
    open. That is so for whoever has not asked for more, and for everybody while the installation's
    switch is on (CS-5).
    """
    if user is None or user.stays_since is None:
        return None
    limits = session_limits_of(properties.of_environment(connection, user.environment_id), now)
    return limits.lasts_until(wanted=True, started_at=started_at)


def _settle_accounts(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    step: SignedIn,
    proven: Collection[Purpose],
    browser: Browser,
    now: int,
) -> None:
    """A sign-in succeeded: its own wrong tries are forgiven, and the log has its reasons."""
    environment_id, user_id = sign_in.environment_id, sign_in.user_id
    for subject in {user_id, sign_in.device_id or user_id}:
        lockouts.forgive(connection, environment_id, subject, browser.id, proven, now=now)
        lockouts.succeeded(connection, environment_id, subject, proven, now=now)
    user_marks.note_sign_in(connection, environment_id, user_id, now=now)
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
    sign_in: SignIn,
    device_id: bytes | None,
    step: SignedIn,
    today: Generations,
    browser: Browser,
    now: int,
) -> Session:
    return Session(
        id=new_id(),
        environment_id=sign_in.environment_id,
        user_id=sign_in.user_id,
        sign_in_id=sign_in.id,
        device_id=device_id,
        level=step.level,
        reasons=step.reasons,
        browser=browser.visitor.browser,
        address=browser.visitor.address,
        started_at=now,
        last_used_at=now,
        ended_at=None,
        generations=today,
    )


def _ending(session: Session, situation: Situation, step: SignedIn) -> Session | None:
    """The session with the end of what let its person in without a second step of theirs; None
    where nothing did that ends. It never outlasts its browser.
    """
    helped = situation.help_desk_code if step.level is Level.HELP_DESK_CODE else None
    if helped is not None:
        return replace(session, ends_at=helped.ends_at, help_desk_code_id=helped.id)
    paused = [why.get("until") for why in step.reasons if why.code is Code.TWO_STEP_PAUSED]
    return replace(session, ends_at=paused[0]) if paused and isinstance(paused[0], int) else None


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
