"""An environment as it is taken along, in SQL: users page by page, with all that belongs to them.

What is sealed comes out sealed; ``flows.environment_exports`` opens it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, func, select

from twostep.core.properties import Scope
from twostep.storage.database import Connection
from twostep.storage.tables import (
    authenticators,
    contacts,
    devices,
    events,
    grants,
    passwords,
    people,
    properties,
    recovery_codes,
    users,
)

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRows:
    """One user: the row of ``users``, and theirs of the other tables by the tables' names."""

    user: Row[Any]
    more: Mapping[str, Rows]


def count(connection: Connection, environment_id: bytes) -> int:
    """How many users there are."""
    return connection.execute(
        select(func.count()).select_from(users).where(users.c.environment_id == environment_id)
    ).scalar_one()


def users_after(
    connection: Connection, environment_id: bytes, after: bytes, *, most: int
) -> Sequence[UserRows]:
    """Users in the order of their ids, beginning after the id ``after``."""
    found = connection.execute(
        select(users)
        .where(users.c.environment_id == environment_id, users.c.id > after)
        .order_by(users.c.id)
        .limit(most)
    ).all()
    ids = [row.id for row in found]
    more = {
        table.name: _by_user(connection, table, environment_id, ids)
        for table in (passwords, authenticators, contacts, recovery_codes, devices, grants)
    }
    return [
        UserRows(user=row, more={name: by_user[row.id] for name, by_user in more.items()})
        for row in found
    ]


def properties_of(connection: Connection, environment_id: bytes) -> Rows:
    """The environment's own values."""
    return connection.execute(
        select(properties)
        .where(
            properties.c.environment_id == environment_id,
            properties.c.scope == Scope.ENVIRONMENT.value,
        )
        .order_by(properties.c.name)
    ).all()


def people_after(connection: Connection, environment_id: bytes, after: bytes, *, most: int) -> Rows:
    """What events refer to, in the order of the ids."""
    return connection.execute(
        select(people)
        .where(people.c.environment_id == environment_id, people.c.id > after)
        .order_by(people.c.id)
        .limit(most)
    ).all()


def head_number(connection: Connection, environment_id: bytes) -> int:
    """The greatest number of an event; 0 where none is sealed."""
    return (
        connection.execute(
            select(func.max(events.c.number)).where(events.c.environment_id == environment_id)
        ).scalar()
        or 0
    )


def _by_user(
    connection: Connection, table: Table, environment_id: bytes, ids: Collection[bytes]
) -> Mapping[bytes, list[Row[Any]]]:
    found: dict[bytes, list[Row[Any]]] = defaultdict(list)
    rows = connection.execute(
        select(table).where(table.c.environment_id == environment_id, table.c.user_id.in_(ids))
    )
    for row in rows:
        found[row.user_id].append(row)
    return found
