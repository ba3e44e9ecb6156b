"""Importing a list that was checked: all its users in one transaction, and what follows from it.

    checked ──switch──► every user is there, at once ──in pieces──► found by their names, invited

A process that is killed before the commit has made nobody, one that is killed after it everybody.
The pieces are taken up again by whichever process looks next (``go_on``): each is a transaction
that deletes the lines it has done, so nobody is invited twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.search_terms import terms_of
from twostep.core.user_lists import Import
from twostep.core.users import User
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit, messages
from twostep.flows.administration import Acting, MayNot, acting_alone
from twostep.flows.contact_rows import opened
from twostep.flows.installation import Installation
from twostep.flows.invitation_mails import Invitation, invitation, queue
from twostep.flows.sessions import Person
from twostep.flows.user_imports import check
from twostep.flows.visitors import Browser
from twostep.storage import environments, search_terms, user_import_switch, user_imports
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection, ConstraintBroken
from twostep.storage.search_terms import Findable

PIECE: Final = 200
"""Lines of which the rest is done in one transaction."""

AT_ONCE: Final = 20
"""Pieces in a row, before others have a turn."""

_log = structlog.get_logger("twostep.imports")

Progress = Callable[[int, int], None]
"""Called with the users done so far and the users in all."""


@dataclass(frozen=True, slots=True)
class Switched:
    """Every user of the list is there."""

    found: Import


@dataclass(frozen=True, slots=True)
class NotImported:
    """A line is wrong, perhaps only since the list was checked; or the list was thrown away, or is
    imported already. Nobody was made.
    """


class _Overtaken(Exception):
    """Another process has taken one of these lines."""


def switch(
    installation: Installation,
    environment_id: bytes,
    import_id: bytes,
    *,
    person: Person | None,
    browser: Browser | None = None,
) -> Switched | NotImported | MayNot:
    """Make users of the whole list, or of nobody. ``person`` None: the operator. The page has asked
    for a fresh proof.
    """
    now = installation.clock()

    def act(connection: Connection) -> Switched | NotImported | MayNot:
        acting: Acting | MayNot | None = None
        if person is not None:
            needed = Permission.MANAGE_USERS
            acting = acting_alone(connection, installation, person, needed, now=now)
        if isinstance(acting, MayNot):
            return acting
        done = user_import_switch.switch(connection, environment_id, import_id, now=now)
        if done is None:
            return NotImported()
        visitor = browser.visitor if browser else None
        _record(connection, installation, done, acting, visitor, now)
        return Switched(done)

    try:
        return installation.database.write(act)
    except ConstraintBroken:
        # Somebody has taken one of the names since the check: the next look says which line.
        check(installation, environment_id, import_id)
        return NotImported()


def go_on(installation: Installation) -> int:
    """Do some of what follows from lists that were imported; how many lines. Raises DatabaseAway
    and DatabaseBusy.
    """
    waiting = installation.database.read(user_import_switch.unfinished)
    return sum(finish(installation, each, most=AT_ONCE) for each in waiting)


def finish(
    installation: Installation,
    found: Import,
    *,
    most: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Do what follows from the import of this list, in at most so many pieces; how many lines."""
    environment = installation.database.read(
        lambda connection: environments.by_id(connection, found.environment_id)
    )
    done, pieces = 0, 0
    while environment is not None and (most is None or pieces < most):
        count = _piece(installation, environment, found)
        done, pieces = done + count, pieces + 1
        if progress is not None:
            progress(found.finished + done, found.lines)
        if count == 0:
            break
    messages.send_soon(installation)
    return done


def _piece(installation: Installation, environment: Environment, found: Import) -> int:
    now, place = installation.clock(), (found.environment_id, found.id)
    rows = installation.database.read(lambda c: user_imports.lines(c, *place, most=PIECE))
    if not rows:
        installation.database.write(lambda c: user_import_switch.end(c, *place, now=now))
        return 0
    made = {
        row.user_id: mail
        for row in rows
        if row.invite and (mail := _mail(installation, environment, found, row, now)) is not None
    }

    def act(connection: Connection) -> None:
        numbers = [row.number for row in rows]
        people, addresses = [row.user_id for row in rows], [row.id for row in rows]
        # Before their lines: whoever erases one of them takes the two in this order.
        names = user_import_switch.names_of(connection, environment.id, people)
        if not user_import_switch.take_lines(connection, *place, numbers, now=now):
            raise _Overtaken
        _make_findable(connection, environment.id, names)
        # An invitation dies with its address, also where that was changed since the switch.
        for user_id in user_import_switch.still_reached(connection, environment.id, addresses):
            if user_id in made:
                queue(connection, made[user_id])

    try:
        installation.database.write(act)
    except _Overtaken:
        return 0
    return len(rows)


def _make_findable(
    connection: Connection,
    environment_id: bytes,
    names: Mapping[bytes, tuple[str, str, str]],
) -> None:
    """By what they are called today: somebody may have changed it since the switch."""
    people = [
        Findable(user_id=id_, name_key=key, terms=terms_of(name, full_name))
        for id_, (name, key, full_name) in names.items()
    ]
    user_import_switch.forget_terms(connection, environment_id, list(names))
    search_terms.put_new(connection, environment_id, people)


def _mail(
    installation: Installation, environment: Environment, found: Import, row: Any, now: int
) -> Invitation | None:
    """None where the address does not open: the user is there, and can be invited again."""
    user = User(
        id=row.user_id,
        environment_id=environment.id,
        name=row.name,
        made_at=now,
        password_generation=1,
        second_step_generation=1,
        full_name=row.full_name,
    )
    to = _contact(found, row)
    text = opened(installation, to)
    if text is None:
        return None
    try:
        return invitation(installation, environment, user, to, text, made_by=found.made_by, now=now)
    except KeyMissing:
        _log.error("invitation_not_written", user=user.id.hex())
        return None


def _contact(found: Import, row: Any) -> StoredContact:
    contact = Contact(
        id=row.id,
        user_id=row.user_id,
        kind=ContactKind.EMAIL,
        entered_by=EnteredBy.ADMINISTRATOR,
        confirmed_at=None,
        changed_at=found.changed_at,
    )
    return StoredContact(
        environment_id=found.environment_id,
        contact=contact,
        sealed=row.sealed,
        key_version=row.key_version,
        masked=row.masked,
        address_hash=row.address_hash,
        language=found.language,
    )


def _record(
    connection: Connection,
    installation: Installation,
    done: Import,
    acting: Acting | None,
    visitor: Visitor | None,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.USERS_IMPORTED,
        environment_id=done.environment_id,
        now=now,
        actor=acting.actor.id if acting else None,
        visitor=visitor,
        users=done.lines,
        invited=done.invited,
        list=done.id.hex(),
    )
