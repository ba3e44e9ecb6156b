"""Codes of the help desk: making one, withdrawing it, seeing which are open (MISSION B-4).

A code is shown once, to the administrator who made it, and told by them to somebody whose voice
they know or whom they have checked. The user is told by mail that there is one. It stands beside
the password and never in its place.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import (
    MINUTE,
    RANDOM_BYTES,
    HelpDeskPurpose,
    HelpReason,
    OpenCode,
    Unusable,
    Wish,
    new_characters,
    shown,
    unusable,
)
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.secret import KeyVersion, Secret
from twostep.flows import audit
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.installation import Installation
from twostep.flows.messages import send_soon
from twostep.flows.notices import tell
from twostep.flows.sessions import Person, end
from twostep.flows.visitors import Browser
from twostep.storage import help_desk_codes, sessions
from twostep.storage.database import Connection
from twostep.storage.help_desk_codes import StoredHelpDeskCode


@dataclass(frozen=True, slots=True)
class CodesNotUsable:
    """The numbers are out of their bounds, or the note is too long. Nothing was made."""

    what: Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCode:
    """The new code, to be shown once. ``until`` in milliseconds."""

    code: Secret[str]
    purpose: HelpDeskPurpose
    until: int
    uses: int


@dataclass(frozen=True, slots=True)
class MadeBefore:
    """This very code was made already: its form came a second time. It is not shown again."""


@dataclass(frozen=True, slots=True)
class NobodyToLetIn:
    """The user is disabled, and no code lets them in. Nothing was made."""


Making = MadeCode | MadeBefore | NobodyToLetIn | MayNot


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The code is over, and so is every session that it opened."""


@dataclass(frozen=True, slots=True)
class NothingToWithdraw:
    """There is no open code of that id for that user."""


def new_code_id() -> bytes:
    """For a form by which a code may be made, once."""
    return new_id()


def make(
    installation: Installation,
    person: Person,
    target_id: bytes,
    *,
    purpose: HelpDeskPurpose,
    minutes: int,
    uses: int,
    reason: HelpReason,
    note: str,
    browser: Browser,
    code_id: bytes | None = None,
) -> Making | CodesNotUsable:
    """Make a code for a user. ``uses`` counts for today's work; a code for set-up is used once.

    ``code_id`` (16 bytes) is the form's, so that a page that is sent again makes no second code of
    which nobody knows; None: one of its own.
    """
    if (wrong := unusable(minutes, uses, note)) is not None:
        return CodesNotUsable(wrong)
    uses = 1 if purpose is HelpDeskPurpose.SET_UP else uses
    wish = Wish(purpose=purpose, minutes=minutes, uses=uses, reason=reason, note=note)
    now, needed = installation.clock(), Permission.HELP_DESK_CODES

    def act(connection: Connection) -> Making:
        acting = acting_on(connection, installation, person, needed, target_id, now=now)
        if not isinstance(acting, Acting):
            return acting
        return _make(connection, installation, acting, wish, browser, now, code_id or new_id())

    made = installation.database.write(act)
    send_soon(installation)
    return made


def _make(
    connection: Connection,
    installation: Installation,
    acting: Acting,
    wish: Wish,
    browser: Browser,
    now: int,
    code_id: bytes,
) -> Making:
    target = acting.target
    if target.disabled_at is not None:
        return NobodyToLetIn()
    if help_desk_codes.exists(connection, target.environment_id, code_id):
        return MadeBefore()
    made = make_within(
        connection,
        installation,
        wish,
        environment_id=target.environment_id,
        user_id=target.id,
        actor=acting.actor.id,
        browser=browser,
        now=now,
        code_id=code_id,
    )
    return _told(connection, acting, made, now)


def _told(connection: Connection, acting: Acting, made: MadeCode, now: int) -> MadeCode:
    tell(
        connection,
        MessageKind.HELP_DESK_CODE,
        acting.target.environment_id,
        acting.target.id,
        now=now,
        visitor=None,
        by=acting.actor.full_name or acting.actor.name,
        purpose=made.purpose.value,
        until=made.until,
    )
    return made


