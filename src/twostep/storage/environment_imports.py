"""Writing a whole environment that comes from elsewhere, in SQL, many rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, insert, select

from twostep.core.audit import data_as_text
from twostep.core.audit_chain import SealedEvent
from twostep.storage.database import Connection
from twostep.storage.tables import (
    authenticators,
    contacts,
    devices,
    environments,
    events,
    grants,
    passwords,
    people,
    properties,
    seals,
    search_terms,
    users,
)

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        *(properties, users, passwords, authenticators, contacts, devices, grants),
        *(search_terms, people),
    )
}
"""In the order in which their rows may be written."""


def is_there(connection: Connection, environment_id: bytes) -> bool:
    """Whether there is an environment of this id."""
    row = connection.execute(
        select(environments.c.id).where(environments.c.id == environment_id)
    ).first()
    return row is not None


def add(connection: Connection, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write rows, by the names of their tables. Raises ConstraintBroken in the end."""
    for name, table in TABLES.items():
        if rows.get(name):
            connection.execute(insert(table), [dict(row) for row in rows[name]])


def add_events(connection: Connection, entries: Sequence[SealedEvent]) -> None:
    """Write events as they were sealed."""
    rows = [
        {
            "environment_id": event.environment_id,
            "id": event.id,
            "happened_at": event.at,
            "kind": event.kind.value,
            "actor_id": event.actor,
            "target_id": event.target,
            "visitor_id": event.visitor,
            "data": data_as_text(event.data),
            "number": entry.number,
            "mac": entry.mac,
            "key_version": entry.key_version,
        }
        for entry in entries
        if (event := entry.event) is not None
    ]
    if rows:
        connection.execute(insert(events), rows)


def add_seal(connection: Connection, environment_id: bytes, head: SealedEvent, *, now: int) -> None:
    """Write how far the chain goes."""
    connection.execute(
        insert(seals).values(
            environment_id=environment_id,
            number=head.number,
            mac=head.mac,
            key_version=head.key_version,
            sealed_at=now,
        )
    )
