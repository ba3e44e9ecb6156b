"""Proving oneself again before a sensitive act (ASVS 7.5.1): five minutes, the second step if there
is one.

The proof is a fact of the session's own sign-in like any other, so ``next_step`` sees it; the
browser goes on under a new token (ASVS 7.2.4). Tries are counted where those of sign-ins are
(AC-16), and a session in which five of them were wrong is over: whoever sits before it is not its
owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from twostep.core import recovery_codes
from twostep.core.authenticators import Accepted, Match
from twostep.core.lockouts import Purpose
from twostep.core.policies import SENT, Method
from twostep.core.sign_in import FRESH_FOR, AskFirstStep, AskSecondStep, NextStep, next_step
from twostep.core.situations import Asked, Proof, ProofKind
from twostep.core.steps import NO_AGE
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows.codes import (
    CodeRefused,
    CodesPaused,
    Tried,
    compare,
    normalised,
    reserve_try,
    settle_right,
    settle_wrong,
)
from twostep.flows.installation import Installation
from twostep.flows.known_passwords import PasswordsPaused, compare_known
from twostep.flows.known_passwords import settle_wrong as settle_known
from twostep.flows.lockouts import NetworkPaused, Reservation, settle_passed, void
from twostep.flows.mint import Minted, exchange
from twostep.flows.password_changes import CurrentPasswordWrong
from twostep.flows.passwords import Checked
from twostep.flows.sessions import Person, end
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import authenticators, lockouts, sessions, sign_ins, users
from twostep.storage.database import Connection

MOST_WRONG = 5
"""Wrong tries in one session (SECURITY section 5.4)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over."""


Refusal = CodeRefused | CodesPaused | CurrentPasswordWrong | PasswordsPaused | NetworkPaused
Outcome = Minted | Ended | Refusal


def demanded(
    installation: Installation, person: Person, act: str, *, own: bool = False
) -> NextStep:
    """What the person must show before this act; ``SignedIn`` where nothing.

    ``own``: the act takes a proof for itself alone, so one is asked whatever was shown before.
    """
    now = installation.clock()
    asked = Asked(
        greatest_age=NO_AGE if own else FRESH_FOR,
        act=act,
        takes_recovery_code=act in recovery_codes.ACTS,
    )

    def look(connection: Connection) -> NextStep:
        situation = of_session(connection, installation, person.session, now=now, asked=asked)
        return next_step(situation, now)

    return installation.database.read(look)


def by_code(installation: Installation, person: Person, *, typed: str, browser: Browser) -> Outcome:
    """Show a code of one's app once more. A code that signed in does not do it again (AC-08)."""
    code = normalised(typed)
    if isinstance(code, CodeRefused):
        return code
    session = person.session
    now = installation.clock()

    def try_it(connection: Connection) -> Tried | CodesPaused | NetworkPaused | Ended:
        stored = authenticators.active(connection, session.environment_id, session.user_id)
        if stored is None:
            return Ended()
        return reserve_try(connection, installation, stored, browser=browser, now=now)

    tried = installation.database.write(try_it)
    if not isinstance(tried, Tried):
        return tried
    match = compare(installation, tried, code)
    return installation.database.write(
        lambda connection: _after_code(connection, installation, person, tried, match, browser)
    )


def _after_code(
    connection: Connection,
    installation: Installation,
    person: Person,
    tried: Tried,
    match: Match,
    browser: Browser,
) -> Outcome:
    session, now = person.session, installation.clock()
    users.locked(connection, session.environment_id, session.user_id)
    live = sessions.locked(connection, session.environment_id, session.id)
    if live is None:
        void(connection, tried.reservation, now=now)
        return Ended()
    if not isinstance(match, Accepted) or not authenticators.use_up(
        connection, session.environment_id, tried.authenticator.id, step=match.step
    ):
        refused = settle_wrong(connection, installation, tried, match, browser=browser, now=now)
        ended = end_if_hopeless(connection, installation, person, browser, now)
        return Ended() if ended else refused
    settle_right(connection, tried, sign_in_id=session.sign_in_id, now=now)
    step = exchange(
        connection, installation, live, proven=Purpose.SECOND_STEP, browser=browser, now=now
    )
    return step if isinstance(step, Minted) else Ended()


def by_password(
    installation: Installation,
    person: Person,
    *,
    password: Secret[str],
    browser: Browser,
) -> Outcome:
    """Show one's password once more, where there is no second step. Raises Busy."""
    with installation.hashing.admit() as ticket:
        compared = compare_known(installation, ticket, person.user, password, browser)
    if isinstance(compared, PasswordsPaused | NetworkPaused):
        return compared
    checked, reservation = compared
    if checked is Checked.WRONG:
        settle_known(installation, person.user, reservation, browser)
        now = installation.clock()
        ended = installation.database.write(
            lambda connection: end_if_hopeless(connection, installation, person, browser, now)
        )
        return Ended() if ended else CurrentPasswordWrong()
    return installation.database.write(
        lambda connection: _after_password(connection, installation, person, reservation, browser)
    )


def _after_password(
    connection: Connection,
    installation: Installation,
    person: Person,
    reservation: Reservation,
    browser: Browser,
) -> Outcome:
    session, now = person.session, installation.clock()
    users.locked(connection, session.environment_id, session.user_id)
    settle_passed(connection, reservation, now=now)
    live = sessions.locked(connection, session.environment_id, session.id)
    if live is None:
        return Ended()
    shown = Proof(kind=ProofKind.PASSWORD, shown_at=now)
    sign_ins.add_proof(connection, session.environment_id, session.sign_in_id, new_id(), shown)
    step = exchange(
        connection, installation, live, proven=Purpose.PASSWORD, browser=browser, now=now
    )
    return step if isinstance(step, Minted) else Ended()


def end_if_hopeless(
    connection: Connection, installation: Installation, person: Person, browser: Browser, now: int
) -> bool:
    """End a session in which so many tries were wrong; whether it was ended."""
    session = person.session
    users.locked(connection, session.environment_id, session.user_id)
    wrong = lockouts.failed_in_browser(
        connection, session.environment_id, session.user_id, browser.id
    )
    if wrong < MOST_WRONG:
        return False
    return end(connection, installation, session, ended_by="too_many_tries", now=now)


class By(StrEnum):
    """What is asked first: the strongest that the person has."""

    PASSWORD = "password"
    CODE = "code"
    SENT_CODE = "sent_code"


def asked_by(step: NextStep) -> By:
    """What this step asks for first."""
    if not isinstance(step, AskSecondStep):
        return By.PASSWORD
    if Method.AUTHENTICATOR in step.methods or not SENT & set(step.methods):
        return By.CODE
    return By.SENT_CODE


def or_sent_code(step: NextStep) -> bool:
    """Whether a code that is sent will do, beside one of the app."""
    return isinstance(step, AskSecondStep) and bool(SENT & set(step.methods))


def takes_recovery_code(step: NextStep) -> bool:
    """Whether a recovery code will do as well, and the person has one."""
    return isinstance(step, AskSecondStep) and Method.RECOVERY_CODE in step.methods


def is_asked(step: NextStep) -> bool:
    """Whether anything is asked that can be shown here."""
    return isinstance(step, AskSecondStep | AskFirstStep)
