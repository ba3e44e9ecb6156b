"""The keys of an environment that comes from another installation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from twostep.core.keys import KeyPurpose, KeyState, StoredKey
from twostep.crypto.secret import KeyVersion, Secret
from twostep.crypto.wrapping import KEY_BYTES, known_key
from twostep.flows.export_reading import Reading
from twostep.flows.installation import Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedKeys:
    """The keys of the environment: a new one for its boxes, and those that sealed its events."""

    box: KeyVersion
    rows: tuple[StoredKey, ...]

    @classmethod
    def made(
        cls, installation: Installation, environment_id: bytes, read: Reading, *, now: int
    ) -> ImportedKeys:
        """Wrapped by this installation's master key."""
        master = installation.keys.source.read().current
        box = Secret(secrets.token_bytes(KEY_BYTES))
        # A file without events, and so without the key that seals them, gets a new one.
        sealing = read.keys or {1: secrets.token_bytes(KEY_BYTES)}
        known = {(KeyPurpose.BOX, 1): box} | {
            (KeyPurpose.AUDIT, version): Secret(key) for version, key in sealing.items()
        }
        rows = [
            known_key(
                purpose,
                secret,
                master=master,
                now=now,
                environment_id=environment_id,
                version=version,
            )
            for (purpose, version), secret in known.items()
        ]
        newest = max(sealing)
        return cls(
            box=KeyVersion(version=1, secret=box),
            rows=tuple(
                row
                if row.purpose is KeyPurpose.BOX or row.version == newest
                else replace(row, state=KeyState.RETIRED, retired_at=now)
                for row in rows
            ),
        )
