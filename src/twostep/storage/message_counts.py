"""How many messages there were lately: to an address, for a user, through the relay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select

from twostep.core.messages import ALL, ASKED_FOR, MessageKind, MessageState, Route, Share
from twostep.storage.database import Connection
from twostep.storage.messages import of_share
from twostep.storage.tables import environments, messages

_ASKED = tuple(sorted(kind.value for kind in ASKED_FOR))


def asked_for_to(
    connection: Connection, address_hash: bytes, *, since: int, most: int
) -> Sequence[int]:
    """When somebody last asked for messages to an address, for whatever account: the newest."""
    return connection.execute(
        select(messages.c.made_at)
        .where(
            messages.c.address_hash == address_hash,
            messages.c.made_at > since,
            messages.c.kind.in_(_ASKED),
        )
        .order_by(messages.c.made_at.desc())
        .limit(most)
    ).scalars().all()  # fmt: skip


def asked_for_by(
    connection: Connection, environment_id: bytes, user_id: bytes, *, since: int, most: int
) -> Sequence[int]:
    """When a user last asked for messages: the newest."""
    return connection.execute(
        select(messages.c.made_at)
        .where(
            messages.c.environment_id == environment_id,
            messages.c.user_id == user_id,
            messages.c.made_at > since,
            messages.c.kind.in_(_ASKED),
        )
        .order_by(messages.c.made_at.desc())
        .limit(most)
    ).scalars().all()  # fmt: skip


def of_kind_to(
    connection: Connection, address_hash: bytes, kind: MessageKind, *, since: int, most: int
) -> Sequence[int]:
    """When messages of that kind were last made for an address, whatever account: the newest."""
    return connection.execute(
        select(messages.c.made_at)
        .where(
            messages.c.address_hash == address_hash,
            messages.c.made_at > since,
            messages.c.kind == kind.value,
        )
        .order_by(messages.c.made_at.desc())
        .limit(most)
    ).scalars().all()  # fmt: skip


def texts_full_since(
    connection: Connection, environment_id: bytes | None, *, since: int, most: int
) -> int | None:
    """When the text was made by which so many had left through a provider: the oldest of the
    ``most`` newest, of one environment or (None) of all; None where there were fewer.
    """
    # By environment, so that the index over environment and route is what is read.
    of = messages.join(environments, environments.c.id == messages.c.environment_id)
    here = [] if environment_id is None else [messages.c.environment_id == environment_id]
    return connection.execute(
        select(messages.c.made_at)
        .select_from(of)
        .where(
            *here,
            messages.c.route == Route.TEXT_PROVIDER.value,
            messages.c.made_at > since,
        )
        .order_by(messages.c.made_at.desc())
        .limit(1)
        .offset(max(0, most - 1))
    ).scalar_one_or_none()


def tried_since(
    connection: Connection, since: int, *, most: int, share: Share = ALL
) -> Sequence[int]:
    """When messages were last tried, of the environments that share a relay, the oldest of the
    newest first: what its rate is measured by.
    """
    times = connection.execute(
        select(messages.c.tried_at)
        .where(messages.c.tried_at > since, *of_share(share))
        .order_by(messages.c.tried_at.desc())
        .limit(most)
    ).scalars().all()  # fmt: skip
    return times[::-1]


def in_states(
    connection: Connection, environment_id: bytes, states: Collection[MessageState]
) -> Mapping[MessageState, int]:
    """How many messages of an environment are in each of these states; none: left out. Meant for
    those in which few are at any time.
    """
    rows = connection.execute(
        select(messages.c.state, func.count().label("number"))
        .where(
            messages.c.environment_id == environment_id,
            messages.c.state.in_(sorted(state.value for state in states)),
        )
        .group_by(messages.c.state)
    )
    return {MessageState(row.state): row.number for row in rows}
