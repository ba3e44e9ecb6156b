"""A pending sign-in: looking at it, giving it more time, giving it up.

It is not a weak session. It is another type, with another cookie and another table, and all that
can be done in it is to answer, to choose another method, or to cancel (AC-01).
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.sign_in import (
    MOST_EXTENSIONS,
    MOST_PENDING,
    PENDING_LASTS,
    SET_UP_LASTS,
    NextStep,
    SetUp,
    next_step,
)
from twostep.core.users import User
from twostep.crypto.tokens import read_plain
from twostep.flows import audit, authenticators
from twostep.flows.installation import Installation
from twostep.flows.situations import of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import sign_ins
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending sign-in as its own browser sees it."""

    sign_in: SignIn
    user: User
    step: NextStep


def look(
    installation: Installation, environment: Environment, cookie: str, browser: Browser
) -> Waiting | None:
    """The pending sign-in of this cookie in this browser, and what comes next in it; None where
    there is none.

    The cookie alone is not enough: the browser must be the one that showed the password, so that a
    pending
    sign-in planted in somebody else's browser is worth nothing there (AC-02).
    """
    token = read_plain(cookie)
    if token is None:
        return None
    now = installation.clock()

    def act(connection: Connection) -> Waiting | None:
        sign_in = sign_ins.pending_by_token(connection, environment.id, token.stored)
        if sign_in is None or sign_in.browser_id != browser.id:
            return None
        situation = of_sign_in(connection, installation, sign_in, now=now, browser=browser)
        if situation.user is None:
            return None
        return Waiting(sign_in, situation.user, next_step(situation, now))

    return installation.database.read(act)


def report_mismatch(
    installation: Installation, environment: Environment, cookie: str, browser: Browser
) -> bool:
    """Write an event where this cookie belongs to a pending sign-in of another browser; whether it
    does.
    """
    token = read_plain(cookie)
    if token is None:
        return False
    now = installation.clock()

    def act(connection: Connection) -> bool:
        sign_in = sign_ins.pending_by_token(connection, environment.id, token.stored)
        if sign_in is None or sign_in.browser_id == browser.id:
            return False
        audit.record(
            connection,
            installation,
            EventKind.PENDING_USER_MISMATCH,
            environment_id=environment.id,
            now=now,
            target=sign_in.user_id,
            visitor=browser.visitor,
            sign_in=sign_in.id.hex(),
        )
        return True

    return installation.database.write(act)


def cancel(installation: Installation, waiting: Waiting, browser: Browser) -> None:
    """The person gives this sign-in up. Keys that it was shown go with it."""
    now = installation.clock()
    sign_in = waiting.sign_in

    def act(connection: Connection) -> None:
        if not sign_ins.end(
            connection, sign_in.environment_id, sign_in.id, state="cancelled", now=now
        ):
            return
        authenticators.drop_offers_of(connection, sign_in, now=now)
        record(connection, installation, EventKind.SIGN_IN_CANCELLED, sign_in, browser, None, now)

    installation.database.write(act)


def wait_longer(installation: Installation, waiting: Waiting) -> bool:
    """Give the person more time (WCAG 2.2.1), ten times at most; False where there is none left.

    The key that is being shown lives as long as the sign-in; one that had gone is made anew.
    """
    now = installation.clock()
    sign_in = waiting.sign_in
    setting_up = isinstance(waiting.step, SetUp)
    until = now + (SET_UP_LASTS if setting_up else PENDING_LASTS)

    def act(connection: Connection) -> bool:
        # One that has waited too long is over: asking for more time must not bring it back (AC-04).
        current = sign_ins.locked(connection, sign_in.environment_id, sign_in.id)
        if current is None or now >= current.waits_until:
            return False
        if not extend(connection, current, until):
            return False
        if setting_up:
            authenticators.offer_in_sign_in(
                connection, installation, sign_in, ends_at=until, now=now
            )
        return True

    return installation.database.write(act)


def begin_set_up(
    connection: Connection, installation: Installation, sign_in: SignIn, *, now: int
) -> None:
    """The sign-in is held at set-up from now on: it waits longer, and has a key to show."""
    until = now + SET_UP_LASTS
    extend(connection, sign_in, until)
    authenticators.offer_in_sign_in(connection, installation, sign_in, ends_at=until, now=now)


def extend(connection: Connection, sign_in: SignIn, until: int) -> bool:
    """Let it wait until then; False where it was extended too often or is over."""
    return sign_ins.extend(
        connection,
        sign_in.environment_id,
        sign_in.id,
        waits_until=until,
        most=MOST_EXTENSIONS + 1,
    )


def drop_oldest(
    connection: Connection, installation: Installation, newest: SignIn, browser: Browser, now: int
) -> None:
    """Let only the newest sign-ins of a user wait (AC-04). ``browser`` has the one that made them
    too many; the log says so of each that was dropped.
    """
    environment_id, user_id = newest.environment_id, newest.user_id
    for id_ in sign_ins.drop_oldest(
        connection, environment_id, user_id, keep=MOST_PENDING, now=now
    ):
        audit.record(
            connection,
            installation,
            EventKind.SIGN_IN_DROPPED,
            environment_id=environment_id,
            now=now,
            actor=user_id,
            target=user_id,
            visitor=browser.visitor,
            sign_in=id_.hex(),
            dropped_by=newest.id.hex(),
        )


def record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    sign_in: SignIn,
    browser: Browser,
    step: NextStep | None,
    now: int,
) -> None:
    """Write an event about this sign-in, with the reasons of the step that it led to."""
    audit.record(
        connection,
        installation,
        kind,
        environment_id=sign_in.environment_id,
        now=now,
        actor=sign_in.user_id,
        target=sign_in.user_id,
        visitor=browser.visitor,
        reasons=() if step is None else step.reasons,
        sign_in=sign_in.id.hex(),
    )
