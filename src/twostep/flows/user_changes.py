"""What the operator and an administrator alike may change about a user, each as part of a
transaction that has locked the user's row: ``flows.users`` and ``flows.user_acts`` are the two ways
here.

``actor`` is the administrator's id, None the operator; ``visitor`` is where they are.
"""

from __future__ import annotations

from twostep.core.audit import EventKind, Visitor
from twostep.core.lockouts import Purpose
from twostep.core.users import User
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.sessions import end, end_others
from twostep.flows.user_links import void_all
from twostep.storage import devices, lockouts, sessions, sign_ins, user_marks, users
from twostep.storage.database import Connection

BY_ADMINISTRATOR = "administrator"
"""What stands at a session that an administrator has ended."""


def unlock_within(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> None:
    """Let the user try again at once, in every browser."""
    for purpose in Purpose:
        lockouts.clear(connection, user.environment_id, user.id, purpose, now=now)
    lockouts.clear_known(connection, user.environment_id, user.id, now=now)
    user_marks.set_locked(connection, user.environment_id, user.id, until=None)
    _record(connection, installation, EventKind.USER_UNLOCKED, user, actor, visitor, now)


def disable_within(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> bool:
    """Shut the user out, live sessions and begun sign-ins included; False where they are already.

    What was ended stays ended when the user is enabled again, and what was remembered is not any
    more (AC-26).
    """
    if user.disabled_at is not None:
        return False
    users.set_disabled(connection, user.environment_id, user.id, disabled_at=now)
    _end_all(connection, installation, user, ended_by="disabled", now=now)
    sign_ins.drop_oldest(connection, user.environment_id, user.id, keep=0, now=now)
    devices.forget_all(connection, user.environment_id, user.id, now=now)
    void_all(connection, user.environment_id, user.id, now=now)
    _record(connection, installation, EventKind.USER_DISABLED, user, actor, visitor, now)
    return True


def enable_within(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> bool:
    """Let a disabled user in again; False where they are not disabled."""
    if user.disabled_at is None:
        return False
    users.set_disabled(connection, user.environment_id, user.id, disabled_at=None)
    _record(connection, installation, EventKind.USER_ENABLED, user, actor, visitor, now)
    return True


def end_sessions_within(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> bool:
    """End every session of the user; False where there was none. What is remembered stays."""
    ended = _end_all(connection, installation, user, ended_by=BY_ADMINISTRATOR, now=now)
    if ended == 0:
        return False
    kind = EventKind.SESSIONS_ENDED_FOR_USER
    _record(connection, installation, kind, user, actor, visitor, now, sessions=ended)
    return True


def forget_devices_within(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
    now: int,
) -> bool:
    """Forget every device of the user and end the sessions on them; False where there was none."""
    found = devices.of_user(connection, user.environment_id, user.id)
    if not found:
        return False
    devices.forget_all(connection, user.environment_id, user.id, now=now)
    on_them = {device.id for device in found}
    live = sessions.live_of_user(connection, user.environment_id, user.id, begun_after=0)
    for session in live:
        if session.device_id in on_them:
            end(connection, installation, session, ended_by="device_forgotten", now=now)
    kind = EventKind.DEVICES_FORGOTTEN_FOR_USER
    _record(connection, installation, kind, user, actor, visitor, now, devices=len(found))
    return True


def _end_all(
    connection: Connection, installation: Installation, user: User, *, ended_by: str, now: int
) -> int:
    return end_others(
        connection,
        installation,
        environment_id=user.environment_id,
        user_id=user.id,
        keep=None,
        ended_by=ended_by,
        now=now,
    )


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    user: User,
    actor: bytes | None,
    visitor: Visitor | None,
    now: int,
    **counted: int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=user.environment_id,
        now=now,
        actor=actor,
        target=user.id,
        visitor=visitor,
        reasons=(),
        note="",
        **counted,
    )
