"""A password chosen by a link: in the place of one that was forgotten, or the first one.

Threat: a link opens what it should not: a session without the second step, a second try at it, or
somebody else's account (AC-33, R-25, R-37). So choosing a password signs nobody in. It ends every
session and sign-in and whatever browsers remember, spares none, and tells every address. It clears
the counter of wrong passwords, which were tried at the one that is gone, and no other: neither the
counter of codes nor that of recovery codes (AC-18).

The new password is not compared with the one before: that would let whoever holds a link find out
which it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.lockouts import Purpose
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import audit, contact_rows, messages
from twostep.flows.installation import Installation
from twostep.flows.notices import tell
from twostep.flows.passwords import hash_new_password, problems_of, seal_password
from twostep.flows.sessions import end_others
from twostep.flows.user_links import (
    Choosing,
    LinkOver,
    LinkPurpose,
    PasswordChosen,
    PasswordUnusable,
    find,
    mailbox,
    void_all,
)
from twostep.flows.user_locks import note_standing
from twostep.flows.visitors import Browser
from twostep.storage import contacts, lockouts, passwords, sign_ins, user_links, users
from twostep.storage.database import Connection
from twostep.storage.passwords import SealedPassword
from twostep.storage.user_links import OpenLink

ENDED_BY = "password_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """All that the transaction needs."""

    purpose: LinkPurpose
    token_hash: bytes
    link: OpenLink
    password: SealedPassword
    browser: Browser
    now: int


class _Over(Exception):
    """Something of this user changed at the same moment: nothing is kept."""


def choose(
    installation: Installation,
    environment: Environment,
    purpose: LinkPurpose,
    *,
    token: str,
    new: Secret[str],
    browser: Browser,
) -> Choosing:
    """Give the link's user this password, and spend the link.

    Raises Busy where too many passwords wait to be hashed; the link is then as good as before.
    """
    # Asked before anything is hashed, so that guesses at links cost nobody a hash.
    found = find(installation, environment, purpose, token=token)
    user = None
    if found is not None:
        user = installation.database.read(
            lambda connection: users.by_id(connection, environment.id, found[1].user_id)
        )
    if found is None or user is None:
        return LinkOver()
    problems = problems_of(installation, environment, user_name=user.name, password=new)
    if problems:
        return PasswordUnusable(problems)
    phc, now = hash_new_password(installation, new), installation.clock()
    made = _New(
        purpose=purpose,
        token_hash=found[0],
        link=found[1],
        password=seal_password(installation, environment.id, user.id, phc, changed_at=now),
        browser=browser,
        now=now,
    )
    try:
        installation.database.write(lambda c: _write(c, installation, environment.id, made))
    except _Over:
        return LinkOver()
    messages.send_soon(installation)
    return PasswordChosen()


def _write(
    connection: Connection, installation: Installation, environment_id: bytes, made: _New
) -> None:
    """Raises _Over."""
    place, now = (environment_id, made.link.user_id), made.now
    user = users.locked(connection, *place)
    if user is None or user.disabled_at is not None:
        raise _Over
    has_one = passwords.of_user(connection, *place) is not None
    if has_one is not (made.purpose is LinkPurpose.RESET):
        raise _Over
    generation = user.password_generation
    if not user_links.use_up(
        connection,
        *place,
        token_hash=made.token_hash,
        purpose=made.purpose.value,
        password_generation=generation,
        now=now,
    ):
        raise _Over
    users.raise_password_generation(connection, *place, expected=generation)
    void_all(connection, *place, now=now)
    passwords.put(connection, *place, made.password)
    _end_all(connection, installation, user, now=now)
    if made.purpose is LinkPurpose.RESET:
        _record(connection, installation, EventKind.PASSWORD_RESET, user, made)
        kind, visitor = MessageKind.PASSWORD_CHANGED, made.browser.visitor
        tell(connection, kind, *place, now=now, visitor=visitor)
    else:
        _record(connection, installation, EventKind.INVITATION_ACCEPTED, user, made)
        _confirm(connection, installation, user, made)


def _end_all(connection: Connection, installation: Installation, user: User, *, now: int) -> None:
    """What browsers remember ends with the number of the password, which has just risen."""
    place = (user.environment_id, user.id)
    end_others(
        connection,
        installation,
        environment_id=user.environment_id,
        user_id=user.id,
        keep=None,
        ended_by=ENDED_BY,
        now=now,
    )
    sign_ins.drop_oldest(connection, *place, keep=0, now=now)
    lockouts.clear(connection, *place, Purpose.PASSWORD, now=now)
    lockouts.clear_known(connection, *place, now=now)
    note_standing(connection, installation, *place, now=now)


def _confirm(connection: Connection, installation: Installation, user: User, made: _New) -> None:
    """Whoever chose the password reads the mailbox that the invitation went to: the same that the
    code shows which confirms an address. One that was entered later was not shown to be theirs.
    """
    place = (user.environment_id, user.id)
    to = mailbox(contacts.of_user(connection, *place))
    if to is None or to.contact.changed_at > made.link.made_at:
        return
    if contacts.confirm_entered(connection, *place, to.contact.id, now=made.now):
        contact_rows.record(
            connection,
            installation,
            EventKind.ADDRESS_CONFIRMED,
            to,
            now=made.now,
            actor=user.id,
            visitor=made.browser.visitor,
        )


def _record(
    connection: Connection, installation: Installation, kind: EventKind, user: User, made: _New
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=user.environment_id,
        now=made.now,
        actor=user.id,
        target=user.id,
        visitor=made.browser.visitor,
        by_help_desk=made.link.made_by is not None,
    )
