"""Environments and their addresses, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from twostep.core.devices import EnvironmentNumbers
from twostep.core.environments import Environment, Origin, parse_origin
from twostep.storage.tables import addresses, environments, installation

_GENERATION = select(installation.c.generation)
_NUMBERS = select(environments.c.remembering_generation, environments.c.off_generation).where(
    environments.c.id == bindparam("environment")
)


def by_origin(connection: Connection, origin: str) -> Environment | None:
    """The environment that has this exact origin, or None."""
    found = connection.execute(
        select(environments.c.id, environments.c.name)
        .join(addresses, addresses.c.environment_id == environments.c.id)
        .where(addresses.c.origin == origin)
    ).first()
    return None if found is None else _with_addresses(connection, found.id, found.name)


def by_id(connection: Connection, environment_id: bytes) -> Environment | None:
    """The environment of that id, or None."""
    found = connection.execute(
        select(environments.c.id, environments.c.name).where(environments.c.id == environment_id)
    ).first()
    return None if found is None else _with_addresses(connection, found.id, found.name)


def by_name_key(connection: Connection, key: str) -> Environment | None:
    """The environment of that name key, or None."""
    found = connection.execute(
        select(environments.c.id, environments.c.name).where(environments.c.name_key == key)
    ).first()
    return None if found is None else _with_addresses(connection, found.id, found.name)


def all_of_them(connection: Connection) -> list[Environment]:
    """Every environment, the oldest first."""
    rows = connection.execute(
        select(environments.c.id, environments.c.name).order_by(
            environments.c.made_at, environments.c.id
        )
    ).all()
    return [_with_addresses(connection, row.id, row.name) for row in rows]


def add(connection: Connection, environment: Environment, *, key: str, now: int) -> None:
    """Write a new environment. A name or an origin that is taken raises IntegrityError."""
    connection.execute(
        insert(environments).values(
            id=environment.id,
            name=environment.name,
            name_key=key,
            remembering_generation=1,
            off_generation=1,
            made_at=now,
        )
    )
    connection.execute(
        insert(addresses),
        [
            {
                "origin": str(origin),
                "environment_id": environment.id,
                "is_primary": origin == environment.primary,
            }
            for origin in environment.origins
        ],
    )


def taken_origin(connection: Connection, origins: tuple[Origin, ...]) -> str | None:
    """The first of these origins that some environment has already, or None."""
    return connection.execute(
        select(addresses.c.origin).where(addresses.c.origin.in_([str(o) for o in origins]))
    ).scalar()


def ids(connection: Connection) -> Sequence[bytes]:
    """The ids of all environments; reads no other column, so that any schema will do."""
    return connection.execute(select(environments.c.id).order_by(environments.c.id)).scalars().all()


def generation(connection: Connection) -> int:
    """The installation's generation."""
    generation: int = connection.execute(_GENERATION).scalar_one()
    return generation


def numbers_of(connection: Connection, environment_id: bytes) -> EnvironmentNumbers:
    """The numbers that make what devices remember void."""
    row = connection.execute(_NUMBERS, {"environment": environment_id}).one()
    return EnvironmentNumbers(remembering=row.remembering_generation, off=row.off_generation)


def make_installation(connection: Connection, *, now: int) -> bool:
    """Write the installation's own row where there is none; whether it was written."""
    if connection.execute(select(installation.c.id)).first() is not None:
        return False
    connection.execute(insert(installation).values(id=1, generation=1, made_at=now))
    return True


def _with_addresses(connection: Connection, id_: bytes, name: str) -> Environment:
    rows = connection.execute(
        select(addresses.c.origin, addresses.c.is_primary)
        .where(addresses.c.environment_id == id_)
        .order_by(addresses.c.origin)
    ).all()
    primary = next(parse_origin(row.origin) for row in rows if row.is_primary)
    others = tuple(parse_origin(row.origin) for row in rows if not row.is_primary)
    return Environment(id=id_, name=name, primary=primary, others=others)


def forget_remembered(connection: Connection, environment_id: bytes, *, passes_too: bool) -> None:
    """Make void what devices of the environment remember; with ``passes_too`` the five minutes too.

    A number rises, and every device that was verified under an older one is asked (CT-11, AC-27).
    No
    row of a device is touched, were there a million.
    """
    raised = {"remembering_generation": environments.c.remembering_generation + 1}
    if passes_too:
        raised["off_generation"] = environments.c.off_generation + 1
    connection.execute(
        update(environments).where(environments.c.id == environment_id).values(**raised)
    )
