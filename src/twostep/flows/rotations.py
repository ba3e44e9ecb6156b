"""Changing the master key as the operator asks for it, with its events."""

from __future__ import annotations

from twostep.core.audit import EventKind
from twostep.crypto.key_files import KeyFile, KeyText
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.master_keys import MasterRotation, rotate_master
from twostep.flows.resealing import Progress
from twostep.storage import environments
from twostep.storage.database import Connection


def change_master_key(
    installation: Installation, source: KeyFile | KeyText, *, progress: Progress
) -> MasterRotation:
    """Wrap all keys by another master key (``flows/master_keys.py`` says what it raises).

    The events follow when it is done: it is a change of a file, which no transaction holds.
    """
    done = rotate_master(installation.database, source, progress=progress)
    now = installation.clock()

    def record(connection: Connection) -> None:
        for environment in environments.all_of_them(connection):
            audit.record(
                connection,
                installation,
                EventKind.KEYS_ROTATED,
                environment_id=environment.id,
                now=now,
                master=True,
            )

    installation.database.write(record)
    return done
