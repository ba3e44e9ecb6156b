"""Key rings over rows in memory: real keys, real wrapping, a real key file, no database."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.helpers.clocks import START, HandClock
from twostep.core.keys import INSTALLATION_ID, KeyPurpose, KeyState, StoredKey
from twostep.crypto.key_files import KeyFile, new_master_key
from twostep.crypto.keys import KeyRing
from twostep.crypto.wrapping import new_installation_keys, new_key

ACME = b"acme" * 4
GLOBE = b"glob" * 4

_NUMBERS = itertools.count()


@dataclass
class KeysInMemory:
    """The rows of a database, its key file, and how often the rows were read."""

    file: KeyFile
    rows: list[StoredKey] = field(default_factory=list)
    clock: HandClock = field(default_factory=HandClock)
    reads: int = 0

    def read(self) -> list[StoredKey]:
        self.reads += 1
        return list(self.rows)

    def ring(self) -> KeyRing:
        """A ring as another process would load it now."""
        return KeyRing(source=self.file, read_rows=self.read, clock=self.clock)

    def add_environment(self, environment_id: bytes) -> None:
        self.rows += self.ring().new_keys_for_environment(environment_id, now=START)

    def add_version(
        self, purpose: KeyPurpose, *, version: int, environment_id: bytes = INSTALLATION_ID
    ) -> None:
        """As a rotation would, in this or another process."""
        self.rows = [
            replace(row, state=KeyState.RETIRED, retired_at=START)
            if (row.environment_id, row.purpose) == (environment_id, purpose)
            else row
            for row in self.rows
        ]
        self.rows.append(
            new_key(
                purpose,
                master=self.file.read().current,
                now=START,
                environment_id=environment_id,
                version=version,
            )
        )


def keys_in_memory(folder: Path, *environments: bytes) -> KeysInMemory:
    """The keys of a new installation with these environments."""
    file = KeyFile(folder / f"{next(_NUMBERS)}.key")
    file.create(new_master_key())
    keys = KeysInMemory(file=file)
    keys.rows += new_installation_keys(file.read().current, now=START)
    for environment_id in environments:
        keys.add_environment(environment_id)
    return keys
