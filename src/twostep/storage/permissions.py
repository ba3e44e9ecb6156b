"""Grants, in SQL."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from twostep.core.permissions import Permission
from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.tables import grants


def of_user(connection: Connection, environment_id: bytes, user_id: bytes) -> frozenset[Permission]:
    """What the user may do."""
    stored = connection.execute(
        select(grants.c.permission).where(
            grants.c.environment_id == environment_id, grants.c.user_id == user_id
        )
    ).scalars()
    return frozenset(Permission(value) for value in stored if value in set(Permission))


def grant(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    permission: Permission,
    *,
    granted_by: bytes | None,
    now: int,
) -> bool:
    """Give the permission; False where the user has it. ``granted_by`` None: the operator."""
    added = connection.execute(
        insert_or_nothing(connection, grants)
        .values(
            environment_id=environment_id,
            user_id=user_id,
            permission=permission.value,
            granted_by=granted_by,
            granted_at=now,
        )
        .returning(grants.c.permission)
    ).first()
    return added is not None


def revoke(
    connection: Connection, environment_id: bytes, user_id: bytes, permission: Permission
) -> bool:
    """Take the permission away; False where the user does not have it."""
    gone = connection.execute(
        delete(grants)
        .where(
            grants.c.environment_id == environment_id,
            grants.c.user_id == user_id,
            grants.c.permission == permission.value,
        )
        .returning(grants.c.permission)
    ).first()
    return gone is not None
