"""Checks of callers, in SQL. Of each user and administrator one is alive.

Whoever puts one holds the user's row (``users.locked``), so that of two requests at once the second
one finds the first one's message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from twostep.core.caller_checks import STANDS_FOR, TRIES, CallerCheck
from twostep.storage.database import Connection
from twostep.storage.tables import caller_checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """An administrator and the user whom the caller says they are."""

    environment_id: bytes
    user_id: bytes
    made_by: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check with the keyed hash of its code."""

    check: CallerCheck
    code_hash: bytes
    key_version: int


def put(connection: Connection, between: Between, new: StoredCheck) -> None:
    """Write a new check down, in the place of the one before."""
    connection.execute(update(caller_checks).where(_live(between)).values(state="replaced"))
    check = new.check
    connection.execute(
        insert(caller_checks).values(
            environment_id=between.environment_id,
            id=check.id,
            user_id=between.user_id,
            made_by=between.made_by,
            contact_id=check.contact_id,
            message_id=check.message_id,
            code_hash=new.code_hash,
            key_version=new.key_version,
            state="live",
            tries=check.tries,
            made_at=check.made_at,
            expires_at=check.expires_at,
        )
    )


def live(connection: Connection, between: Between) -> StoredCheck | None:
    """The check that is alive between the two, or None."""
    row = connection.execute(select(caller_checks).where(_live(between))).first()
    return None if row is None else _stored(row)


def reserve_try(connection: Connection, between: Between, *, now: int) -> StoredCheck | None:
    """Count a try of the code that is alive, before anything is compared; None where there is none
    that takes any. Of many at once no more than five get one.
    """
    row = connection.execute(
        update(caller_checks)
        .where(_live(between), caller_checks.c.expires_at > now, caller_checks.c.tries < TRIES)
        .values(tries=caller_checks.c.tries + 1)
        .returning(*caller_checks.c)
    ).first()
    return None if row is None else _stored(row)


def use_up(connection: Connection, between: Between, check_id: bytes, *, now: int) -> bool:
    """Let a check have passed, and its code be good for nothing more; False where another request
    was faster, or sent a new one.
    """
    changed = connection.execute(
        update(caller_checks)
        .where(_live(between), caller_checks.c.id == check_id)
        .values(state="passed", passed_at=now)
        .returning(caller_checks.c.id)
    ).first()
    return changed is not None


def newest_passed(
    connection: Connection, environment_id: bytes, user_id: bytes, *, now: int
) -> CallerCheck | None:
    """The last check of a caller as this user that still stands, whoever made it; None: none."""
    row = connection.execute(
        select(caller_checks)
        .where(
            caller_checks.c.environment_id == environment_id,
            caller_checks.c.user_id == user_id,
            caller_checks.c.state == "passed",
            caller_checks.c.passed_at > now - STANDS_FOR,
            caller_checks.c.passed_at <= now,
        )
        .order_by(caller_checks.c.passed_at.desc())
        .limit(1)
    ).first()
    return None if row is None else _stored(row).check


def delete_all(connection: Connection) -> None:
    """No check of a restored backup is of use: the calls are over."""
    connection.execute(delete(caller_checks))


def _live(between: Between) -> ColumnElement[bool]:
    return and_(
        caller_checks.c.environment_id == between.environment_id,
        caller_checks.c.user_id == between.user_id,
        caller_checks.c.made_by == between.made_by,
        caller_checks.c.state == "live",
    )


def _stored(row: Row[Any]) -> StoredCheck:
    return StoredCheck(
        check=CallerCheck(
            id=row.id,
            user_id=row.user_id,
            made_by=row.made_by,
            contact_id=row.contact_id,
            message_id=row.message_id,
            tries=row.tries,
            made_at=row.made_at,
            expires_at=row.expires_at,
            passed_at=row.passed_at,
            live=row.state == "live",
        ),
        code_hash=row.code_hash,
        key_version=row.key_version,
    )
