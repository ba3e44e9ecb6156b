"""Codes of the help desk, in SQL. A code itself stands nowhere: only its keyed hash does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from twostep.core.help_desk_codes import HelpDeskPurpose, HelpReason, OpenCode
from twostep.storage.tables import help_desk_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHelpDeskCode:
    """One row. ``made_by`` None: the operator, or the removal that showed it."""

    environment_id: bytes
    user_id: bytes
    code: OpenCode
    code_hash: bytes
    key_version: int
    uses: int
    reason: HelpReason
    note: str
    made_by: bytes | None
    made_at: int


_CODES = help_desk_codes.c


def add(connection: Connection, row: StoredHelpDeskCode) -> None:
    """Write a new code."""
    connection.execute(
        insert(help_desk_codes).values(
            environment_id=row.environment_id,
            id=row.code.id,
            user_id=row.user_id,
            purpose=row.code.purpose.value,
            code_hash=row.code_hash,
            key_version=row.key_version,
            uses=row.uses,
            used=row.uses - row.code.uses_left,
            reason=row.reason.value,
            note=row.note,
            made_by=row.made_by,
            made_at=row.made_at,
            ends_at=row.code.ends_at,
        )
    )


def open_of(
    connection: Connection, environment_id: bytes, user_id: bytes, *, now: int
) -> Sequence[StoredHelpDeskCode]:
    """The user's codes that are open at ``now``, used up or not, the newest first."""
    rows = connection.execute(
        select(help_desk_codes)
        .where(
            _CODES.environment_id == environment_id,
            _CODES.user_id == user_id,
            _CODES.ended_at.is_(None),
            _CODES.made_at <= now,
            _CODES.ends_at > now,
        )
        .order_by(_CODES.made_at.desc(), _CODES.id)
    ).all()
    return [_row(row) for row in rows]


def exists(connection: Connection, environment_id: bytes, code_id: bytes) -> bool:
    """Whether a code of this id was ever made, for whomever."""
    found = connection.execute(
        select(_CODES.id).where(_CODES.environment_id == environment_id, _CODES.id == code_id)
    ).first()
    return found is not None


def use(connection: Connection, environment_id: bytes, code_id: bytes, *, now: int) -> bool:
    """Take one use of the code; False where none is left, or it is no longer open.

    The condition closes the race of two sign-ins that show the same code's last use at once.
    """
    used = connection.execute(
        update(help_desk_codes)
        .where(
            _CODES.environment_id == environment_id,
            _CODES.id == code_id,
            _CODES.used < _CODES.uses,
            _CODES.ended_at.is_(None),
            _CODES.ends_at > now,
        )
        .values(used=_CODES.used + 1)
        .returning(_CODES.id)
    ).first()
    return used is not None


def end(
    connection: Connection, environment_id: bytes, user_id: bytes, code_id: bytes, *, now: int
) -> bool:
    """Withdraw one code; False where it is over, or somebody else's."""
    ended = connection.execute(
        update(help_desk_codes)
        .where(
            _CODES.environment_id == environment_id,
            _CODES.user_id == user_id,
            _CODES.id == code_id,
            _CODES.ended_at.is_(None),
            _CODES.ends_at > now,
        )
        .values(ended_at=now)
        .returning(_CODES.id)
    ).first()
    return ended is not None


def end_all(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    purpose: HelpDeskPurpose | None = None,
    now: int,
) -> Sequence[bytes]:
    """End all codes of the user, or those of one purpose; the ids of those that ended."""
    statement = update(help_desk_codes).where(
        _CODES.environment_id == environment_id,
        _CODES.user_id == user_id,
        _CODES.ended_at.is_(None),
    )
    if purpose is not None:
        statement = statement.where(_CODES.purpose == purpose.value)
    ended = connection.execute(statement.values(ended_at=now).returning(_CODES.id))
    return ended.scalars().all()


def end_everywhere(connection: Connection, *, now: int) -> None:
    """No code of a restored backup is of use: it may have been used or withdrawn since."""
    connection.execute(
        update(help_desk_codes).where(_CODES.ended_at.is_(None)).values(ended_at=now)
    )


def _row(row: Row[Any]) -> StoredHelpDeskCode:
    return StoredHelpDeskCode(
        environment_id=row.environment_id,
        user_id=row.user_id,
        code=OpenCode(
            id=row.id,
            purpose=HelpDeskPurpose(row.purpose),
            ends_at=row.ends_at,
            uses_left=row.uses - row.used,
        ),
        code_hash=row.code_hash,
        key_version=row.key_version,
        uses=row.uses,
        reason=HelpReason(row.reason),
        note=row.note,
        made_by=row.made_by,
        made_at=row.made_at,
    )
