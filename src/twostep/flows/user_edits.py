"""What an administrator writes about another user: what they are called, and where messages go.

Each is one transaction behind the one gate (``administration.acting_on``). What must be done before
a transaction begins, such as sealing an address, says nothing about the user to whoever may not.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.core.search_terms import terms_of
from twostep.core.users import User, checked_full_name, checked_name, name_key
from twostep.flows import audit, messages
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.contact_codes import Unchanged
from twostep.flows.contact_entries import (
    EnteredForUser,
    Overtaken,
    prepare_entry,
    prepare_removal,
    remove_within,
    set_within,
)
from twostep.flows.contact_reading import NotUsable, Typed
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.users import UserNameTaken
from twostep.flows.visitors import Browser
from twostep.storage import search_terms, users
from twostep.storage.database import Connection, ConstraintBroken


@dataclass(frozen=True, slots=True)
class Edited:
    """The user is called so from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a user is called."""

    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class NamesOvertaken:
    """Somebody else changed the same name to something else since the form was shown. Nothing was
    changed; ``now``: what the user is called.
    """

    now: Names


@dataclass(frozen=True, slots=True)
class AsBefore:
    """That is what stood there already."""


@dataclass(frozen=True, slots=True)
class AddressGone:
    """The address is removed, and told."""


@dataclass(frozen=True, slots=True)
class NoAddressThere:
    """There is no address of this kind that counts."""


Editing = Edited | AsBefore | NamesOvertaken | UserNameTaken | MayNot
Entering = EnteredForUser | NotUsable | Unchanged | Overtaken | MayNot
Removing = AddressGone | NoAddressThere | Overtaken | MayNot


def edit(
    installation: Installation,
    person: Person,
    target_id: bytes,
    *,
    name: str,
    full_name: str,
    browser: Browser,
    shown: Names | None = None,
) -> Editing:
    """Call the user so, and let them be found by it. ``shown``: the names in the form as it was
    opened, so that nothing is undone which somebody else wrote meanwhile; None: whatever they were.
    Raises NotAName.
    """
    wanted = Names(name=checked_name(name), full_name=checked_full_name(full_name))
    now = installation.clock()

    def act(connection: Connection) -> Editing:
        acting = _acting(connection, installation, person, target_id, now)
        if isinstance(acting, MayNot):
            return acting
        user = acting.target
        stored = Names(name=user.name, full_name=user.full_name)
        names = _joined(wanted, shown or stored, stored)
        if names is None:
            return NamesOvertaken(stored)
        if names == stored:
            return AsBefore()
        return _call_so(connection, installation, acting, names, browser, now)

    try:
        return installation.database.write(act)
    except ConstraintBroken:
        # Somebody else took the name between the look and the write.
        return UserNameTaken()


def _call_so(
    connection: Connection,
    installation: Installation,
    acting: Acting,
    names: Names,
    browser: Browser,
    now: int,
) -> Edited | UserNameTaken:
    user, key = acting.target, name_key(names.name)
    found = users.by_name_key(connection, user.environment_id, key)
    if found is not None and found.id != user.id:
        return UserNameTaken()
    place = (user.environment_id, user.id)
    users.call(connection, *place, name=names.name, key=key, full_name=names.full_name)
    search_terms.put(connection, *place, terms_of(names.name, names.full_name))
    _record(connection, installation, acting, browser, now, names)
    return Edited()


def _joined(wanted: Names, shown: Names, stored: Names) -> Names | None:
    """What is wanted where it was typed, and what is stored where nothing was. None where both were
    written, and differ.
    """
    name = _of_two(wanted.name, shown.name, stored.name)
    full_name = _of_two(wanted.full_name, shown.full_name, stored.full_name)
    return None if name is None or full_name is None else Names(name=name, full_name=full_name)


def _of_two(wanted: str, shown: str, stored: str) -> str | None:
    if wanted == shown:
        return stored
    return wanted if stored in (shown, wanted) else None


def enter_address(
    installation: Installation,
    person: Person,
    target_id: bytes,
    kind: ContactKind,
    typed: Typed,
    *,
    language: str,
    browser: Browser,
) -> Entering:
    """Enter an address for the user, which counts at once, unconfirmed; the old one is told."""
    now = installation.clock()
    user = _user(installation, person, target_id)
    if user is None:
        return MayNot.NOBODY
    entry = prepare_entry(installation, user, kind, typed, language=language, now=now)
    if isinstance(entry, NotUsable):
        return entry

    def act(connection: Connection) -> Entering:
        acting = _acting(connection, installation, person, target_id, now)
        if isinstance(acting, MayNot):
            return acting
        actor, visitor = acting.actor.id, browser.visitor
        return set_within(
            connection, installation, acting.target, entry, actor=actor, visitor=visitor, now=now
        )

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done


def remove_address(
    installation: Installation,
    person: Person,
    target_id: bytes,
    kind: ContactKind,
    *,
    browser: Browser,
) -> Removing:
    """Remove an address of the user, which is told."""
    now = installation.clock()
    user = _user(installation, person, target_id)
    removal = None if user is None else prepare_removal(installation, user, kind, now=now)

    def act(connection: Connection) -> Removing:
        acting = _acting(connection, installation, person, target_id, now)
        if isinstance(acting, MayNot):
            return acting
        if removal is None:
            return NoAddressThere()
        actor, visitor = acting.actor.id, browser.visitor
        removed = remove_within(
            connection, installation, acting.target, removal, actor=actor, visitor=visitor, now=now
        )
        return AddressGone() if removed else Overtaken()

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done


def _user(installation: Installation, person: Person, target_id: bytes) -> User | None:
    environment_id = person.user.environment_id
    return installation.database.read(
        lambda connection: users.by_id(connection, environment_id, target_id)
    )


def _acting(
    connection: Connection,
    installation: Installation,
    person: Person,
    target_id: bytes,
    now: int,
) -> Acting | MayNot:
    needed = Permission.MANAGE_USERS
    return acting_on(connection, installation, person, needed, target_id, now=now)


def _record(
    connection: Connection,
    installation: Installation,
    acting: Acting,
    browser: Browser,
    now: int,
    names: Names,
) -> None:
    """What was changed, and neither the old names nor the new: a log keeps no names."""
    before = acting.target
    audit.record(
        connection,
        installation,
        EventKind.USER_EDITED,
        environment_id=before.environment_id,
        now=now,
        actor=acting.actor.id,
        target=before.id,
        visitor=browser.visitor,
        name_changed=before.name != names.name,
        full_name_changed=before.full_name != names.full_name,
    )
