"""How many users there are of which sort, for a picture of a million of them.

Read from indexes alone, by what ``user_marks`` has noted. Counting everybody by their second step
is one way through an index; those who are disabled are counted by an index of their own, and taken
off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from twostep.core.users import SecondStep
from twostep.storage.database import Connection
from twostep.storage.tables import users


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUser:
    """Somebody who is locked, or whose second step is paused, and until when (ms)."""

    id: bytes
    name: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How many there are, and the first of them by name."""

    number: int
    first: Sequence[HeldUser]


def by_second_step(connection: Connection, environment_id: bytes) -> Mapping[SecondStep, int]:
    """How many users have which second step; the disabled are not counted."""
    everybody = _numbers(connection, environment_id, users.c.second_step)
    # Grouped by what no index is ordered by: SQLite would take the index of the query before, and
    # look at the row of each user for whether they are disabled.
    disabled = _numbers(
        connection,
        environment_id,
        users.c.second_step.concat(""),
        users.c.disabled_at.is_not(None),
    )
    return {step: everybody.get(step, 0) - disabled.get(step, 0) for step in SecondStep}


def locked(connection: Connection, environment_id: bytes, *, now: int, most: int) -> Held:
    """Who was locked by wrong tries when it was last noted, and is still."""
    until = users.c.locked_until
    condition = and_(until.is_not(None), until > now)
    return _held(connection, environment_id, until, condition, most)


def paused(connection: Connection, environment_id: bytes, *, now: int, most: int) -> Held:
    """Whose second step an administrator has paused, as of now."""
    until = users.c.two_step_paused_until
    condition = and_(until.is_not(None), until > now, users.c.two_step_paused_at <= now)
    return _held(connection, environment_id, until, condition, most)


def _numbers(
    connection: Connection, environment_id: bytes, step: Any, *conditions: ColumnElement[bool]
) -> Mapping[SecondStep, int]:
    rows = connection.execute(
        select(step.label("step"), func.count().label("number"))
        .where(users.c.environment_id == environment_id, *conditions)
        .group_by(step)
    )
    return {SecondStep(row.step): row.number for row in rows}


def _held(
    connection: Connection,
    environment_id: bytes,
    until: Any,
    condition: ColumnElement[bool],
    most: int,
) -> Held:
    here = and_(users.c.environment_id == environment_id, condition)
    number = connection.execute(select(func.count()).select_from(users).where(here)).scalar_one()
    rows = connection.execute(
        select(users.c.id, users.c.name, until.label("until"))
        .where(here)
        .order_by(users.c.name_key)
        .limit(most)
    ).all()
    return Held(
        number=number,
        first=[HeldUser(id=row.id, name=row.name, until=row.until) for row in rows],
    )
