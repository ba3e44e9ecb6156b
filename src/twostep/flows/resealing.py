"""Sealing everything anew under the newest keys, while others read and write it.

A value is opened with the key that it names and sealed with the newest one, outside of any
transaction; then it is put back on condition that it is still the value that was opened. Whoever
changes a password at the same moment wins: what they wrote stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from twostep.core.keys import KeyPurpose
from twostep.crypto.boxes import BoxDamaged, Context, Sealed
from twostep.crypto.keys import KeyRing
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, Database
from twostep.storage.keys import SealedKind, SealedRow

BATCH = 200
"""Rows put back in one transaction: some milliseconds, for which others who write wait."""

Progress = Callable[[int, int], None]
"""Called with the rows done so far and the rows in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """The rows sealed anew. ``damaged`` ones could not be opened, and stay as they are."""

    rows: int = 0
    damaged: Sequence[SealedRow] = ()


def reseal_all(database: Database, keys: KeyRing, *, progress: Progress) -> Resealed:
    """Seals anew whatever lies under a version that is not its environment's newest.

    It goes over everything until there was nothing to do: a server that has not heard of the new
    version may have written with the old one behind its back.
    """
    newest = _newest_versions(database)
    total = sum(
        use.rows
        for use in database.read(stored_keys.uses)
        if use.version < newest.get(use.environment_id, 0)
    )
    done = Resealed()
    while True:
        before = done.rows
        done = replace(done, damaged=())
        for batch in _behind(database, newest):
            done = _reseal_batch(database, keys, batch, done)
            progress(min(done.rows, total), total)
        if done.rows == before:
            return done


def context_of(row: SealedRow) -> Context:
    """What a sealed row is bound to."""
    match row.kind:
        case SealedKind.PASSWORD:
            return Context.of_password(
                environment_id=row.environment_id, user_id=row.user_id, changed_at=row.changed_at
            )
        case SealedKind.AUTHENTICATOR:
            return Context.of_authenticator(
                environment_id=row.environment_id, user_id=row.user_id, authenticator_id=row.id
            )
        case SealedKind.MESSAGE:
            return Context.of_message(
                environment_id=row.environment_id, user_id=row.user_id, message_id=row.id
            )
        case SealedKind.CONTACT | SealedKind.LISTED:
            return Context.of_contact(
                environment_id=row.environment_id, user_id=row.user_id, contact_id=row.id
            )
        case SealedKind.ROUTE:
            return Context.of_route(environment_id=row.environment_id, route_id=row.id)
        case SealedKind.STREAM:
            return Context.of_stream(environment_id=row.environment_id, stream_id=row.id)
        case _:
            assert_never(row.kind)


def _newest_versions(database: Database) -> Mapping[bytes, int]:
    boxes = [key for key in database.read(stored_keys.all_of_them) if key.purpose is KeyPurpose.BOX]
    return {key.environment_id: key.version for key in sorted(boxes, key=lambda key: key.version)}


def _behind(database: Database, newest: Mapping[bytes, int]) -> Iterator[Sequence[SealedRow]]:
    """Batches by id, each begun after the last: a row that cannot be opened is passed once."""
    for environment_id, version in newest.items():
        for kind in SealedKind:
            after = b""
            while batch := _next_batch(database, kind, environment_id, version, after):
                yield batch
                after = batch[-1].id


def _next_batch(
    database: Database, kind: SealedKind, environment_id: bytes, version: int, after: bytes
) -> Sequence[SealedRow]:
    return database.read(
        lambda connection: stored_keys.sealed_before(
            connection, kind, environment_id, version=version, after=after, limit=BATCH
        )
    )


def _reseal_batch(
    database: Database, keys: KeyRing, batch: Sequence[SealedRow], done: Resealed
) -> Resealed:
    opened = [(row, _sealed_anew(keys, row)) for row in batch]

    def put_back(connection: Connection) -> int:
        return sum(
            stored_keys.put_resealed(connection, row, sealed=box.blob, key_version=box.key_version)
            for row, box in opened
            if box is not None
        )

    damaged = [row for row, box in opened if box is None]
    return Resealed(rows=done.rows + database.write(put_back), damaged=(*done.damaged, *damaged))


def _sealed_anew(keys: KeyRing, row: SealedRow) -> Sealed | None:
    """None for a row that cannot be opened: it must not keep all others under an old key."""
    context = context_of(row)
    try:
        plaintext = keys.open_box(row.sealed, key_version=row.key_version, context=context)
    except BoxDamaged:
        return None
    return keys.seal(plaintext, context=context)
