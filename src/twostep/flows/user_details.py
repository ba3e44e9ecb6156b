"""Everything about one user that the help desk needs while somebody is on the telephone.

Nothing here is a secret of the user: of a key it says since when there is one, of an address what
its mask shows, of a code that one is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.devices import MOST_REMEMBERED, Device
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.core.lockouts import Purpose
from twostep.core.permissions import Permission
from twostep.core.policies import Policy
from twostep.core.properties import policy_of
from twostep.core.reasons import Reason
from twostep.core.sessions import Session
from twostep.core.users import User
from twostep.flows import audit, audit_lists, help_desk_codes, message_lists
from twostep.flows.audit import Happened
from twostep.flows.audit_lists import Entry
from twostep.flows.caller_checks import Checked, checked_within
from twostep.flows.contacts import Field, profile
from twostep.flows.device_lines import Line, lines_within
from twostep.flows.installation import Installation
from twostep.flows.lockouts import standing_of, why_of
from twostep.flows.message_lists import Filter, Shown
from twostep.flows.sessions import live_within
from twostep.flows.situations import generations_of
from twostep.flows.user_links import LinkPurpose
from twostep.storage import (
    authenticators,
    contacts,
    devices,
    passwords,
    permissions,
    properties,
    recovery_codes,
    user_links,
    users,
)
from twostep.storage import message_lists as stored_messages
from twostep.storage.database import Connection
from twostep.storage.help_desk_codes import StoredHelpDeskCode
from twostep.storage.recovery_codes import CodeSet

EVENTS_SHOWN = 20
MESSAGES_SHOWN = 8
_SIGN_IN_EVENTS = 60
"""Some of them are told of in one line."""

SIGN_IN_KINDS = frozenset(
    {
        *(EventKind.PASSWORD_ACCEPTED, EventKind.PASSWORD_REFUSED, EventKind.PASSWORD_SUSPECT),
        *(EventKind.CODE_SENT, EventKind.CODE_REFUSED, EventKind.CODE_ALREADY_USED),
        *(EventKind.CODE_CLOCK_OFF, EventKind.RECOVERY_CODE_USED, EventKind.RECOVERY_CODE_REFUSED),
        *(EventKind.HELP_DESK_CODE_USED, EventKind.HELP_DESK_CODE_REFUSED),
        *(EventKind.LOCKOUT_BEGUN, EventKind.SIGN_IN_COMPLETED, EventKind.SIGN_IN_REFUSED),
        *(EventKind.SIGN_IN_CANCELLED, EventKind.SIGN_IN_EXPIRED, EventKind.SIGN_IN_FROM_SESSION),
        EventKind.DEVICE_OLD_TOKEN,
    }
)
"""What happens on the way in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A user of the environment, and what they may do to others."""

    user: User
    held: frozenset[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter of wrong tries that lets nobody try now, and why. ``on_device``: that of a browser
    which the account knows; None: that of everybody else.
    """

    why: Reason
    on_device: Device | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCode:
    """A help-desk code that is open, without itself. ``by``: who made it, empty: the operator."""

    id: bytes
    purpose: HelpDeskPurpose
    made_at: int
    until: int
    uses_left: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """What the user has to sign in with, without its secrets. Times in milliseconds.

    ``codes_since``: they turned codes by message on.
    """

    has_password: bool
    app_since: int | None
    recovery_codes: CodeSet | None
    codes_since: int | None

    @property
    def has_second_step(self) -> bool:
        """Whether there is something that a removal would take."""
        return (
            self.app_since is not None
            or self.recovery_codes is not None
            or self.codes_since is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """How many sessions the user has now, and how many devices."""

    sessions: int
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One user. ``happened``: what happened on the way in; ``events``: all that happened to them.
    ``checked``: a caller was checked, and that stands.
    ``invited_until``, ``reset_until``: a link to choose a password is good until then (ms).
    """

    target: Target
    now: int
    policy: Policy
    counters: tuple[Counter, ...]
    methods: Methods
    addresses: Mapping[ContactKind, Field]
    devices: Sequence[Line]
    sessions: Sequence[Session]
    happened: Sequence[Happened]
    events: Sequence[Entry]
    messages: Sequence[Shown]
    codes: Sequence[GivenCode]
    checked: Checked | None
    invited_until: int | None
    reset_until: int | None


def target_of(installation: Installation, environment_id: bytes, user_id: bytes) -> Target | None:
    """The user of that id in that environment, or None."""

    def look(connection: Connection) -> Target | None:
        user = users.by_id(connection, environment_id, user_id)
        if user is None:
            return None
        held = permissions.of_user(connection, environment_id, user_id)
        return Target(user=user, held=held)

    return installation.database.read(look)


def open_of(installation: Installation, user: User) -> Open:
    """What an act would end."""
    now = installation.clock()

    def look(connection: Connection) -> Open:
        today = generations_of(connection, user)
        assert today is not None
        return Open(
            sessions=len(live_within(connection, user, today=today, now=now)),
            devices=len(devices.of_user(connection, user.environment_id, user.id)),
        )

    return installation.database.read(look)


def details_of(installation: Installation, target: Target) -> Details:
    """What there is to be said about a user."""
    user, now = target.user, installation.clock()
    addresses = profile(installation, user)
    mine = Filter(user_id=user.id)
    sent = message_lists.page(installation, user.environment_id, mine, most=MESSAGES_SHOWN)
    about = audit_lists.Filter(target=user.id)
    events = audit_lists.page(installation, user.environment_id, about, most=EVENTS_SHOWN)
    codes = help_desk_codes.codes_of(installation, user.environment_id, user.id)

    def look(connection: Connection) -> Details:
        place = (user.environment_id, user.id)
        today = generations_of(connection, user)
        assert today is not None
        by = {code.made_by for code in codes if code.made_by is not None}
        names = stored_messages.names_of(connection, user.environment_id, by)
        return Details(
            target=target,
            now=now,
            policy=policy_of(properties.of_environment(connection, user.environment_id), now),
            counters=_counters(connection, installation, user, now),
            methods=_methods(connection, user),
            addresses=addresses,
            devices=lines_within(connection, user, now=now),
            sessions=live_within(connection, user, today=today, now=now),
            happened=audit.recent_for_user(
                connection, *place, _SIGN_IN_EVENTS, kinds=SIGN_IN_KINDS
            ),
            events=events.entries,
            messages=sent.messages,
            codes=[_given(code, names) for code in codes],
            checked=checked_within(connection, *place, now=now),
            invited_until=_link(connection, user, LinkPurpose.INVITATION, now),
            reset_until=_link(connection, user, LinkPurpose.RESET, now),
        )

    return installation.database.read(look)


def _given(row: StoredHelpDeskCode, names: Mapping[bytes, str]) -> GivenCode:
    return GivenCode(
        id=row.code.id,
        purpose=row.code.purpose,
        made_at=row.made_at,
        until=row.code.ends_at,
        uses_left=row.code.uses_left,
        by=names.get(row.made_by, "") if row.made_by else "",
    )


def _link(connection: Connection, user: User, purpose: LinkPurpose, now: int) -> int | None:
    place = (user.environment_id, user.id)
    return user_links.newest_open(connection, *place, purpose.value, now=now)


def _methods(connection: Connection, user: User) -> Methods:
    place = (user.environment_id, user.id)
    app = authenticators.active(connection, *place)
    return Methods(
        has_password=passwords.of_user(connection, *place) is not None,
        app_since=app.confirmed_at if app else None,
        recovery_codes=recovery_codes.set_of(connection, *place),
        codes_since=contacts.codes_wanted_at(connection, *place),
    )


def _counters(
    connection: Connection, installation: Installation, user: User, now: int
) -> tuple[Counter, ...]:
    """Those that let nobody try now. A browser which the account knows has a counter of its own for
    passwords (AC-22): only by looking there one hears why its owner cannot come in.
    """
    known = devices.of_user(connection, user.environment_id, user.id)[:MOST_REMEMBERED]
    where: list[tuple[Purpose, Device | None]] = [(purpose, None) for purpose in Purpose]
    where += [(Purpose.PASSWORD, device) for device in known]
    found = []
    for purpose, device in where:
        subject = device.id if device else user.id
        counter = (user.environment_id, subject, purpose)
        standing = standing_of(connection, installation, *counter, now=now)
        if not standing.open_now:
            found.append(Counter(why=why_of(purpose, standing), on_device=device))
    return tuple(found)
