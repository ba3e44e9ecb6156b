"""*At once* (CT-12): a live session whose proofs no longer suffice becomes a pending sign-in.

In one transaction the session ends and the sign-in begins, with the proofs that the session had and
with where the person was; so nothing is lost but the second step that is asked for now. Whoever has
none sets it up there, as after a password, and therefore only with a password of the last five
minutes: a session that was left open, or stolen, must not be enough to enrol somebody else's phone.
All others show their password first.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.sessions import Session
from twostep.core.sign_in import (
    PENDING_LASTS,
    SET_UP_LASTS,
    AskSecondStep,
    SetUp,
    SignedIn,
    next_step,
)
from twostep.crypto.identifiers import new_id
from twostep.crypto.tokens import Token, issue_plain
from twostep.flows import authenticators
from twostep.flows.installation import Installation
from twostep.flows.pending import drop_oldest, record
from twostep.flows.sessions import MustProveMore, end
from twostep.flows.sign_in import Pending
from twostep.flows.situations import of_session, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import sessions, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class ShowPassword:
    """The session has ended; the person signs in anew, from the password on."""


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The session suffices after all: what was required is so no longer."""


def continue_as_sign_in(
    installation: Installation, held: MustProveMore, *, browser: Browser, going_to: str | None
) -> Pending | ShowPassword | GoesOn | None:
    """Put a pending sign-in of that browser in the session's place; None where it is over already.

    ``browser`` is the one that will answer, by its visitor cookie: the session's own token is good
    for nothing from this moment on.
    """
    now = installation.clock()

    def act(connection: Connection) -> Pending | ShowPassword | GoesOn | None:
        users.locked(connection, held.session.environment_id, held.session.user_id)
        # Of two requests at once the later one waits here, and finds the session gone.
        live = sessions.locked(connection, held.session.environment_id, held.session.id)
        if live is None:
            return None
        step = next_step(of_session(connection, installation, live, now=now), now)
        if isinstance(step, SignedIn):
            return GoesOn()
        end(connection, installation, live, ended_by="required_at_once", now=now)
        if not isinstance(step, AskSecondStep | SetUp):
            return ShowPassword()
        lasts = SET_UP_LASTS if isinstance(step, SetUp) else PENDING_LASTS
        sign_in, token = _in_place_of(live, browser, going_to, lasts, now)
        return _begin(connection, installation, live, sign_in, token, browser, now)

    return installation.database.write(act)


def _in_place_of(
    session: Session, browser: Browser, going_to: str | None, lasts: int, now: int
) -> tuple[SignIn, Token]:
    """The sign-in, of the same device, so that the browser is not listed a second time."""
    token = issue_plain()
    sign_in = SignIn(
        id=new_id(),
        environment_id=session.environment_id,
        user_id=session.user_id,
        state="pending",
        token_hash=token.stored,
        browser_id=browser.id,
        going_to=going_to,
        device_id=session.device_id,
        device_is_good=False,
        wants_remembering=False,
        session_id=session.id,
        started_at=now,
        waits_until=now + lasts,
        extensions=0,
        begun=session.generations,
    )
    return sign_in, token


def _begin(
    connection: Connection,
    installation: Installation,
    session: Session,
    sign_in: SignIn,
    token: Token,
    browser: Browser,
    now: int,
) -> Pending:
    environment_id = sign_in.environment_id
    sign_ins.add(connection, sign_in)
    for proof in sign_ins.proofs_of(connection, environment_id, session.sign_in_id):
        sign_ins.add_proof(connection, environment_id, sign_in.id, new_id(), proof)
    step = next_step(of_sign_in(connection, installation, sign_in, now=now), now)
    if isinstance(step, SetUp):
        authenticators.offer_in_sign_in(
            connection, installation, sign_in, ends_at=sign_in.waits_until, now=now
        )
    drop_oldest(connection, installation, sign_in, browser, now)
    record(connection, installation, EventKind.SIGN_IN_FROM_SESSION, sign_in, browser, step, now)
    return Pending(token, step)
