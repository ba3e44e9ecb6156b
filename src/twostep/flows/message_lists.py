"""Messages for whoever helps: what became of each, without what was in it.

Looked for by the name of a user or by an address. An address is found by its keyed hash, so the
address itself stands neither in the database nor in what leads back to the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.contacts import ContactKind
from twostep.core.messages import (
    GaveUp,
    MessageKind,
    MessageState,
    Route,
    Try,
)
from twostep.core.users import name_key
from twostep.flows.contact_reading import Address, read
from twostep.flows.installation import Installation
from twostep.flows.messages import address_hash
from twostep.storage import message_lists, users
from twostep.storage.database import Connection
from twostep.storage.message_lists import Filter, Listed, Place

__all__ = ["Filter", "Page", "Place", "Shown", "Tried", "Whose", "find", "name_of", "one", "page"]

PAGE = 50
"""Messages of one page: more than one looks through, and a second page is a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One try: when (ms), how it ended, and what the server said."""

    at: int
    ended: Try
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message, as far as it may be shown. Times in milliseconds.

    ``next_try_at``: when a message that waits is tried (again). ``words``: the server's, of the
    last try. ``user_id``: whose it is.
    """

    id: bytes
    user_id: bytes
    user_name: str
    kind: MessageKind
    route: Route
    masked: str
    state: MessageState
    reason: GaveUp | None
    words: str
    attempts: int
    tries: tuple[Tried, ...]
    made_at: int
    next_try_at: int | None
    expires_at: int
    tried_at: int | None
    settled_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Messages, the newest first. ``older``: the place from which on there are more."""

    messages: Sequence[Shown]
    older: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """What somebody typed to find messages stands for a user, or for an address."""

    user_id: bytes | None = None
    address_hash: bytes | None = None


def page(
    installation: Installation,
    environment_id: bytes,
    wanted: Filter,
    *,
    before: Place | None = None,
    most: int = PAGE,
) -> Page:
    """One page of an environment's messages."""

    def look(connection: Connection) -> Page:
        found = message_lists.page(connection, environment_id, wanted, before=before, most=most + 1)
        listed = found[:most]
        ids = {message.user_id for message in listed}
        names = message_lists.names_of(connection, environment_id, ids)
        last = listed[-1] if len(found) > most else None
        return Page(
            messages=[_shown(message, names[message.user_id]) for message in listed],
            older=None if last is None else (last.made_at, last.id),
        )

    return installation.database.read(look)


def one(installation: Installation, environment_id: bytes, message_id: bytes) -> Shown | None:
    """One message; None where the environment has none of that id."""

    def look(connection: Connection) -> Shown | None:
        found = message_lists.by_id(connection, environment_id, message_id)
        if found is None:
            return None
        names = message_lists.names_of(connection, environment_id, {found.user_id})
        return _shown(found, names[found.user_id])

    return installation.database.read(look)


def find(installation: Installation, environment_id: bytes, typed: str) -> Whose | None:
    """Whom somebody means who typed this: a user of the environment, or whoever has this address.
    None where it is neither.

    A user of that name goes first: people are named by their addresses here and there, and what was
    sent to them is among what is found.
    """
    key = name_key(typed)
    user = installation.database.read(lambda c: users.by_name_key(c, environment_id, key))
    if user is not None:
        return Whose(user_id=user.id)
    address = _address(typed, installation.clock())
    return None if address is None else Whose(address_hash=address_hash(installation, address))


def name_of(installation: Installation, environment_id: bytes, user_id: bytes) -> str | None:
    """The name of a user of the environment, or None."""
    names = installation.database.read(
        lambda connection: message_lists.names_of(connection, environment_id, {user_id})
    )
    return names.get(user_id)


def _address(typed: str, now: int) -> str | None:
    """As it is stored. One to which nothing gets any more may have got something before."""
    kind = ContactKind.EMAIL if "@" in typed else ContactKind.PHONE
    found = read(kind, typed, now=now)
    if isinstance(found, Address):
        return found.text
    return typed if "@" in typed else None


def _shown(message: Listed, name: str) -> Shown:
    return Shown(
        id=message.id,
        user_id=message.user_id,
        user_name=name,
        kind=message.kind,
        route=message.route,
        masked=message.masked,
        state=message.state,
        reason=message.reason,
        words=message.words or "",
        attempts=message.attempts,
        tries=tuple(
            Tried(at=tried.at, ended=tried.ended, words=tried.words) for tried in message.history
        ),
        made_at=message.made_at,
        next_try_at=message.due_at if message.state is MessageState.QUEUED else None,
        expires_at=message.expires_at,
        tried_at=message.tried_at,
        settled_at=message.settled_at,
    )
