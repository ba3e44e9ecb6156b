"""Writing events, and reading them for a screen.

``record`` is the last thing that a flow does in its transaction. An act without its event cannot be
kept: when the event cannot be written, the exception takes the act back with it (SECURITY §5.7).

What is personal goes into ``people``, by reference, where it can be erased. The content of such a
row carries a mark over itself and its id, made with a key that is not in the database. Without it,
whoever can write to the database could give an event another name or another address, and the
chain, which covers only the reference, would not show it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from twostep.core.audit import Event, EventKind, Visitor, data_as_text
from twostep.core.keys import KeyPurpose
from twostep.core.reasons import Reasons, from_json
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.keys import KeyRing
from twostep.flows.installation import Installation
from twostep.storage import audit, people
from twostep.storage.audit import Known, RecordedEvent
from twostep.storage.database import Connection
from twostep.storage.people import StoredPerson

LONGEST_TEXT = 200
"""In characters: longer text in an event's data is cut, with an ellipsis at its end. A property may
hold a page of text; the log says that it changed and how it began."""

_REASONS = "reasons"
_MARK = "mark"
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event as a screen shows it.

    ``visitor`` is None where nobody was there, where it was erased, and where it was somebody else.
    ``data`` is without the reasons.
    """

    id: bytes
    at: int
    kind: EventKind
    actor: bytes | None
    target: bytes | None
    visitor: Visitor | None
    reasons: Reasons
    data: Mapping[str, object]


def record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    *,
    environment_id: bytes,
    now: int,
    actor: bytes | None = None,
    target: bytes | None = None,
    visitor: Visitor | None = None,
    reasons: Reasons = (),
    note: str = "",
    **data: str | int | bool,
) -> None:
    """Write an event within the caller's transaction, as the last thing that it does. ``note``:
    what was written beside a reason; it is kept apart, and erased with the ``target``.

    ``actor`` and ``target`` are users' ids; None is the operator, or nobody. It takes two
    statements, and one more for users and for a visitor who appear for the first time. A ``target``
    that is no user (the decoy for a name that does not exist) costs the same (AC-21).

    Raises TypeError and ValueError for data that may not stand in the log (``core.audit.Event``):
    that is a mistake in the caller, and its act is not kept.
    """
    if note and target is not None:
        data["note"] = _kept(connection, installation.keys, environment_id, target, note)
    event = Event(
        id=new_id(),
        environment_id=environment_id,
        at=now,
        kind=kind,
        actor=actor,
        target=target,
        visitor=_written_down(
            connection, installation.keys, environment_id, actor, target, visitor
        ),
        data=_data(reasons, data),
    )
    audit.add(connection, event)


def recent_for_user(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    most: int,
    *,
    kinds: Collection[EventKind] = (),
) -> tuple[Happened, ...]:
    """The newest events that happened to a user, the newest first: **Recent activity**.

    What the user did to others stands among theirs. Where somebody else acted (an administrator),
    the address and the browser are that person's, and are not shown to this one. ``kinds``: only
    events of these; empty stands for all.
    """
    return tuple(
        _happened(recorded, seen_by=user_id)
        for recorded in audit.about_user(
            connection, environment_id, user_id, kinds=kinds, most=most
        )
    )


def names_of(
    connection: Connection, environment_id: bytes, ids: Collection[bytes]
) -> Mapping[bytes, str]:
    """The names of users, by id, as they were when they first appeared; without those erased."""
    contents = people.contents_of(connection, environment_id, ids)
    parts = {id_: json.loads(content) for id_, content in contents.items()}
    return {id_: part["name"] for id_, part in parts.items() if "name" in part}


def lookup_of(keys: KeyRing, environment_id: bytes, visitor: Visitor) -> bytes:
    """Under what a visitor is found again. Keyed: nobody can try addresses on a stolen database."""
    return keyed_hash(
        keys.current(KeyPurpose.INDEX).secret,
        b"visitor",
        environment_id,
        visitor.address.encode(),
        visitor.browser.encode(),
    )[:16]


