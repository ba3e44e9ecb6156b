"""**Remove 2-step Verification**: what a help desk does when a phone is lost (CT-13).

In one transaction go the key, the recovery codes, codes that were turned on, every code of the help
desk, what devices remember, every session and every sign-in that waits. The user then signs in with
the password alone; where a second step is required, an administrator's set-up code comes beside it,
or whoever knows the password could be faster at setting up than its owner (AC-34).
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import (
    LONGEST_NOTE,
    SET_UP_MINUTES,
    HelpDeskPurpose,
    HelpReason,
    Wish,
)
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.policies import Policy, TwoStepVerification
from twostep.core.properties import effective, policy_of
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.help_desk_codes import make_within
from twostep.flows.installation import Installation
from twostep.flows.messages import send_soon
from twostep.flows.notices import tell
from twostep.flows.sessions import Person, end_others
from twostep.flows.visitors import Browser
from twostep.storage import (
    authenticators,
    contacts,
    devices,
    help_desk_codes,
    helping,
    properties,
    recovery_codes,
    sessions,
    sign_ins,
    users,
)
from twostep.storage.database import Connection

SET_UP_CODE = "set_up_code_after_removal"
"""The property that switches the set-up code off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """It is gone. ``set_up_code``: to be shown once to the administrator, None where none is asked;
    ``until`` is its end (milliseconds). ``sessions_ended``: how many of the user's.
    """

    set_up_code: Secret[str] | None
    until: int | None
    sessions_ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a removal would do now, to be said before the click. ``has_one``: there is an app, or
    codes were turned on. ``asks_set_up_code``: the user will need one beside the password.
    """

    has_one: bool
    sessions: int
    devices: int
    asks_set_up_code: bool
    required: bool


@dataclass(frozen=True, slots=True)
class NothingToRemove:
    """The user has no second step."""


@dataclass(frozen=True, slots=True)
class NoteTooLong:
    """The note is longer than ``LONGEST_NOTE`` characters."""


def prospect(installation: Installation, user: User) -> Prospect:
    """What removing this user's second step would do."""
    now, whose = installation.clock(), (user.environment_id, user.id)

    def look(connection: Connection) -> Prospect:
        policy, asks = _rules(connection, user.environment_id, now)
        live = sessions.live_of_user(connection, *whose, begun_after=0)
        known = devices.of_user(connection, *whose)
        return Prospect(
            has_one=_has_one(connection, user),
            sessions=len(live),
            devices=len([device for device in known if device.forgotten_at is None]),
            asks_set_up_code=asks,
            required=policy.two_step_verification is TwoStepVerification.REQUIRED,
        )

    return installation.database.read(look)


def remove(
    installation: Installation,
    person: Person,
    target_id: bytes,
    *,
    reason: HelpReason,
    note: str,
    browser: Browser,
) -> Removed | NothingToRemove | NoteTooLong | MayNot:
    """Remove the second step of a user. Takes one fresh proof of the administrator's, which is good
    for this removal and no other (AC-36).
    """
    if len(note) > LONGEST_NOTE:
        return NoteTooLong()
    now, needed = installation.clock(), Permission.REMOVE_TWO_STEP

    def act(connection: Connection) -> Removed | NothingToRemove | MayNot:
        acting = acting_on(
            connection, installation, person, needed, target_id, now=now, own_proof=True
        )
        if not isinstance(acting, Acting):
            return acting
        if not _has_one(connection, acting.target):
            return NothingToRemove()
        ended = take_away(connection, installation, acting.target, now)
        made = _set_up_code(connection, installation, acting, reason, note, browser, now)
        asks = made is not None
        _record(connection, installation, acting, reason, note, browser, now, asks=asks)
        return Removed(
            set_up_code=made[0] if made else None,
            until=made[1] if made else None,
            sessions_ended=ended,
        )

    done = installation.database.write(act)
    send_soon(installation)
    return done


def _has_one(connection: Connection, user: User) -> bool:
    whose = user.environment_id, user.id
    return (
        authenticators.active(connection, *whose) is not None
        or contacts.codes_wanted_at(connection, *whose) is not None
    )


def take_away(connection: Connection, installation: Installation, user: User, now: int) -> int:
    """Everything that the second step was, and everything that was begun with it."""
    whose = user.environment_id, user.id
    authenticators.retire_active(connection, *whose, state="removed")
    authenticators.drop_offers(connection, *whose)
    contacts.want_codes(connection, *whose, since=None)
    help_desk_codes.end_all(connection, *whose, now=now)
    users.raise_second_step_generation(connection, *whose)
    ended = end_others(
        connection,
        installation,
        environment_id=user.environment_id,
        user_id=user.id,
        keep=None,
        ended_by="second_step_removed",
        now=now,
    )
    sign_ins.drop_oldest(connection, *whose, keep=0, now=now)
    devices.forget_all(connection, *whose, now=now)
    # Now that the sessions are locked, so that codes which one was just making go as well.
    recovery_codes.delete_set(connection, *whose)
    return ended


def _set_up_code(
    connection: Connection,
    installation: Installation,
    acting: Acting,
    reason: HelpReason,
    note: str,
    browser: Browser,
    now: int,
) -> tuple[Secret[str], int] | None:
    user = acting.target
    _, asks = _rules(connection, user.environment_id, now)
    since = now if asks else None
    helping.ask_set_up_code(connection, user.environment_id, user.id, since=since)
    if not asks:
        return None
    wish = Wish(
        purpose=HelpDeskPurpose.SET_UP, minutes=SET_UP_MINUTES, uses=1, reason=reason, note=note
    )
    made = make_within(
        connection,
        installation,
        wish,
        environment_id=user.environment_id,
        user_id=user.id,
        actor=acting.actor.id,
        browser=browser,
        now=now,
    )
    return made.code, made.until


def _rules(connection: Connection, environment_id: bytes, now: int) -> tuple[Policy, bool]:
    stored = properties.of_environment(connection, environment_id)
    policy = policy_of(stored, now)
    required = policy.two_step_verification is TwoStepVerification.REQUIRED
    wanted = effective(stored, SET_UP_CODE).value == "yes"
    return policy, required and wanted and bool(policy.methods_to_set_up)


def _record(
    connection: Connection,
    installation: Installation,
    acting: Acting,
    reason: HelpReason,
    note: str,
    browser: Browser,
    now: int,
    *,
    asks: bool,
) -> None:
    user = acting.target
    whose = user.environment_id, user.id
    audit.record(
        connection,
        installation,
        EventKind.TWO_STEP_REMOVED,
        environment_id=user.environment_id,
        now=now,
        actor=acting.actor.id,
        target=user.id,
        visitor=browser.visitor,
        reason=reason.value,
        proven_by="second_step" if acting.by_second_step else "first_step",
        set_up_code=asks,
        note=note.strip(),
    )
    tell(
        connection,
        MessageKind.REMOVED,
        *whose,
        now=now,
        visitor=None,
        by=acting.actor.full_name or acting.actor.name,
        by_second_step=int(acting.by_second_step),
        needs_code=int(asks),
    )
