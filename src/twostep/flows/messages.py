"""Messages: queued in the transaction of the act that causes them, and sent after its commit.

    write() ──► act with queue() ──► commit ──send_soon()──► claimed ──► handed over ──► settled

An act that is rolled back has sent nothing, and a message that is committed is sent by whichever
process is free. What is sent is decided here and stays the same at every try; whereto and what lie
in one box of the key ring, and are deleted when nothing is left to be done (AC-67).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from twostep.core.addresses import mask_mail, mask_number
from twostep.core.keys import KeyPurpose
from twostep.core.messages import (
    DAY,
    NOTICES_LAST,
    PER_ADDRESS,
    PER_USER,
    MessageKind,
    Priority,
    Route,
    may_send_at,
    priority_of,
)
from twostep.core.properties import text_terms_of
from twostep.core.text_terms import BUDGET_LASTS, Spent, may_text_at
from twostep.crypto.boxes import Context
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.secret import Secret
from twostep.flows.installation import Installation
from twostep.storage import message_counts, messages, properties
from twostep.storage.database import Connection
from twostep.storage.messages import Claimed, NewMessage

Data = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a message, by which route, at which address, in which language."""

    environment_id: bytes
    user_id: bytes
    route: Route
    to: str = field(repr=False)
    language: str

    @property
    def masked(self) -> str:
        """The address as it may be shown."""
        return masked(self.route, self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What lies in the box of a message."""

    to: str = field(repr=False)
    language: str
    data: Data = field(repr=False)


def write(
    installation: Installation,
    kind: MessageKind,
    recipient: Recipient,
    data: Data,
    *,
    now: int,
    expires_at: int | None = None,
    sign_in_id: bytes | None = None,
) -> NewMessage:
    """A message, sealed, to be queued in the transaction of its act.

    ``data`` is what the templates of its kind need. ``expires_at`` None: a notice's two days. To be
    called before the unit begins: the key ring may read the database. Raises KeyMissing.
    """
    priority = priority_of(kind)
    if expires_at is None:
        if priority is Priority.SOMEBODY_WAITS:
            raise ValueError("what somebody waits for has an end")
        expires_at = now + NOTICES_LAST
    message_id = new_id()
    box = installation.keys.seal(
        Secret(_packed(recipient, data)), context=_context(recipient, message_id)
    )
    return NewMessage(
        environment_id=recipient.environment_id,
        id=message_id,
        user_id=recipient.user_id,
        sign_in_id=sign_in_id,
        kind=kind,
        priority=priority,
        route=recipient.route,
        sealed=box.blob,
        key_version=box.key_version,
        masked=recipient.masked,
        address_hash=address_hash(installation, recipient.to),
        made_at=now,
        expires_at=expires_at,
    )


def queue(connection: Connection, message: NewMessage) -> None:
    """Queue a message in the caller's transaction. After its commit: ``send_soon``."""
    messages.add(connection, message)


def send_soon(installation: Installation) -> None:
    """Let this process's sender look at once. Others look each second."""
    installation.messages_wait.set()


def may_ask_at(
    connection: Connection, installation: Installation, recipient: Recipient, *, now: int
) -> int:
    """When a code may next be sent to this address for this user: ``now``, or later.

    To be asked in the transaction that queues the message, on a locked row of the user: of two
    requests at once the second one then counts the first one's message (SECURITY §5.4).
    """
    since = now - DAY
    to_address = message_counts.asked_for_to(
        connection,
        address_hash(installation, recipient.to),
        since=since,
        most=max(cap.most for cap in PER_ADDRESS),
    )
    by_user = message_counts.asked_for_by(
        connection,
        recipient.environment_id,
        recipient.user_id,
        since=since,
        most=max(cap.most for cap in PER_USER),
    )
    at = may_send_at(to_address=to_address, by_user=by_user, now=now)
    if recipient.route is not Route.TEXT_PROVIDER:
        return at
    return max(at, _may_text_at(connection, installation, recipient.environment_id, now=now))


def _may_text_at(
    connection: Connection, installation: Installation, environment_id: bytes, *, now: int
) -> int:
    """When the budgets of the environment and of the installation have room for a text (AC-53).
    Users who ask at the same moment do not see each other's: so many as there are of them may go
    beyond it.
    """
    a_day = text_terms_of(properties.of_environment(connection, environment_id)).a_day
    spent = [
        Spent(a_day=most, full_since=_full_since(connection, of, most, now))
        for of, most in ((environment_id, a_day), (None, installation.texts_a_day))
    ]
    return may_text_at(spent, now=now)


def _full_since(
    connection: Connection, environment_id: bytes | None, most: int, now: int
) -> int | None:
    since = now - BUDGET_LASTS
    return message_counts.texts_full_since(connection, environment_id, since=since, most=most)


def open_content(installation: Installation, message: Claimed) -> Content:
    """Whereto and what. Raises BoxDamaged and KeyMissing."""
    context = Context.of_message(
        environment_id=message.environment_id, user_id=message.user_id, message_id=message.id
    )
    opened = installation.keys.open_box(
        message.sealed, key_version=message.key_version, context=context
    )
    parts = json.loads(opened.reveal())
    return Content(to=parts["to"], language=parts["language"], data=parts["data"])


def address_hash(installation: Installation, to: str) -> bytes:
    """Under what sends to an address are counted, however it is written (SECURITY §5.5)."""
    key = installation.keys.current(KeyPurpose.INDEX).secret
    return keyed_hash(key, b"message", to.strip().casefold().encode())


def masked(route: Route, to: str) -> str:
    """An address as it may be shown."""
    match route:
        case Route.MAIL | Route.TEXT_GATEWAY:
            return mask_mail(to)
        case Route.TEXT_PROVIDER:
            return mask_number(to)
        case _:
            assert_never(route)


def _packed(recipient: Recipient, data: Data) -> bytes:
    parts = {"to": recipient.to, "language": recipient.language, "data": dict(data)}
    return json.dumps(parts).encode()


def _context(recipient: Recipient, message_id: bytes) -> Context:
    return Context.of_message(
        environment_id=recipient.environment_id,
        user_id=recipient.user_id,
        message_id=message_id,
    )
