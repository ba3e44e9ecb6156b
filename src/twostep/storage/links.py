"""Single-use links, in SQL. A look spends nothing; only :func:`use_up` does."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from twostep.storage.tables import links


def add(
    connection: Connection,
    environment_id: bytes,
    id_: bytes,
    *,
    token_hash: bytes,
    purpose: str,
    now: int,
    ends_at: int,
) -> None:
    """Write a new link; the earlier ones of the same purpose are good for nothing any more."""
    connection.execute(
        update(links)
        .where(
            links.c.environment_id == environment_id,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    connection.execute(
        insert(links).values(
            environment_id=environment_id,
            id=id_,
            token_hash=token_hash,
            purpose=purpose,
            made_at=now,
            ends_at=ends_at,
        )
    )


def is_open(
    connection: Connection, environment_id: bytes, *, token_hash: bytes, purpose: str, now: int
) -> bool:
    """Whether the link can still be used."""
    row = connection.execute(
        select(links.c.id).where(
            links.c.environment_id == environment_id,
            links.c.token_hash == token_hash,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.ends_at > now,
        )
    ).first()
    return row is not None


def use_up(
    connection: Connection, environment_id: bytes, *, token_hash: bytes, purpose: str, now: int
) -> bool:
    """Spend the link; False where it is spent, over, or of another environment.

    The condition closes the race of two people (or one double click) with the same link: one of
    them gets it.
    """
    spent = connection.execute(
        update(links)
        .where(
            links.c.environment_id == environment_id,
            links.c.token_hash == token_hash,
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.ends_at > now,
        )
        .values(used_at=now)
        .returning(links.c.id)
    ).first()
    return spent is not None
