"""Grants, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select

from twostep.core.permissions import Permission
from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.tables import grants, passwords, users

_HOLDER = (users.c.environment_id == grants.c.environment_id) & (users.c.id == grants.c.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One permission of one user. ``granted_by`` None: the operator. Times are milliseconds."""

    user_id: bytes
    name: str
    full_name: str
    disabled: bool
    permission: Permission
    granted_by: bytes | None
    granted_at: int


def of_user(connection: Connection, environment_id: bytes, user_id: bytes) -> frozenset[Permission]:
    """What the user may do."""
    stored = connection.execute(
        select(grants.c.permission).where(
            grants.c.environment_id == environment_id, grants.c.user_id == user_id
        )
    ).scalars()
    return frozenset(Permission(value) for value in stored if value in set(Permission))


def all_of_them(connection: Connection, environment_id: bytes) -> Sequence[Grant]:
    """Every grant of the environment, by the users' names."""
    rows = connection.execute(
        _grants(environment_id).order_by(users.c.name_key, grants.c.permission)
    ).all()
    return _known(rows)


def grants_of(connection: Connection, environment_id: bytes, user_id: bytes) -> Sequence[Grant]:
    """The grants of one user."""
    rows = connection.execute(
        _grants(environment_id).where(grants.c.user_id == user_id).order_by(grants.c.permission)
    ).all()
    return _known(rows)


def holders(
    connection: Connection, environment_id: bytes, permission: Permission
) -> Sequence[bytes]:
    """Who holds the permission and is not disabled, by id."""
    return (
        connection.execute(
            select(users.c.id)
            .join(grants, _HOLDER)
            .where(
                users.c.environment_id == environment_id,
                grants.c.environment_id == environment_id,
                grants.c.permission == permission.value,
                users.c.disabled_at.is_(None),
            )
            .order_by(users.c.id)
        )
        .scalars()
        .all()
    )


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


def last_holder(
    connection: Connection, environment_id: bytes, user_id: bytes, permission: Permission
) -> bool:
    """Whether the user holds the permission, and nobody else does who could use it: who is not
    disabled, and has a password to sign in with. Who was invited and has not come yet cannot.

    For acts after which the user would no longer have it: revoking, disabling, erasing (AC-76). The
    grants of the permission stay locked until the transaction ends, so that two such acts come one
    after the other and the second one counts again. Called after the lock of the users' own rows.
    """
    these = (
        grants.c.environment_id == environment_id,
        grants.c.permission == permission.value,
    )
    # By id, so that two of these acts do not wait for each other crosswise.
    holders = connection.execute(
        select(grants.c.user_id).where(*these).order_by(grants.c.user_id).with_for_update()
    ).scalars()
    if user_id not in set(holders):
        return False
    # A statement of its own: it sees what the act that has just let go of the lock has left.
    other = connection.execute(
        select(grants.c.user_id)
        .join(users, _HOLDER)
        .join(
            passwords,
            (passwords.c.environment_id == users.c.environment_id)
            & (passwords.c.user_id == users.c.id),
        )
        .where(
            *these,
            users.c.environment_id == environment_id,
            passwords.c.environment_id == environment_id,
            grants.c.user_id != user_id,
            users.c.disabled_at.is_(None),
        )
        .limit(1)
    ).first()
    return other is None


def _grants(environment_id: bytes) -> Select[Any]:
    return (
        select(grants, users.c.name, users.c.full_name, users.c.disabled_at)
        .join(users, _HOLDER)
        .where(grants.c.environment_id == environment_id, users.c.environment_id == environment_id)
    )


def _known(rows: Sequence[Row[Any]]) -> Sequence[Grant]:
    """What a later version has written, and this one does not know, is left out."""
    return [
        Grant(
            user_id=row.user_id,
            name=row.name,
            full_name=row.full_name,
            disabled=row.disabled_at is not None,
            permission=Permission(row.permission),
            granted_by=row.granted_by,
            granted_at=row.granted_at,
        )
        for row in rows
        if row.permission in set(Permission)
    ]
