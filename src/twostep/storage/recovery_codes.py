"""Recovery codes, in SQL: a set of ten rows for each user who made one, of which only hashes are
here.

A set is known by the moment at which it was made, which all its rows share.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, delete, func, select, update

from twostep.storage.conflicts import insert_for
from twostep.storage.database import Connection
from twostep.storage.tables import recovery_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCode:
    """One slot: the hash of its code, and when that was used (milliseconds), or None."""

    slot: int
    hashed: str
    used_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """A user's codes: when they were made (milliseconds), and how many are left to be used."""

    made_at: int
    left: int


_OF_USER = (recovery_codes.c.environment_id == bindparam("environment")) & (
    recovery_codes.c.user_id == bindparam("user")
)
_IN_SLOT = select(recovery_codes.c.slot, recovery_codes.c.hashed, recovery_codes.c.used_at).where(
    _OF_USER, recovery_codes.c.slot == bindparam("of_slot")
)
_USE_UP = (
    update(recovery_codes)
    .where(
        _OF_USER,
        recovery_codes.c.slot == bindparam("of_slot"),
        recovery_codes.c.hashed == bindparam("compared"),
        recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(recovery_codes.c.slot)
)
_SET = select(
    func.max(recovery_codes.c.made_at).label("made_at"),
    func.sum(case((recovery_codes.c.used_at.is_(None), 1), else_=0)).label("left"),
).where(_OF_USER)


def set_of(connection: Connection, environment_id: bytes, user_id: bytes) -> CodeSet | None:
    """The user's codes, or None where none were made."""
    row = connection.execute(_SET, {"environment": environment_id, "user": user_id}).one()
    return None if row.made_at is None else CodeSet(made_at=row.made_at, left=int(row.left))


def in_slot(
    connection: Connection, environment_id: bytes, user_id: bytes, *, slot: int
) -> StoredCode | None:
    """What the user's slot holds, used or not; None where it was never filled."""
    row = connection.execute(
        _IN_SLOT, {"environment": environment_id, "user": user_id, "of_slot": slot}
    ).first()
    if row is None:
        return None
    return StoredCode(slot=row.slot, hashed=row.hashed, used_at=row.used_at)


def put_set(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    hashed: Sequence[str],
    replaces: int | None,
    now: int,
) -> bool:
    """Put a whole new set, slot by slot, in the place of the one made at ``replaces`` (None: where
    there is none); False, and nothing changed, where the user has another set than that.

    The condition closes the race of two who make codes at once, and of a form that is sent twice:
    one statement writes all ten, the second waits for the first at slot 1, and then meets rows of
    a set that it was not to replace. So no set is ever void before anybody could read it.
    """
    of = {"environment_id": environment_id, "user_id": user_id, "made_at": now, "used_at": None}
    rows = [{**of, "slot": slot, "hashed": each} for slot, each in enumerate(hashed, start=1)]
    made = insert_for(connection.dialect.name, recovery_codes).values(rows)
    key = ["environment_id", "user_id", "slot"]
    if replaces is None:
        conditional = made.on_conflict_do_nothing(index_elements=key)
    else:
        conditional = made.on_conflict_do_update(
            index_elements=key,
            set_={name: made.excluded[name] for name in ("hashed", "made_at", "used_at")},
            where=recovery_codes.c.made_at == replaces,
        )
    changed = connection.execute(conditional.returning(recovery_codes.c.slot)).all()
    if changed and len(changed) != len(hashed):
        raise RuntimeError("a user's recovery codes are not all of one set")
    return bool(changed)


def use_up(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    slot: int,
    compared: str,
    now: int,
) -> bool:
    """Spend the code of that slot; False where it was spent already, or is another one by now.

    The condition closes two races: of the same code in many requests exactly one finds it unused
    (AC-10), and a code of a set that was replaced while it was being compared spends nothing of
    the new one.
    """
    changed = connection.execute(
        _USE_UP,
        {
            "environment": environment_id,
            "user": user_id,
            "of_slot": slot,
            "compared": compared,
            "now": now,
        },
    ).first()
    return changed is not None


def left_of(
    connection: Connection, environment_id: bytes, user_ids: Collection[bytes]
) -> dict[bytes, int]:
    """How many codes each of these users has left; those who have none are missing."""
    rows = connection.execute(
        select(recovery_codes.c.user_id, func.count().label("left"))
        .where(
            recovery_codes.c.environment_id == environment_id,
            recovery_codes.c.user_id.in_(user_ids),
            recovery_codes.c.used_at.is_(None),
        )
        .group_by(recovery_codes.c.user_id)
    ).all()
    return {row.user_id: row.left for row in rows}


def delete_set(connection: Connection, environment_id: bytes, user_id: bytes) -> int:
    """Delete all codes of the user; how many could still have been used."""
    gone = connection.execute(
        delete(recovery_codes).where(_OF_USER).returning(recovery_codes.c.used_at),
        {"environment": environment_id, "user": user_id},
    ).all()
    return sum(1 for row in gone if row.used_at is None)
