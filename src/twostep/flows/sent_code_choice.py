"""Turning codes by email and text message on and off for oneself (**Configure**).

Where a second step is required they need no turning on: whoever has nothing else is sent one. What
a person turns on here is a second step like any other: everything that was begun without it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.core.policies import SENT, STRONGEST_FIRST, Policy, TwoStepVerification
from twostep.core.properties import policy_of
from twostep.core.sessions import Session
from twostep.core.sign_in import FRESH_FOR, SignedIn, next_step
from twostep.core.situations import Asked
from twostep.core.ways import ways_of
from twostep.flows import audit
from twostep.flows.contact_rows import counting_of, rows_of
from twostep.flows.installation import Installation
from twostep.flows.messages import send_soon
from twostep.flows.mint import Minted, exchange
from twostep.flows.notices import tell
from twostep.flows.second_step_changes import OvertakenMeanwhile, begin_anew
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import contacts, properties, sessions, users
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How somebody stands with codes that are sent. ``to``: the masked addresses to which they can
    go, the one that comes first first. ``since`` (ms): they have turned them on themselves.
    ``confirmed``: at least one address is known to be theirs. ``required``: codes are sent without
    being turned on, where there is nothing else.
    """

    allowed: bool
    to: tuple[str, ...]
    since: int | None
    confirmed: bool
    required: bool


@dataclass(frozen=True, slots=True)
class NoConfirmedAddress:
    """Nobody knows yet whether a code would reach them."""


@dataclass(frozen=True, slots=True)
class NothingToChange:
    """It is so already, not allowed here, or the proof for it is no longer fresh."""


def choice_of(installation: Installation, person: Person) -> Choice:
    """How the person stands with codes that are sent."""
    now, user = installation.clock(), person.user

    def look(connection: Connection) -> tuple[Policy, int | None]:
        stored = properties.of_environment(connection, user.environment_id)
        since = contacts.codes_wanted_at(connection, user.environment_id, user.id)
        return policy_of(stored, now), since

    policy, since = installation.database.read(look)
    able = _able(rows_of(installation, user), policy)
    return Choice(
        allowed=bool(SENT & policy.methods),
        to=tuple(row.masked for row in able),
        since=since,
        confirmed=any(row.contact.confirmed_at is not None for row in able),
        required=policy.two_step_verification is TwoStepVerification.REQUIRED,
    )


def turn_on(
    installation: Installation, person: Person, *, browser: Browser
) -> Minted | NoConfirmedAddress | NothingToChange:
    """From the next sign-in on a code is sent; this session goes on, all others end."""

    def change(
        connection: Connection, policy: Policy, now: int
    ) -> NoConfirmedAddress | NothingToChange | None:
        user = person.user
        rows = _able(contacts.of_user(connection, user.environment_id, user.id), policy)
        if contacts.codes_wanted_at(connection, user.environment_id, user.id) is not None:
            return NothingToChange()
        if policy.two_step_verification is TwoStepVerification.OFF:
            return NothingToChange()
        if not any(row.contact.confirmed_at is not None for row in rows):
            return NoConfirmedAddress()
        contacts.want_codes(connection, user.environment_id, user.id, since=now)
        return None

    return _changed(installation, person, browser, change, on=True)


def turn_off(
    installation: Installation, person: Person, *, browser: Browser
) -> Minted | NoConfirmedAddress | NothingToChange:
    """No more codes are sent, unless the environment requires a second step and there is none."""

    def change(connection: Connection, policy: Policy, now: int) -> NothingToChange | None:
        place = (person.user.environment_id, person.user.id)
        if contacts.codes_wanted_at(connection, *place) is None:
            return NothingToChange()
        contacts.want_codes(connection, *place, since=None)
        return None

    return _changed(installation, person, browser, change, on=False)


Change = Callable[[Connection, Policy, int], NoConfirmedAddress | NothingToChange | None]


def _changed(
    installation: Installation, person: Person, browser: Browser, change: Change, *, on: bool
) -> Minted | NoConfirmedAddress | NothingToChange:
    now, session = installation.clock(), person.session
    asked = Asked(greatest_age=FRESH_FOR, act="set_up" if on else "turn_off")

    def act(connection: Connection) -> Minted | NoConfirmedAddress | NothingToChange:
        users.locked(connection, session.environment_id, session.user_id)
        live = sessions.locked(connection, session.environment_id, session.id)
        if live is None:
            return NothingToChange()
        situation = of_session(connection, installation, live, now=now, asked=asked)
        if not isinstance(next_step(situation, now), SignedIn):
            return NothingToChange()
        refused = change(connection, situation.policy, now)
        return refused or _go_on(connection, installation, session, browser, now, on=on)

    try:
        outcome = installation.database.write(act)
    except OvertakenMeanwhile:
        return NothingToChange()
    send_soon(installation)
    return outcome


def _go_on(
    connection: Connection,
    installation: Installation,
    session: Session,
    browser: Browser,
    now: int,
    *,
    on: bool,
) -> Minted | NothingToChange:
    whose = (environment_id, user_id) = session.environment_id, session.user_id
    today = begin_anew(
        connection,
        installation,
        *whose,
        begun=session.generations,
        keep=session.id,
        ended_by="second_step_set_up" if on else "second_step_removed",
        now=now,
    )
    sessions.carry_over(connection, environment_id, session.id, today=today)
    live = sessions.locked(connection, environment_id, session.id)
    assert live is not None
    step = exchange(connection, installation, live, proven=None, browser=browser, now=now)
    told = MessageKind.SET_UP if on else MessageKind.TURNED_OFF
    tell(connection, told, *whose, now=now, visitor=browser.visitor, method="sent_codes")
    audit.record(
        connection,
        installation,
        EventKind.CODES_TURNED_ON if on else EventKind.CODES_TURNED_OFF,
        environment_id=environment_id,
        now=now,
        actor=user_id,
        target=user_id,
        visitor=browser.visitor,
    )
    return step if isinstance(step, Minted) else NothingToChange()


def _able(rows: Sequence[StoredContact], policy: Policy) -> Sequence[StoredContact]:
    """The addresses that codes can go to here."""
    ways = ways_of(
        [m for m in STRONGEST_FIRST if m in SENT & policy.methods], [row.contact for row in rows]
    )
    found = (counting_of(rows, way.sent_to) for way in ways if way.sent_to)
    return [row for row in found if row]
