"""The chain over the events, in SQL: what waits to be sealed, the seals, and reading it all back.

``events.number`` is unique in an environment, and that is what keeps two nodes from sealing side by
side: both begin behind the same head, so both want the same first number, and the later one is
refused with all that it wrote. ``flows.sealing`` then looks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    LargeBinary,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from twostep.core.audit import Event, EventKind, data_from_text
from twostep.core.audit_chain import GENESIS, Seal, SealedEvent
from twostep.storage.database import Connection
from twostep.storage.tables import INSTALLATION_ID, environments, events, seals

NO_NUMBER = -1
"""Stands for the number of a row that has none that could be one. No chain has it."""


class SealedElsewhere(Exception):
    """Another node has sealed one of these events since they were read: nothing may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """Events that wait to be sealed: how many, and when the oldest of them happened."""

    count: int
    oldest_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeal:
    """The place that an event gets in the chain. ``happened_at`` is the event's own time."""

    event_id: bytes
    happened_at: int
    number: int
    mac: bytes
    key_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A piece of the chain in the order of its numbers, and the newest seal at the same moment.

    ``next`` is where the piece after it begins, None behind the last one.
    """

    entries: Sequence[SealedEvent]
    head: Seal
    next: tuple[int, bytes] | None


def environments_waiting(connection: Connection) -> Sequence[bytes]:
    """The environments that have events to be sealed, the installation itself among them.

    Asked for one environment after the other, each by an index: a look through all events for the
    different environments among them would read a million rows every second.
    """
    own = select(literal(INSTALLATION_ID, LargeBinary).label("id"))
    waits = events.c.number.is_(None)
    return (
        connection.execute(
            union_all(
                own.where(
                    exists().where(events.c.environment_id == INSTALLATION_ID, waits),
                ),
                select(environments.c.id).where(
                    exists().where(events.c.environment_id == environments.c.id, waits)
                ),
            )
        )
        .scalars()
        .all()
    )


def environments_logged(connection: Connection) -> Sequence[bytes]:
    """Every environment, and the installation itself where it has events."""
    ids = list(connection.execute(select(environments.c.id).order_by(environments.c.id)).scalars())
    own = select(events.c.id).where(events.c.environment_id == INSTALLATION_ID).limit(1)
    if connection.execute(own).first() is not None:
        ids.insert(0, INSTALLATION_ID)
    return ids


def head_of(connection: Connection, environment_id: bytes) -> Seal:
    """The newest seal; number 0 where nothing was sealed yet."""
    row = connection.execute(
        select(seals.c.number, seals.c.mac)
        .where(seals.c.environment_id == environment_id)
        .order_by(seals.c.number.desc())
        .limit(1)
    ).first()
    return Seal(number=0, mac=GENESIS) if row is None else Seal(number=row.number, mac=row.mac)


def unsealed(connection: Connection, environment_id: bytes, *, most: int) -> Sequence[Event]:
    """Events that wait to be sealed, the oldest first.

    A row that no Twostep can have written is left out, for ever: it must not keep the others
    waiting, and the check finds it among those that are late.
    """
    rows = connection.execute(
        select(*OF_EVENT)
        .where(events.c.environment_id == environment_id, events.c.number.is_(None))
        .order_by(events.c.happened_at, events.c.id)
        .limit(most)
    ).all()
    return [event for row in rows if (event := event_of(environment_id, *row)) is not None]


def put_seals(
    connection: Connection, environment_id: bytes, entries: Sequence[NewSeal], *, now: int
) -> None:
    """Write the numbers and MACs of these events, and the seal of the last one.

    Raises SealedElsewhere, or ConstraintBroken when the transaction ends: both mean that another
    node was faster, and that nothing of this was kept.
    """
    _put_numbers(connection, environment_id, entries)
    last = entries[-1]
    connection.execute(
        insert(seals).values(
            environment_id=environment_id,
            number=last.number,
            mac=last.mac,
            key_version=last.key_version,
            sealed_at=now,
        )
    )


def _put_numbers(connection: Connection, environment_id: bytes, entries: Sequence[NewSeal]) -> None:
    # The condition closes the race of two nodes at one event: the later one waits for the first
    # one's commit, then finds a number there, and must not put its own over it.
    changed = connection.execute(
        update(events)
        .where(
            events.c.environment_id == environment_id,
            events.c.id == bindparam("event_id"),
            # The time makes the index of what is unsealed lead to one row, too: PostgreSQL may
            # choose it, and would read through everything that waits, for each event.
            events.c.happened_at == bindparam("its_time"),
            events.c.number.is_(None),
        )
        .values(
            number=bindparam("its_number"),
            mac=bindparam("its_mac"),
            key_version=bindparam("its_key_version"),
        ),
        [
            {
                "event_id": entry.event_id,
                "its_time": entry.happened_at,
                "its_number": entry.number,
                "its_mac": entry.mac,
                "its_key_version": entry.key_version,
            }
            for entry in entries
        ],
    )
    if changed.rowcount != len(entries):
        raise SealedElsewhere


def waiting_in(connection: Connection, environment_id: bytes) -> Unsealed:
    """How many events of the environment wait to be sealed."""
    row = connection.execute(
        select(func.count().label("number"), func.min(events.c.happened_at).label("oldest")).where(
            events.c.environment_id == environment_id, events.c.number.is_(None)
        )
    ).one()
    return Unsealed(count=row.number, oldest_at=row.oldest)


def page(
    connection: Connection, environment_id: bytes, *, after: tuple[int, bytes], most: int
) -> Page:
    """The entries behind the one with this number and id; ``FIRST`` gives the first ones.

    Whatever stands in the rows comes back, an event that cannot be read as None. The id is part of
    the order because whoever owns the database can drop the index that keeps a number from coming
    twice.
    """
    number, id_ = after
    rows = connection.execute(
        select(*OF_EVENT, events.c.number, events.c.mac, events.c.key_version)
        .where(
            events.c.environment_id == environment_id,
            events.c.number >= number,
            or_(events.c.number > number, and_(events.c.number == number, events.c.id > id_)),
        )
        .order_by(events.c.number, events.c.id)
        .limit(most)
    ).all()
    entries = [_sealed(environment_id, *row) for row in rows]
    last = rows[-1] if len(rows) == most else None
    # A number or an id of another type would not come in order: the check has ended there anyway.
    further = isinstance(last.number, int) and isinstance(last.id, bytes) if last else False
    return Page(
        entries=entries,
        head=head_of(connection, environment_id),
        next=(last.number, last.id) if last is not None and further else None,
    )


FIRST = (-(2**63), b"")
"""Where the first page of a chain begins: below every number that a row can have been given."""

OF_EVENT = (
    events.c.id,
    events.c.happened_at,
    events.c.kind,
    events.c.actor_id,
    events.c.target_id,
    events.c.visitor_id,
    events.c.data,
)


def _sealed(environment_id: bytes, *row: object) -> SealedEvent:
    *of_event, number, mac, key_version = row
    return SealedEvent(
        number=number if isinstance(number, int) else NO_NUMBER,
        event=event_of(environment_id, *of_event),
        mac=mac if isinstance(mac, bytes) else b"",
        key_version=key_version if isinstance(key_version, int) else 0,
    )


def event_of(
    environment_id: bytes,
    id_: object,
    at: object,
    kind: object,
    actor: object,
    target: object,
    visitor: object,
    data: object,
) -> Event | None:
    """The event of a row, or None where Twostep cannot have written the row.

    SQLite keeps any type in any column, and whoever tampers may write anything: nothing is taken
    for granted here.
    """
    if not isinstance(id_, bytes) or not isinstance(at, int) or not isinstance(data, str):
        return None
    try:
        return Event(
            id=id_,
            environment_id=environment_id,
            at=at,
            kind=EventKind(str(kind)),
            actor=_reference(actor),
            target=_reference(target),
            visitor=_reference(visitor),
            data=data_from_text(data),
        )
    except (TypeError, ValueError, RecursionError):
        return None


def _reference(stored: object) -> bytes | None:
    """Raises TypeError."""
    if stored is None or isinstance(stored, bytes):
        return stored
    raise TypeError("not a reference")
