"""The key ring: every key, unwrapped, in the memory of this process (SECURITY §5.6).

Threat: a wrong or empty key file makes codes unverifiable, and a server that shrugs at that makes
them skippable. So a ring in which one key does not open (``wrapping``) does not come to be, and
nothing here ever answers "no key, so no check": what needs a key that is not there raises.

A rotation does not stop running servers. Readers know all live versions; whoever meets a version or
an environment that this process has not seen loads the rows again. A loaded ring is an immutable
snapshot, exchanged as a whole.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from twostep.core.keys import (
    INSTALLATION_ID,
    OF_ENVIRONMENT,
    OF_INSTALLATION,
    KeyPurpose,
    StoredKey,
)
from twostep.crypto.boxes import (
    BoxDamaged,
    BoxPurpose,
    Context,
    Sealed,
    open_with,
    seal_with,
)
from twostep.crypto.key_files import KeySource
from twostep.crypto.secret import KeyVersion, Secret
from twostep.crypto.wrapping import new_key, unwrap_all

LOOK_AGAIN_MS = 1000
"""A token with an unknown key version makes the ring look for that version at most this often: a
stream of forgeries costs the database one small read a second, and a rotation is noticed within
one."""

_NOBODY = Context(
    purpose=BoxPurpose.PASSWORD,
    environment_id=bytes(16),
    user_id=bytes(16),
    credential_id=bytes(16),
)
_NO_BOX = b"\x01" + bytes(12 + 97 + 16)
"""As long as the box of a password hash with the usual parameters."""

Place = tuple[bytes, KeyPurpose]


class KeyMissing(Exception):
    """The database has no such key. Nothing is decided without it: an error, hence a refusal."""


@dataclass(frozen=True, slots=True)
class _Versions:
    current: KeyVersion
    all: Mapping[int, KeyVersion]
    by_byte: Mapping[int, Secret[bytes]]


class KeyRing:
    """All keys, for all threads of a process. Made after the server has forked."""

    def __init__(
        self,
        *,
        source: KeySource,
        read_rows: Callable[[], Sequence[StoredKey]],
        clock: Callable[[], int],
    ) -> None:
        """Loads all keys. Raises WrongKeyFile and KeyMissing: a ring that exists is whole."""
        self.source = source
        """Where the master keys come from."""
        self._read_rows = read_rows
        self._clock = clock
        self._loading = threading.Lock()
        self._looked_at = clock()
        self._snapshot: Mapping[Place, _Versions] = {}
        self.reload()

    def reload(self) -> None:
        """Takes in what changed in the database. When it raises, the ring stays as it was.

        To be called once a minute, so that this process never seals with a version retired long
        ago, and never inside a unit.
        """
        with self._loading:
            self._load()

    def seal(self, plaintext: Secret[bytes], *, context: Context) -> Sealed:
        """Seals under the environment's current key. Raises KeyMissing where there is none."""
        key = self.current(KeyPurpose.BOX, environment_id=context.environment_id)
        return seal_with(key, plaintext, context=context)

    def open_box(self, blob: bytes, *, key_version: int, context: Context) -> Secret[bytes]:
        """What was sealed in this context.

        Raises BoxDamaged, also for a key version that never was or is gone (who can write to the
        box can write to the number beside it), and KeyMissing for an unknown environment.
        """
        key = self._find(KeyPurpose.BOX, key_version, context.environment_id)
        if key is None:
            raise BoxDamaged("the box names a key that there is not")
        return open_with(key, blob, context=context)

    def open_nothing(self, *, environment_id: bytes) -> None:
        """The work of ``open_box``, where there is no user and no box (AC-21)."""
        key = self.current(KeyPurpose.BOX, environment_id=environment_id)
        with suppress(BoxDamaged):
            open_with(key, _NO_BOX, context=_NOBODY)

    def current(
        self, purpose: KeyPurpose, *, environment_id: bytes = INSTALLATION_ID
    ) -> KeyVersion:
        """The version to write with. Raises KeyMissing."""
        return self._versions(purpose, environment_id).current

    def at_version(
        self, purpose: KeyPurpose, version: int, *, environment_id: bytes = INSTALLATION_ID
    ) -> KeyVersion:
        """The version that a row was written with. Raises KeyMissing."""
        found = self._find(purpose, version, environment_id)
        if found is None:
            raise KeyMissing(f"no version {version} of the key '{purpose}' in this environment")
        return found

    def token_keys(self, purpose: KeyPurpose) -> LiveKeys:
        """The versions of SESSION or CSRF, for ``tokens``. Stays good across rotations."""
        return LiveKeys(self, purpose)

    def new_keys_for_environment(self, environment_id: bytes, *, now: int) -> tuple[StoredKey, ...]:
        """The first keys of a new environment, to be inserted in the transaction that makes it.

        The key file is read afresh, so that they are wrapped by the key that wraps today. Raises
        WrongKeyFile.
        """
        master = self.source.read().current
        return tuple(
            new_key(purpose, master=master, environment_id=environment_id, now=now)
            for purpose in OF_ENVIRONMENT
        )

    def at_byte(self, purpose: KeyPurpose, version_byte: int) -> Secret[bytes] | None:
        """The version with this number modulo 256, looked for again once a second at most."""
        found = self._versions(purpose, INSTALLATION_ID).by_byte.get(version_byte)
        if found is None and self._may_look_again():
            self.reload()
            found = self._versions(purpose, INSTALLATION_ID).by_byte.get(version_byte)
        return found

    def _find(self, purpose: KeyPurpose, version: int, environment_id: bytes) -> KeyVersion | None:
        """Looks in the database for a version that this process has not seen."""
        found = self._versions(purpose, environment_id).all.get(version)
        if found is None:
            self.reload()
            found = self._versions(purpose, environment_id).all.get(version)
        return found

    def _may_look_again(self) -> bool:
        """True for one thread a second, and after the clock was set back."""
        with self._loading:
            now = self._clock()
            if abs(now - self._looked_at) < LOOK_AGAIN_MS:
                return False
            self._looked_at = now
            return True

    def _versions(self, purpose: KeyPurpose, environment_id: bytes) -> _Versions:
        place = (environment_id, purpose)
        found = self._snapshot.get(place)
        if found is None:
            self.reload()
            found = self._snapshot.get(place)
        if found is None:
            raise KeyMissing(f"no key '{purpose}' for environment {environment_id.hex()}")
        return found

    def _load(self) -> None:
        known = self._snapshot
        rows = self._read_rows()
        opened: dict[Place, dict[int, KeyVersion]] = defaultdict(dict)
        unknown = []
        for row in rows:
            before = known.get((row.environment_id, row.purpose))
            if before is not None and row.version in before.all:
                opened[row.environment_id, row.purpose][row.version] = before.all[row.version]
            else:
                unknown.append(row)
        for row, secret in zip(unknown, self._unwrapped(unknown), strict=True):
            key = KeyVersion(version=row.version, secret=secret)
            opened[row.environment_id, row.purpose][row.version] = key
        _demand_complete(opened)
        self._snapshot = {place: _versions_of(keys) for place, keys in opened.items()}

    def _unwrapped(self, rows: Collection[StoredKey]) -> Sequence[Secret[bytes]]:
        return unwrap_all(rows, masters=self.source.read(), named=self.source.name) if rows else ()


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """One of the installation's keys in all its versions (``tokens.TokenKeys``)."""

    ring: KeyRing
    purpose: KeyPurpose

    def current(self) -> KeyVersion:
        """The version to issue with."""
        return self.ring.current(self.purpose)

    def at(self, version_byte: int) -> Secret[bytes] | None:
        """The version with this number modulo 256, or None."""
        return self.ring.at_byte(self.purpose, version_byte)


def _versions_of(keys: Mapping[int, KeyVersion]) -> _Versions:
    return _Versions(
        current=keys[max(keys)],
        all=keys,
        by_byte={version & 0xFF: keys[version].secret for version in sorted(keys)},
    )


def _demand_complete(opened: Mapping[Place, object]) -> None:
    """An absent key was deleted by somebody. It is never quietly made anew.

    That would make void whatever was hashed with it, every code and every counter.
    """
    absent = [
        str(purpose) for purpose in OF_INSTALLATION if (INSTALLATION_ID, purpose) not in opened
    ]
    if absent:
        raise KeyMissing(
            f"The database lacks these keys of the installation: {', '.join(absent)}. "
            "Restore it from a backup together with its key file."
        )