def is_genuine(keys: KeyRing, environment_id: bytes, person: StoredPerson) -> bool:
    """Whether a row of people is as it was written here, or was erased.

    The lookup is part of it: moved to another row, it would put that row's address under everything
    that a visitor does from then on.
    """
    if person.content is None:
        return True
    try:
        parts = json.loads(person.content)
        mark = bytes.fromhex(parts.pop(_MARK))
        right = _mark(keys, environment_id, person.id, parts)
        lookup = None
        if "address" in parts:
            lookup = lookup_of(keys, environment_id, _visitor_of(parts))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return False
    return hmac.compare_digest(right, mark) and person.lookup == lookup


def _written_down(
    connection: Connection,
    keys: KeyRing,
    environment_id: bytes,
    actor: bytes | None,
    target: bytes | None,
    visitor: Visitor | None,
) -> bytes | None:
    """The reference to the visitor, after everybody whom the event refers to has a row."""
    if actor is None and target is None and visitor is None:
        return None
    lookup = None if visitor is None else lookup_of(keys, environment_id, visitor)
    known = audit.known(connection, environment_id, actor=actor, target=target, lookup=lookup)
    if known.new_users:
        people.add(connection, environment_id, _new_users(keys, environment_id, known))
    if visitor is None or lookup is None or known.visitor is not None:
        return known.visitor
    id_ = new_id()
    parts = {"address": visitor.address, "browser": visitor.browser}
    content = marked_content(keys, environment_id, id_, parts)
    return people.add_visitor(
        connection,
        environment_id,
        StoredPerson(id=id_, user_id=None, lookup=lookup, content=content),
    )


def _kept(
    connection: Connection, keys: KeyRing, environment_id: bytes, about: bytes, note: str
) -> str:
    """The reference to a note, after it was written."""
    id_, parts = new_id(), {"about": about.hex(), "note": note}
    content = marked_content(keys, environment_id, id_, parts)
    row = StoredPerson(id=id_, user_id=None, lookup=None, content=content)
    people.add(connection, environment_id, [row])
    return id_.hex()


def _new_users(keys: KeyRing, environment_id: bytes, known: Known) -> list[StoredPerson]:
    """In the order of their ids, so that two transactions never wait for each other's."""
    return [
        StoredPerson(
            id=id_,
            user_id=id_,
            lookup=None,
            content=marked_content(keys, environment_id, id_, {"name": known.new_users[id_]}),
        )
        for id_ in sorted(known.new_users)
    ]


def marked_content(
    keys: KeyRing, environment_id: bytes, id_: bytes, parts: Mapping[str, object]
) -> str:
    """What is stored of a person: these parts, and the mark over them that belongs to this row."""
    return data_as_text({**parts, _MARK: _mark(keys, environment_id, id_, parts).hex()})


def _mark(keys: KeyRing, environment_id: bytes, id_: bytes, parts: Mapping[str, object]) -> bytes:
    key = keys.current(KeyPurpose.INDEX).secret
    text = data_as_text(parts).encode()
    return keyed_hash(key, b"person", environment_id, id_, text)[:_MARK_BYTES]


def _data(reasons: Reasons, data: Mapping[str, object]) -> dict[str, object]:
    short = {name: _short(name, value) for name, value in data.items()}
    return {_REASONS: [reason.as_json() for reason in reasons], **short} if reasons else short


def _short(name: str, value: object) -> object:
    """Raises TypeError. A bool is an int."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
    if isinstance(value, int):
        return value
    raise TypeError(f"the datum {name} of an event is text or a number")


def _happened(recorded: RecordedEvent, *, seen_by: bytes) -> Happened:
    event = recorded.event
    data = dict(event.data)
    stored = data.pop(_REASONS, [])
    return Happened(
        id=event.id,
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        target=event.target,
        visitor=_visitor(recorded.visitor_content) if event.actor in {None, seen_by} else None,
        reasons=tuple(from_json(reason) for reason in stored) if isinstance(stored, list) else (),
        data=data,
    )


def _visitor(content: str | None) -> Visitor | None:
    return None if content is None else _visitor_of(json.loads(content))


def _visitor_of(parts: Mapping[str, str]) -> Visitor:
    return Visitor(address=parts["address"], browser=parts["browser"])
