"""Changing a password: in Security Settings with the current one, or in a sign-in that asks for a
new one.

The new password, the risen generation and the end of all other sessions are one transaction. The
browser in which it happens goes on under a new token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.generations import Generations
from twostep.core.lockouts import Purpose
from twostep.core.messages import MessageKind
from twostep.core.passwords import normalise_password
from twostep.core.sessions import Session
from twostep.core.sign_in import ChangePassword, NextStep, next_step
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.known_passwords import PasswordsPaused, compare_known, settle_wrong
from twostep.flows.lockouts import NetworkPaused, Reservation, settle_passed, void
from twostep.flows.mint import Minted, exchange, mint
from twostep.flows.notices import tell
from twostep.flows.passwords import BadPassword, Checked, problems_of, seal_password
from twostep.flows.pending import Waiting
from twostep.flows.sessions import Person, carry_over, end_others
from twostep.flows.situations import generations_of, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import devices, passwords, sessions, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class CurrentPasswordWrong:
    """The current password was not right; nothing changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The new password counts; ``step`` is the session that goes on, or what else is asked."""

    step: Minted | NextStep


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The password was changed, or the session or sign-in ended, at the same moment: nothing was
    changed here.
    """


class _OvertakenMeanwhile(Exception):
    """Something else of this person changed between two statements of the transaction."""


Outcome = Changed | CurrentPasswordWrong | PasswordsPaused | BadPassword | Overtaken | NetworkPaused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a password is changed: a session or a sign-in. ``keep``: the session that stays."""

    keep: bytes | None
    begun: Generations
    still_there: Callable[[Connection, int], bool]
    go_on: Callable[[Connection, Generations, int], Minted | NextStep]


def change_own(
    installation: Installation,
    environment: Environment,
    person: Person,
    *,
    current: Secret[str],
    new: Secret[str],
    browser: Browser,
) -> Outcome:
    """Change one's own password with the current one; wrong ones are counted like those at sign-in.

    Raises Busy where the hashing queue is full.
    """
    found = problems_of(installation, environment, user_name=person.user.name, password=new)
    if found:
        return BadPassword(found)
    with installation.hashing.admit() as ticket:
        compared = compare_known(installation, ticket, person.user, current, browser)
        if isinstance(compared, PasswordsPaused | NetworkPaused):
            return compared
        checked, reservation = compared
        if checked is Checked.WRONG:
            settle_wrong(installation, person.user, reservation, browser)
            return CurrentPasswordWrong()
        if normalise_password(current.reveal()) == normalise_password(new.reveal()):
            now = installation.clock()
            installation.database.write(lambda c: settle_passed(c, reservation, now=now))
            return BadPassword((), same=True)
        phc = ticket.hash(Secret(normalise_password(new.reveal())))
    at = _in_session(installation, person.session, reservation, browser)
    return _save(installation, person.user, phc, browser, at)


def _in_session(
    installation: Installation, session: Session, reservation: Reservation, browser: Browser
) -> _Place:
    environment_id = session.environment_id

    def still_there(connection: Connection, _now: int) -> bool:
        return sessions.locked(connection, environment_id, session.id) is not None

    def go_on(connection: Connection, today: Generations, now: int) -> Minted | NextStep:
        settle_passed(connection, reservation, now=now)
        carry_over(connection, session, today=today)
        live = sessions.locked(connection, environment_id, session.id)
        assert live is not None
        return exchange(
            connection, installation, live, proven=Purpose.PASSWORD, browser=browser, now=now
        )

    return _Place(keep=session.id, begun=session.generations, still_there=still_there, go_on=go_on)


def change_in_sign_in(
    installation: Installation,
    environment: Environment,
    waiting: Waiting,
    *,
    new: Secret[str],
    browser: Browser,
) -> Outcome:
    """Choose a new password in a sign-in that asks for one; every proof was shown in it before."""
    found = problems_of(installation, environment, user_name=waiting.user.name, password=new)
    if found:
        return BadPassword(found)
    with installation.hashing.admit() as ticket:
        compared = compare_known(installation, ticket, waiting.user, new, browser)
        if isinstance(compared, PasswordsPaused | NetworkPaused):
            return compared
        checked, reservation = compared
        # Nobody guesses here: whoever came so far has shown the password. The try counts for
        # nothing.
        now = installation.clock()
        installation.database.write(lambda c: void(c, reservation, now=now))
        if checked is Checked.RIGHT:
            return BadPassword((), same=True)
        phc = ticket.hash(Secret(normalise_password(new.reveal())))
    at = _in_sign_in(installation, waiting.sign_in, browser)
    return _save(installation, waiting.user, phc, browser, at)


def _in_sign_in(installation: Installation, sign_in: SignIn, browser: Browser) -> _Place:
    environment_id = sign_in.environment_id

    def still_there(connection: Connection, now: int) -> bool:
        current = sign_ins.locked(connection, environment_id, sign_in.id)
        if current is None:
            return False
        situation = of_sign_in(connection, installation, current, now=now)
        return isinstance(next_step(situation, now), ChangePassword)

    def go_on(connection: Connection, today: Generations, now: int) -> Minted | NextStep:
        sign_ins.carry_over(connection, environment_id, sign_in.id, today=today)
        if sign_in.device_id is not None and sign_in.device_is_good:
            devices.carry_over(connection, environment_id, sign_in.device_id, today=today)
        return mint(
            connection,
            installation,
            environment_id=environment_id,
            sign_in_id=sign_in.id,
            browser=browser,
            now=now,
        )

    return _Place(keep=None, begun=sign_in.begun, still_there=still_there, go_on=go_on)


def _save(
    installation: Installation, user: User, phc: Secret[bytes], browser: Browser, at: _Place
) -> Changed | Overtaken:
    now = installation.clock()
    environment_id = user.environment_id
    sealed = seal_password(installation, environment_id, user.id, phc, changed_at=now)

    def act(connection: Connection) -> Changed | Overtaken:
        users.locked(connection, environment_id, user.id)
        if not at.still_there(connection, now):
            return Overtaken()
        today = _raise(connection, user, at.begun)
        passwords.put(connection, environment_id, user.id, sealed)
        end_others(
            connection,
            installation,
            environment_id=environment_id,
            user_id=user.id,
            keep=at.keep,
            ended_by="password_changed",
            now=now,
        )
        step = at.go_on(connection, today, now)
        _record(connection, installation, user, browser, now)
        return Changed(step)

    try:
        return installation.database.write(act)
    except _OvertakenMeanwhile:
        return Overtaken()


def _record(
    connection: Connection, installation: Installation, user: User, browser: Browser, now: int
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.PASSWORD_CHANGED,
        environment_id=user.environment_id,
        now=now,
        actor=user.id,
        target=user.id,
        visitor=browser.visitor,
    )
    kind = MessageKind.PASSWORD_CHANGED
    tell(connection, kind, user.environment_id, user.id, now=now, visitor=browser.visitor)


def _raise(connection: Connection, user: User, begun: Generations) -> Generations:
    """Today's generations, the password's risen. Raises where any other change came first.

    From the raise on the user's row is ours. A second step that was set up just before it must not
    be carried over: this sign-in or session knows nothing of it.
    """
    environment_id = user.environment_id
    raised = users.raise_password_generation(
        connection, environment_id, user.id, expected=user.password_generation
    )
    today = generations_of(connection, users.by_id(connection, environment_id, user.id))
    if raised is None or today is None or today != replace(begun, password=begun.password + 1):
        raise _OvertakenMeanwhile
    return today
