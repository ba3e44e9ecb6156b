"""**Pause**: a user's second step is not asked for a while, and nothing of it is lost (B-5).

Like a removal it lets somebody in with the password alone, so it takes the same permission. It ends
by itself; sessions that were opened meanwhile end with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import LONGEST_NOTE, HelpReason
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.flows import audit
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.messages import send_soon
from twostep.flows.notices import tell
from twostep.flows.sessions import Person, end
from twostep.flows.visitors import Browser
from twostep.storage import helping, sessions
from twostep.storage.database import Connection

MINUTE: Final = 60_000

SHORTEST: Final = 10 * MINUTE
LONGEST: Final = 30 * 24 * 60 * MINUTE
"""Thirty days: a phone that is being repaired. Whoever needs longer needs another method."""


class Wrong(StrEnum):
    """What of a pause cannot be so."""

    END = "end"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PauseNotUsable:
    """The end is too near, too far or in the past, or the note is too long."""

    what: Wrong


@dataclass(frozen=True, slots=True)
class Paused:
    """The second step is not asked until then (milliseconds)."""

    until: int


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """The second step is asked again from now on."""


@dataclass(frozen=True, slots=True)
class NothingPaused:
    """There is no pause of this user's."""


def pause(
    installation: Installation,
    person: Person,
    target_id: bytes,
    *,
    until: int,
    reason: HelpReason,
    note: str,
    browser: Browser,
) -> Paused | PauseNotUsable | MayNot:
    """Do not ask the user's second step before ``until`` (ms). A pause that runs is replaced, and
    what it opened ends with the new one.
    """
    now = installation.clock()
    if not SHORTEST <= until - now <= LONGEST:
        return PauseNotUsable(Wrong.END)
    if len(note) > LONGEST_NOTE:
        return PauseNotUsable(Wrong.NOTE)

    def act(connection: Connection) -> Paused | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.REMOVE_TWO_STEP, target_id, now=now
        )
        if not isinstance(acting, Acting):
            return acting
        whose = acting.target.environment_id, acting.target.id
        helping.pause_two_step(connection, *whose, at=now, until=until)
        before = acting.target.two_step_paused_until
        if before is not None and acting.target.two_step_paused(now):
            sessions.move_end(connection, *whose, was=before, to=until)
        proven_by = "second_step" if acting.by_second_step else "first_step"
        _record(connection, installation, EventKind.TWO_STEP_PAUSED, acting, browser, now,
                reason=reason.value, until=until, proven_by=proven_by,
                note=note.strip())  # fmt: skip
        _tell(connection, acting, until, now)
        return Paused(until)

    done = installation.database.write(act)
    send_soon(installation)
    return done


def end_pause(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> PauseEnded | NothingPaused | MayNot:
    """Ask the user's second step again, and end what was opened without it."""
    now = installation.clock()

    def act(connection: Connection) -> PauseEnded | NothingPaused | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.REMOVE_TWO_STEP, target_id, now=now
        )
        if not isinstance(acting, Acting):
            return acting
        user = acting.target
        if not user.two_step_paused(now):
            return NothingPaused()
        whose = user.environment_id, user.id
        helping.pause_two_step(connection, *whose, at=None, until=None)
        for session in sessions.live_of_user(connection, *whose, begun_after=0):
            if session.ends_at == user.two_step_paused_until:
                end(connection, installation, session, ended_by="pause_over", now=now)
        kind = EventKind.TWO_STEP_PAUSE_ENDED
        _record(connection, installation, kind, acting, browser, now)
        return PauseEnded()

    return installation.database.write(act)


def _tell(connection: Connection, acting: Acting, until: int, now: int) -> None:
    tell(
        connection,
        MessageKind.TWO_STEP_PAUSED,
        acting.target.environment_id,
        acting.target.id,
        now=now,
        visitor=None,
        by=acting.actor.full_name or acting.actor.name,
        by_second_step=int(acting.by_second_step),
        until=until,
    )


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    acting: Acting,
    browser: Browser,
    now: int,
    *,
    note: str = "",
    **data: str | int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=acting.target.environment_id,
        now=now,
        actor=acting.actor.id,
        target=acting.target.id,
        visitor=browser.visitor,
        reasons=(),
        note=note,
        **data,
    )
