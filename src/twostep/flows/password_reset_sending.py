"""**Send password reset**: an administrator has a link mailed to somebody who cannot sign in.

They start it and never see the link, nor choose the password (ASVS 6.4.6). The link goes to the
user's own mailbox and to no other, and to none that an administrator has entered less than a day
ago: nobody takes an account over by giving it another address first (AC-31).
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.messages import PER_RESET
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import audit, messages
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.reset_mails import NoMail, ResetMail, codes_go_there, mailbox_for, prepare
from twostep.flows.sessions import Person
from twostep.flows.user_links import LinkPurpose
from twostep.flows.visitors import Browser
from twostep.storage import contacts, environments, user_links, users
from twostep.storage import messages as stored_messages
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetSent:
    """The mail is on its way, and its link good until then (ms)."""

    masked: str
    until: int


@dataclass(frozen=True, slots=True)
class EnoughSent:
    """Administrators have sent this user enough of these for now; the next can be from then (ms)
    on.
    """

    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSend:
    """What would be sent. ``codes_too``: codes go to the same mailbox, so that whoever reads it
    gets both (R-37).
    """

    masked: str
    codes_too: bool


def to_send(installation: Installation, user: User) -> ToSend | NoMail:
    """Where a link would go, or why none can be sent."""
    now = installation.clock()

    def look(connection: Connection) -> ToSend | NoMail:
        to = mailbox_for(connection, user, now=now, by_help_desk=True)
        if isinstance(to, NoMail):
            return to
        rows = contacts.of_user(connection, user.environment_id, user.id)
        too = codes_go_there(connection, user, to, rows, now=now)
        return ToSend(masked=to.masked, codes_too=too)

    return installation.database.read(look)


def send(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> ResetSent | EnoughSent | NoMail | MayNot:
    """Mail the user a link. The page has asked for a fresh proof."""
    environment_id, now = person.session.environment_id, installation.clock()
    prepared = _prepared(installation, person, target_id, now=now)

    def act(connection: Connection) -> ResetSent | EnoughSent | NoMail | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.MANAGE_USERS, target_id, now=now
        )
        if isinstance(acting, MayNot):
            return acting
        if isinstance(prepared, NoMail):
            return prepared
        found = _still(connection, acting, prepared, now=now)
        if found is not None:
            return found
        user_links.add(connection, [prepared.link.row])
        stored_messages.add(connection, prepared.message)
        audit.record(
            connection,
            installation,
            EventKind.PASSWORD_RESET_SENT,
            environment_id=environment_id,
            now=now,
            actor=acting.actor.id,
            target=target_id,
            visitor=browser.visitor,
            masked=prepared.to.masked,
            message=prepared.message.id.hex(),
            by_second_step=acting.by_second_step,
        )
        return ResetSent(masked=prepared.to.masked, until=prepared.link.row.ends_at)

    outcome = installation.database.write(act)
    messages.send_soon(installation)
    return outcome


def _prepared(
    installation: Installation, person: Person, target_id: bytes, *, now: int
) -> ResetMail | NoMail:
    """The mail, made before it is known whether it may be sent."""
    environment_id = person.session.environment_id

    def look(connection: Connection) -> tuple[User, StoredContact] | NoMail:
        user = users.by_id(connection, environment_id, target_id)
        if user is None:
            return NoMail.NOBODY
        to = mailbox_for(connection, user, now=now, by_help_desk=True)
        return to if isinstance(to, NoMail) else (user, to)

    found = installation.database.read(look)
    environment = installation.database.read(lambda c: environments.by_id(c, environment_id))
    if isinstance(found, NoMail) or environment is None:
        return found if isinstance(found, NoMail) else NoMail.NOBODY
    user, to = found
    return prepare(installation, environment, user, to, made_by=person.user.id, now=now)


def _still(
    connection: Connection, acting: Acting, mail: ResetMail, *, now: int
) -> EnoughSent | NoMail | None:
    """What has changed since the mail was made, or that it would be one too many."""
    user = acting.target
    to = mailbox_for(connection, user, now=now, by_help_desk=True)
    if isinstance(to, NoMail):
        return to
    if to.contact.id != mail.to.contact.id:
        return NoMail.NO_ADDRESS
    if user.password_generation != mail.link.row.password_generation:
        return NoMail.NO_PASSWORD
    sent = user_links.sent_since(
        connection,
        user.environment_id,
        user.id,
        LinkPurpose.RESET.value,
        since=now - PER_RESET.within,
    )
    if len(sent) < PER_RESET.most:
        return None
    return EnoughSent(sent[PER_RESET.most - 1] + PER_RESET.within)
