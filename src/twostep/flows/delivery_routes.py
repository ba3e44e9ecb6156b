"""How one environment's messages leave, and in whose name, where it differs from the installation.

Threat: who can write to the database, and has no key, sends every code to a mail server of their
own. So a route lies whole in a box of the environment, host and all; one that does not open is not
used, and nothing takes its place: its messages wait until an operator has looked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.looks import NO_LOOK, Look
from twostep.core.messages import DeliveryKind, WaysOut
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import Secret
from twostep.delivery.mail import Relay, Tls
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import delivery_routes, looks
from twostep.storage.database import Connection
from twostep.storage.delivery_routes import StoredRoute


class RouteUnusable(Exception):
    """A route was changed behind our back, or its key is gone. Nothing is sent by another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRelay:
    """An environment's own mail server. ``id`` is new with each change."""

    id: bytes
    relay: Relay
    rate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTexts:
    """An environment's own provider of text messages, as Apprise addresses it."""

    id: bytes
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDelivery:
    """What an environment has of its own. None, and a look's None: as the installation has it."""

    relay: OwnRelay | None = None
    texts: OwnTexts | None = None
    look: Look = NO_LOOK


def own_delivery(installation: Installation, environment_id: bytes) -> OwnDelivery:
    """What the environment has of its own, as of now. Raises RouteUnusable."""
    routes, look = installation.database.read(
        lambda connection: (
            delivery_routes.of_environment(connection, environment_id),
            looks.of_environment(connection, environment_id),
        )
    )
    opened = {route.kind: (route, _opened(installation, route)) for route in routes}
    return OwnDelivery(
        relay=None if DeliveryKind.MAIL not in opened else _relay(*opened[DeliveryKind.MAIL]),
        texts=None if DeliveryKind.TEXT not in opened else _texts(*opened[DeliveryKind.TEXT]),
        look=look,
    )


def ways_out(installation: Installation, environment_id: bytes, ours: WaysOut) -> WaysOut:
    """By which ways the environment's messages leave; ``ours``: what the installation has. What
    does not open takes none.
    """
    try:
        own = own_delivery(installation, environment_id)
    except RouteUnusable:
        return WaysOut(mails=False, texts=False)
    return WaysOut(
        mails=ours.mails or own.relay is not None,
        texts=ours.texts or own.texts is not None,
        rate=own.relay.rate if own.relay else ours.rate,
    )


def set_mail(
    installation: Installation, environment: Environment, relay: Relay, *, rate: int | None = None
) -> None:
    """Let the environment's mails leave by this server, at most so many in a minute. Which
    certificates are trusted, and how many connections are held, is each machine's affair.
    """
    parts: Mapping[str, str | int | None] = {
        "kind": DeliveryKind.MAIL.value,
        "host": relay.host,
        "port": relay.port,
        "tls": relay.tls.value,
        "user": relay.user,
        "password": relay.password,
    }
    _set(installation, environment, DeliveryKind.MAIL, parts, rate=rate, host=relay.host)


def set_texts(installation: Installation, environment: Environment, url: str) -> None:
    """Let the environment's texts to numbers leave by this provider."""
    _set(
        installation, environment, DeliveryKind.TEXT, {"kind": DeliveryKind.TEXT.value, "url": url}
    )


def clear(installation: Installation, environment: Environment, kind: DeliveryKind) -> bool:
    """Let them leave as the installation's do; whether there was anything to clear."""
    now = installation.clock()

    def act(connection: Connection) -> bool:
        gone = delivery_routes.remove(connection, environment.id, kind)
        if gone:
            _record(connection, installation, environment, kind, "cleared", now=now)
        return gone

    return installation.database.write(act)


def _set(
    installation: Installation,
    environment: Environment,
    kind: DeliveryKind,
    parts: Mapping[str, str | int | None],
    *,
    rate: int | None = None,
    host: str = "",
) -> None:
    now, route_id = installation.clock(), new_id()
    box = installation.keys.seal(
        Secret(json.dumps(parts).encode()),
        context=Context.of_route(environment_id=environment.id, route_id=route_id),
    )
    route = StoredRoute(
        environment_id=environment.id,
        kind=kind,
        id=route_id,
        sealed=box.blob,
        key_version=box.key_version,
        rate=rate,
    )

    def act(connection: Connection) -> None:
        delivery_routes.put(connection, route, now=now)
        _record(connection, installation, environment, kind, "set", now=now, host=host)

    installation.database.write(act)


def _opened(installation: Installation, route: StoredRoute) -> Mapping[str, str]:
    context = Context.of_route(environment_id=route.environment_id, route_id=route.id)
    try:
        opened = installation.keys.open_box(
            route.sealed, key_version=route.key_version, context=context
        )
    except (BoxDamaged, KeyMissing) as error:
        raise RouteUnusable(f"the {route.kind} route does not open") from error
    parts: Mapping[str, str] = json.loads(opened.reveal())
    if parts["kind"] != route.kind:
        raise RouteUnusable(f"the {route.kind} route is one for {parts['kind']}")
    return parts


def _relay(route: StoredRoute, parts: Mapping[str, str]) -> OwnRelay:
    relay = Relay(
        host=parts["host"],
        port=int(parts["port"]),
        tls=Tls(parts["tls"]),
        user=parts["user"],
        password=parts["password"],
    )
    return OwnRelay(id=route.id, relay=relay, rate=route.rate)


def _texts(route: StoredRoute, parts: Mapping[str, str]) -> OwnTexts:
    return OwnTexts(id=route.id, url=parts["url"])


def _record(
    connection: Connection,
    installation: Installation,
    environment: Environment,
    kind: DeliveryKind,
    did: str,
    *,
    now: int,
    host: str = "",
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.DELIVERY_CHANGED,
        environment_id=environment.id,
        now=now,
        what=kind.value,
        did=did,
        host=host,
    )
