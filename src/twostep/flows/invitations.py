"""New users by invitation: an account without a password, and a mail with a link to choose one.

The administrator never sees the link and chooses nothing but the names and the address. Until the
link is used there is no password, and a sign-in under that name is refused like a wrong one. Using
it confirms the address as well: it shows what the code would show that confirms one, that whoever
uses the account reads the mailbox. Another invitation makes the one before void.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.environments import Environment
from twostep.core.messages import HOUR, Cap
from twostep.core.permissions import Permission
from twostep.core.search_terms import terms_of
from twostep.core.users import NotAName, User, checked_full_name, checked_name, name_key
from twostep.crypto.identifiers import new_id
from twostep.flows import audit, messages
from twostep.flows.administration import Acting, MayNot, acting_alone, acting_on
from twostep.flows.contact_reading import NotUsable, read
from twostep.flows.contact_rows import Entered, opened, sealed
from twostep.flows.installation import Installation
from twostep.flows.invitation_mails import Invitation, invitation, queue
from twostep.flows.sessions import Person
from twostep.flows.user_links import LinkPurpose, mailbox
from twostep.flows.users import UserNameTaken
from twostep.flows.visitors import Browser
from twostep.storage import contacts, passwords, search_terms, user_links, users
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection, ConstraintBroken

INVITATIONS: Final = Cap(most=3, within=HOUR)
"""To one user. Who has lost two mails gets a third, and nobody's mailbox is filled (AC-53)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """The invitation is on its way, and good until then (ms)."""

    user_id: bytes
    masked: str
    until: int


@dataclass(frozen=True, slots=True)
class NameUnusable:
    """It cannot be a user's name."""


@dataclass(frozen=True, slots=True)
class FullNameUnusable:
    """It is too long, or has signs in it that cannot be seen."""


@dataclass(frozen=True, slots=True)
class HasPassword:
    """The user has chosen one already."""


@dataclass(frozen=True, slots=True)
class NoMailbox:
    """There is no address to which an invitation could go, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Disabled:
    """The user cannot sign in, whatever they choose."""


@dataclass(frozen=True, slots=True)
class EnoughSent:
    """Enough were sent for now; the next can be from then (ms) on."""

    until: int


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """Something of the user was changed at the same moment; nothing was sent."""


Unsent = HasPassword | NoMailbox | Disabled
Inviting = Invited | UserNameTaken | NameUnusable | FullNameUnusable | NotUsable | MayNot
InvitingAgain = Invited | Unsent | EnoughSent | ChangedMeanwhile | MayNot


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Where another invitation would go, or why none can be sent. ``open_until``: until when (ms)
    the last one is good.
    """

    to: StoredContact | Unsent
    open_until: int | None


def invite(
    installation: Installation,
    environment: Environment,
    person: Person,
    *,
    name: str,
    full_name: str,
    email: str,
    language: str,
    browser: Browser,
) -> Inviting:
    """Make a user without a password, and mail them an invitation after a fresh proof."""
    now = installation.clock()
    new = _new_user(environment, name, full_name, now)
    if not isinstance(new, User):
        return new
    to = _address_of(installation, new, email, language, now)
    if isinstance(to, NotUsable):
        return to
    text, by = opened(installation, to) or "", person.user.id
    made = invitation(installation, environment, new, to, text, made_by=by, now=now)

    def act(connection: Connection) -> Invited | UserNameTaken | MayNot:
        acting = acting_alone(connection, installation, person, Permission.MANAGE_USERS, now=now)
        if isinstance(acting, MayNot):
            return acting
        if not _add(connection, new, to):
            return UserNameTaken()
        _record(connection, installation, EventKind.USER_ADDED, acting, new, to, browser, now)
        queue(connection, made)
        _record(connection, installation, EventKind.USER_INVITED, acting, new, to, browser, now)
        return Invited(user_id=new.id, masked=to.masked, until=made.link.row.ends_at)

    try:
        outcome = installation.database.write(act)
    except ConstraintBroken:
        return UserNameTaken()
    messages.send_soon(installation)
    return outcome


def prospect(installation: Installation, user: User) -> Prospect:
    """What **Invite again** would do."""
    now, place = installation.clock(), (user.environment_id, user.id)

    def look(connection: Connection) -> Prospect:
        purpose = LinkPurpose.INVITATION.value
        return Prospect(
            to=_mailbox_of(connection, user),
            open_until=user_links.newest_open(connection, *place, purpose, now=now),
        )

    return installation.database.read(look)


