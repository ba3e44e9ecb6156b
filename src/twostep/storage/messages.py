"""Messages, in SQL: queued with their act, claimed by one sender, settled by that one alone.

    queued ──claim──► sending ──settle──► accepted, sent, refused, given_up
      ▲                 │  └─ put_off ─► queued, due later
      └── (claimed by another, once ``due_at`` is over: the first sender died)

A row says in ``due_at`` when it may be taken. A claim moves that to its own end, so that one index
over few rows answers both questions: what is due, and whose sender has died.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, insert, select, update

from twostep.core.messages import (
    ALL,
    MOST_IN_HISTORY,
    WAITING,
    GaveUp,
    MessageKind,
    MessageState,
    Priority,
    Route,
    Share,
    Try,
)
from twostep.storage.database import Connection
from twostep.storage.tables import messages

# Written out in the statement, as it stands in the index: no planner sees what a parameter holds.
_WAITS = messages.c.state.in_(
    bindparam(
        "waiting", sorted(state.value for state in WAITING), expanding=True, literal_execute=True
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message as it is queued."""

    environment_id: bytes
    id: bytes
    user_id: bytes
    sign_in_id: bytes | None
    kind: MessageKind
    priority: Priority
    route: Route
    sealed: bytes
    key_version: int
    masked: str
    address_hash: bytes
    made_at: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One try: when, how it ended, and what the server said."""

    at: int
    ended: Try
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this sender has, and nobody else, until its claim runs out.

    ``interrupted_at``: when another sender began a try of which nobody has heard the end.
    """

    environment_id: bytes
    id: bytes
    user_id: bytes
    kind: MessageKind
    priority: Priority
    route: Route
    sealed: bytes
    key_version: int
    made_at: int
    expires_at: int
    attempts: int
    history: tuple[Tried, ...]
    claim: bytes
    interrupted_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What becomes of a claimed message. In a state that waits it is due again at ``due_at``; in
    every other its content is deleted.
    """

    state: MessageState
    words: str
    history: Sequence[Tried]
    reason: GaveUp | None = None
    due_at: int | None = None


def add(connection: Connection, message: NewMessage) -> None:
    """Queue a message, due at once, in the transaction of the act that causes it."""
    connection.execute(
        insert(messages).values(
            environment_id=message.environment_id,
            id=message.id,
            user_id=message.user_id,
            sign_in_id=message.sign_in_id,
            kind=message.kind.value,
            priority=int(message.priority),
            route=message.route.value,
            sealed=message.sealed,
            key_version=message.key_version,
            masked=message.masked,
            address_hash=message.address_hash,
            state=MessageState.QUEUED.value,
            attempts=0,
            history="[]",
            made_at=message.made_at,
            due_at=message.made_at,
            expires_at=message.expires_at,
        )
    )


def any_due(connection: Connection, *, priority: Priority, now: int, share: Share = ALL) -> bool:
    """Whether there is something to claim: a look that no writer waits for."""
    return connection.execute(_due(priority, now, share).limit(1)).first() is not None


def who_has_due(
    connection: Connection, among: Collection[bytes], *, priority: Priority, now: int
) -> Collection[bytes]:
    """Which of these environments have something to claim."""
    due = _due(priority, now, ALL).with_only_columns(messages.c.environment_id).distinct()
    return connection.execute(due.where(messages.c.environment_id.in_(among))).scalars().all()


def claim(
    connection: Connection,
    *,
    priority: Priority,
    claim_id: bytes,
    now: int,
    until: int,
    most: int,
    share: Share = ALL,
) -> Sequence[Claimed]:
    """Take at most so many messages that are due, the longest due first.

    Two senders never get the same one: on PostgreSQL each passes over the rows that another one has
    locked (SKIP LOCKED), and SQLite has one writer. The UPDATE says its condition again, for a row
    that was claimed and released between the two statements.
    """
    due = _due(priority, now, share).order_by(messages.c.due_at).limit(most)
    claimed = []
    for row in connection.execute(due.with_for_update(skip_locked=True)).all():
        taken = connection.execute(
            update(messages)
            .where(
                messages.c.environment_id == row.environment_id,
                messages.c.id == row.id,
                _WAITS,
                messages.c.due_at <= now,
            )
            .values(
                state=MessageState.SENDING.value,
                claim=claim_id,
                due_at=until,
                tried_at=now,
                attempts=messages.c.attempts + 1,
            )
            .returning(messages)
        ).first()
        if taken is not None:
            was_sending = row.state == MessageState.SENDING.value
            claimed.append(_claimed(taken, interrupted_at=row.tried_at if was_sending else None))
    return claimed


def end(connection: Connection, message: Claimed, ending: Ending, *, now: int) -> bool:
    """Write down what became of a claimed message; whether it was still ours.

    The condition on the claim closes the race with a sender that took it because our claim had run
    out: what that one finds out is what holds.
    """
    waits = ending.state in WAITING
    gone: Mapping[str, Any] = {} if waits else {"sealed": None, "key_version": None}
    changed = connection.execute(
        update(messages)
        .where(
            messages.c.environment_id == message.environment_id,
            messages.c.id == message.id,
            messages.c.state == MessageState.SENDING.value,
            messages.c.claim == message.claim,
        )
        .values(
            state=ending.state.value,
            reason=None if ending.reason is None else ending.reason.value,
            words=ending.words,
            history=written(ending.history),
            claim=None,
            due_at=ending.due_at if waits and ending.due_at is not None else now,
            settled_at=None if waits else now,
            **gone,
        )
        .returning(messages.c.id)
    ).first()
    return changed is not None


def give_up_all(connection: Connection, reason: GaveUp, *, now: int) -> None:
    """Whatever waits is not sent any more, whoever has claimed it."""
    connection.execute(
        update(messages)
        .where(_WAITS)
        .values(
            state=MessageState.GIVEN_UP.value,
            reason=reason.value,
            sealed=None,
            key_version=None,
            claim=None,
            settled_at=now,
        )
    )


def of_share(share: Share) -> Sequence[ColumnElement[bool]]:
    """The condition for it."""
    if share.only is not None:
        return (messages.c.environment_id == share.only,)
    return (messages.c.environment_id.not_in(share.without),) if share.without else ()


def _due(priority: Priority, now: int, share: Share) -> Select[Any]:
    return select(
        messages.c.environment_id, messages.c.id, messages.c.state, messages.c.tried_at
    ).where(
        _WAITS,
        messages.c.priority == int(priority),
        messages.c.due_at <= now,
        *of_share(share),
    )


def written(history: Sequence[Tried]) -> str:
    """The last tries of a message, as they are stored."""
    last = history[-MOST_IN_HISTORY:]
    return json.dumps([[tried.at, tried.ended.value, tried.words] for tried in last])


def read_history(text: str) -> tuple[Tried, ...]:
    """The tries of a message, the oldest first."""
    return tuple(
        Tried(at=at, ended=Try(ended), words=words) for at, ended, words in json.loads(text)
    )


def _claimed(row: Row[Any], *, interrupted_at: int | None) -> Claimed:
    return Claimed(
        environment_id=row.environment_id,
        id=row.id,
        user_id=row.user_id,
        kind=MessageKind(row.kind),
        priority=Priority(row.priority),
        route=Route(row.route),
        sealed=row.sealed,
        key_version=row.key_version,
        made_at=row.made_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        history=read_history(row.history),
        claim=row.claim,
        interrupted_at=interrupted_at,
    )
