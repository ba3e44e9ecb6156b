"""Recovery codes: how many a person has, and making a new set of ten.

A set is shown once, in the answer to the request that made it, and is kept nowhere in the clear.
How a code is checked stands in ``recovery_checks``, what a right one opens in ``recovery_sign_in``.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MessageKind
from twostep.core.recovery_codes import (
    CODES,
    RANDOM_BYTES,
    RecoveryCode,
    are_of_use,
    may_be_made,
    new_code,
    newest_second_step_is_one,
)
from twostep.core.sessions import Session
from twostep.core.sign_in import FRESH_FOR
from twostep.core.situations import Asked
from twostep.core.users import User
from twostep.crypto.passwords import Ticket
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.notices import tell
from twostep.flows.recovery_checks import covered
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import recovery_codes, sessions, users
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a person has. ``made_at`` (milliseconds) is None where no codes were ever made.

    ``of_use``: there is an app that a code could stand in for, and it is asked for here.
    ``app_missing``: the person last proved themselves by a recovery code, in this very session.
    """

    made_at: int | None
    left: int
    of_use: bool
    app_missing: bool


@dataclass(frozen=True, slots=True)
class Made:
    """New codes, to be shown now and never again. ``made_at`` is in milliseconds."""

    codes: tuple[Secret[str], ...]
    made_at: int


@dataclass(frozen=True, slots=True)
class NotReplaced:
    """The form was for another set than the person has: it was sent twice, or is out of date."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Codes cannot be made in this session: it is over, its proof is not fresh or was itself a
    recovery code, there is no app to stand in for, or none is asked for here.
    """


def state_of(installation: Installation, person: Person) -> State:
    """The person's codes as they are now."""
    now, user = installation.clock(), person.user

    def look(connection: Connection) -> State:
        situation = of_session(connection, installation, person.session, now=now)
        current = recovery_codes.set_of(connection, user.environment_id, user.id)
        return State(
            made_at=current.made_at if current else None,
            left=current.left if current else 0,
            of_use=are_of_use(situation),
            app_missing=newest_second_step_is_one(situation),
        )

    return installation.database.read(look)


def make(
    installation: Installation, person: Person, *, replaces: int | None, browser: Browser
) -> Made | NotReplaced | NotNow:
    """Make ten codes in the place of the set made at ``replaces`` (None: of no set at all).

    Ten hashes, a quarter of a second of one core: they are computed before the transaction, and
    only for somebody who may have them. Raises Busy.
    """
    refused = installation.database.read(
        lambda connection: _refused(connection, installation, person.session, replaces)
    )
    if refused is not None:
        return refused
    codes = [new_code(slot, secrets.token_bytes(RANDOM_BYTES)) for slot in range(1, CODES + 1)]
    with installation.hashing.admit() as ticket:
        hashed = [_hashed(installation, ticket, person.user, code) for code in codes]

    def act(connection: Connection) -> Made | NotReplaced | NotNow:
        user, now = person.user, installation.clock()
        # Whoever turns the second step off ends this session or goes on in it: either waits for
        # this lock and deletes these codes as well, or was first, and none are made.
        users.locked(connection, user.environment_id, user.id)
        live = sessions.locked(connection, user.environment_id, person.session.id)
        if live is None:
            return NotNow()
        refused = _refused(connection, installation, live, replaces)
        if refused is not None:
            return refused
        if not recovery_codes.put_set(
            connection, user.environment_id, user.id, hashed=hashed, replaces=replaces, now=now
        ):
            return NotReplaced()
        _record(connection, installation, user, browser, now, first=replaces is None)
        return Made(tuple(Secret(code.shown) for code in codes), now)

    return installation.database.write(act)


def _refused(
    connection: Connection, installation: Installation, session: Session, replaces: int | None
) -> NotReplaced | NotNow | None:
    """Why no codes are made for this form, or None."""
    now = installation.clock()
    asked = Asked(greatest_age=FRESH_FOR, act="recovery-codes")
    situation = of_session(connection, installation, session, now=now, asked=asked)
    if not may_be_made(situation, now):
        return NotNow()
    current = recovery_codes.set_of(connection, session.environment_id, session.user_id)
    made_at = current.made_at if current else None
    return None if made_at == replaces else NotReplaced()


def _hashed(installation: Installation, ticket: Ticket, user: User, code: RecoveryCode) -> str:
    """What is stored of a code: the version of the HMAC's key, and the PHC string. One hash."""
    key = installation.keys.current(KeyPurpose.RECOVERY)
    return f"{key.version}{ticket.hash(covered(key, user, code)).reveal().decode()}"


def _record(
    connection: Connection,
    installation: Installation,
    user: User,
    browser: Browser,
    now: int,
    *,
    first: bool,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.RECOVERY_CODES_MADE,
        environment_id=user.environment_id,
        now=now,
        actor=user.id,
        target=user.id,
        visitor=browser.visitor,
        first_set=first,
    )
    kind, whose = MessageKind.RECOVERY_CODES_MADE, (user.environment_id, user.id)
    tell(connection, kind, *whose, now=now, visitor=browser.visitor, first=int(first))
