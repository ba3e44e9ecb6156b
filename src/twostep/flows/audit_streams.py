"""Where an environment's events are streamed to: a signed webhook, or a syslog server.

Threat: who can write to the database, and has no key, sends every event to a server of their own,
or nowhere. So it lies whole in a box of the environment, address and secret; one that does not
open is not used, and says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import Secret
from twostep.delivery.syslog import NotASyslog, Syslog, address_of, read_syslog
from twostep.delivery.webhooks import NotAWebhook, Webhook, read_webhook
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import audit_chain, audit_streams
from twostep.storage.audit_streams import StoredStream
from twostep.storage.database import Connection

Receiver = Webhook | Syslog


class StreamUnusable(Exception):
    """The stream was changed behind our back, or its key is gone. Nothing is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Where events go. ``resolved``: with names and addresses in the place of references; what was
    sent so can never be erased from here.
    """

    receiver: Receiver
    resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a stream stands. ``behind``: how many events wait for it."""

    stream: Stream
    position: int
    behind: int
    failures: int
    why: str | None
    sent_at: int | None


def set_stream(
    installation: Installation,
    environment: Environment,
    stream: Stream,
    *,
    from_beginning: bool = False,
) -> None:
    """Stream the environment's events there, from the next one on, or all that there are."""
    now, id_ = installation.clock(), new_id()
    box = installation.keys.seal(
        Secret(_packed(stream)),
        context=Context.of_stream(environment_id=environment.id, stream_id=id_),
    )

    def act(connection: Connection) -> None:
        head = audit_chain.head_of(connection, environment.id).number
        stored = StoredStream(
            environment_id=environment.id,
            id=id_,
            sealed=box.blob,
            key_version=box.key_version,
            position=0 if from_beginning else head,
        )
        audit_streams.put(connection, stored, now=now)
        _record(connection, installation, environment, "set", now=now)

    installation.database.write(act)


def clear_stream(installation: Installation, environment: Environment) -> bool:
    """Stream nothing any more; whether anything was."""
    now = installation.clock()

    def act(connection: Connection) -> bool:
        gone = audit_streams.remove(connection, environment.id)
        if gone:
            _record(connection, installation, environment, "cleared", now=now)
        return gone

    return installation.database.write(act)


def standing_of(installation: Installation, environment: Environment) -> Standing | None:
    """How the environment's stream stands; None where there is none. Raises StreamUnusable."""

    def look(connection: Connection) -> tuple[StoredStream | None, int]:
        stored = audit_streams.of_environment(connection, environment.id)
        return stored, audit_chain.head_of(connection, environment.id).number

    stored, head = installation.database.read(look)
    if stored is None:
        return None
    return Standing(
        stream=opened(installation, stored),
        position=stored.position,
        behind=max(0, head - stored.position),
        failures=stored.failures,
        why=stored.why,
        sent_at=stored.sent_at,
    )


def opened(installation: Installation, stored: StoredStream) -> Stream:
    """What is in the box. Raises StreamUnusable."""
    context = Context.of_stream(environment_id=stored.environment_id, stream_id=stored.id)
    try:
        box = installation.keys.open_box(
            stored.sealed, key_version=stored.key_version, context=context
        )
        parts = json.loads(box.reveal())
        receiver: Receiver = (
            read_webhook(parts["url"], parts["secret"])
            if parts["kind"] == "webhook"
            else read_syslog(parts["address"])
        )
    except (BoxDamaged, KeyMissing, NotASyslog, NotAWebhook) as error:
        raise StreamUnusable("the stream does not open") from error
    return Stream(receiver=receiver, resolved=parts["resolved"])


def _packed(stream: Stream) -> bytes:
    receiver = stream.receiver
    parts: dict[str, object] = {"resolved": stream.resolved}
    if isinstance(receiver, Webhook):
        parts |= {"kind": "webhook", "url": receiver.url, "secret": receiver.secret}
    else:
        parts |= {"kind": "syslog", "address": address_of(receiver)}
    return json.dumps(parts).encode()


def _record(
    connection: Connection,
    installation: Installation,
    environment: Environment,
    did: str,
    *,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.AUDIT_STREAM_CHANGED,
        environment_id=environment.id,
        now=now,
        did=did,
    )
