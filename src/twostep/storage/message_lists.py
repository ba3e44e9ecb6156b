"""Messages as an administrator reads them: newest first, page by page, and never their content.

There may be a million of them. Each statement here is read in the order of one index, which it has
no choice about: of several conditions the one that leaves least is written so that its index can
serve, and the others so that none can. (SQLite knows no numbers of rows before somebody has asked
for them, and would take any.) Several states are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Row, or_, select

from twostep.core.messages import GaveUp, MessageKind, MessageState, Route
from twostep.storage.database import Connection
from twostep.storage.messages import Tried, read_history
from twostep.storage.tables import messages, users

_SHOWN: Final = tuple(
    messages.c[name]
    for name in (
        *("id", "user_id", "kind", "route", "masked", "state", "reason", "words", "attempts"),
        *("history", "made_at", "due_at", "expires_at", "tried_at", "settled_at"),
    )
)
"""The columns that are read: not what was sent, nor whereto."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One message of a list."""

    id: bytes
    user_id: bytes
    kind: MessageKind
    route: Route
    masked: str
    state: MessageState
    reason: GaveUp | None
    words: str | None
    attempts: int
    history: tuple[Tried, ...]
    made_at: int
    due_at: int
    expires_at: int
    tried_at: int | None
    settled_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list shows; an empty set, or None, stands for all. ``made_from``: the moment (ms) from
    which on. ``address_hash``: what was sent to one address, to whomever.
    """

    user_id: bytes | None = None
    address_hash: bytes | None = None
    states: frozenset[MessageState] = frozenset()
    kinds: frozenset[MessageKind] = frozenset()
    routes: frozenset[Route] = frozenset()
    made_from: int | None = None


Place = tuple[int, bytes]
"""Where a page ended: the time and the id of its last message."""


def page(
    connection: Connection,
    environment_id: bytes,
    wanted: Filter,
    *,
    before: Place | None = None,
    most: int,
) -> Sequence[Listed]:
    """At most so many messages of an environment, the newest first, from a place on."""
    query = (
        select(*_SHOWN)
        .where(messages.c.environment_id == environment_id)
        .order_by(messages.c.made_at.desc(), messages.c.id.desc())
        .limit(most)
    )
    if wanted.made_from is not None:
        query = query.where(messages.c.made_at >= wanted.made_from)
    if before is not None:
        made_at, id_ = before
        query = query.where(
            messages.c.made_at <= made_at,
            or_(messages.c.made_at < made_at, messages.c.id < id_),
        )
    found = [
        _listed(row)
        for conditions in _ways_to_find(wanted)
        for row in connection.execute(query.where(*conditions))
    ]
    return sorted(found, key=lambda message: (message.made_at, message.id), reverse=True)[:most]


def by_id(connection: Connection, environment_id: bytes, message_id: bytes) -> Listed | None:
    """One message, or None."""
    row = connection.execute(
        select(*_SHOWN).where(
            messages.c.environment_id == environment_id, messages.c.id == message_id
        )
    ).first()
    return None if row is None else _listed(row)


def names_of(
    connection: Connection, environment_id: bytes, user_ids: Collection[bytes]
) -> Mapping[bytes, str]:
    """The names of users of an environment, by id."""
    rows = connection.execute(
        select(users.c.id, users.c.name).where(
            users.c.environment_id == environment_id, users.c.id.in_(sorted(user_ids))
        )
    )
    return {row.id: row.name for row in rows}


def _ways_to_find(wanted: Filter) -> Iterator[Sequence[ColumnElement[bool]]]:
    """The conditions of each statement that together finds what is wanted."""
    rarest_first = sorted(_asked(wanted), key=lambda asked: asked.common)
    if not rarest_first:
        yield ()
        return
    first, *others = rarest_first
    beside = [_without_index(other.column).in_(sorted(other.values)) for other in others]
    for value in sorted(first.values):
        yield [first.column == value, *beside]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A column and the values that it may have. ``common``: the more, the more messages have such
    a one; an installation without any that are common finds them in no time as well.
    """

    common: int
    column: Any
    values: Collection[Any]


def _asked(wanted: Filter) -> Iterator[_Asked]:
    if wanted.user_id is not None:
        yield _Asked(0, messages.c.user_id, {wanted.user_id})
    if wanted.address_hash is not None:
        yield _Asked(1, messages.c.address_hash, {wanted.address_hash})
    if wanted.states:
        common = MessageState.ACCEPTED in wanted.states
        yield _Asked(6 if common else 2, messages.c.state, {each.value for each in wanted.states})
    if wanted.kinds:
        common = MessageKind.CODE in wanted.kinds
        yield _Asked(5 if common else 3, messages.c.kind, {each.value for each in wanted.kinds})
    if wanted.routes:
        common = Route.MAIL in wanted.routes
        yield _Asked(7 if common else 4, messages.c.route, {each.value for each in wanted.routes})


def _without_index(column: Any) -> Any:
    """The same value, of which no index knows. Bytes are a user or an address: either is rare."""
    return column if isinstance(column.type, LargeBinary) else column.concat("")


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        id=row.id,
        user_id=row.user_id,
        kind=MessageKind(row.kind),
        route=Route(row.route),
        masked=row.masked,
        state=MessageState(row.state),
        reason=None if row.reason is None else GaveUp(row.reason),
        words=row.words,
        attempts=row.attempts,
        history=read_history(row.history),
        made_at=row.made_at,
        due_at=row.due_at,
        expires_at=row.expires_at,
        tried_at=row.tried_at,
        settled_at=row.settled_at,
    )
