"""Permissions: what a user may do to others, and who gave it to them.

The operator grants and revokes from the command line. A user grants only what they hold, and never
to themselves; they take back what they hold, from nobody who holds more (CT-14). Whoever is
concerned is told, and everybody else who manages users (AC-75).

The last one who can manage users keeps that permission, unless the operator insists: without them
nobody could be let in again but by the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission, reach_to_grant, reach_to_revoke
from twostep.core.users import User
from twostep.flows import audit
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.notices import tell
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser
from twostep.storage import permissions, users
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Done:
    """The permission was given, or taken."""


@dataclass(frozen=True, slots=True)
class AsBefore:
    """The user has it already, or does not have it: nothing was changed."""


@dataclass(frozen=True, slots=True)
class LastHolder:
    """Nobody else who can sign in has the permission: nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What becomes of some permissions of a user. ``actor`` None: the operator did it. ``is_new``:
    the user is added with them, and need not be told that they have what they never lacked.
    """

    user: User
    changed: Sequence[Permission]
    granted: bool
    actor: User | None = None
    visitor: Visitor | None = None
    is_new: bool = False


def held_by(
    installation: Installation, environment: Environment, user: User
) -> frozenset[Permission]:
    """What the user may do."""
    return installation.database.read(
        lambda connection: permissions.of_user(connection, environment.id, user.id)
    )


def grant_by(
    installation: Installation,
    person: Person,
    target_id: bytes,
    permission: Permission,
    *,
    browser: Browser,
) -> Done | AsBefore | MayNot:
    """Give a user a permission that one holds oneself."""
    now, place = installation.clock(), person.user.environment_id

    def act(connection: Connection) -> Done | AsBefore | MayNot:
        acting = acting_on(
            connection, installation, person, permission, target_id, now=now, rule=reach_to_grant
        )
        if not isinstance(acting, Acting):
            return acting
        given = permissions.grant(
            connection, place, target_id, permission, granted_by=acting.actor.id, now=now
        )
        if not given:
            return AsBefore()
        _record_and_tell(
            connection, installation, _change(acting, permission, browser, granted=True), now=now
        )
        return Done()

    return installation.database.write(act)


def revoke_by(
    installation: Installation,
    person: Person,
    target_id: bytes,
    permission: Permission,
    *,
    browser: Browser,
) -> Done | AsBefore | LastHolder | MayNot:
    """Take a permission back from a user, or give up one's own."""
    now, place = installation.clock(), person.user.environment_id

    def act(connection: Connection) -> Done | AsBefore | LastHolder | MayNot:
        acting = acting_on(
            connection, installation, person, permission, target_id, now=now, rule=reach_to_revoke
        )
        if not isinstance(acting, Acting):
            return acting
        if permissions.last_holder(connection, place, target_id, permission):
            return LastHolder()
        if not permissions.revoke(connection, place, target_id, permission):
            return AsBefore()
        _record_and_tell(
            connection, installation, _change(acting, permission, browser, granted=False), now=now
        )
        return Done()

    return installation.database.write(act)


def grant(
    installation: Installation, environment: Environment, user: User, permission: Permission
) -> bool:
    """The operator gives the permission; False where the user has it already."""
    return bool(grant_all(installation, environment, user, (permission,)))


def grant_all(
    installation: Installation,
    environment: Environment,
    user: User,
    wanted: Collection[Permission],
) -> Sequence[Permission]:
    """The operator gives these permissions; which of them the user did not have."""
    now = installation.clock()

    return installation.database.write(
        lambda connection: grant_within(connection, installation, user, wanted, now=now)
    )


def grant_within(
    connection: Connection,
    installation: Installation,
    user: User,
    wanted: Collection[Permission],
    *,
    now: int,
    is_new: bool = False,
) -> Sequence[Permission]:
    """The same as part of another act's transaction. ``is_new``: of the one that adds the user."""
    given = [
        each
        for each in sorted(wanted)
        if permissions.grant(
            connection, user.environment_id, user.id, each, granted_by=None, now=now
        )
    ]
    change = _Change(user=user, changed=given, granted=True, is_new=is_new)
    _record_and_tell(connection, installation, change, now=now)
    return given


def revoke(
    installation: Installation, environment: Environment, user: User, permission: Permission
) -> bool:
    """The operator takes the permission away, whoever else has it; False where the user does not
    have it.
    """
    return bool(revoke_all(installation, environment, user, (permission,), even_if_last=True))


def revoke_all(
    installation: Installation,
    environment: Environment,
    user: User,
    wanted: Collection[Permission],
    *,
    even_if_last: bool = False,
) -> Sequence[Permission] | LastHolder:
    """The operator takes these permissions away; which of them the user had. All of them or none:
    the last one who manages users keeps all, unless ``even_if_last``.
    """
    now = installation.clock()

    def act(connection: Connection) -> Sequence[Permission] | LastHolder:
        # As every act on a user: whoever acts in the name of this one waits, and then may not.
        users.locked(connection, environment.id, user.id)
        last = Permission.MANAGE_USERS in wanted and permissions.last_holder(
            connection, environment.id, user.id, Permission.MANAGE_USERS
        )
        if last and not even_if_last:
            return LastHolder()
        taken = [
            each
            for each in sorted(wanted)
            if permissions.revoke(connection, environment.id, user.id, each)
        ]
        change = _Change(user=user, changed=taken, granted=False)
        _record_and_tell(connection, installation, change, now=now)
        return taken

    return installation.database.write(act)


def _change(acting: Acting, permission: Permission, browser: Browser, *, granted: bool) -> _Change:
    return _Change(
        user=acting.target,
        changed=(permission,),
        granted=granted,
        actor=acting.actor,
        visitor=browser.visitor,
    )


def _record_and_tell(
    connection: Connection, installation: Installation, change: _Change, *, now: int
) -> None:
    """One event for each permission, and one notice for all of them."""
    user, actor = change.user, change.actor
    kind = EventKind.PERMISSION_GRANTED if change.granted else EventKind.PERMISSION_REVOKED
    for permission in change.changed:
        audit.record(
            connection,
            installation,
            kind,
            environment_id=user.environment_id,
            now=now,
            actor=actor.id if actor else None,
            target=user.id,
            visitor=change.visitor,
            permission=permission.value,
        )
    if change.changed:
        _tell(connection, change, now=now)


def _tell(connection: Connection, change: _Change, *, now: int) -> None:
    user, actor = change.user, change.actor
    own = actor is not None and actor.id == user.id
    for told in _told(connection, change):
        theirs = told == user.id
        tell(
            connection,
            MessageKind.PERMISSION_CHANGED if theirs else MessageKind.PERMISSION_OF_ANOTHER,
            user.environment_id,
            told,
            now=now,
            # Where an administrator sits is not for those to know whom they deal with.
            visitor=change.visitor if own and theirs else None,
            granted=int(change.granted),
            own=int(own),
            by=actor.name if actor else "",
            name=user.name,
            permissions=",".join(permission.value for permission in change.changed),
        )


def _told(connection: Connection, change: _Change) -> Sequence[bytes]:
    """The user concerned, and who manages users: but for whoever has just done it."""
    managers = permissions.holders(connection, change.user.environment_id, Permission.MANAGE_USERS)
    done_by = change.actor.id if change.actor else None
    told = {change.user.id, *(each for each in managers if each != done_by)}
    return sorted(told - {change.user.id} if change.is_new else told)
