"""What the operator and an administrator alike may change about a user, each as part of a
transaction that has locked the user's row: ``flows.users`` and ``flows.user_acts`` are the two ways
here.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.lockouts import Purpose
from twostep.core.users import User
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.sessions import end, end_others
from twostep.flows.user_links import void_all
from twostep.storage import (
    devices,
    help_desk_codes,
    lockouts,
    sessions,
    sign_ins,
    user_marks,
    users,
)
from twostep.storage.database import Connection

BY_ADMINISTRATOR = "administrator"
"""What stands at a session that an administrator has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one user. ``actor`` is the administrator's id, None the operator; ``visitor``
    is where they are.
    """

    connection: Connection
    installation: Installation
    user: User
    now: int
    actor: bytes | None = None
    visitor: Visitor | None = None

    @property
    def place(self) -> tuple[Connection, bytes, bytes]:
        """Where storage finds the user."""
        return self.connection, self.user.environment_id, self.user.id


def unlock_within(change: Change) -> None:
    """Let the user try again at once, in every browser."""
    for purpose in Purpose:
        lockouts.clear(*change.place, purpose, now=change.now)
    lockouts.clear_known(*change.place, now=change.now)
    user_marks.set_locked(*change.place, until=None)
    _record(change, EventKind.USER_UNLOCKED)


def disable_within(change: Change) -> bool:
    """Shut the user out, live sessions and begun sign-ins included; False where they are already.

    What was ended stays ended when the user is enabled again, codes of the help desk included, and
    what was remembered is not any more (AC-26).
    """
    if change.user.disabled_at is not None:
        return False
    users.set_disabled(*change.place, disabled_at=change.now)
    _end_all(change, ended_by="disabled")
    sign_ins.drop_oldest(*change.place, keep=0, now=change.now)
    devices.forget_all(*change.place, now=change.now)
    help_desk_codes.end_all(*change.place, now=change.now)
    void_all(*change.place, now=change.now)
    _record(change, EventKind.USER_DISABLED)
    return True


def enable_within(change: Change) -> bool:
    """Let a disabled user in again; False where they are not disabled."""
    if change.user.disabled_at is None:
        return False
    users.set_disabled(*change.place, disabled_at=None)
    _record(change, EventKind.USER_ENABLED)
    return True


def end_sessions_within(change: Change) -> bool:
    """End every session of the user; False where there was none. What is remembered stays."""
    ended = _end_all(change, ended_by=BY_ADMINISTRATOR)
    if ended == 0:
        return False
    _record(change, EventKind.SESSIONS_ENDED_FOR_USER, sessions=ended)
    return True


def forget_devices_within(change: Change) -> bool:
    """Forget every device of the user and end the sessions on them; False where there was none."""
    found = devices.of_user(*change.place)
    if not found:
        return False
    devices.forget_all(*change.place, now=change.now)
    on_them = {device.id for device in found}
    for session in sessions.live_of_user(*change.place, begun_after=0):
        if session.device_id in on_them:
            end(
                change.connection,
                change.installation,
                session,
                ended_by="device_forgotten",
                now=change.now,
            )
    _record(change, EventKind.DEVICES_FORGOTTEN_FOR_USER, devices=len(found))
    return True


def _end_all(change: Change, *, ended_by: str) -> int:
    return end_others(
        change.connection,
        change.installation,
        environment_id=change.user.environment_id,
        user_id=change.user.id,
        keep=None,
        ended_by=ended_by,
        now=change.now,
    )


def _record(change: Change, kind: EventKind, **counted: int) -> None:
    audit.record(
        change.connection,
        change.installation,
        kind,
        environment_id=change.user.environment_id,
        now=change.now,
        actor=change.actor,
        target=change.user.id,
        visitor=change.visitor,
        reasons=(),
        note="",
        **counted,
    )
