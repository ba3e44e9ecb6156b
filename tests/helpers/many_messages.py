"""Messages by the thousand, and rows as tests of storage want them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import insert

from twostep.core.messages import MessageKind, Priority, Route, priority_of
from twostep.storage.database import Connection, Database
from twostep.storage.messages import NewMessage
from twostep.storage.tables import environments, messages, users

HERE, ELSEWHERE = b"environment.....", b"environment.2..."
ANN, BO = b"ann.............", b"bo.............."
NOW = 1_767_225_600_000


def add_people(database: Database) -> None:
    """Ann and Bo, each in two environments."""

    def unit(connection: Connection) -> None:
        for environment, name in ((HERE, "a"), (ELSEWHERE, "b")):
            numbers = {"remembering_generation": 1, "off_generation": 1}
            connection.execute(
                insert(environments).values(
                    id=environment, name=name, name_key=name, made_at=NOW, **numbers
                )
            )
            for id_, user in ((ANN, "ann"), (BO, "bo")):
                connection.execute(
                    insert(users).values(
                        environment_id=environment,
                        id=id_,
                        name=user,
                        name_key=user,
                        password_generation=1,
                        second_step_generation=1,
                        made_at=NOW,
                    )
                )

    database.write(unit)


def id_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def message(
    number: int = 1,
    kind: MessageKind = MessageKind.CODE,
    *,
    environment: bytes = HERE,
    user: bytes = ANN,
    made_at: int = NOW,
    lasts: int = 600_000,
    address_hash: bytes = bytes(32),
    priority: Priority | None = None,
    route: Route = Route.MAIL,
) -> NewMessage:
    return NewMessage(
        environment_id=environment,
        id=id_of(number),
        user_id=user,
        sign_in_id=None,
        kind=kind,
        priority=priority_of(kind) if priority is None else priority,
        route=route,
        sealed=f"content of {number}".encode(),
        key_version=1,
        masked="a•••@northside.example",
        address_hash=address_hash,
        made_at=made_at,
        expires_at=made_at + lasts,
    )


def add_old_ones(database: Database, count: int, *, batch: int = 5_000) -> None:
    """So many that were accepted long ago."""
    for start in range(0, count, batch):
        rows = [_old(number) for number in range(start, min(start + batch, count))]
        database.write(partial(_insert, rows))


def _insert(rows: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(messages), rows)


def _old(number: int) -> dict[str, Any]:
    at = NOW - 86_400_000 + number
    return {
        "environment_id": HERE,
        "id": (1 << 100 | number).to_bytes(16, "big"),
        "user_id": ANN,
        "sign_in_id": None,
        "kind": "code",
        "priority": 0,
        "route": "mail",
        "sealed": None,
        "key_version": None,
        "masked": "a•••@northside.example",
        "address_hash": number.to_bytes(32, "big"),
        "state": "accepted",
        "reason": None,
        "words": "250 2.0.0 Ok",
        "attempts": 1,
        "history": "[]",
        "made_at": at,
        "due_at": at,
        "expires_at": at,
        "claim": None,
        "tried_at": at,
        "settled_at": at,
    }
