"""What a recovery code opens: a sign-in whose person has no app at hand, and the fresh proof for
what they have to do about that.

A right one is a second step of this sign-in alone: no device is remembered by it, no new codes are
made with it, and it is fresh proof only for setting up again and for turning off (AC-32;
``core.recovery_codes.ACTS``), because somebody who has lost their phone could do neither otherwise.
"""

from __future__ import annotations

from twostep.core.audit import EventKind
from twostep.core.lockouts import Purpose
from twostep.core.recovery_codes import RecoveryCode
from twostep.core.sign_in import SetUp
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, settle_failed, void
from twostep.flows.mint import Minted, exchange, mint
from twostep.flows.pending import Waiting, begin_set_up, record
from twostep.flows.recovery_checks import (
    RecoveryCodeRefused,
    RecoveryCodesPaused,
    Tried,
    compare,
    read,
    reserve_try,
    spend,
)
from twostep.flows.second_step import Elsewhere
from twostep.flows.sessions import Person
from twostep.flows.step_up import Ended, end_if_hopeless, takes_recovery_code
from twostep.flows.visitors import Browser
from twostep.storage import sessions, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn

Refusal = RecoveryCodeRefused | RecoveryCodesPaused | NetworkPaused


def by_recovery_code(
    installation: Installation, waiting: Waiting, *, typed: str, browser: Browser
) -> Minted | Refusal | Elsewhere:
    """Check the code that was typed, and let the person in where it was the last thing asked.

    Raises Busy where the hashing queue is full: nothing was compared and no try was used up.
    """
    if not takes_recovery_code(waiting.step):
        return Elsewhere(waiting.step)
    tried = _compared(installation, waiting.user, typed, browser)
    if not isinstance(tried, tuple):
        return tried
    now = installation.clock()

    def act(connection: Connection) -> Minted | RecoveryCodeRefused | Elsewhere:
        users.locked(connection, waiting.sign_in.environment_id, waiting.sign_in.user_id)
        # Two tabs with one sign-in settle one after the other.
        sign_in = sign_ins.locked(connection, waiting.sign_in.environment_id, waiting.sign_in.id)
        if sign_in is None:
            _ended(connection, installation, waiting.sign_in, tried[0], browser, now)
            return Elsewhere(None)
        refused = spend(
            connection,
            installation,
            tried[0],
            right=tried[1],
            sign_in_id=sign_in.id,
            browser=browser,
            now=now,
        )
        return refused or _let_in(connection, installation, sign_in, browser, now)

    return installation.database.write(act)


def _let_in(
    connection: Connection, installation: Installation, sign_in: SignIn, browser: Browser, now: int
) -> Minted | Elsewhere:
    step = mint(
        connection,
        installation,
        environment_id=sign_in.environment_id,
        sign_in_id=sign_in.id,
        browser=browser,
        now=now,
    )
    if isinstance(step, Minted):
        return step
    if isinstance(step, SetUp):
        begin_set_up(connection, installation, sign_in, now=now)
    return Elsewhere(step)


def confirm(
    installation: Installation, person: Person, *, typed: str, browser: Browser
) -> Minted | Refusal | Ended:
    """Show once more that it is they, by a recovery code (AC-32). Raises Busy."""
    tried = _compared(installation, person.user, typed, browser)
    if not isinstance(tried, tuple):
        return tried

    def act(connection: Connection) -> Minted | RecoveryCodeRefused | Ended:
        session, now = person.session, installation.clock()
        users.locked(connection, session.environment_id, session.user_id)
        live = sessions.locked(connection, session.environment_id, session.id)
        if live is None:
            void(connection, tried[0].reservation, now=now)
            return Ended()
        refused = spend(
            connection,
            installation,
            tried[0],
            right=tried[1],
            sign_in_id=session.sign_in_id,
            browser=browser,
            now=now,
        )
        if refused is not None:
            hopeless = end_if_hopeless(connection, installation, person, browser, now)
            return Ended() if hopeless else refused
        step = exchange(
            connection, installation, live, proven=Purpose.RECOVERY_CODE, browser=browser, now=now
        )
        return step if isinstance(step, Minted) else Ended()

    return installation.database.write(act)


def _compared(
    installation: Installation, user: User, typed: str, browser: Browser
) -> tuple[Tried, bool] | Refusal:
    """A try that was reserved and compared, and whether it was right; to be settled by the caller.

    The place in the queue comes first, so that a busy server uses up nobody's tries.
    """
    code = read(typed)
    if not isinstance(code, RecoveryCode):
        return code
    with installation.hashing.admit() as ticket:
        now = installation.clock()
        tried = installation.database.write(
            lambda connection: reserve_try(
                connection, installation, user, code, browser=browser, now=now
            )
        )
        if not isinstance(tried, Tried):
            return tried
        return tried, compare(installation, ticket, tried)


def _ended(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    tried: Tried,
    browser: Browser,
    now: int,
) -> None:
    """The sign-in was over when the result came. After a double click the first request has
    completed it, and this was nobody's guess; in one that was cancelled it counts, or cancelling
    would make guesses free.
    """
    current = sign_ins.by_id(connection, sign_in.environment_id, sign_in.id)
    if current is not None and current.state == "completed":
        void(connection, tried.reservation, now=now)
        return
    settle_failed(connection, installation, tried.reservation, now=now)
    kind = EventKind.RECOVERY_CODE_REFUSED
    record(connection, installation, kind, sign_in, browser, None, now)
