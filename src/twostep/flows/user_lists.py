"""Users for whoever helps: listed by name, found by any part of a name or by an address.

What a list shows of a user is true at the moment of the page. What it is filtered by is noted at
the user (``storage.user_marks``); whether somebody is locked, their counters say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind
from twostep.core.search_terms import words_of
from twostep.core.user_filters import UserState, Wanted
from twostep.core.users import SecondStep, name_key
from twostep.flows import audit
from twostep.flows.contact_reading import Address, Problem, read
from twostep.flows.installation import Installation
from twostep.flows.messages import address_hash
from twostep.flows.sessions import Person
from twostep.flows.user_locks import held_until
from twostep.storage import recovery_codes, user_lists, users
from twostep.storage.database import Connection
from twostep.storage.user_lists import Found, Listed, Place
from twostep.storage.user_marks import FOREVER

__all__ = ["Line", "Page", "Place", "Whom", "find", "name_of", "note_download", "page"]

PAGE = 50
"""Users of one page: more than one looks through, and a second page is a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One user. Times in milliseconds.

    ``recovery_codes``: how many are left. ``locked``: too many wrong tries; ``locked_until`` is
    None where only unlocking helps. ``paused_until``: of a pause of their second step that runs.
    """

    user_id: bytes
    name: str
    full_name: str
    second_step: SecondStep
    recovery_codes: int
    last_sign_in_at: int | None
    locked: bool
    locked_until: int | None
    paused_until: int | None
    disabled_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Users in the list's order. ``previous`` and ``next``: the places where those pages begin;
    None where there is none. ``stopped``: on the way ``next`` (or back) more are to be looked at,
    and perhaps nobody fits.
    """

    lines: Sequence[Line]
    previous: Place | None = None
    next: Place | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """What somebody typed to find users stands for: words of names; or whoever has that address or
    that very user name.
    """

    words: tuple[str, ...] = ()
    user_id: bytes | None = None
    address_hash: bytes | None = None


def page(
    installation: Installation,
    environment_id: bytes,
    wanted: Wanted,
    *,
    place: Place | None = None,
    backwards: bool = False,
    most: int = PAGE,
) -> Page:
    """One page of an environment's users: beyond a place, or the one that ends before it."""
    now = installation.clock()

    def look(connection: Connection) -> Page:
        def found(place: Place | None, *, backwards: bool) -> Found:
            return user_lists.page(
                connection,
                environment_id,
                wanted,
                now=now,
                place=place,
                backwards=backwards,
                most=most + 1,
            )

        there, back, first = found(place, backwards=backwards), backwards, place is None
        if back and len(there.rows) <= most and there.stopped is None:
            # The first page, which is whole again when it is read from its beginning.
            there, back, first = found(None, backwards=False), False, True
        rows = there.rows[:most]
        in_order = rows[::-1] if back else rows
        beyond = _beyond(wanted, there, rows)
        behind = None if first else _behind(wanted, rows, place)
        return Page(
            lines=_lines(connection, installation, environment_id, wanted, in_order, now),
            previous=beyond if back else behind,
            next=behind if back else beyond,
            stopped=there.stopped is not None,
        )

    return installation.database.read(look)


def find(installation: Installation, environment_id: bytes, typed: str) -> Whom:
    """Whom somebody means who typed this. A whole address means whoever has it, and whoever is
    called so; everything else is words of a name.
    """
    address = _address(typed, installation.clock())
    if address is None:
        return Whom(words=words_of(typed))
    key = name_key(typed)
    user = installation.database.read(lambda c: users.by_name_key(c, environment_id, key))
    return Whom(
        user_id=None if user is None else user.id,
        address_hash=address_hash(installation, address),
    )


def name_of(installation: Installation, environment_id: bytes, user_id: bytes) -> str | None:
    """The name of a user of the environment, or None."""
    user = installation.database.read(lambda c: users.by_id(c, environment_id, user_id))
    return None if user is None else user.name


def note_download(
    installation: Installation, person: Person, filters: dict[str, str], *, visitor: Visitor
) -> None:
    """Write down that somebody took the list away as a file, and which one: never whom they
    searched for.
    """
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.USERS_DOWNLOADED,
            environment_id=person.user.environment_id,
            now=installation.clock(),
            actor=person.user.id,
            visitor=visitor,
            target=None,
            reasons=(),
            note="",
            **filters,
        )
    )


def _beyond(wanted: Wanted, there: Found, rows: Sequence[Listed]) -> Place | None:
    if len(there.rows) > len(rows):
        return user_lists.place_of(wanted, rows[-1])
    return there.stopped


def _behind(wanted: Wanted, rows: Sequence[Listed], place: Place | None) -> Place | None:
    return user_lists.place_of(wanted, rows[0]) if rows else place


def _lines(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    wanted: Wanted,
    rows: Sequence[Listed],
    now: int,
) -> list[Line]:
    left = recovery_codes.left_of(connection, environment_id, [row.user.id for row in rows])
    lines = []
    for row in rows:
        hinted = row.locked_until is not None
        held = hinted and held_until(connection, installation, environment_id, row.user.id, now=now)
        if wanted.state is UserState.LOCKED and not held:
            continue
        lines.append(_line(row, held or None, left.get(row.user.id, 0), now))
    return lines


def _line(row: Listed, held: int | None, codes: int, now: int) -> Line:
    user = row.user
    return Line(
        user_id=user.id,
        name=user.name,
        full_name=user.full_name,
        second_step=row.second_step,
        recovery_codes=codes,
        last_sign_in_at=row.last_sign_in_at,
        locked=held is not None,
        locked_until=None if held == FOREVER else held,
        paused_until=user.two_step_paused_until if user.two_step_paused(now) else None,
        disabled_at=user.disabled_at,
    )


def _address(typed: str, now: int) -> str | None:
    """A whole address as it is stored, or a number with its country. One to which nothing gets any
    more was somebody's before.
    """
    text = typed.strip()
    if "@" in text:
        found = read(ContactKind.EMAIL, text, now=now)
        if isinstance(found, Address):
            return found.text
        return None if found.problem is Problem.NOT_AN_ADDRESS else text
    number = read(ContactKind.PHONE, text, now=now) if text.startswith("+") else None
    return number.text if isinstance(number, Address) else None
