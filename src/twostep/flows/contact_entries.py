"""Addresses that an administrator or the operator enters for a user: they count at once, marked
unconfirmed, and the old address is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.users import User
from twostep.delivery.carriers import Carrier
from twostep.flows import messages
from twostep.flows.contact_changes import end_everything
from twostep.flows.contact_codes import Unchanged
from twostep.flows.contact_notices import Happening, notices, queue_all
from twostep.flows.contact_reading import NotUsable, Typed, read
from twostep.flows.contact_rows import (
    Entered,
    Rows,
    counting_of,
    locked_rows,
    record,
    rows_of,
    same,
    sealed,
)
from twostep.flows.installation import Installation
from twostep.flows.text_use import terms_of
from twostep.storage import contacts
from twostep.storage.contacts import COUNTING, WAITING, StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredForUser:
    """The address counts. ``dying``: whose gateway it is that ends, or loses messages."""

    masked: str
    dying: Carrier | None = None


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else changed the user's addresses at the same moment; nothing was changed here."""


_BY = EnteredBy.ADMINISTRATOR
_SET = EventKind.ADDRESS_SET_FOR_USER

EntryOutcome = EnteredForUser | NotUsable | Unchanged | Overtaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An address that is to be set, sealed, with whom its change is told: all that must be done
    before the transaction begins.
    """

    kind: ContactKind
    rows: Rows
    new: StoredContact
    told: Sequence[NewMessage]
    dying: Carrier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The same of an address that is to be removed."""

    kind: ContactKind
    rows: Rows
    old: StoredContact
    told: Sequence[NewMessage]


def set_for_user(
    installation: Installation,
    user: User,
    kind: ContactKind,
    typed: Typed,
    *,
    language: str,
    actor: bytes | None = None,
) -> EntryOutcome:
    """Set an address for a user. ``actor`` is the administrator's id, None the operator. An address
    that is there already stays as it is, confirmed where it was. A number of a country to which no
    texts are sent is kept, and gets none until an administrator has named it.
    """
    now = installation.clock()
    entry = prepare_entry(installation, user, kind, typed, language=language, now=now)
    if isinstance(entry, NotUsable):
        return entry
    done = installation.database.write(
        lambda connection: set_within(connection, installation, user, entry, actor=actor, now=now)
    )
    messages.send_soon(installation)
    return done


def prepare_entry(
    installation: Installation,
    user: User,
    kind: ContactKind,
    typed: Typed,
    *,
    language: str,
    now: int,
) -> Entry | NotUsable:
    """Read what was typed, and seal it. Raises KeyMissing."""
    address = read(kind, typed, now=now, home=terms_of(installation, user.environment_id).home)
    if isinstance(address, NotUsable):
        return address
    entered = Entered(
        kind=kind, text=address.text, by=_BY, language=language, country=address.country
    )
    rows, new = rows_of(installation, user), sealed(installation, user, entered, now=now)
    happening = Happening(kind=kind, masked=new.masked, by=_BY)
    told = notices(installation, rows, happening, now=now)
    return Entry(kind=kind, rows=rows, new=new, told=told, dying=address.dying)


def set_within(
    connection: Connection,
    installation: Installation,
    user: User,
    entry: Entry,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> EnteredForUser | Unchanged | Overtaken:
    """Set a prepared address as part of another act's transaction. After its commit:
    ``send_soon``.
    """
    if not same(locked_rows(connection, user), entry.rows):
        return Overtaken()
    counts = counting_of(entry.rows, entry.kind)
    if counts is not None and counts.address_hash == entry.new.address_hash:
        return Unchanged()
    contacts.put(connection, entry.new)
    queue_all(connection, entry.told)
    if counts is not None:
        end_everything(connection, installation, user, now=now)
    record(connection, installation, _SET, entry.new, now=now, actor=actor, visitor=visitor)
    return EnteredForUser(masked=entry.new.masked, dying=entry.dying)


def remove_for_user(
    installation: Installation, user: User, kind: ContactKind, *, actor: bytes | None = None
) -> bool:
    """Remove a user's address, with whatever waits to take its place; False where there is none."""
    now = installation.clock()
    removal = prepare_removal(installation, user, kind, now=now)
    if removal is None:
        return False
    done = installation.database.write(
        lambda connection: remove_within(
            connection, installation, user, removal, actor=actor, now=now
        )
    )
    messages.send_soon(installation)
    return done


def prepare_removal(
    installation: Installation, user: User, kind: ContactKind, *, now: int
) -> Removal | None:
    """None where there is no such address. Raises KeyMissing."""
    rows = rows_of(installation, user)
    counts = counting_of(rows, kind)
    if counts is None:
        return None
    happening = Happening(kind=kind, masked="", by=_BY)
    told = notices(installation, rows, happening, now=now)
    return Removal(kind=kind, rows=rows, old=counts, told=told)


def remove_within(
    connection: Connection,
    installation: Installation,
    user: User,
    removal: Removal,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> bool:
    """Remove an address as part of another act's transaction; False where somebody else changed
    the user's addresses at the same moment. After its commit: ``send_soon``.
    """
    if not same(locked_rows(connection, user), removal.rows):
        return False
    for state in (WAITING, COUNTING):
        contacts.remove(connection, user.environment_id, user.id, removal.kind, state=state)
    queue_all(connection, removal.told)
    end_everything(connection, installation, user, now=now)
    event = EventKind.ADDRESS_REMOVED_FOR_USER
    record(connection, installation, event, removal.old, now=now, actor=actor, visitor=visitor)
    return True
