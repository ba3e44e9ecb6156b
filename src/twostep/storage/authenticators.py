"""Authenticators and the steps that were spent, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, or_, select, update

from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.tables import authenticators, spent_steps
from twostep.storage.user_marks import note_second_step


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAuthenticator:
    """A row: the key is sealed, and only the flow that checks a code opens it."""

    id: bytes
    environment_id: bytes
    user_id: bytes
    state: str
    algorithm: str
    digits: int
    period_seconds: int
    sealed: bytes
    key_version: int
    last_step: int
    offered_to: bytes | None
    offer_ends_at: int | None
    made_at: int
    confirmed_at: int | None


# These run in every sign-in, so they are built once.
_SPENT = select(spent_steps.c.step).where(
    spent_steps.c.environment_id == bindparam("environment"),
    spent_steps.c.authenticator_id == bindparam("authenticator"),
)
_ACTIVE = select(authenticators).where(
    authenticators.c.environment_id == bindparam("environment"),
    authenticators.c.user_id == bindparam("user"),
    authenticators.c.state == "active",
)
_USE_UP = (
    update(authenticators)
    .where(
        authenticators.c.environment_id == bindparam("environment"),
        authenticators.c.id == bindparam("authenticator"),
        authenticators.c.state == "active",
        authenticators.c.last_step < bindparam("step"),
        ~exists(_SPENT.where(spent_steps.c.step == bindparam("step"))),
    )
    .values(last_step=bindparam("step"))
    .returning(authenticators.c.id)
)


def active(
    connection: Connection, environment_id: bytes, user_id: bytes
) -> StoredAuthenticator | None:
    """The user's active authenticator, or None."""
    row = connection.execute(_ACTIVE, {"environment": environment_id, "user": user_id}).first()
    return None if row is None else _authenticator(row)


def offer(
    connection: Connection, environment_id: bytes, user_id: bytes, *, offered_to: bytes, now: int
) -> StoredAuthenticator | None:
    """The key that is being shown to that session or sign-in of the user, while it can be
    confirmed.
    """
    return _one(
        connection,
        authenticators.c.environment_id == environment_id,
        authenticators.c.user_id == user_id,
        authenticators.c.state == "offered",
        authenticators.c.offered_to == offered_to,
        authenticators.c.offer_ends_at > now,
    )


def add(connection: Connection, row: StoredAuthenticator) -> None:
    """Write a new authenticator."""
    connection.execute(
        insert(authenticators).values(
            {column.name: getattr(row, column.name) for column in authenticators.c}
        )
    )


def drop_offers(connection: Connection, environment_id: bytes, user_id: bytes) -> None:
    """Delete every key of the user that was never confirmed (AC-51: none is kept)."""
    connection.execute(
        delete(authenticators).where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.user_id == user_id,
            authenticators.c.state == "offered",
        )
    )


def drop_offers_to(
    connection: Connection, environment_id: bytes, user_id: bytes, *, offered_to: bytes, now: int
) -> None:
    """Delete what was offered to that session or sign-in, and what waited too long, of a user.

    What another session of the same user is being shown stays: nobody who knows a password can
    take a key away from under somebody else's camera.
    """
    connection.execute(
        delete(authenticators).where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.user_id == user_id,
            authenticators.c.state == "offered",
            or_(
                authenticators.c.offered_to == offered_to,
                authenticators.c.offer_ends_at <= now,
            ),
        )
    )


def extend_offer(
    connection: Connection, environment_id: bytes, authenticator_id: bytes, *, ends_at: int
) -> None:
    """Let an offered key be confirmed until then."""
    connection.execute(
        update(authenticators)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.id == authenticator_id,
            authenticators.c.state == "offered",
        )
        .values(offer_ends_at=ends_at)
    )


def hand_offer_on(
    connection: Connection, environment_id: bytes, user_id: bytes, *, offered_to: bytes, to: bytes
) -> None:
    """What that session is being shown belongs to the one that takes its place."""
    connection.execute(
        update(authenticators)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.user_id == user_id,
            authenticators.c.state == "offered",
            authenticators.c.offered_to == offered_to,
        )
        .values(offered_to=to)
    )


