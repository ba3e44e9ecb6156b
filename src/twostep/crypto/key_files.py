"""Where the key-encryption keys come from: a file of the operator's, or the setting TWOSTEP_KEY.

The file is JSON with a list of keys. The first one wraps; the others only unwrap, while a change of
the master key is under way. A key's id is a fingerprint of the key, so a file in which a character
was lost is noticed before anything is opened with it.

Threat: the file and a copy of the database together open everything. So the file is made for its
owner alone, one that others may read is refused, no message ever quotes what stands in it, and it
belongs in another backup than the database does.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from twostep.crypto.secret import Secret

MASTER_KEY_BYTES = 32

_ABOUT = (
    "The master key of a Twostep installation. Keep a copy of this file apart from the backups "
    "of the database: together they open everything, and without this file the database cannot "
    "be opened again."
)
_LARGEST = 64 * 1024


class WrongKeyFile(Exception):
    """The keys cannot be had from this file or setting. The message names it and says the way out.

    ``environments`` are the ids of the environments whose keys cannot be opened, where that is what
    went wrong.
    """

    def __init__(self, sentence: str, *, environments: frozenset[bytes] = frozenset()) -> None:
        super().__init__(sentence)
        self.environments = environments


class KeyFileBusy(Exception):
    """Another process is changing the master key now. The message names the file."""


class NoKeyFile(WrongKeyFile):
    """There is no such file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKey:
    """A key-encryption key of 32 bytes. ``id`` is a fingerprint of it and no secret."""

    id: str
    secret: Secret[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeys:
    """At least one key. The first wraps, all of them unwrap."""

    keys: tuple[MasterKey, ...]

    @property
    def current(self) -> MasterKey:
        """The key that wraps."""
        return self.keys[0]

    def find(self, kek_id: str) -> MasterKey | None:
        """The key with this id, or None."""
        return next((key for key in self.keys if key.id == kek_id), None)


class KeySource(Protocol):
    """A place that key-encryption keys are read from."""

    @property
    def name(self) -> str:
        """How a message names it."""

    def read(self) -> MasterKeys:
        """The keys as they are there now. Raises WrongKeyFile."""


def new_master_key() -> MasterKey:
    """A fresh random key."""
    return _master_key(secrets.token_bytes(MASTER_KEY_BYTES))


@dataclass(frozen=True, slots=True)
class KeyText:
    """The setting TWOSTEP_KEY: 32 bytes in base64; of several, with commas, the first one wraps."""

    text: Secret[str]

    @property
    def name(self) -> str:
        """The setting's name."""
        return "TWOSTEP_KEY"

    def read(self) -> MasterKeys:
        """The keys. Raises WrongKeyFile when one of them is not 32 bytes in base64."""
        parts = [part.strip() for part in self.text.reveal().split(",")]
        keys = tuple(_master_key(raw) for part in parts if (raw := _key_bytes(part)))
        if len(keys) != len(parts):
            raise WrongKeyFile(
                "TWOSTEP_KEY is not a key. It must be 32 random bytes in base64, as "
                "`openssl rand -base64 32` prints them; several are separated by commas."
            )
        return MasterKeys(keys=keys)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file at a path."""

    path: Path

    @property
    def name(self) -> str:
        """The file with its path."""
        return f"the key file {self.path}"

    def read(self) -> MasterKeys:
        """The keys in the file.

        Raises NoKeyFile when there is none, WrongKeyFile when others than its owner may read it, or
        it is damaged.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            raise NoKeyFile(
                f"There is no key file {self.path}. Put it back from where it was kept, or point "
                "TWOSTEP_KEY_FILE at it: what the database holds cannot be opened without it."
            ) from None
        except OSError as wrong:
            raise WrongKeyFile(
                f"The key file {self.path} cannot be read ({wrong.strerror}). "
                "Make it readable for the user that Twostep runs as."
            ) from None
        try:
            self._demand_private(os.fstat(handle))
            return self._parse(os.read(handle, _LARGEST))
        finally:
            os.close(handle)

    def create(self, key: MasterKey) -> None:
        """Makes the file, for its owner alone. Never writes over one: raises FileExistsError.

        The file gets its name when all of it is on the disk: another server that starts at the same
        moment finds no file, or a whole one.
        """
        aside = _aside(self.path)
        with _folder_of(self.path) as folder:
            fcntl.flock(folder, fcntl.LOCK_EX)
            aside.unlink(missing_ok=True)
            _write_new(aside, _as_json(MasterKeys(keys=(key,))))
            try:
                os.link(aside, self.path)
            finally:
                aside.unlink()
            os.fsync(folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps others from changing the file meanwhile. Raises KeyFileBusy.

        Two who put a new key into the file at once would lose one of them, and all that it wraps.
        """
        with _folder_of(self._real()) as folder:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KeyFileBusy(
                    f"Another process is changing the master key in {self.path}. "
                    "Wait until it has finished."
                ) from None
            yield

    def replace(self, keys: MasterKeys) -> None:
        """Puts other keys in the file's place: after a crash there is the old file or the new one.

        Owner and group stay as they were, so that a rotation by root does not shut the server out.
        """
        real = self._real()
        aside, before = _aside(real), real.stat()
        aside.unlink(missing_ok=True)
        _write_new(aside, _as_json(keys))
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(aside, before.st_uid, before.st_gid)
        aside.replace(real)
        with _folder_of(real) as folder:
            os.fsync(folder)

    def _real(self) -> Path:
        """Where the file is when the path is a link: the link must stay one."""
        return Path(os.path.realpath(self.path))

    def _demand_private(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise WrongKeyFile(f"The key file {self.path} is not a file.")
        if status.st_mode & 0o077:
            raise WrongKeyFile(
                f"Others than its owner may read or change the key file {self.path}. Run "
                f"`chmod 600 {self.path}`, and change the master key if anyone may have read it."
            )

    def _parse(self, content: bytes) -> MasterKeys:
        damaged = WrongKeyFile(
            f"The key file {self.path} is damaged. Put it back from where a copy was kept; only if "
            "this installation has never been started before, delete it and a new one will be made."
        )
        try:
            entries = json.loads(content)["keys"]
            pairs = [(str(entry["id"]), _key_bytes(entry["key"])) for entry in entries]
        except (ValueError, KeyError, TypeError):
            raise damaged from None
        keys = tuple(_master_key(raw) for _, raw in pairs if raw)
        if not keys or [key.id for key in keys] != [kek_id for kek_id, _ in pairs]:
            raise damaged
        return MasterKeys(keys=keys)


def _master_key(raw: bytes) -> MasterKey:
    """The fingerprint of 256 random bits gives nothing of them away."""
    fingerprint = hashlib.sha256(b"twostep master key\0" + raw).hexdigest()
    return MasterKey(id=fingerprint[:16], secret=Secret(raw))


def _key_bytes(text: str) -> bytes | None:
    """32 bytes that are not all zero, or None."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == MASTER_KEY_BYTES and any(raw) else None


def _as_json(keys: MasterKeys) -> bytes:
    entries = [
        {"id": key.id, "key": base64.b64encode(key.secret.reveal()).decode()} for key in keys.keys
    ]
    return json.dumps({"about": _ABOUT, "keys": entries}, indent=2).encode() + b"\n"


def _write_new(path: Path, content: bytes) -> None:
    """With O_EXCL: a file or a link that somebody placed there beforehand is not written into."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _aside(path: Path) -> Path:
    """Where new content is written first: in the same folder, so that naming it is one step."""
    return path.with_name(path.name + ".new")


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """The folder, opened. To be synced, because a power cut loses a name that only the file knows.

    It is also what is locked: the file itself is exchanged. A lock ends with its process.
    """
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)