def make_within(
    connection: Connection,
    installation: Installation,
    wish: Wish,
    *,
    environment_id: bytes,
    user_id: bytes,
    actor: bytes | None,
    browser: Browser | None,
    now: int,
    code_id: bytes | None = None,
) -> MadeCode:
    """The same as part of another act's transaction, which has asked whether it may be.

    A new one for set-up takes the place of the earlier ones: whoever was given two would not know
    which one is meant.
    """
    purpose, until = wish.purpose, now + wish.minutes * MINUTE
    if purpose is HelpDeskPurpose.SET_UP:
        help_desk_codes.end_all(connection, environment_id, user_id, purpose=purpose, now=now)
    characters = new_characters(purpose, secrets.token_bytes(RANDOM_BYTES))
    key = installation.keys.current(KeyPurpose.CODE)
    row = StoredHelpDeskCode(
        environment_id=environment_id,
        user_id=user_id,
        code=OpenCode(id=code_id or new_id(), purpose=purpose, ends_at=until, uses_left=wish.uses),
        code_hash=hashed(key, environment_id, user_id, characters),
        key_version=key.version,
        uses=wish.uses,
        reason=wish.reason,
        note=wish.note.strip(),
        made_by=actor,
        made_at=now,
    )
    help_desk_codes.add(connection, row)
    _record(connection, installation, row, wish.minutes, browser)
    code = Secret(shown(characters))
    return MadeCode(code=code, purpose=purpose, until=until, uses=wish.uses)


def _record(
    connection: Connection,
    installation: Installation,
    row: StoredHelpDeskCode,
    minutes: int,
    browser: Browser | None,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.HELP_DESK_CODE_MADE,
        environment_id=row.environment_id,
        now=row.made_at,
        actor=row.made_by,
        target=row.user_id,
        visitor=browser.visitor if browser else None,
        note=row.note,
        help_desk_code=row.code.id.hex(),
        purpose=row.code.purpose.value,
        minutes=minutes,
        uses=row.uses,
        reason=row.reason.value,
    )


def withdraw(
    installation: Installation,
    person: Person,
    target_id: bytes,
    code_id: bytes,
    *,
    browser: Browser,
) -> Withdrawn | NothingToWithdraw | MayNot:
    """End a code before its time, with every session that it opened."""
    now = installation.clock()

    def act(connection: Connection) -> Withdrawn | NothingToWithdraw | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.HELP_DESK_CODES, target_id, now=now
        )
        if not isinstance(acting, Acting):
            return acting
        environment_id = acting.target.environment_id
        if not help_desk_codes.end(connection, environment_id, target_id, code_id, now=now):
            return NothingToWithdraw()
        end_sessions_of(connection, installation, environment_id, target_id, {code_id}, now=now)
        audit.record(
            connection,
            installation,
            EventKind.HELP_DESK_CODE_WITHDRAWN,
            environment_id=environment_id,
            now=now,
            actor=acting.actor.id,
            target=target_id,
            visitor=browser.visitor,
            help_desk_code=code_id.hex(),
        )
        return Withdrawn()

    return installation.database.write(act)


def end_sessions_of(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    code_ids: set[bytes],
    *,
    now: int,
) -> None:
    """End the sessions that these codes opened."""
    for session in sessions.live_of_user(connection, environment_id, user_id, begun_after=0):
        if session.help_desk_code_id in code_ids:
            end(connection, installation, session, ended_by="help_desk_code_over", now=now)


def codes_of(
    installation: Installation, environment_id: bytes, user_id: bytes
) -> Sequence[StoredHelpDeskCode]:
    """The codes of a user that still let them do something, the newest first: those that can be
    used, and those for today's work whose sessions may go on.
    """
    now = installation.clock()
    found = installation.database.read(
        lambda connection: help_desk_codes.open_of(connection, environment_id, user_id, now=now)
    )
    today = HelpDeskPurpose.TODAY
    return [row for row in found if row.code.uses_left or row.code.purpose is today]


def hashed(key: KeyVersion, environment_id: bytes, user_id: bytes, characters: str) -> bytes:
    """What is stored in a code's place: of no use for another user, and without the key (D-07)."""
    return keyed_hash(key.secret, b"help desk", environment_id, user_id, characters.encode())
