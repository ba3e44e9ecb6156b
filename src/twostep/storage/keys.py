"""The installation's keys, wrapped, and what was sealed with them, in SQL.

Nothing here can open anything: what goes in and out is wrapped or sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from twostep.core.keys import INSTALLATION_ID, ForeignKeyFile, KeyPurpose, KeyState, StoredKey
from twostep.storage.conflicts import insert_or_nothing
from twostep.storage.tables import (
    audit_streams,
    authenticators,
    contacts,
    delivery_routes,
    environments,
    import_lines,
    keys,
    messages,
    passwords,
)


class SealedKind(StrEnum):
    """What is sealed with an environment's BOX key."""

    PASSWORD = "password"
    AUTHENTICATOR = "authenticator"
    MESSAGE = "message"
    CONTACT = "contact"
    ROUTE = "route"
    STREAM = "stream"
    LISTED = "listed"
    """An address in a list of new users that is not imported yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A sealed value and what it is bound to.

    ``id`` is the authenticator's, message's, contact's or route's, or the user's for a password.
    ``changed_at`` is 0 but for a password, ``user_id`` is zero bytes for a route.
    """

    kind: SealedKind
    environment_id: bytes
    id: bytes
    user_id: bytes
    changed_at: int
    sealed: bytes
    key_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """How many rows are sealed with one version of an environment's BOX key."""

    environment_id: bytes
    version: int
    rows: int


def all_of_them(connection: Connection) -> Sequence[StoredKey]:
    """Every key in every version, the installation's own first."""
    rows = connection.execute(
        select(keys).order_by(keys.c.environment_id, keys.c.purpose, keys.c.version)
    )
    return [_stored(row) for row in rows]


def add_first(connection: Connection, rows: Sequence[StoredKey]) -> bool:
    """Writes the installation's first keys, all or none; whether it was we who wrote them.

    Two servers may make their first start at once on one PostgreSQL. The primary key closes that
    race: the second waits for the first one's commit and then finds its keys.
    """
    if connection.execute(select(keys.c.version).limit(1)).first() is not None:
        return False
    first, *others = rows
    mine = connection.execute(
        insert_or_nothing(connection, keys).values(_values(first)).returning(keys.c.version)
    ).first()
    if mine is None:
        return False
    connection.execute(insert(keys), [_values(row) for row in others])
    return True


def add(connection: Connection, rows: Sequence[StoredKey]) -> None:
    """Writes keys of a new environment, or new versions. Raises ForeignKeyFile.

    The lock closes the race with a change of the master key: a key wrapped by the old master key,
    and written after the last look for such keys, could never be opened again once the old one is
    dropped. Either it is written before the installation's own keys are wrapped anew, and is then
    found and wrapped anew like them, or it meets a master key that is not its own, and is refused.
    """
    in_use = connection.execute(
        select(keys.c.kek_id)
        .where(keys.c.environment_id == INSTALLATION_ID, keys.c.purpose == KeyPurpose.SESSION.value)
        .order_by(keys.c.version)
        .limit(1)
        .with_for_update()
    ).scalar_one()
    if any(row.kek_id != in_use for row in rows):
        raise ForeignKeyFile("the key file is not the one that the installation's keys need now")
    connection.execute(insert(keys), [_values(row) for row in rows])


def retire(connection: Connection, successor: StoredKey, *, now: int) -> None:
    """Marks all versions before this one as read with, and never again written with."""
    connection.execute(
        update(keys)
        .where(
            keys.c.environment_id == successor.environment_id,
            keys.c.purpose == successor.purpose.value,
            keys.c.version < successor.version,
            keys.c.state == KeyState.CURRENT.value,
        )
        .values(state=KeyState.RETIRED.value, retired_at=now)
    )


