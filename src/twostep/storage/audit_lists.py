"""The audit log as it is looked through: newest first, page by page, by who, whom, what and when.

There may be many millions of events. Each statement reads in the order of one index. Where several
things are asked for at once, the index of one of them is read and the others are looked at in what
it gives, ``SCAN`` events at the most: a page then says how far it has looked, and the next one goes
on from there. So no question takes longer because the log has grown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, or_, select

from twostep.core.audit import Event, EventKind
from twostep.storage.audit_chain import OF_EVENT, event_of
from twostep.storage.database import Connection
from twostep.storage.tables import events, people

SCAN: Final = 20_000
"""Events that one page looks through: some tens of milliseconds."""

Place = tuple[int, bytes]
"""Where a page ended: the time and the id of its last event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; None, or no kinds, stands for all. ``from_at`` is the first moment (ms),
    ``to_at`` the first one that is not wanted any more.
    """

    actor: bytes | None = None
    target: bytes | None = None
    kinds: frozenset[EventKind] = frozenset()
    from_at: int | None = None
    to_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One event in its place. ``number`` and ``mac`` are None until it is sealed; ``event`` is None
    where the row cannot be read as one.
    """

    id: bytes
    at: int
    event: Event | None
    number: int | None
    mac: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A piece of the list. ``looked_to``: the place to which it was looked through, None: to the
    end of the log.
    """

    events: Sequence[Listed]
    looked_to: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """Somebody whom events refer to. ``content`` is None where it was erased."""

    is_user: bool
    content: str | None


def page(
    connection: Connection,
    environment_id: bytes,
    wanted: Filter,
    *,
    before: Place | None = None,
    most: int,
    scan: int = SCAN,
) -> Found:
    """At most so many events of an environment, the newest first, from a place on."""
    ordered = _within(_ordered(environment_id), wanted, before)
    conditions, beside = _driven(wanted)
    if beside:
        return _looked_through(connection, ordered.where(*conditions), beside, most, scan)
    found: list[Listed] = []
    more = False
    for each in _each(wanted, conditions):
        rows = connection.execute(ordered.where(*each).limit(most)).all()
        # By the rows themselves: one that cannot be read must not pass for the end of the log.
        more = more or len(rows) == most
        found += _readable(environment_id, rows)
    more = more or len(found) > most
    found = sorted(found, key=_place, reverse=True)[:most]
    return Found(events=found, looked_to=_place(found[-1]) if more and found else None)


def by_id(connection: Connection, environment_id: bytes, event_id: bytes) -> Listed | None:
    """One event, or None."""
    rows = connection.execute(
        select(*OF_EVENT, events.c.number, events.c.mac).where(
            events.c.environment_id == environment_id, events.c.id == event_id
        )
    )
    return next(_readable(environment_id, rows), None)


def referred(
    connection: Connection, environment_id: bytes, ids: Collection[bytes]
) -> Mapping[bytes, Referred]:
    """The people of these ids; whoever never had a row is left out."""
    found: dict[bytes, Referred] = {}
    wanted = sorted(set(ids))
    for begin in range(0, len(wanted), _MOST_AT_ONCE):
        rows = connection.execute(
            select(people.c.id, people.c.user_id, people.c.content).where(
                people.c.environment_id == environment_id,
                people.c.id.in_(wanted[begin : begin + _MOST_AT_ONCE]),
            )
        )
        found.update(
            (row.id, Referred(is_user=row.user_id is not None, content=row.content)) for row in rows
        )
    return found


_MOST_AT_ONCE: Final = 500


def _ordered(environment_id: bytes) -> Select[Any]:
    return (
        select(*OF_EVENT, events.c.environment_id, events.c.number, events.c.mac)
        .where(events.c.environment_id == environment_id)
        .order_by(events.c.happened_at.desc(), events.c.id.desc())
    )


def _within(query: Select[Any], wanted: Filter, before: Place | None) -> Select[Any]:
    at = events.c.happened_at
    if wanted.from_at is not None:
        query = query.where(at >= wanted.from_at)
    if wanted.to_at is not None:
        query = query.where(at < wanted.to_at)
    if before is not None:
        moment, id_ = before
        query = query.where(at <= moment, or_(at < moment, events.c.id < id_))
    return query


def _driven(wanted: Filter) -> tuple[list[ColumnElement[bool]], dict[str, Collection[Any]]]:
    """The condition whose index is read, and the values of what is looked at beside it.

    What was done to somebody is fewer than what an administrator did, and either than a kind.
    """
    kinds = sorted(kind.value for kind in wanted.kinds)
    beside: dict[str, Collection[Any]] = {"kind": kinds} if kinds else {}
    if wanted.target is not None:
        if wanted.actor is not None:
            beside["actor_id"] = [wanted.actor]
        return [events.c.target_id == wanted.target], beside
    if wanted.actor is not None:
        return [events.c.actor_id == wanted.actor], beside
    return [], {}


def _each(
    wanted: Filter, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[Sequence[ColumnElement[bool]]]:
    """The conditions of each statement: one for each kind, so that each reads its index."""
    if conditions or not wanted.kinds:
        yield conditions
        return
    for kind in sorted(wanted.kinds):
        yield [events.c.kind == kind.value]


def _looked_through(
    connection: Connection,
    ordered: Select[Any],
    beside: Mapping[str, Collection[Any]],
    most: int,
    scan: int,
) -> Found:
    """The limit inside keeps the database from looking further than ``scan`` events."""
    inner = ordered.limit(scan).subquery()
    query = (
        select(inner)
        .where(*(inner.c[name].in_(values) for name, values in beside.items()))
        .order_by(inner.c.happened_at.desc(), inner.c.id.desc())
        .limit(most)
    )
    rows = connection.execute(query).all()
    found = [one for row in rows for one in _readable(row.environment_id, [row])]
    if len(found) == most:
        return Found(events=found, looked_to=_place(found[-1]))
    last = connection.execute(
        ordered.with_only_columns(events.c.happened_at, events.c.id).offset(scan - 1).limit(1)
    ).first()
    return Found(events=found, looked_to=None if last is None else (last.happened_at, last.id))


def _readable(environment_id: bytes, rows: Any) -> Iterator[Listed]:
    """The rows, without those whose id or time is none: nothing leads to them, and the check of the
    chain names them.
    """
    for row in rows:
        if isinstance(row.id, bytes) and isinstance(row.happened_at, int):
            yield _listed(environment_id, row)


def _listed(environment_id: bytes, row: Row[Any]) -> Listed:
    event = event_of(
        environment_id,
        *(row.id, row.happened_at, row.kind, row.actor_id, row.target_id, row.visitor_id, row.data),
    )
    return Listed(id=row.id, at=row.happened_at, event=event, number=row.number, mac=row.mac)


def _place(listed: Listed) -> Place:
    return listed.at, listed.id
