"""Addresses of a profile, in SQL. Of each kind a user has at most one that counts and one that
waits for its code.

Whoever changes them holds the user's row (``users.locked``): what was read stays true until the
commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from twostep.core.contacts import CODE_TRIES, Contact, ContactKind
from twostep.storage.database import Connection
from twostep.storage.reach import contact_of, note_reach
from twostep.storage.tables import contacts, users
from twostep.storage.user_marks import note_second_step

COUNTING, WAITING = "counting", "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The code of an address that waits: its keyed hash, the key's version, its end (ms)."""

    hashed: bytes
    key_version: int
    ends_at: int
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContact:
    """An address as it lies in the database. ``gateway``: the domain of an SMS Email. ``code``: of
    one that waits.
    """

    environment_id: bytes
    contact: Contact
    sealed: bytes
    key_version: int
    masked: str
    address_hash: bytes
    language: str
    gateway: str | None = None
    code: Code | None = None


def of_user(
    connection: Connection, environment_id: bytes, user_id: bytes
) -> Sequence[StoredContact]:
    """All addresses of a user, those that count and those that wait."""
    rows = connection.execute(select(contacts).where(*_of(environment_id, user_id))).all()
    return [_stored(row) for row in rows]


def put(connection: Connection, new: StoredContact) -> None:
    """Put an address in the place of the one of its kind that waits; and, where it counts, of the
    one that counts as well.
    """
    contact = new.contact
    connection.execute(
        delete(contacts).where(
            *_of(new.environment_id, contact.user_id),
            contacts.c.kind == contact.kind.value,
            contacts.c.state.in_([WAITING, COUNTING] if contact.counts else [WAITING]),
        )
    )
    code = new.code
    connection.execute(
        insert(contacts).values(
            environment_id=new.environment_id,
            id=contact.id,
            user_id=contact.user_id,
            kind=contact.kind.value,
            state=COUNTING if contact.counts else WAITING,
            entered_by=contact.entered_by.value,
            sealed=new.sealed,
            key_version=new.key_version,
            masked=new.masked,
            address_hash=new.address_hash,
            gateway=new.gateway,
            language=new.language,
            changed_at=contact.changed_at,
            confirmed_at=contact.confirmed_at,
            country=contact.country or None,
            code_hash=code.hashed if code else None,
            code_key_version=code.key_version if code else None,
            code_ends_at=code.ends_at if code else None,
            code_tries=0,
        )
    )
    note_reach(connection, new.environment_id, contact.user_id)


def reserve_try(
    connection: Connection, environment_id: bytes, user_id: bytes, contact_id: bytes, *, now: int
) -> Code | None:
    """Count a try of the code of an address that waits, before anything is compared; None where it
    takes no more. Of many at once no more than five get one.
    """
    row = connection.execute(
        update(contacts)
        .where(
            _is_waiting(environment_id, user_id, contact_id),
            contacts.c.code_hash.is_not(None),
            contacts.c.code_ends_at > now,
            contacts.c.code_tries < CODE_TRIES,
        )
        .values(code_tries=contacts.c.code_tries + 1)
        .returning(
            contacts.c.code_hash,
            contacts.c.code_key_version,
            contacts.c.code_ends_at,
            contacts.c.code_tries,
        )
    ).first()
    return None if row is None else _code(row)


def confirm(
    connection: Connection, environment_id: bytes, user_id: bytes, contact: Contact, *, now: int
) -> bool:
    """Let an address that waits count, in the place of the one before, and use its code up; False
    where it does not wait any more.
    """
    waits = _is_waiting(environment_id, user_id, contact.id)
    used = connection.execute(
        update(contacts)
        .where(waits, contacts.c.code_hash.is_not(None))
        .values(code_hash=None, code_key_version=None, code_ends_at=None)
        .returning(contacts.c.id)
    ).first()
    if used is None:
        return False
    _remove(connection, environment_id, user_id, contact.kind, state=COUNTING)
    connection.execute(
        update(contacts).where(waits).values(state=COUNTING, confirmed_at=now, changed_at=now)
    )
    note_reach(connection, environment_id, user_id)
    return True


def confirm_entered(
    connection: Connection, environment_id: bytes, user_id: bytes, contact_id: bytes, *, now: int
) -> bool:
    """Mark an address that an administrator has entered as confirmed; False where it is already, or
    does not count any more.
    """
    confirmed = connection.execute(
        update(contacts)
        .where(
            *_of(environment_id, user_id),
            contacts.c.id == contact_id,
            contacts.c.state == COUNTING,
            contacts.c.confirmed_at.is_(None),
        )
        .values(confirmed_at=now)
        .returning(contacts.c.id)
    ).first()
    if confirmed is not None:
        note_reach(connection, environment_id, user_id)
    return confirmed is not None


def remove(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    kind: ContactKind,
    *,
    state: str,
) -> bytes | None:
    """Delete the address of that kind which counts, or which waits; its id, or None: there was
    none.
    """
    removed = _remove(connection, environment_id, user_id, kind, state=state)
    if removed is not None:
        note_reach(connection, environment_id, user_id)
    return removed


def _remove(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    kind: ContactKind,
    *,
    state: str,
) -> bytes | None:
    return connection.execute(
        delete(contacts)
        .where(
            *_of(environment_id, user_id),
            contacts.c.kind == kind.value,
            contacts.c.state == state,
        )
        .returning(contacts.c.id)
    ).scalar_one_or_none()


def end_codes(connection: Connection) -> None:
    """No address that waits in a restored backup is confirmed by the code of that time."""
    connection.execute(
        update(contacts)
        .where(contacts.c.code_hash.is_not(None))
        .values(code_hash=None, code_key_version=None, code_ends_at=None)
    )


def want_codes(
    connection: Connection, environment_id: bytes, user_id: bytes, *, since: int | None
) -> None:
    """Write down that the user has turned codes on by themselves, since when (ms); None: off."""
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(codes_wanted_at=since)
    )
    note_second_step(connection, environment_id, user_id)


def codes_wanted_at(connection: Connection, environment_id: bytes, user_id: bytes) -> int | None:
    """Since when the user wants codes (ms), or None: they have not turned them on."""
    return connection.execute(
        select(users.c.codes_wanted_at).where(
            users.c.environment_id == environment_id, users.c.id == user_id
        )
    ).scalar_one_or_none()


def _of(environment_id: bytes, user_id: bytes) -> tuple[ColumnElement[bool], ...]:
    return (contacts.c.environment_id == environment_id, contacts.c.user_id == user_id)


def _is_waiting(environment_id: bytes, user_id: bytes, contact_id: bytes) -> ColumnElement[bool]:
    return and_(
        *_of(environment_id, user_id), contacts.c.id == contact_id, contacts.c.state == WAITING
    )


def _code(row: Row[Any]) -> Code:
    return Code(
        hashed=row.code_hash,
        key_version=row.code_key_version,
        ends_at=row.code_ends_at,
        tries=row.code_tries,
    )


def _stored(row: Row[Any]) -> StoredContact:
    return StoredContact(
        environment_id=row.environment_id,
        contact=contact_of(row),
        sealed=row.sealed,
        key_version=row.key_version,
        masked=row.masked,
        address_hash=row.address_hash,
        language=row.language,
        gateway=row.gateway,
        code=None if row.code_hash is None else _code(row),
    )
