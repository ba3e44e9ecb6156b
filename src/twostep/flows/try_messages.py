"""**Send test message**: whether messages arrive at a user's address, before anybody needs it.

It goes the way of every message and is counted like a code (SECURITY §5.4): whoever may send tests
cannot flood an address with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind, route_to
from twostep.core.messages import MINUTE, MessageKind, Route
from twostep.core.permissions import Permission
from twostep.core.users import User, name_key
from twostep.flows import audit, messages
from twostep.flows.contact_rows import counting_of, locked_rows, opened, recipient, rows_of, same
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.flows.sessions import Person, goes_on
from twostep.flows.visitors import Browser
from twostep.storage import permissions, users
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage

TEST_LASTS: Final = 30 * MINUTE
"""Longer than a code, so that a server which asks to come back later is seen to take it then."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The test message is on its way."""

    message_id: bytes


@dataclass(frozen=True, slots=True)
class NoSuchUser:
    """The environment has no user of this name."""


@dataclass(frozen=True, slots=True)
class NoAddress:
    """The user has no address of this kind that counts, or it was changed at this moment."""


@dataclass(frozen=True, slots=True)
class EnoughForNow:
    """Too much was sent there lately. The next message can be from ``until`` (ms) on."""

    until: int


@dataclass(frozen=True, slots=True)
class MayNot:
    """The permission was taken away, or the session ended."""


Outcome = Queued | NoSuchUser | NoAddress | EnoughForNow | MayNot


def kind_for(route: Route) -> ContactKind:
    """The address of a profile to which messages go by this route."""
    return next(kind for kind in ContactKind if route_to(kind) is route)


def send_test(
    installation: Installation,
    person: Person,
    user_name: str,
    kind: ContactKind,
    *,
    browser: Browser,
) -> Outcome:
    """Send a test message to a user's address of this kind, in the name of an administrator."""
    environment_id, key = person.user.environment_id, name_key(user_name)
    user = installation.database.read(lambda c: users.by_name_key(c, environment_id, key))
    if user is None:
        return NoSuchUser()
    return _send(installation, person, user, kind, browser)


def _send(
    installation: Installation, person: Person, user: User, kind: ContactKind, browser: Browser
) -> Outcome:
    rows, now = rows_of(installation, user), installation.clock()
    row = counting_of(rows, kind)
    text = None if row is None else opened(installation, row)
    if row is None or text is None:
        return NoAddress()
    to = recipient(row, text)
    written = messages.write(
        installation, MessageKind.TEST, to, {}, now=now, expires_at=now + TEST_LASTS
    )

    def act(connection: Connection) -> Outcome:
        place = (person.user.environment_id, person.user.id)
        # By id, so that two who send to each other do not wait for each other crosswise.
        for id_ in sorted({person.user.id, user.id}):
            users.locked(connection, place[0], id_)
        held = permissions.of_user(connection, *place)
        if Permission.MESSAGES not in held or not goes_on(connection, person):
            return MayNot()
        if not same(locked_rows(connection, user), rows):
            return NoAddress()
        at = messages.may_ask_at(connection, installation, to, now=now)
        if at > now:
            return EnoughForNow(at)
        messages.queue(connection, written)
        _record(connection, installation, person, to, written, browser)
        return Queued(written.id)

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done


def _record(
    connection: Connection,
    installation: Installation,
    person: Person,
    to: Recipient,
    written: NewMessage,
    browser: Browser,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.TEST_MESSAGE_ASKED,
        environment_id=to.environment_id,
        now=written.made_at,
        actor=person.user.id,
        target=to.user_id,
        visitor=browser.visitor,
        message=written.id.hex(),
        route=to.route.value,
        masked=written.masked,
    )
