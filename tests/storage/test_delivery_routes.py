"""Routes of environments, in SQL."""

from __future__ import annotations

from tests.helpers.filled import ENVIRONMENT, fill
from twostep.core.messages import DeliveryKind
from twostep.storage import delivery_routes
from twostep.storage.database import Connection, Database
from twostep.storage.delivery_routes import StoredRoute

NOW = 1_767_225_600_000


def route(kind: DeliveryKind, number: int = 0, rate: int | None = None) -> StoredRoute:
    return StoredRoute(
        environment_id=ENVIRONMENT,
        kind=kind,
        id=number.to_bytes(16, "big"),
        sealed=b"sealed",
        key_version=1,
        rate=rate,
    )


def test_of_each_kind_an_environment_has_one(database: Database) -> None:
    fill(database, now=NOW)

    def act(connection: Connection) -> None:
        delivery_routes.remove(connection, ENVIRONMENT, DeliveryKind.MAIL)
        for each in (
            route(DeliveryKind.MAIL, 1),
            route(DeliveryKind.MAIL, 2, 30),
            route(DeliveryKind.TEXT, 3),
        ):
            delivery_routes.put(connection, each, now=NOW)

    database.write(act)
    found = database.read(lambda c: delivery_routes.of_environment(c, ENVIRONMENT))
    assert sorted(found, key=lambda each: each.id) == [
        route(DeliveryKind.MAIL, 2, 30),
        route(DeliveryKind.TEXT, 3),
    ]
    assert database.read(delivery_routes.who_has_own) == {
        ENVIRONMENT: {DeliveryKind.MAIL: 30, DeliveryKind.TEXT: None}
    }
    assert database.write(lambda c: delivery_routes.remove(c, ENVIRONMENT, DeliveryKind.MAIL))
    assert not database.write(lambda c: delivery_routes.remove(c, ENVIRONMENT, DeliveryKind.MAIL))
    assert database.read(delivery_routes.who_has_own) == {ENVIRONMENT: {DeliveryKind.TEXT: None}}
