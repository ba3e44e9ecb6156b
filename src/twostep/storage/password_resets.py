"""Resets of a password that were asked for, in SQL: written with the request, and taken by whoever
writes the mails.

Taking is deleting, in the transaction that queues the mail: of all who want the same one, one
deletes the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from twostep.core.contacts import ContactKind
from twostep.storage.contacts import COUNTING
from twostep.storage.database import Connection
from twostep.storage.tables import asked_resets, contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReset:
    """Somebody has forgotten a password. ``user_id``: whose name was typed, None where nobody has
    it. ``address_hash``: of what was typed, as if it were an address. ``data`` is JSON.
    """

    environment_id: bytes
    id: bytes
    user_id: bytes | None
    address_hash: bytes
    data: str
    made_at: int


def add(connection: Connection, asked: AskedReset) -> None:
    """Write one."""
    connection.execute(
        insert(asked_resets).values({name: getattr(asked, name) for name in asked.__slots__})
    )


def oldest(connection: Connection, *, most: int) -> Sequence[AskedReset]:
    """At most so many that wait, of all environments, the oldest first."""
    rows = connection.execute(
        select(asked_resets).order_by(asked_resets.c.made_at).limit(most)
    ).all()
    return [
        AskedReset(
            environment_id=row.environment_id,
            id=row.id,
            user_id=row.user_id,
            address_hash=row.address_hash,
            data=row.data,
            made_at=row.made_at,
        )
        for row in rows
    ]


def take(connection: Connection, asked: AskedReset) -> bool:
    """Delete it; False where somebody else did."""
    gone = connection.execute(
        delete(asked_resets)
        .where(asked_resets.c.environment_id == asked.environment_id, asked_resets.c.id == asked.id)
        .returning(asked_resets.c.id)
    ).first()
    return gone is not None


def drop_all(connection: Connection) -> None:
    """Nobody waits any more for what waits in a restored backup."""
    connection.execute(delete(asked_resets))


def users_at(
    connection: Connection, environment_id: bytes, address_hash: bytes, *, most: int
) -> Sequence[bytes]:
    """The ids of at most so many users whose email address this is."""
    return (
        connection.execute(
            select(contacts.c.user_id)
            .where(
                contacts.c.environment_id == environment_id,
                contacts.c.address_hash == address_hash,
                contacts.c.kind == ContactKind.EMAIL.value,
                contacts.c.state == COUNTING,
            )
            .order_by(contacts.c.user_id)
            .limit(most)
        )
        .scalars()
        .all()
    )