def retire_active(
    connection: Connection, environment_id: bytes, user_id: bytes, *, state: str
) -> bytes | None:
    """The active authenticator, if there is one, is replaced or removed; its id.

    Its codes are good for nothing from now on.
    """
    retired = connection.execute(
        update(authenticators)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.user_id == user_id,
            authenticators.c.state == "active",
        )
        .values(state=state)
        .returning(authenticators.c.id)
    ).scalar()
    if retired is not None:
        note_second_step(connection, environment_id, user_id)
    return retired


def confirm(
    connection: Connection,
    environment_id: bytes,
    authenticator_id: bytes,
    *,
    offered_to: bytes,
    step: int,
    now: int,
) -> bool:
    """Make an offered key the active one and spend the step that confirmed it; False where it is
    not on offer.

    The condition closes the race of two confirmations: of two requests with the right code one
    finds the offer,
    and the other finds that it is gone.
    """
    changed = connection.execute(
        update(authenticators)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.id == authenticator_id,
            authenticators.c.state == "offered",
            authenticators.c.offered_to == offered_to,
            authenticators.c.offer_ends_at > now,
            authenticators.c.last_step < step,
        )
        .values(
            state="confirmed",
            confirmed_at=now,
            last_step=step,
            offered_to=None,
            offer_ends_at=None,
        )
        .returning(authenticators.c.id)
    ).first()
    return changed is not None


def make_active(connection: Connection, environment_id: bytes, authenticator_id: bytes) -> None:
    """The key that was confirmed a statement ago is the user's active one.

    By itself, because a user has one active key at the most: the old one is retired in between.
    """
    user_id = connection.execute(
        update(authenticators)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.id == authenticator_id,
            authenticators.c.state == "confirmed",
        )
        .values(state="active")
        .returning(authenticators.c.user_id)
    ).scalar()
    if user_id is not None:
        note_second_step(connection, environment_id, user_id)


def use_up(
    connection: Connection, environment_id: bytes, authenticator_id: bytes, *, step: int
) -> bool:
    """Spend a time step of an active authenticator; False where it, or a later one, was spent
    already.

    The condition closes the race of the same code in many requests: the database lets exactly one
    of them raise the last step (RFC 6238 section 5.2, AC-07). It reads what other transactions
    committed, so no earlier reading of ``last_step`` is trusted.
    """
    changed = connection.execute(
        _USE_UP,
        {"environment": environment_id, "authenticator": authenticator_id, "step": step},
    ).first()
    return changed is not None


def spend_outside(
    connection: Connection, environment_id: bytes, authenticator_id: bytes, *, step: int
) -> bool:
    """Remember by itself a step outside the window; False where it was remembered already.

    The primary key closes the race of two guesses with one code: the answer "your clock is off" is
    given once for each step. What the last step has reached is forgotten here, and nothing is
    forgotten by time: a clock that is set back would bring it to life again.
    """
    reached = (
        select(authenticators.c.last_step)
        .where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.id == authenticator_id,
        )
        .scalar_subquery()
    )
    connection.execute(
        delete(spent_steps).where(
            spent_steps.c.environment_id == environment_id,
            spent_steps.c.authenticator_id == authenticator_id,
            spent_steps.c.step <= reached,
        )
    )
    added = connection.execute(
        insert_or_nothing(connection, spent_steps)
        .values(environment_id=environment_id, authenticator_id=authenticator_id, step=step)
        .returning(spent_steps.c.step)
    ).first()
    return added is not None


def spent(connection: Connection, environment_id: bytes, authenticator_id: bytes) -> Sequence[int]:
    """The steps that are remembered by themselves."""
    return (
        connection.execute(
            _SPENT, {"environment": environment_id, "authenticator": authenticator_id}
        )
        .scalars()
        .all()
    )


def _one(connection: Connection, *conditions: object) -> StoredAuthenticator | None:
    row = connection.execute(select(authenticators).where(*conditions)).first()  # type: ignore[arg-type]
    return None if row is None else _authenticator(row)


def _authenticator(row: Row[tuple[object, ...]]) -> StoredAuthenticator:
    return StoredAuthenticator(**{c.name: getattr(row, c.name) for c in authenticators.c})
