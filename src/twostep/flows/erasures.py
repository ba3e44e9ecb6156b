"""Erasing a person (GDPR, Art. 17), while the audit log stays whole (AC-83).

Every row of the user goes in one transaction: who they are, what they signed in with, their
devices, sessions, messages and addresses. Events stay, and stay sealed: they refer to the person by
an id that now leads to an empty row. A kill in the middle leaves everything or nothing.

What cannot be reached from here: backups, files that somebody took away, and what was streamed to
other systems. The operating guide says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.permissions import Permission
from twostep.core.users import User, name_key
from twostep.flows import audit
from twostep.flows.administration import MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person, end_others
from twostep.flows.user_acts import LastManager
from twostep.flows.visitors import Browser
from twostep.storage import erasures, people, permissions, users
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The user is gone. ``rows``: how many were deleted or emptied."""

    rows: int


@dataclass(frozen=True, slots=True)
class NotTheName:
    """What was typed is not the user's name. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Somebody else erased them a moment ago."""


def erase(
    installation: Installation,
    person: Person,
    target_id: bytes,
    *,
    typed: str,
    browser: Browser,
) -> Erased | NotTheName | LastManager | MayNot:
    """Erase another user. ``typed``: their user name, to show that the right one is meant."""
    now = installation.clock()

    def act(connection: Connection) -> Erased | NotTheName | LastManager | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.MANAGE_USERS, target_id, now=now
        )
        if isinstance(acting, MayNot):
            return acting
        if name_key(typed) != name_key(acting.target.name):
            return NotTheName()
        return _erase(
            connection, installation, acting.target, acting.actor.id, browser.visitor, now
        )

    return installation.database.write(act)


def erase_by_operator(installation: Installation, user: User) -> Erased | LastManager | Nobody:
    """The same by the operator, who may erase everybody but the last one who can manage users."""
    now = installation.clock()

    def act(connection: Connection) -> Erased | LastManager | Nobody:
        fresh = users.locked(connection, user.environment_id, user.id)
        if fresh is None:
            return Nobody()
        return _erase(connection, installation, fresh, None, None, now)

    return installation.database.write(act)


def _erase(
    connection: Connection,
    installation: Installation,
    user: User,
    actor: bytes | None,
    visitor: Visitor | None,
    now: int,
) -> Erased | LastManager:
    whose = user.environment_id, user.id
    if permissions.last_holder(connection, *whose, Permission.MANAGE_USERS):
        return LastManager()
    # One by one and with their events, as any session ends: other nodes hear of it.
    end_others(
        connection,
        installation,
        environment_id=user.environment_id,
        user_id=user.id,
        keep=None,
        ended_by="erased",
        now=now,
    )
    rows = erasures.erase(connection, *whose) + people.erase(connection, *whose, now=now)
    # Somebody may be writing an event about them at this moment, and with it the name for a person
    # who had no row yet. This row is then there first.
    people.add_erased(connection, *whose, now=now)
    # The user is no user any more, so this event writes no new row of people for them.
    audit.record(
        connection,
        installation,
        EventKind.USER_ERASED,
        environment_id=user.environment_id,
        now=now,
        actor=actor,
        target=user.id,
        visitor=visitor,
        rows=rows,
    )
    return Erased(rows=rows)
