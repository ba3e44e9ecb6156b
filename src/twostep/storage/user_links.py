"""Single-use links of users, in SQL: to choose a password by. A look spends nothing.

A link is bound to its user, its purpose and the number of the user's password: every change of the
password makes all of them void, those of other purposes included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from twostep.storage.tables import links, users


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link as it is written. Times in milliseconds; ``made_by``: the administrator who sent it,
    None where nobody did.
    """

    id: bytes
    environment_id: bytes
    user_id: bytes
    token_hash: bytes
    purpose: str
    password_generation: int
    made_by: bytes | None
    made_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Whose link it is that can still be used, since when (ms), and who sent it."""

    user_id: bytes
    made_at: int
    made_by: bytes | None


def add(connection: Connection, new: Sequence[NewLink]) -> None:
    """Write links."""
    if new:
        values = [{name: getattr(link, name) for name in NewLink.__slots__} for link in new]
        connection.execute(insert(links), values)


def open_link(
    connection: Connection, environment_id: bytes, *, token_hash: bytes, purpose: str, now: int
) -> OpenLink | None:
    """The link, if it can still be used; of a user who was disabled, or whose password has changed
    since, none can.
    """
    row = connection.execute(
        select(links.c.user_id, links.c.made_at, links.c.made_by)
        .select_from(links)
        .join(users, (users.c.environment_id == links.c.environment_id)
                     & (users.c.id == links.c.user_id))
        .where(
            links.c.environment_id == environment_id,
            users.c.environment_id == environment_id,
            links.c.token_hash == token_hash,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.ends_at > now,
            links.c.password_generation == users.c.password_generation,
            users.c.disabled_at.is_(None),
        )
    ).first()  # fmt: skip
    return None if row is None else OpenLink(row.user_id, row.made_at, row.made_by)


def use_up(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    token_hash: bytes,
    purpose: str,
    password_generation: int,
    now: int,
) -> bool:
    """Spend the link; False where it is spent, over, or of another password.

    The condition closes the race of two people (or one double click) with the same link, and of two
    links of one user: one of them gets the password.
    """
    spent = connection.execute(
        update(links)
        .where(
            links.c.environment_id == environment_id,
            links.c.user_id == user_id,
            links.c.token_hash == token_hash,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.ends_at > now,
            links.c.password_generation == password_generation,
        )
        .values(used_at=now)
        .returning(links.c.id)
    ).first()
    return spent is not None


def void(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    purposes: Collection[str],
    *,
    now: int,
) -> None:
    """None of the user's links for these can be used any more."""
    connection.execute(
        update(links)
        .where(
            links.c.environment_id == environment_id,
            links.c.user_id == user_id,
            links.c.purpose.in_(sorted(purposes)),
            links.c.used_at.is_(None),
        )
        .values(used_at=now)
    )


def sent_since(
    connection: Connection, environment_id: bytes, user_id: bytes, purpose: str, *, since: int
) -> Sequence[int]:
    """When administrators have sent the user such links since then, the newest first."""
    return (
        connection.execute(
            select(links.c.made_at)
            .where(
                links.c.environment_id == environment_id,
                links.c.user_id == user_id,
                links.c.purpose == purpose,
                links.c.made_by.is_not(None),
                links.c.made_at > since,
            )
            .order_by(links.c.made_at.desc())
        )
        .scalars()
        .all()
    )


def newest_open(
    connection: Connection, environment_id: bytes, user_id: bytes, purpose: str, *, now: int
) -> int | None:
    """Until when (ms) the newest link of the user for this is good; None where there is none."""
    return connection.execute(
        select(links.c.ends_at)
        .where(
            links.c.environment_id == environment_id,
            links.c.user_id == user_id,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.ends_at > now,
        )
        .order_by(links.c.made_at.desc())
        .limit(1)
    ).scalar_one_or_none()
