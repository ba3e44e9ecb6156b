"""Addresses of a profile: looking at one's own, changing them, removing them.

A user's own change waits beside the address that counts until the code that went to the new one
comes back (``contact_codes``); an administrator's entry (``contact_entries``) counts at once,
marked unconfirmed. Whoever's address is replaced or removed is told at the old one (AC-31). Each
address has an id of its own, so whatever was proven with the old one, or was sent there and not yet
used, is worth nothing afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.contacts import (
    ContactKind,
    ContactState,
    EnteredBy,
    asks_again,
    by_method,
    takes_tries,
)
from twostep.core.users import User
from twostep.delivery.carriers import Carrier, Standing, carrier_of
from twostep.flows import messages
from twostep.flows.contact_changes import end_what_was_begun
from twostep.flows.contact_codes import CodeSent, TooSoon, Unchanged, begin
from twostep.flows.contact_notices import Happening, notices, queue_all
from twostep.flows.contact_reading import NotUsable, Problem, Typed, day_of, read
from twostep.flows.contact_rows import (
    Entered,
    counting_of,
    locked_rows,
    opened,
    record,
    rows_of,
    same,
    waiting_of,
)
from twostep.flows.installation import Installation
from twostep.flows.second_step_changes import OvertakenMeanwhile
from twostep.flows.sessions import Person, still_in
from twostep.flows.text_use import takes_numbers, terms_of
from twostep.flows.visitors import Browser
from twostep.storage import contacts
from twostep.storage.contacts import COUNTING, WAITING, StoredContact
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An address as it may be shown. ``changed_at`` in milliseconds, ``gateway`` where it is one
    that does not simply work (with whose it is). ``code_until`` (milliseconds) of one that waits:
    None where its code is no longer good. ``asked_again``: it was not used for so long that its
    user is asked whether it is still theirs (AC-79).
    """

    id: bytes
    masked: str
    state: ContactState
    changed_at: int
    gateway: tuple[Carrier, Standing] | None = None
    code_until: int | None = None
    asked_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a profile: what counts, and what waits to take its place."""

    counts: Shown | None = None
    waits: Shown | None = None


@dataclass(frozen=True, slots=True)
class LastForCodes:
    """Codes go there at sign-in, because the user turned them on, and could go nowhere else."""


@dataclass(frozen=True, slots=True)
class NothingThere:
    """There is no address of this kind to send a code to."""


Begun = CodeSent | NotUsable | TooSoon | Unchanged


def profile(installation: Installation, user: User) -> Mapping[ContactKind, Field]:
    """The fields of a user, each kind, filled or not."""
    rows, now = rows_of(installation, user), installation.clock()
    return {
        kind: Field(
            counts=_shown(counting_of(rows, kind), now), waits=_shown(waiting_of(rows, kind), now)
        )
        for kind in ContactKind
    }


def change_own(
    installation: Installation,
    person: Person,
    kind: ContactKind,
    typed: Typed,
    *,
    language: str,
    browser: Browser,
    texts: bool = False,
) -> Begun:
    """Begin a change: the address waits, and a code goes there. The page has asked for a fresh
    proof. ``texts``: the installation has a provider of texts, without which no number is taken.
    """
    terms = terms_of(installation, person.user.environment_id)
    address = read(kind, typed, now=installation.clock(), home=terms.home)
    if isinstance(address, NotUsable):
        return address
    if kind is ContactKind.PHONE:
        if not takes_numbers(installation, person.user.environment_id, ours=texts):
            return NotUsable(problem=Problem.NO_TEXTS)
        if address.country not in terms.countries:
            return NotUsable(problem=Problem.COUNTRY_NOT_ALLOWED)
    entered = Entered(
        kind=kind,
        text=address.text,
        by=EnteredBy.USER,
        language=language,
        country=address.country,
    )
    return begin(installation, person, entered, dying=address.dying, browser=browser)


def send_again(
    installation: Installation,
    person: Person,
    kind: ContactKind,
    *,
    language: str,
    browser: Browser,
    texts: bool = False,
) -> Begun | NothingThere:
    """Send another code to the address that waits; or a first one to an address that an
    administrator has entered, so that its user may confirm it.
    """
    rows = rows_of(installation, person.user)
    found = waiting_of(rows, kind) or counting_of(rows, kind)
    text = found and opened(installation, found)
    if not text:
        return NothingThere()
    return change_own(
        installation, person, kind, text, language=language, browser=browser, texts=texts
    )


def remove_own(
    installation: Installation, person: Person, kind: ContactKind, *, browser: Browser
) -> bool | LastForCodes:
    """Remove an address, with whatever waits to take its place; False where there is none that
    counts, or it was changed meanwhile. The page has asked for a fresh proof; the address is told.

    The last one to which codes go that the user turned on stays: without it the password alone
    would be enough again, which is not what was asked for.
    """
    user, now = person.user, installation.clock()
    rows = rows_of(installation, user)
    counts = counting_of(rows, kind)
    if counts is None:
        return False
    happening = Happening(kind=kind, masked="", by=EnteredBy.USER, where=browser.visitor)
    told = notices(installation, rows, happening, now=now)

    def act(connection: Connection) -> bool | LastForCodes:
        if not same(locked_rows(connection, user), rows):
            return False
        others = [row.contact for row in rows if row.contact.kind is not kind]
        wanted = contacts.codes_wanted_at(connection, user.environment_id, user.id)
        if wanted is not None and not by_method(others):
            return LastForCodes()
        for state in (WAITING, COUNTING):
            contacts.remove(connection, user.environment_id, user.id, kind, state=state)
        queue_all(connection, told)
        end_what_was_begun(connection, installation, person.session, now=now)
        removed, visitor = EventKind.ADDRESS_REMOVED, browser.visitor
        record(connection, installation, removed, counts, now=now, actor=user.id, visitor=visitor)
        return True

    try:
        done = installation.database.write(act)
    except OvertakenMeanwhile:
        return False
    messages.send_soon(installation)
    return done


def cancel_own(installation: Installation, person: Person, kind: ContactKind) -> bool:
    """Forget the change that waits; False where none does. What counts stays."""
    user = person.user

    def act(connection: Connection) -> bool:
        if not still_in(connection, person):
            return False
        place = (user.environment_id, user.id)
        return contacts.remove(connection, *place, kind, state=WAITING) is not None

    return installation.database.write(act)


def _shown(row: StoredContact | None, now: int) -> Shown | None:
    if row is None:
        return None
    code = row.code
    works = code and takes_tries(tries=code.tries, ends_at=code.ends_at, now=now)
    return Shown(
        id=row.contact.id,
        masked=row.masked,
        state=row.contact.state,
        changed_at=row.contact.changed_at,
        gateway=_gateway(row.masked, now),
        code_until=code.ends_at if code and works else None,
        asked_again=asks_again(row.contact, now),
    )


def _gateway(masked: str, now: int) -> tuple[Carrier, Standing] | None:
    """A mask shows the domain as it is."""
    carrier = carrier_of(masked)
    if carrier is None:
        return None
    standing = carrier.standing_on(day_of(now))
    return None if standing is Standing.WORKING else (carrier, standing)
