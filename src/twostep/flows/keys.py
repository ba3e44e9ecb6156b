"""The keys of the installation: making them, loading them, changing them while servers run.

``rotate`` gives each environment a new BOX key and seals every password hash and authenticator key
anew (``resealing``); ``rotate_master`` (``master_keys``) changes the key that wraps them. Neither
stops a server, and either may be killed at any moment and run again (AC-64): what remains to be
done is read from the rows, never from a note about how far it had come.

    new versions, all in one transaction, with the event
      └─ rows still under older versions are sealed anew, in batches       ◄── a killed rotation
           └─ an older version under which nothing lies is deleted by the     begins again here
              next rotation, a day later at the earliest

The day is for servers that have not heard of the new version: they load the keys again once a
minute at the latest, and until then seal with the version that they know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from twostep.core.audit import EventKind
from twostep.core.keys import INSTALLATION_ID, KeyPurpose, KeyState, StoredKey
from twostep.crypto.key_files import KeyFile, KeySource, MasterKeys, NoKeyFile, new_master_key
from twostep.crypto.keys import KeyMissing, KeyRing
from twostep.crypto.wrapping import new_installation_keys, new_key
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.resealing import Progress, Resealed, reseal_all
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, ConstraintBroken, Database
from twostep.storage.keys import SealedRow

_DAY = 24 * 60 * 60 * 1000

KEPT_AFTER_RETIREMENT = {
    KeyPurpose.BOX: _DAY,
    KeyPurpose.SESSION: 31 * _DAY,
    KeyPurpose.CSRF: 31 * _DAY,
}
"""Milliseconds. For tokens it is longer than any session or form may live, so that a rotation signs
nobody out. AUDIT keys are not listed, hence kept for ever: they verify what they once chained."""

ROTATED = frozenset({KeyPurpose.BOX, KeyPurpose.AUDIT, KeyPurpose.SESSION, KeyPurpose.CSRF})
"""What ``rotate`` changes. The others hash what is looked up again by its hash, which nobody can
make anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did.

    ``finished_earlier`` means that it found the work of a rotation that had been stopped, did that,
    and made no new versions. ``damaged`` rows could not be opened: they stay as they are, and an
    alert.
    """

    finished_earlier: bool
    resealed: int
    deleted_versions: int
    damaged: Sequence[SealedRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReport:
    """One version of a key. ``rows`` are those sealed with it; None for one that seals nothing."""

    key: StoredKey
    rows: int | None


def make_installation_keys(database: Database, source: KeySource, *, now: int) -> bool:
    """Makes the installation's keys, and the key file if there is none, at the very first start.

    Whether it made any. Raises WrongKeyFile when there is a file that cannot be used; a database
    that is in use and has lost its keys raises KeyMissing, and is never given new ones.
    """

    def look(connection: Connection) -> tuple[bool, bool]:
        return bool(stored_keys.all_of_them(connection)), stored_keys.any_environment(connection)

    has_keys, in_use = database.read(look)
    if has_keys:
        return False
    if in_use:
        raise KeyMissing(
            "This database is in use and has lost its keys. Restore it from a backup, together "
            "with its key file."
        )
    master = _masters_or_new_file(source).current
    rows = new_installation_keys(master, now=now)
    return database.write(lambda connection: stored_keys.add_first(connection, rows))


def load_ring(database: Database, source: KeySource, *, clock: Callable[[], int]) -> KeyRing:
    """The key ring of this process. Writes nothing. Raises WrongKeyFile and KeyMissing (AC-63)."""
    return KeyRing(
        source=source,
        read_rows=lambda: database.read(stored_keys.all_of_them),
        clock=clock,
    )


def rotate(
    installation: Installation,
    *,
    now: int,
    progress: Progress = lambda done, total: None,
    what: frozenset[KeyPurpose] = ROTATED,
) -> Rotation:
    """Makes new versions and seals everything anew, or finishes the rotation that was stopped.

    Each environment gets its event in the transaction that makes the new versions. Raises
    WrongKeyFile, and ForeignKeyFile when the master key is being changed at the same time.
    """
    deleted = _delete_unused(installation.database, now=now)
    installation.keys.reload()
    sealed = KeyPurpose.BOX in what
    if sealed and (earlier := _reseal(installation, progress)).rows:
        return _rotation(earlier, finished_earlier=True, deleted_versions=deleted)
    _make_versions(installation, what & ROTATED, now=now)
    installation.keys.reload()
    resealed = _reseal(installation, progress) if sealed else Resealed()
    return _rotation(resealed, finished_earlier=False, deleted_versions=deleted)


def report(database: Database) -> Sequence[KeyReport]:
    """Every version of every key, with the rows that are sealed with it."""

    def look(connection: Connection) -> Sequence[KeyReport]:
        rows = {(use.environment_id, use.version): use.rows for use in stored_keys.uses(connection)}
        return [
            KeyReport(
                key=key,
                rows=rows.get((key.environment_id, key.version), 0)
                if key.purpose is KeyPurpose.BOX
                else None,
            )
            for key in stored_keys.all_of_them(connection)
        ]

    return database.read(look)


def _reseal(installation: Installation, progress: Progress) -> Resealed:
    return reseal_all(installation.database, installation.keys, progress=progress)


def _rotation(resealed: Resealed, *, finished_earlier: bool, deleted_versions: int) -> Rotation:
    return Rotation(
        finished_earlier=finished_earlier,
        resealed=resealed.rows,
        deleted_versions=deleted_versions,
        damaged=resealed.damaged,
    )


def _masters_or_new_file(source: KeySource) -> MasterKeys:
    try:
        return source.read()
    except NoKeyFile:
        if not isinstance(source, KeyFile):
            raise
    # Another process may make it at the same moment: then that file is the one, and is read.
    with suppress(FileExistsError):
        source.create(new_master_key())
    return source.read()


def _make_versions(installation: Installation, what: frozenset[KeyPurpose], *, now: int) -> None:
    """One transaction for all of them: a killed rotation has made every new version, or none.

    Of two rotations at once the second one breaks the primary key. It then finds the first one's
    versions, and helps with the sealing: both wanted the same.
    """
    rows = installation.database.read(stored_keys.all_of_them)
    master = installation.keys.source.read().current
    made = [
        new_key(
            key.purpose,
            master=master,
            now=now,
            environment_id=key.environment_id,
            version=key.version + 1,
        )
        for key in _newest(rows, what)
    ]
    everywhere = sorted({row.environment_id for row in rows} - {INSTALLATION_ID})

    def act(connection: Connection) -> None:
        stored_keys.add(connection, made)
        for key in made:
            stored_keys.retire(connection, key, now=now)
        for environment_id in everywhere:
            _record(connection, installation, environment_id, made, now=now)

    try:
        installation.database.write(act)
    except ConstraintBroken:
        there = {_place(row) for row in installation.database.read(stored_keys.all_of_them)}
        if not there.issuperset(_place(key) for key in made):
            raise


def _place(key: StoredKey) -> tuple[bytes, KeyPurpose, int]:
    return key.environment_id, key.purpose, key.version


def _record(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    made: Sequence[StoredKey],
    *,
    now: int,
) -> None:
    """An environment's log tells of its own keys and of the installation's, on which it rests."""
    versions: dict[str, Any] = {
        key.purpose.value: key.version
        for key in made
        if key.environment_id in {environment_id, INSTALLATION_ID}
    }
    audit.record(
        connection,
        installation,
        EventKind.KEYS_ROTATED,
        environment_id=environment_id,
        now=now,
        **versions,
    )


def _newest(rows: Sequence[StoredKey], what: frozenset[KeyPurpose]) -> Sequence[StoredKey]:
    """The newest version of each key of these purposes."""
    newest = {(row.environment_id, row.purpose): row for row in rows if row.purpose in what}
    for row in rows:
        place = (row.environment_id, row.purpose)
        if place in newest and row.version > newest[place].version:
            newest[place] = row
    return list(newest.values())


def _delete_unused(database: Database, *, now: int) -> int:
    """Deletes versions retired long enough under which nothing lies. How many."""
    old = [
        key
        for key in database.read(stored_keys.all_of_them)
        if key.state is KeyState.RETIRED
        and key.retired_at is not None
        and key.purpose in KEPT_AFTER_RETIREMENT
        and key.retired_at + KEPT_AFTER_RETIREMENT[key.purpose] < now
    ]
    return database.write(
        lambda connection: sum(stored_keys.delete_key(connection, key) for key in old)
    )
