"""Addresses that an administrator or the operator enters for a user: they count at once, marked
unconfirmed, and the old address is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
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
from twostep.storage.contacts import COUNTING, WAITING
from twostep.storage.database import Connection


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
    address = read(kind, typed, now=now, home=terms_of(installation, user.environment_id).home)
    if isinstance(address, NotUsable):
        return address
    entered = Entered(
        kind=kind, text=address.text, by=_BY, language=language, country=address.country
    )
    rows, new = rows_of(installation, user), sealed(installation, user, entered, now=now)
    happening = Happening(kind=kind, masked=new.masked, by=_BY)
    told = notices(installation, rows, happening, now=now)

    def act(connection: Connection) -> EnteredForUser | Unchanged | Overtaken:
        if not same(locked_rows(connection, user), rows):
            return Overtaken()
        counts = counting_of(rows, kind)
        if counts is not None and counts.address_hash == new.address_hash:
            return Unchanged()
        contacts.put(connection, new)
        queue_all(connection, told)
        if counts is not None:
            end_everything(connection, installation, user, now=now)
        record(connection, installation, _SET, new, now=now, actor=actor)
        return EnteredForUser(masked=new.masked, dying=address.dying)

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done


def remove_for_user(
    installation: Installation, user: User, kind: ContactKind, *, actor: bytes | None = None
) -> bool:
    """Remove a user's address, with whatever waits to take its place; False where there is none."""
    now = installation.clock()
    rows = rows_of(installation, user)
    counts = counting_of(rows, kind)
    if counts is None:
        return False
    happening = Happening(kind=kind, masked="", by=_BY)
    told = notices(installation, rows, happening, now=now)

    def act(connection: Connection) -> bool:
        if not same(locked_rows(connection, user), rows):
            return False
        for state in (WAITING, COUNTING):
            contacts.remove(connection, user.environment_id, user.id, kind, state=state)
        queue_all(connection, told)
        end_everything(connection, installation, user, now=now)
        event = EventKind.ADDRESS_REMOVED_FOR_USER
        record(connection, installation, event, counts, now=now, actor=actor)
        return True

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done
