"""How many events there were, by the day, in SQL.

Written by whoever seals, in the transaction that gives the events their numbers: an event is sealed
exactly once, so it is counted exactly once, and what was taken back was not counted either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import select

from twostep.core.event_counts import Counted
from twostep.storage.conflicts import insert_for
from twostep.storage.database import Connection
from twostep.storage.tables import event_counts


@cache
def _add_statement(dialect: str) -> Any:
    insert = insert_for(dialect, event_counts)
    return insert.on_conflict_do_update(
        index_elements=["environment_id", "day", "kind", "detail"],
        set_={"number": event_counts.c.number + insert.excluded.number},
    )


def add(connection: Connection, environment_id: bytes, counts: Mapping[Counted, int]) -> None:
    """Add these to what was counted before."""
    if not counts:
        return
    connection.execute(
        _add_statement(connection.dialect.name),
        [
            {
                "environment_id": environment_id,
                "day": counted.day,
                "kind": counted.kind,
                "detail": counted.detail,
                "number": number,
            }
            for counted, number in sorted(counts.items())
        ],
    )


def since(
    connection: Connection, environment_id: bytes, *, day: int, kinds: Collection[str]
) -> Mapping[Counted, int]:
    """What was counted from that day on, of these kinds."""
    rows = connection.execute(
        select(event_counts).where(
            event_counts.c.environment_id == environment_id,
            event_counts.c.day >= day,
            event_counts.c.kind.in_(sorted(kinds)),
        )
    )
    return {Counted(day=row.day, kind=row.kind, detail=row.detail): row.number for row in rows}