def invite_again(
    installation: Installation,
    environment: Environment,
    person: Person,
    target_id: bytes,
    *,
    browser: Browser,
) -> InvitingAgain:
    """Mail another invitation; the one before is void. The page has asked for a fresh proof."""
    now = installation.clock()
    prepared = _prepared(installation, environment, person, target_id, now)

    def act(connection: Connection) -> InvitingAgain:
        acting = acting_on(
            connection, installation, person, Permission.MANAGE_USERS, target_id, now=now
        )
        if isinstance(acting, MayNot):
            return acting
        to = _mailbox_of(connection, acting.target)
        if not isinstance(to, StoredContact):
            return to
        if prepared is None or prepared[0].contact.id != to.contact.id:
            return ChangedMeanwhile()
        place, purpose = (environment.id, target_id), LinkPurpose.INVITATION.value
        sent = user_links.sent_since(connection, *place, purpose, since=now - INVITATIONS.within)
        if len(sent) >= INVITATIONS.most:
            return EnoughSent(sent[INVITATIONS.most - 1] + INVITATIONS.within)
        user_links.void(connection, *place, [purpose], now=now)
        made = prepared[1]
        queue(connection, made)
        kind, target = EventKind.USER_INVITED, acting.target
        _record(connection, installation, kind, acting, target, to, browser, now)
        return Invited(user_id=target_id, masked=to.masked, until=made.link.row.ends_at)

    outcome = installation.database.write(act)
    messages.send_soon(installation)
    return outcome


def _new_user(
    environment: Environment, name: str, full_name: str, now: int
) -> User | NameUnusable | FullNameUnusable:
    try:
        tidy = checked_name(name)
    except NotAName:
        return NameUnusable()
    try:
        called = checked_full_name(full_name)
    except NotAName:
        return FullNameUnusable()
    return User(
        id=new_id(),
        environment_id=environment.id,
        name=tidy,
        made_at=now,
        password_generation=1,
        second_step_generation=1,
        full_name=called,
    )


def _address_of(
    installation: Installation, user: User, email: str, language: str, now: int
) -> StoredContact | NotUsable:
    address = read(ContactKind.EMAIL, email, now=now)
    if isinstance(address, NotUsable):
        return address
    by = EnteredBy.ADMINISTRATOR
    entered = Entered(kind=ContactKind.EMAIL, text=address.text, by=by, language=language)
    return sealed(installation, user, entered, now=now)


def _add(connection: Connection, new: User, to: StoredContact) -> bool:
    """Write the user and the address; False where the name is taken."""
    key = name_key(new.name)
    if users.by_name_key(connection, new.environment_id, key) is not None:
        return False
    users.add(connection, new, key=key)
    terms = terms_of(new.name, new.full_name)
    search_terms.put(connection, new.environment_id, new.id, terms)
    contacts.put(connection, to)
    return True


def _mailbox_of(connection: Connection, user: User) -> StoredContact | Unsent:
    place = (user.environment_id, user.id)
    if user.disabled_at is not None:
        return Disabled()
    if passwords.of_user(connection, *place) is not None:
        return HasPassword()
    return mailbox(contacts.of_user(connection, *place)) or NoMailbox()


def _prepared(
    installation: Installation,
    environment: Environment,
    person: Person,
    target_id: bytes,
    now: int,
) -> tuple[StoredContact, Invitation] | None:
    """None where nothing can be sent, which the transaction finds out by itself."""

    def look(connection: Connection) -> tuple[User, StoredContact] | None:
        user = users.by_id(connection, environment.id, target_id)
        to = None if user is None else _mailbox_of(connection, user)
        return (user, to) if user and isinstance(to, StoredContact) else None

    found = installation.database.read(look)
    text = None if found is None else opened(installation, found[1])
    if found is None or text is None:
        return None
    user, to = found
    made_by = person.user.id
    return to, invitation(installation, environment, user, to, text, made_by=made_by, now=now)


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    acting: Acting,
    user: User,
    to: StoredContact,
    browser: Browser,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=user.environment_id,
        now=now,
        actor=acting.actor.id,
        target=user.id,
        visitor=browser.visitor,
        masked=to.masked,
        by_second_step=acting.by_second_step,
    )
