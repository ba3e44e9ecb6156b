"""The simple acts of an administrator on another user: unlock, end sessions, forget devices,
disable, enable. Each is one transaction behind the one gate (``administration.acting_on``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twostep.core.permissions import Permission
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.user_changes import (
    Change,
    disable_within,
    enable_within,
    end_sessions_within,
    forget_devices_within,
    unlock_within,
)
from twostep.flows.visitors import Browser
from twostep.storage import permissions
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, and the log has it."""


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """It was so already."""


@dataclass(frozen=True, slots=True)
class LastManager:
    """The user is the last one here who can manage users: without them nobody could be let in.

    Whoever asks can manage users too, so today there is always one left. This holds whatever way of
    signing in comes to stand beside the password.
    """


Outcome = Done | NothingToDo | LastManager | MayNot

UserAct = Callable[..., Outcome]
"""One of the functions below: ``act(installation, person, target_id, *, browser)``."""


def unlock(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> Outcome:
    """Let the user try again at once."""
    return _act(installation, person, target_id, browser, unlock_within)


def end_sessions(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> Outcome:
    """Sign the user out everywhere. Devices stay remembered."""
    return _act(installation, person, target_id, browser, end_sessions_within)


def forget_devices(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> Outcome:
    """Forget all devices of the user, and end the sessions on them."""
    return _act(installation, person, target_id, browser, forget_devices_within)


def disable(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> Outcome:
    """Shut the user out, unless nobody else could manage users (AC-76)."""

    def guard(connection: Connection, acting: Acting) -> LastManager | None:
        whose = (acting.target.environment_id, acting.target.id)
        last = permissions.last_holder(connection, *whose, Permission.MANAGE_USERS)
        return LastManager() if last else None

    return _act(installation, person, target_id, browser, disable_within, guard)


def enable(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> Outcome:
    """Let a disabled user in again."""
    return _act(installation, person, target_id, browser, enable_within)


def _act(
    installation: Installation,
    person: Person,
    target_id: bytes,
    browser: Browser,
    change: Callable[[Change], bool | None],
    guard: Callable[[Connection, Acting], LastManager | None] | None = None,
) -> Outcome:
    now, needed = installation.clock(), Permission.MANAGE_USERS

    def act(connection: Connection) -> Outcome:
        acting = acting_on(connection, installation, person, needed, target_id, now=now)
        if isinstance(acting, MayNot):
            return acting
        held_back = guard(connection, acting) if guard else None
        if held_back is not None:
            return held_back
        wanted = Change(
            connection=connection,
            installation=installation,
            user=acting.target,
            actor=acting.actor.id,
            visitor=browser.visitor,
            now=now,
        )
        return NothingToDo() if change(wanted) is False else Done()

    return installation.database.write(act)
