"""Codes that were sent for a second step, in SQL. Of each sign-in and method one is alive.

Whoever puts one holds the user's row (``users.locked``), so that of two requests at once the second
one finds the first one's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from twostep.core.policies import Method
from twostep.core.sent_codes import TRIES, SentCode, SentFor
from twostep.storage.database import Connection
from twostep.storage.tables import sent_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What codes belong to: one sign-in, or one session by the sign-in that it began with."""

    environment_id: bytes
    user_id: bytes
    sign_in_id: bytes
    purpose: SentFor


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSentCode:
    """A code as it is stored, to which address it went, and by which message.

    ``live``: it was neither used nor replaced.
    """

    code: SentCode
    method: Method
    contact_id: bytes
    message_id: bytes
    code_hash: bytes
    key_version: int
    live: bool = True


def put(connection: Connection, bound: Bound, new: StoredSentCode) -> None:
    """Write a new code down, in the place of the one before."""
    connection.execute(update(sent_codes).where(_live(bound, new.method)).values(state="replaced"))
    connection.execute(
        insert(sent_codes).values(
            environment_id=bound.environment_id,
            id=new.code.id,
            user_id=bound.user_id,
            sign_in_id=bound.sign_in_id,
            purpose=bound.purpose.value,
            method=new.method.value,
            contact_id=new.contact_id,
            message_id=new.message_id,
            code_hash=new.code_hash,
            key_version=new.key_version,
            state="live",
            length=new.code.length,
            tries=new.code.tries,
            sent_before=new.code.sent_before,
            made_at=new.code.made_at,
            expires_at=new.code.expires_at,
        )
    )


def newest(
    connection: Connection, bound: Bound, method: Method | None = None
) -> StoredSentCode | None:
    """The last code that was sent, whatever has become of it: of this method, or of any."""
    of_method = () if method is None else (sent_codes.c.method == method.value,)
    row = connection.execute(
        select(sent_codes)
        .where(_of(bound), *of_method)
        .order_by(sent_codes.c.made_at.desc(), sent_codes.c.sent_before.desc())
        .limit(1)
    ).first()
    return None if row is None else _stored(row)


def reserve_try(
    connection: Connection, bound: Bound, method: Method, *, now: int
) -> StoredSentCode | None:
    """Count a try of the code that is alive, before anything is compared; None where there is none
    that takes any. Of many at once no more than five get one.
    """
    row = connection.execute(
        update(sent_codes)
        .where(
            _live(bound, method),
            sent_codes.c.expires_at > now,
            sent_codes.c.tries < TRIES,
        )
        .values(tries=sent_codes.c.tries + 1)
        .returning(*sent_codes.c)
    ).first()
    return None if row is None else _stored(row)


def use_up(connection: Connection, bound: Bound, code_id: bytes) -> bool:
    """Spend a code; False where somebody was faster, or it was replaced meanwhile (AC-07)."""
    return (
        connection.execute(
            update(sent_codes)
            .where(_of(bound), sent_codes.c.id == code_id, sent_codes.c.state == "live")
            .values(state="used")
            .returning(sent_codes.c.id)
        ).first()
        is not None
    )


def delete_all(connection: Connection) -> None:
    """No code of a restored backup is of use: what it was for is over."""
    connection.execute(delete(sent_codes))


def _of(bound: Bound) -> ColumnElement[bool]:
    return and_(
        sent_codes.c.environment_id == bound.environment_id,
        sent_codes.c.sign_in_id == bound.sign_in_id,
        sent_codes.c.user_id == bound.user_id,
        sent_codes.c.purpose == bound.purpose.value,
    )


def _live(bound: Bound, method: Method) -> ColumnElement[bool]:
    return and_(_of(bound), sent_codes.c.method == method.value, sent_codes.c.state == "live")


def _stored(row: Row[Any]) -> StoredSentCode:
    return StoredSentCode(
        code=SentCode(
            id=row.id,
            length=row.length,
            made_at=row.made_at,
            expires_at=row.expires_at,
            tries=row.tries,
            sent_before=row.sent_before,
        ),
        method=Method(row.method),
        contact_id=row.contact_id,
        message_id=row.message_id,
        code_hash=row.code_hash,
        key_version=row.key_version,
        live=row.state == "live",
    )
