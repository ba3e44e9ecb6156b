"""A table to write to, and what the tests of the database do with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    select,
)

from twostep.storage.database import Connection, Database, Unit

_metadata = MetaData()

things = Table(
    "things",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=True, unique=True),
    Column("used_at", BigInteger, nullable=True),
)

parts = Table(
    "parts",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("thing_id", ForeignKey("things.id"), nullable=False),
)


def make_things(database: Database) -> None:
    database.write(_metadata.create_all)


def add(id_: int, name: str | None = None) -> Unit[int]:
    def unit(connection: Connection) -> int:
        connection.execute(insert(things).values(id=id_, name=name))
        return id_

    return unit


def ids(connection: Connection) -> list[int]:
    return list(connection.execute(select(things.c.id).order_by(things.c.id)).scalars())


def side_by_side(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Each act in a thread of its own; what each returned or raised, in the same order."""
    outcomes: list[object] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            outcomes[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - it is an outcome, and the test looks at it
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
