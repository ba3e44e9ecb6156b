"""The audit log for whoever may read it: each event with the people that it refers to.

Looked for by the names of users. A name is read from ``people``, as the user was called when they
first appeared; of somebody who was erased nothing is left but that they were somebody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostep.core.audit import Event, EventKind, Visitor
from twostep.core.reasons import Reason, Reasons, from_json
from twostep.core.users import name_key
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.i18n.audit_words import Nameless
from twostep.storage import audit_lists, users
from twostep.storage.audit_lists import Filter, Listed, Place, Referred
from twostep.storage.database import Connection

__all__ = [
    "Entry", "Filter", "Page", "Party", "Place", "Somebody",
    "find", "name_of", "note_export", "one", "page", "party_of",
]  # fmt: skip

PAGE = 50
"""Events of one page: more than one looks through, and a second page is a click."""

Party = str | Nameless


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Whom an event refers to: by id, and what they are called."""

    id: bytes
    called: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event, as it is shown. ``at`` in milliseconds.

    ``kind`` is None for a row that cannot be read. ``who`` did it, None: the operator, or nobody
    who is known; ``whom`` it was done to. ``data`` is without the reasons. ``number`` and ``mac``
    are its place in the chain, None for the second until it is sealed. ``note``: what was written
    beside the reason, empty where nothing was, or it was erased.
    """

    id: bytes
    at: int
    kind: EventKind | None
    who: Somebody | None
    whom: Somebody | None
    visitor: Visitor | None
    reasons: Reasons
    data: Mapping[str, object]
    number: int | None
    mac: bytes | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Events, the newest first. ``older``: the place from which on there is more to look through.
    ``cut_short``: the page ends there because enough was looked at, not because it is full.
    """

    entries: Sequence[Entry]
    older: Place | None = None
    cut_short: bool = False


def page(
    installation: Installation,
    environment_id: bytes,
    wanted: Filter,
    *,
    before: Place | None = None,
    most: int = PAGE,
    scan: int = audit_lists.SCAN,
) -> Page:
    """One page of an environment's events."""

    def look(connection: Connection) -> Page:
        found = audit_lists.page(
            connection, environment_id, wanted, before=before, most=most + 1, scan=scan
        )
        shown = found.events[:most]
        entries = _entries(connection, environment_id, shown)
        if len(found.events) > most:
            return Page(entries=entries, older=(shown[-1].at, shown[-1].id))
        return Page(entries=entries, older=found.looked_to, cut_short=found.looked_to is not None)

    return installation.database.read(look)


def one(installation: Installation, environment_id: bytes, event_id: bytes) -> Entry | None:
    """One event; None where the environment has none of that id."""

    def look(connection: Connection) -> Entry | None:
        found = audit_lists.by_id(connection, environment_id, event_id)
        return None if found is None else _entries(connection, environment_id, [found])[0]

    return installation.database.read(look)


def find(installation: Installation, environment_id: bytes, typed: str) -> bytes | None:
    """The id of the user of the environment whom somebody means who typed this, or None."""
    key = name_key(typed)
    user = installation.database.read(lambda c: users.by_name_key(c, environment_id, key))
    return None if user is None else user.id


def name_of(installation: Installation, environment_id: bytes, user_id: bytes) -> Party:
    """What the user of that id is called in the log."""
    return installation.database.read(
        lambda connection: party_of(
            audit_lists.referred(connection, environment_id, {user_id}).get(user_id)
        )
    )


def note_export(
    installation: Installation,
    person: Person,
    wanted: Filter,
    *,
    form: str,
    what: str,
    visitor: Visitor,
) -> None:
    """Write down that somebody took events away as a file, and which: ``what`` is the word of the
    address bar for their kinds, ``form`` that of the file.
    """
    asked: dict[str, Any] = {
        "by": "" if wanted.actor is None else wanted.actor.hex(),
        "about": "" if wanted.target is None else wanted.target.hex(),
        "kinds": what,
        "from_at": wanted.from_at or 0,
        "to_at": wanted.to_at or 0,
    }
    given = {name: value for name, value in asked.items() if value}
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.AUDIT_EXPORTED,
            environment_id=person.user.environment_id,
            now=installation.clock(),
            actor=person.user.id,
            visitor=visitor,
            form=form,
            **given,
        )
    )


def _entries(
    connection: Connection, environment_id: bytes, found: Sequence[Listed]
) -> Sequence[Entry]:
    read = [each.event for each in found if each.event is not None]
    ids = {
        id_
        for event in read
        for id_ in (event.actor, event.target, event.visitor, _note_id(event))
        if id_ is not None
    }
    referred = audit_lists.referred(connection, environment_id, ids)
    return [_entry(each, referred) for each in found]


def _entry(listed: Listed, referred: Mapping[bytes, Referred]) -> Entry:
    event = listed.event
    data = {} if event is None else dict(event.data)
    note = None if event is None else _note_id(event)
    reasons = data.pop("reasons", None)
    return Entry(
        id=listed.id,
        at=listed.at,
        kind=None if event is None else event.kind,
        who=_somebody(None if event is None else event.actor, referred),
        whom=_somebody(None if event is None else event.target, referred),
        visitor=_visitor(event, referred),
        reasons=_reasons(reasons),
        data=data,
        note=_note(referred.get(note)) if note else "",
        number=listed.number,
        mac=listed.mac,
    )


def _note_id(event: Event) -> bytes | None:
    """The reference to what somebody wrote beside the reason (``audit.record``)."""
    stored = event.data.get("note")
    try:
        return bytes.fromhex(stored) if isinstance(stored, str) else None
    except ValueError:
        return None


def _note(found: Referred | None) -> str:
    """The note; nothing where it was erased."""
    text = _parts(None if found is None else found.content).get("note")
    return text if isinstance(text, str) else ""


def _somebody(id_: bytes | None, referred: Mapping[bytes, Referred]) -> Somebody | None:
    return None if id_ is None else Somebody(id=id_, called=party_of(referred.get(id_)))


def party_of(found: Referred | None) -> Party:
    """Whoever has no row was never anybody: the decoy for a name that does not exist."""
    if found is None:
        return Nameless.UNKNOWN
    if found.content is None:
        return Nameless.ERASED
    name = _parts(found.content).get("name")
    return name if isinstance(name, str) else Nameless.SOMEBODY


def _visitor(event: Event | None, referred: Mapping[bytes, Referred]) -> Visitor | None:
    found = None if event is None or event.visitor is None else referred.get(event.visitor)
    parts = _parts(None if found is None else found.content)
    address, browser = parts.get("address"), parts.get("browser")
    if not isinstance(address, str) or not isinstance(browser, str):
        return None
    return Visitor(address=address, browser=browser)


def _parts(content: str | None) -> Mapping[str, object]:
    """What stands in a row of people; nothing where somebody wrote there who could not."""
    try:
        parts = json.loads(content or "{}")
    except (ValueError, RecursionError):
        return {}
    return parts if isinstance(parts, dict) else {}


def _reasons(stored: object) -> Reasons:
    found = stored if isinstance(stored, list) else []
    return tuple(reason for each in found if (reason := _reason(each)) is not None)


def _reason(stored: object) -> Reason | None:
    """None for one of a release that is not this one."""
    try:
        return from_json(stored) if isinstance(stored, dict) else None
    except (KeyError, ValueError):
        return None
