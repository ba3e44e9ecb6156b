"""What an operator does to the whole database: a restore, an upgrade, each with its event."""

from __future__ import annotations

from pathlib import Path

from twostep.clock import Clock
from twostep.core.audit import Event, EventKind
from twostep.crypto.identifiers import new_id
from twostep.storage import audit, environments
from twostep.storage.database import Connection
from twostep.storage.restores import Restored, restore, settle
from twostep.storage.upgrades import Upgraded, upgrade


def restore_backup(database_path: Path, source: Path, *, clock: Clock) -> Restored:
    """Put a backup in the place of a SQLite database that may be serving; nothing that was ended
    since comes alive with it (AC-61).

    Raises UnusableBackup, WrongBackupSchema, DatabaseBusy, DatabaseAway (``storage/restores.py``):
    the old database is then as it was.
    """
    now = clock()

    def record(connection: Connection, generation: int) -> None:
        _write_event(connection, EventKind.DATABASE_RESTORED, now, generation=generation)

    restored = restore(database_path, source, now=now, record=record)
    # Read again: people went on signing in while the backup was on its way.
    settle(database_path, restored, now=clock())
    return restored


def upgrade_database(url: str, *, clock: Clock) -> Upgraded:
    """Bring the schema to the newest version; on SQLite after a backup beside the database.

    Raises WrongSchema, TargetExists, DatabaseBusy, DatabaseAway (``storage/upgrades.py``).
    """
    now = clock()

    def record(connection: Connection, found: str, made: str) -> None:
        _write_event(connection, EventKind.DATABASE_UPGRADED, now, found=found, made=made)

    return upgrade(url, now=now, record=record)


def _write_event(connection: Connection, kind: EventKind, now: int, **data: str | int) -> None:
    """One for each environment, whose log it stands in: each of them was restored or upgraded."""
    # Nobody is in this event, the operator aside, so it needs no key: the keys may be those of a
    # database that is about to be replaced.
    for environment_id in environments.ids(connection):
        event = Event(id=new_id(), environment_id=environment_id, at=now, kind=kind, data=data)
        audit.add(connection, event)
