"""**Check caller**: a code to one of the user's addresses, which whoever is on the telephone reads
back.

    send ──► caps, one alive, message queued, all in one transaction ──► the caller reads it out
    read_back ──► the try is counted, then compared ──► checked, for a quarter of an hour

What is stored covers the administrator, the user and the address (AC-09): no other door takes it,
and this one takes no other code.
"""

from __future__ import annotations

import hmac
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.caller_checks import CODE_LASTS, TRIES, CallerCheck
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.flows import audit, messages
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.caller_codes import hashed_as, prepared, read_digits
from twostep.flows.contact_rows import locked_rows, same
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser
from twostep.storage import caller_checks, contacts, message_lists, permissions, users
from twostep.storage.caller_checks import Between
from twostep.storage.database import Connection

MAY_CHECK = (
    Permission.REMOVE_TWO_STEP,
    Permission.HELP_DESK_CODES,
    Permission.MANAGE_USERS,
)
"""Any of these: each is for acts before which one wants to know who is calling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way, and works until ``until`` (ms)."""

    masked: str
    until: int


@dataclass(frozen=True, slots=True)
class NoAddress:
    """The user has no address of this kind that counts, or it was changed at this moment."""


@dataclass(frozen=True, slots=True)
class EnoughForNow:
    """Too much was sent there lately. The next message can be from ``until`` (ms) on."""

    until: int


@dataclass(frozen=True, slots=True)
class CallerChecked:
    """The caller read the code back."""


@dataclass(frozen=True, slots=True)
class ReadBackWrong:
    """Another code than the one that was sent; 0 left: it is dead, and a new one can be sent."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class CheckOver:
    """No code is alive: it is too old, was tried too often, or its address was changed."""


@dataclass(frozen=True, slots=True)
class Misshapen:
    """What was typed cannot be a code. It cost no try."""


Sending = CodeSent | NoAddress | EnoughForNow | MayNot
ReadBack = CallerChecked | ReadBackWrong | CheckOver | Misshapen | MayNot


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A code that waits to be read back: whereto it went, when (ms), and until when it works."""

    masked: str
    sent_at: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The caller was checked, when (ms), by whom, and until when that stands."""

    at: int
    by: str
    until: int


def permission_to_check(held: AbstractSet[Permission]) -> Permission:
    """On the strength of which permission somebody checks a caller who holds these."""
    return next((one for one in MAY_CHECK if one in held), MAY_CHECK[0])


def send(
    installation: Installation,
    person: Person,
    target_id: bytes,
    kind: ContactKind,
    *,
    browser: Browser,
) -> Sending:
    """Send a code to the user's address of this kind. Raises KeyMissing."""
    between, now = _between(person, target_id), installation.clock()
    user = installation.database.read(
        lambda connection: users.by_id(connection, between.environment_id, target_id)
    )
    new = None if user is None else prepared(installation, between, user, kind, now)

    def act(connection: Connection) -> Sending:
        acting = _acting(connection, installation, person, target_id, now)
        if isinstance(acting, MayNot):
            return acting
        if new is None or not same(locked_rows(connection, acting.target), new.rows):
            return NoAddress()
        at = messages.may_ask_at(connection, installation, new.to, now=now)
        if at > now:
            return EnoughForNow(at)
        caller_checks.put(connection, between, new.check)
        messages.queue(connection, new.message)
        _record(
            connection, installation, EventKind.CALLER_CHECK_SENT, between, browser, now,
            message=new.message.id.hex(), masked=new.message.masked, route=new.to.route.value,
        )  # fmt: skip
        return CodeSent(masked=new.message.masked, until=now + CODE_LASTS)

    done = installation.database.write(act)
    messages.send_soon(installation)
    return done


def read_back(
    installation: Installation, person: Person, target_id: bytes, typed: str, *, browser: Browser
) -> ReadBack:
    """The caller read this code out. A try is counted before it is compared, in one transaction: of
    many at once none is for nothing.
    """
    digits = read_digits(typed)
    between, now = _between(person, target_id), installation.clock()
    stored = installation.database.read(lambda c: caller_checks.live(c, between))
    # Of the code that is alive now. One that takes its place meanwhile has another id, hence
    # another hash.
    shown = stored and digits and hashed_as(installation, between, stored, digits)

    def act(connection: Connection) -> ReadBack:
        acting = _acting(connection, installation, person, target_id, now)
        if isinstance(acting, MayNot):
            return acting
        if digits is None:
            return Misshapen()
        found = caller_checks.reserve_try(connection, between, now=now)
        if found is None or not shown or not _still_there(connection, between, found.check):
            return CheckOver()
        right = hmac.compare_digest(shown, found.code_hash)
        # Of two requests with the right code one uses it up; the other finds nothing alive.
        if right and caller_checks.use_up(connection, between, found.check.id, now=now):
            kind = EventKind.CALLER_CHECKED
            _record(connection, installation, kind, between, browser, now)
            return CallerChecked()
        left = TRIES - found.check.tries
        kind = EventKind.CALLER_CHECK_FAILED
        _record(connection, installation, kind, between, browser, now, tries_left=left)
        return ReadBackWrong(left)

    return installation.database.write(act)


def underway(installation: Installation, person: Person, target_id: bytes) -> Underway | None:
    """The code of this administrator that the user's caller can still read back, or None."""
    between, now = _between(person, target_id), installation.clock()

    def look(connection: Connection) -> Underway | None:
        stored = caller_checks.live(connection, between)
        if stored is None or not stored.check.takes_tries(now):
            return None
        check = stored.check
        message = message_lists.by_id(connection, between.environment_id, check.message_id)
        return Underway(
            masked=message.masked if message else "",
            sent_at=check.made_at,
            until=check.expires_at,
        )

    return installation.database.read(look)


def checked_within(
    connection: Connection, environment_id: bytes, user_id: bytes, *, now: int
) -> Checked | None:
    """The check of a caller as this user that still stands, whoever made it; None: none does."""
    found = caller_checks.newest_passed(connection, environment_id, user_id, now=now)
    if found is None or found.passed_at is None:
        return None
    until = found.stands_until(now)
    if until is None:
        return None
    by = users.by_id(connection, environment_id, found.made_by)
    return Checked(at=found.passed_at, by=by.name if by else "", until=until)


def _acting(
    connection: Connection,
    installation: Installation,
    person: Person,
    target_id: bytes,
    now: int,
) -> Acting | MayNot:
    held = permissions.of_user(connection, person.user.environment_id, person.user.id)
    needed = permission_to_check(held)
    return acting_on(connection, installation, person, needed, target_id, now=now)


def _between(person: Person, target_id: bytes) -> Between:
    return Between(
        environment_id=person.user.environment_id, user_id=target_id, made_by=person.user.id
    )


def _still_there(connection: Connection, between: Between, check: CallerCheck) -> bool:
    """Whether the address that the code went to still counts."""
    rows = contacts.of_user(connection, between.environment_id, between.user_id)
    return any(row.contact.id == check.contact_id and row.contact.counts for row in rows)


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    between: Between,
    browser: Browser,
    now: int,
    **data: str | int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=between.environment_id,
        now=now,
        actor=between.made_by,
        target=between.user_id,
        visitor=browser.visitor,
        reasons=(),
        note="",
        **data,
    )
