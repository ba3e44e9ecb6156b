"""Mail servers and text providers of single environments, sealed, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select

from twostep.core.messages import DeliveryKind
from twostep.storage.database import Connection
from twostep.storage.tables import delivery_routes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRoute:
    """One as it lies in the database. ``rate``: how many messages it takes in a minute."""

    environment_id: bytes
    kind: DeliveryKind
    id: bytes
    sealed: bytes
    key_version: int
    rate: int | None = None


def put(connection: Connection, route: StoredRoute, *, now: int) -> None:
    """Put one in the place of the environment's former one of its kind."""
    remove(connection, route.environment_id, route.kind)
    connection.execute(
        insert(delivery_routes).values(
            environment_id=route.environment_id,
            kind=route.kind.value,
            id=route.id,
            sealed=route.sealed,
            key_version=route.key_version,
            rate=route.rate,
            changed_at=now,
        )
    )


def remove(connection: Connection, environment_id: bytes, kind: DeliveryKind) -> bool:
    """Whether there was one."""
    gone = connection.execute(
        delete(delivery_routes)
        .where(
            delivery_routes.c.environment_id == environment_id,
            delivery_routes.c.kind == kind.value,
        )
        .returning(delivery_routes.c.id)
    ).first()
    return gone is not None


def of_environment(connection: Connection, environment_id: bytes) -> Sequence[StoredRoute]:
    """Those of one environment."""
    rows = connection.execute(
        select(delivery_routes).where(delivery_routes.c.environment_id == environment_id)
    )
    return [_stored(row) for row in rows]


def who_has_own(connection: Connection) -> Mapping[bytes, Mapping[DeliveryKind, int | None]]:
    """Of each environment that has any: which, and how many messages each takes in a minute."""
    found: dict[bytes, dict[DeliveryKind, int | None]] = {}
    columns = delivery_routes.c
    for row in connection.execute(select(columns.environment_id, columns.kind, columns.rate)):
        found.setdefault(row.environment_id, {})[DeliveryKind(row.kind)] = row.rate
    return found


def _stored(row: Row[Any]) -> StoredRoute:
    return StoredRoute(
        environment_id=row.environment_id,
        kind=DeliveryKind(row.kind),
        id=row.id,
        sealed=row.sealed,
        key_version=row.key_version,
        rate=row.rate,
    )
