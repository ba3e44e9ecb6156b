"""A profile's addresses as they lie in the database: sealed, opened, found, and spoken of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import Contact, ContactKind, EnteredBy, route_to
from twostep.core.users import User
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import Secret
from twostep.delivery.carriers import gateway_of
from twostep.flows import audit, messages
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.storage import contacts, users
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection

_log = structlog.get_logger()

Rows = Sequence[StoredContact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An address that was read, whose word it is, and in which language its messages are.
    ``country``: of a number.
    """

    kind: ContactKind
    text: str
    by: EnteredBy
    language: str
    country: str = ""


def rows_of(installation: Installation, user: User) -> Rows:
    """All addresses of a user."""
    return installation.database.read(
        lambda connection: contacts.of_user(connection, user.environment_id, user.id)
    )


def locked_rows(connection: Connection, user: User) -> Rows:
    """The same, and nobody changes them until the transaction ends."""
    users.locked(connection, user.environment_id, user.id)
    return contacts.of_user(connection, user.environment_id, user.id)


def same(some: Rows, others: Rows) -> bool:
    """Whether they are the same addresses, in the same state."""
    return _states(some) == _states(others)


def counting_of(rows: Rows, kind: ContactKind) -> StoredContact | None:
    """The one of that kind that counts."""
    return next((row for row in rows if row.contact.kind is kind and row.contact.counts), None)


def waiting_of(rows: Rows, kind: ContactKind) -> StoredContact | None:
    """The one of that kind that waits for its code."""
    return next((row for row in rows if row.contact.kind is kind and not row.contact.counts), None)


def sealed(installation: Installation, user: User, entered: Entered, *, now: int) -> StoredContact:
    """A new address, to be put. To be called before the unit begins. Raises KeyMissing."""
    contact = Contact(
        id=new_id(),
        user_id=user.id,
        kind=entered.kind,
        entered_by=entered.by,
        confirmed_at=None,
        changed_at=now,
        country=entered.country,
    )
    box = installation.keys.seal(
        Secret(entered.text.encode()), context=_context(user.environment_id, contact)
    )
    return StoredContact(
        environment_id=user.environment_id,
        contact=contact,
        sealed=box.blob,
        key_version=box.key_version,
        masked=messages.masked(route_to(entered.kind), entered.text),
        address_hash=messages.address_hash(installation, entered.text),
        language=entered.language,
        gateway=gateway_of(entered.text) if entered.kind is ContactKind.SMS_EMAIL else None,
    )


def opened(installation: Installation, row: StoredContact) -> str | None:
    """The address itself; None where its box does not open, which is as good as none. To be called
    outside of any unit.
    """
    try:
        found = installation.keys.open_box(
            row.sealed,
            key_version=row.key_version,
            context=_context(row.environment_id, row.contact),
        )
    except (BoxDamaged, KeyMissing):
        _log.error("address_unreadable", contact=row.contact.id.hex())
        return None
    return found.reveal().decode()


def recipient(row: StoredContact, text: str) -> Recipient:
    """Who gets a message at this address, of which ``text`` is what the box holds."""
    return Recipient(
        environment_id=row.environment_id,
        user_id=row.contact.user_id,
        route=route_to(row.contact.kind),
        to=text,
        language=row.language,
    )


def record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    row: StoredContact,
    *,
    now: int,
    actor: bytes | None,
    visitor: Visitor | None = None,
) -> None:
    """Write the event of an address, which is named by its id and shown masked."""
    audit.record(
        connection,
        installation,
        kind,
        environment_id=row.environment_id,
        now=now,
        actor=actor,
        target=row.contact.user_id,
        visitor=visitor,
        field=row.contact.kind.value,
        contact=row.contact.id.hex(),
        masked=row.masked,
    )


def _context(environment_id: bytes, contact: Contact) -> Context:
    return Context.of_contact(
        environment_id=environment_id, user_id=contact.user_id, contact_id=contact.id
    )


def _states(rows: Rows) -> set[tuple[bytes, int | None]]:
    return {(row.contact.id, row.contact.confirmed_at) for row in rows}
