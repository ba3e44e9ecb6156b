"""Properties, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from twostep.core.properties import Scope, Stored
from twostep.storage.tables import INSTALLATION_ID, environments, properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A property's text before and after; None where there was none."""

    old: str | None
    new: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A stored value with its history's end. ``changed_by`` is a user's id; None is the operator.
    ``changed_at`` is in milliseconds.
    """

    value: str
    generation: int
    changed_at: int
    changed_by: bytes | None


_HERE = or_(
    properties.c.environment_id == bindparam("environment"),
    properties.c.environment_id == INSTALLATION_ID,
)
_OF_ENVIRONMENT = select(properties.c.scope, properties.c.name, properties.c.value).where(_HERE)
_ROWS = select(properties).where(_HERE)


def of_environment(connection: Connection, environment_id: bytes) -> Stored:
    """What is stored for an environment, with the installation's defaults and floors."""
    rows = connection.execute(_OF_ENVIRONMENT, {"environment": environment_id}).all()
    return {(Scope(row.scope), row.name): row.value for row in rows}


def rows_of(connection: Connection, environment_id: bytes) -> Mapping[tuple[Scope, str], Row]:
    """The same with when and by whom each was changed last."""
    found = connection.execute(_ROWS, {"environment": environment_id}).all()
    return {
        (Scope(row.scope), row.name): Row(
            value=row.value,
            generation=row.generation,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in found
    }


def lock(connection: Connection, environment_id: bytes) -> None:
    """Let nobody else change this environment's properties before this transaction ends.

    Two forms that are sent at once would otherwise both find the numbers that they were shown, and
    the later one would overwrite what the earlier one has just saved. The lock is on the
    environment's own row, because a property that was never set has none; it is the kind that lets
    others refer to the row meanwhile.
    """
    connection.execute(
        select(environments.c.id)
        .where(environments.c.id == environment_id)
        .with_for_update(key_share=True)
    )


def put(
    connection: Connection,
    environment_id: bytes,
    scope: Scope,
    name: str,
    value: str,
    *,
    now: int,
    changed_by: bytes | None,
) -> Change:
    """Set a property; its generation rises with every change, so that a stale form can be told."""
    same = (
        (properties.c.environment_id == environment_id)
        & (properties.c.scope == scope.value)
        & (properties.c.name == name)
    )
    written = {"value": value, "changed_at": now, "changed_by": changed_by}
    before = connection.execute(
        select(properties.c.value, properties.c.generation).where(same)
    ).first()
    if before is None:
        key = {"environment_id": environment_id, "scope": scope.value, "name": name}
        connection.execute(insert(properties).values(**key, **written, generation=1))
        return Change(old=None, new=value, generation=1)
    generation: int = connection.execute(
        update(properties)
        .where(same)
        .values(**written, generation=properties.c.generation + 1)
        .returning(properties.c.generation)
    ).scalar_one()
    return Change(old=before.value, new=value, generation=generation)
