"""Permissions: what a user may do to others, and who gave it to them.

The operator grants and revokes from the command line. A user grants only what they hold, and never
to themselves (CT-14): that is asked where the page asks, with the facts of both.
"""

from __future__ import annotations

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import permissions
from twostep.storage.database import Connection


def held_by(
    installation: Installation, environment: Environment, user: User
) -> frozenset[Permission]:
    """What the user may do."""
    return installation.database.read(
        lambda connection: permissions.of_user(connection, environment.id, user.id)
    )


def grant(
    installation: Installation, environment: Environment, user: User, permission: Permission
) -> bool:
    """The operator gives the permission; False where the user has it already."""
    now = installation.clock()
    return installation.database.write(
        lambda connection: grant_within(
            connection, installation, environment.id, user.id, permission, now=now
        )
    )


def grant_within(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    permission: Permission,
    *,
    now: int,
) -> bool:
    """The same as part of another act's transaction."""
    given = permissions.grant(
        connection, environment_id, user_id, permission, granted_by=None, now=now
    )
    if given:
        audit.record(
            connection,
            installation,
            EventKind.PERMISSION_GRANTED,
            environment_id=environment_id,
            now=now,
            target=user_id,
            permission=permission.value,
        )
    return given


def revoke(
    installation: Installation, environment: Environment, user: User, permission: Permission
) -> bool:
    """The operator takes the permission away; False where the user does not have it."""
    now = installation.clock()

    def act(connection: Connection) -> bool:
        taken = permissions.revoke(connection, environment.id, user.id, permission)
        if taken:
            audit.record(
                connection,
                installation,
                EventKind.PERMISSION_REVOKED,
                environment_id=environment.id,
                now=now,
                target=user.id,
                permission=permission.value,
            )
        return taken

    return installation.database.write(act)
