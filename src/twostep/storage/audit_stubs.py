"""The stubs that retention leaves, in SQL: one signed line for each environment."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from twostep.storage.database import Connection
from twostep.storage.tables import stubs


def newest(connection: Connection, environment_id: bytes) -> str | None:
    """The line; None where nothing was ever taken away."""
    line: str | None = connection.execute(
        select(stubs.c.line).where(stubs.c.environment_id == environment_id)
    ).scalar()
    return line


def put(connection: Connection, environment_id: bytes, line: str) -> None:
    """Put this line in the place of the one before it.

    Raises ConstraintBroken, when the transaction ends, where another node wrote the first one at
    the same moment: the same events are not taken away twice.
    """
    changed = connection.execute(
        update(stubs).where(stubs.c.environment_id == environment_id).values(line=line)
    ).rowcount
    if not changed:
        connection.execute(insert(stubs).values(environment_id=environment_id, line=line))
