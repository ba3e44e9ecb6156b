"""Changing the master key: the one that wraps all others, and lies in a file.

    the file holds [old]
      └─ a new key is put before it: [new, old]      on the disk before anything is wrapped by it
          └─ every key in the database is wrapped by the new one, in batches
              └─ the old key is dropped from the file: [new]

Killed anywhere, the file still holds every key that a row is wrapped by, and the next run goes on:
a file with two keys means that a change is under way. Running servers hold the unwrapped keys in
their memory and do not notice.

A backup of the database from before needs the old file. Keep it with that backup, apart from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twostep.crypto.key_files import KeyFile, KeySource, KeyText, MasterKeys, new_master_key
from twostep.crypto.wrapping import rewrap, unwrap_all
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, Database

BATCH = 200
"""Keys wrapped anew in one transaction. The first batch holds all of the installation's own."""


class NoSecondMasterKey(Exception):
    """The master key is in a setting, which only the operator can change. The message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRotation:
    """How many keys were wrapped anew, and whether this finished a change that had been stopped."""

    rewrapped: int
    finished_earlier: bool


def rotate_master(
    database: Database,
    source: KeyFile | KeyText,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> MasterRotation:
    """Wraps every key by a new master key, or finishes a change that was stopped.

    Raises WrongKeyFile before anything is changed, KeyFileBusy, and NoSecondMasterKey.
    """
    if isinstance(source, KeyText):
        return _rotate_setting(database, source, progress)
    with source.alone():
        before = source.read()
        _demand_that_it_opens_everything(database, source, before)
        finishes = len(before.keys) > 1
        if not finishes:
            source.replace(MasterKeys(keys=(new_master_key(), *before.keys)))
        masters = source.read()
        count = _rewrap_all(database, masters, named=source.name, progress=progress)
        source.replace(MasterKeys(keys=(masters.current,)))
        return MasterRotation(rewrapped=count, finished_earlier=finishes)


def _rotate_setting(
    database: Database, source: KeyText, progress: Callable[[int, int], None]
) -> MasterRotation:
    masters = source.read()
    if len(masters.keys) == 1:
        raise NoSecondMasterKey(
            "TWOSTEP_KEY holds one key. Put a new one before it, with a comma between them "
            "(`openssl rand -base64 32` prints one), for this command and for the servers. Run "
            "this again. Then take the old one out."
        )
    count = _rewrap_all(database, masters, named=source.name, progress=progress)
    return MasterRotation(rewrapped=count, finished_earlier=False)


def _demand_that_it_opens_everything(
    database: Database, source: KeySource, masters: MasterKeys
) -> None:
    rows = database.read(stored_keys.all_of_them)
    unwrap_all(rows, masters=masters, named=source.name)


def _rewrap_all(
    database: Database,
    masters: MasterKeys,
    *,
    named: str,
    progress: Callable[[int, int], None],
) -> int:
    """Until no key is left under another master key: servers may add environments meanwhile."""
    kek_id = masters.current.id
    keys = database.read(stored_keys.all_of_them)
    total = sum(key.kek_id != kek_id for key in keys)
    done = 0
    while rows := database.read(
        lambda connection: stored_keys.wrapped_by_others(connection, kek_id, limit=BATCH)
    ):
        pairs = [(row, rewrap(row, masters=masters, named=named)) for row in rows]

        def put(connection: Connection) -> None:
            for before, after in pairs:  # noqa: B023  It runs before the next turn of the loop.
                stored_keys.put_wrapped(connection, before, after)

        database.write(put)
        done += len(rows)
        progress(min(done, total), total)
    return done
