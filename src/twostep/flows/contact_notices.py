"""Telling a user that an address of theirs was changed: at the old one, which is what helps where
somebody else did it (AC-31), and at every other one that is known to be theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.audit import Visitor
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.messages import MessageKind
from twostep.flows import messages
from twostep.flows.contact_rows import Rows, opened, recipient
from twostep.flows.installation import Installation
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What happened to the address of a field. ``masked``: the address that is there now; empty
    where it was removed. ``where``: the browser in which it was done.
    """

    kind: ContactKind
    masked: str
    by: EnteredBy
    where: Visitor | None = None


def notices(
    installation: Installation,
    rows: Rows,
    happening: Happening,
    *,
    now: int,
    also: StoredContact | None = None,
) -> Sequence[NewMessage]:
    """The messages, sealed, to be queued in the act's transaction: to the old address of the field,
    confirmed or not, to the other confirmed ones, and ``also`` to a new one that was just
    confirmed. An administrator's new entry gets none: nobody has shown whose it is.
    """
    told = [
        row
        for row in rows
        if row.contact.counts
        and (row.contact.kind is happening.kind or row.contact.confirmed_at is not None)
    ]
    addresses: dict[bytes, StoredContact] = {
        row.address_hash: row for row in (*told, *([also] if also else []))
    }
    return [
        message
        for row in addresses.values()
        if (message := _notice(installation, row, happening, now)) is not None
    ]


def queue_all(connection: Connection, told: Sequence[NewMessage]) -> None:
    """Queue them in the caller's transaction."""
    for message in told:
        messages.queue(connection, message)


def _notice(
    installation: Installation, row: StoredContact, happening: Happening, now: int
) -> NewMessage | None:
    text = opened(installation, row)
    if text is None:
        return None
    data = {
        "field": happening.kind.value,
        "address": happening.masked,
        "by": happening.by.value,
        "browser": happening.where.browser if happening.where else "",
        "network_address": happening.where.address if happening.where else "",
        "at": now,
    }
    to = recipient(row, text)
    return messages.write(installation, MessageKind.ADDRESS_CHANGED, to, data, now=now)
