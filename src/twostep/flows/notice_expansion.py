"""From a notice to its messages: one for each address of the user's that is to be told.

The row is deleted in the transaction that queues the messages. So each is told once, whichever
process gets to it, and one that is killed on the way has told nothing and lost nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

import structlog

from twostep.core.contacts import Contact, reached
from twostep.core.messages import NOTICES_LAST, MessageKind
from twostep.core.notices import LOOKS_BACK, Telling, addresses_for, telling
from twostep.core.properties import Stored, effective, text_terms_of
from twostep.core.users import User
from twostep.crypto.keys import KeyMissing
from twostep.flows import messages
from twostep.flows.contact_rows import opened, recipient
from twostep.flows.installation import Installation
from twostep.flows.messages import Data
from twostep.storage import contacts, notices, properties, users
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage
from twostep.storage.notices import Notice

_log = structlog.get_logger("twostep.messages")

_BLANK: dict[str, str | int] = {
    "by": "",
    "left": 0,
    "first": 0,
    "what": "codes",
    "stopped": 0,
    "method": "",
    "purpose": "",
    "until": 0,
    "needs_code": 0,
    "by_second_step": 1,
}
"""What the words of some kinds need, where the act had nothing to say about it."""


class _Overtaken(Exception):
    """Another notice of the kind was told meanwhile, so that this one may be one too many."""


def expand(installation: Installation, *, now: int, most: int) -> int:
    """Write the messages of at most so many notices, the oldest first; how many were done with.

    Each in transactions of its own. One that nobody can be told of, that is older than two days, or
    that does not open, is done with as well. Raises DatabaseAway and DatabaseBusy.
    """
    waiting = installation.database.read(lambda c: notices.oldest(c, most=most))
    return sum(_expand(installation, notice, now=now) for notice in waiting)


def can_be_told(installation: Installation, user: User, kind: MessageKind) -> bool:
    """Whether the user has an address to which a notice of this kind would go now."""

    def look(connection: Connection) -> bool:
        rows = contacts.of_user(connection, user.environment_id, user.id)
        stored = properties.of_environment(connection, user.environment_id)
        return bool(addresses_for(kind, _reached(rows, stored)))

    return installation.database.read(look)


def _expand(installation: Installation, notice: Notice, *, now: int) -> bool:
    """Whether it is done with; else it is looked at again."""
    told = installation.database.read(lambda connection: _told(connection, notice))
    written = _written(installation, notice, told) if notice.made_at > now - NOTICES_LAST else ()

    def act(connection: Connection) -> bool:
        # Two processes with two notices of one kind must not both find room for one more.
        users.locked(connection, notice.environment_id, notice.user_id)
        if not notices.take(connection, notice):
            return False
        if written and list(_told(connection, notice)) != list(told):
            raise _Overtaken
        for message in written:
            messages.queue(connection, message)
        return True

    try:
        return installation.database.write(act)
    except _Overtaken:
        return False


def _told(connection: Connection, notice: Notice) -> Sequence[int]:
    return notices.told(
        connection,
        notice.environment_id,
        notice.user_id,
        notice.kind,
        since=notice.made_at - LOOKS_BACK,
    )


def _written(
    installation: Installation, notice: Notice, told: Sequence[int]
) -> Sequence[NewMessage]:
    """Its messages, sealed; none where enough of the kind were told, and none of what cannot be
    read: it would be tried for ever, and hold up the others.
    """
    try:
        kind, data = MessageKind(notice.kind), json.loads(notice.data)
        manner = telling(kind, told, at=notice.made_at)
        if manner is Telling.ENOUGH:
            return ()
        rows, stored = installation.database.read(partial(_facts, notice=notice))
        # What the environment's pages call it; a notice holds no link of anybody's.
        support = effective(stored, "support_contact").value
        last = int(manner is Telling.TOLD_LAST)
        words = _BLANK | data | {"support": support, "last": last, "at": notice.made_at}
        by_id = {row.contact.id: row for row in rows}
        found = [by_id[contact.id] for contact in addresses_for(kind, _reached(rows, stored))]
        written = [_message(installation, notice, kind, row, words) for row in found]
        return [message for message in written if message is not None]
    except (KeyMissing, TypeError, ValueError) as error:
        _log.error("notice_unreadable", notice=notice.id.hex(), error=type(error).__name__)
        return ()


def _reached(rows: Sequence[StoredContact], stored: Stored) -> Sequence[Contact]:
    """No notice goes to a number of a country to which no texts are sent (AC-53)."""
    return reached([row.contact for row in rows], text_terms_of(stored).countries)


def _facts(connection: Connection, notice: Notice) -> tuple[Sequence[StoredContact], Stored]:
    rows = contacts.of_user(connection, notice.environment_id, notice.user_id)
    return rows, properties.of_environment(connection, notice.environment_id)


def _message(
    installation: Installation, notice: Notice, kind: MessageKind, row: StoredContact, data: Data
) -> NewMessage | None:
    text = opened(installation, row)
    if text is None:
        return None
    to = recipient(row, text)
    return messages.write(installation, kind, to, data, now=notice.made_at)
