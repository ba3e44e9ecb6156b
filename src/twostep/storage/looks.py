"""How environments present themselves: sender, colour, logo, in SQL."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, insert, select

from twostep.core.looks import NO_LOOK, Look
from twostep.storage.database import Connection
from twostep.storage.tables import looks

_COLUMNS = (
    looks.c.sender,
    looks.c.sender_name,
    looks.c.bounces,
    looks.c.accent,
    looks.c.logo_name,
)


def of_environment(connection: Connection, environment_id: bytes) -> Look:
    """How it presents itself, without the logo's content. Nothing stands for: as all do."""
    row = connection.execute(
        select(*_COLUMNS).where(looks.c.environment_id == environment_id)
    ).first()
    return NO_LOOK if row is None else Look(**row._asdict())


def logo(connection: Connection, environment_id: bytes, name: str) -> bytes | None:
    """The logo of that name, where it is still the environment's."""
    return connection.execute(
        select(looks.c.logo).where(
            looks.c.environment_id == environment_id, looks.c.logo_name == name
        )
    ).scalar_one_or_none()


def put(
    connection: Connection, environment_id: bytes, look: Look, *, now: int, logo: bytes | None
) -> None:
    """Let it present itself like this. ``logo`` None: with the logo that it has, if it keeps its
    name.
    """
    kept = logo if logo is not None or look.logo_name is None else _logo(connection, environment_id)
    connection.execute(delete(looks).where(looks.c.environment_id == environment_id))
    if kept is None:
        look = replace(look, logo_name=None)
    if look != NO_LOOK:
        connection.execute(
            insert(looks).values(
                environment_id=environment_id,
                sender=look.sender,
                sender_name=look.sender_name,
                bounces=look.bounces,
                accent=look.accent,
                logo=kept,
                logo_name=look.logo_name,
                changed_at=now,
            )
        )


def _logo(connection: Connection, environment_id: bytes) -> bytes | None:
    return connection.execute(
        select(looks.c.logo).where(looks.c.environment_id == environment_id)
    ).scalar_one_or_none()