def wrapped_by_others(connection: Connection, kek_id: str, *, limit: int) -> Sequence[StoredKey]:
    """Keys that this master key does not wrap, the installation's first: ``add`` relies on that."""
    rows = connection.execute(
        select(keys)
        .where(keys.c.kek_id != kek_id)
        .order_by(keys.c.environment_id, keys.c.purpose, keys.c.version)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


def put_wrapped(connection: Connection, before: StoredKey, after: StoredKey) -> None:
    """Puts the same key under another master key.

    The condition closes the race of two who do it at once: the second changes nothing.
    """
    connection.execute(
        update(keys)
        .where(*_is(before), keys.c.wrapped == before.wrapped)
        .values(wrapped=after.wrapped, kek_id=after.kek_id)
    )


def delete_key(connection: Connection, key: StoredKey) -> bool:
    """Deletes a retired version that nothing is sealed with; whether it did.

    The conditions are stated again here, so that a row sealed since somebody counted is not lost.
    """
    conditions = [*_is(key), keys.c.state == KeyState.RETIRED.value]
    if key.purpose is KeyPurpose.BOX:
        conditions += [
            ~select(table)
            .where(table.c.environment_id == key.environment_id, table.c.key_version == key.version)
            .exists()
            for table in _TABLES.values()
        ]
    gone = connection.execute(delete(keys).where(*conditions).returning(keys.c.version)).first()
    return gone is not None


def uses(connection: Connection) -> Sequence[KeyUse]:
    """The rows sealed with each version of each BOX key. A version with none is not listed."""
    counted: dict[tuple[bytes, int], int] = {}
    for table in _TABLES.values():
        places = (table.c.environment_id, table.c.key_version)
        for environment_id, version, rows in connection.execute(
            # A message that is sent is sealed with none any more.
            select(*places, func.count()).where(places[1].is_not(None)).group_by(*places)
        ):
            place = (environment_id, version)
            counted[place] = counted.get(place, 0) + rows
    return [
        KeyUse(environment_id=environment_id, version=version, rows=rows)
        for (environment_id, version), rows in sorted(counted.items())
    ]


def sealed_before(
    connection: Connection,
    kind: SealedKind,
    environment_id: bytes,
    *,
    version: int,
    after: bytes,
    limit: int,
) -> Sequence[SealedRow]:
    """An environment's rows sealed with a version before this one: by id, beginning after one."""
    table = _TABLES[kind]
    id_ = _id_of(kind)
    rows = connection.execute(
        select(table)
        .where(table.c.environment_id == environment_id, table.c.key_version < version, id_ > after)
        .order_by(id_)
        .limit(limit)
    )
    return [_sealed(kind, row) for row in rows]


def put_resealed(
    connection: Connection, before: SealedRow, *, sealed: bytes, key_version: int
) -> bool:
    """Puts the same value under another key; False where it changed meanwhile.

    The conditions close the race with whoever changes the value while it is being sealed anew: what
    they wrote stays, and carries the version that they sealed it with.
    """
    table = _TABLES[before.kind]
    changed = connection.execute(
        update(table)
        .where(
            table.c.environment_id == before.environment_id,
            _id_of(before.kind) == before.id,
            table.c.key_version == before.key_version,
            table.c.sealed == before.sealed,
        )
        .values(sealed=sealed, key_version=key_version)
        .returning(table.c.key_version)
    ).first()
    return changed is not None


def any_environment(connection: Connection) -> bool:
    """Whether this installation was in use before."""
    return connection.execute(select(environments.c.id).limit(1)).first() is not None


_TABLES: dict[SealedKind, Table] = {
    SealedKind.PASSWORD: passwords,
    SealedKind.AUTHENTICATOR: authenticators,
    SealedKind.MESSAGE: messages,
    SealedKind.CONTACT: contacts,
    SealedKind.ROUTE: delivery_routes,
    SealedKind.STREAM: audit_streams,
    SealedKind.LISTED: import_lines,
}

_OF_NOBODY = frozenset({SealedKind.ROUTE, SealedKind.STREAM})


def _id_of(kind: SealedKind) -> Column[bytes]:
    table = _TABLES[kind]
    return table.c.user_id if kind is SealedKind.PASSWORD else table.c.id


def _is(key: StoredKey) -> tuple[ColumnElement[bool], ...]:
    return (
        keys.c.environment_id == key.environment_id,
        keys.c.purpose == key.purpose.value,
        keys.c.version == key.version,
    )


def _values(key: StoredKey) -> dict[str, object]:
    values: dict[str, object] = {column.name: getattr(key, column.name) for column in keys.c}
    return values | {"purpose": key.purpose.value, "state": key.state.value}


def _stored(row: Row[tuple[object, ...]]) -> StoredKey:
    return StoredKey(
        environment_id=row.environment_id,
        purpose=KeyPurpose(row.purpose),
        version=row.version,
        wrapped=row.wrapped,
        kek_id=row.kek_id,
        state=KeyState(row.state),
        canary=row.canary or b"",
        made_at=row.made_at,
        retired_at=row.retired_at,
    )


def _sealed(kind: SealedKind, row: Row[tuple[object, ...]]) -> SealedRow:
    is_password = kind is SealedKind.PASSWORD
    return SealedRow(
        kind=kind,
        environment_id=row.environment_id,
        id=row.user_id if is_password else row.id,
        user_id=bytes(16) if kind in _OF_NOBODY else row.user_id,
        changed_at=row.changed_at if is_password else 0,
        sealed=row.sealed,
        key_version=row.key_version,
    )
