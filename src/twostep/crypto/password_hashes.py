"""The hash itself: Argon2id strings in the PHC form, by libsodium (PyNaCl).

    $argon2id$v=19$m=19456,t=2,p=1$<salt, 16 bytes>$<tag, 32 bytes>

The string carries its own parameters, so a string says how much memory verifying it takes. Threat:
whoever can write one string to the database, or bring it with imported users, could make each
sign-in take gigabytes. So what a stored string may ask for is bounded (``HostileParameters``), and
what the operator may set is bounded below.

The tag is compared here, in constant time, and libsodium is asked only to compute it: its own
verify answers "no" for a wrong password and for memory that it did not get, and a full machine must
not be told apart from a wrong password by the attempts that it uses up.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nacl.pwhash import argon2id

from twostep.crypto.secret import Secret

LONGEST_BYTES = 1024
"""Of a password in UTF-8. 256 code points, the most that may be chosen, never take more."""

SALT_BYTES = 16
TAG_BYTES = 32

WEAKEST = ((1, 46 * 1024), (2, 19 * 1024), (3, 12 * 1024))
"""Passes and KiB. OWASP Password Storage and ASVS 5.0 appendix C: each row is as good as the
others, and parameters must be no less than one of them in both numbers."""

MOST_KIB = 256 * 1024
MOST_PASSES = 10

_PHC = re.compile(
    rb"\$argon2id\$v=19\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,9}),p=1"
    rb"\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})"
)


class PasswordTooLong(ValueError):
    """More than 1024 bytes. Refused before any hashing, and for known and unknown users alike."""


class WeakParameters(ValueError):
    """The operator's parameters are out of bounds. The message names the bounds."""


class HostileParameters(Exception):
    """A stored string asks for more than 256 MiB or ten passes. It was not verified."""


class UnknownHash(Exception):
    """The stored string is not one that this version can verify."""


class TooMuchMemory(Exception):
    """All hashing threads together could take more than half of this machine's memory. The message
    says the way out.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a new hash costs. By default OWASP's second row: some 20 ms, where RFC 9106's second
    choice takes ten times that, and a service that can check four passwords a second invites its
    own outage.
    """

    memory_kib: int = 19 * 1024
    passes: int = 2

    def __post_init__(self) -> None:
        """Raises WeakParameters."""
        strong = any(self.passes >= passes and self.memory_kib >= kib for passes, kib in WEAKEST)
        if not strong:
            rows = ", ".join(f"{passes} with {kib} KiB" for passes, kib in WEAKEST)
            raise WeakParameters(
                f"{self.passes} passes with {self.memory_kib} KiB are too little for Argon2id. "
                f"The least (OWASP) are, in passes and memory: {rows}."
            )
        if self.memory_kib > MOST_KIB or self.passes > MOST_PASSES:
            raise WeakParameters(
                f"{self.passes} passes with {self.memory_kib} KiB are too much for Argon2id: "
                f"stored hashes above {MOST_PASSES} passes or {MOST_KIB} KiB are not verified."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHash:
    """A PHC string, read and found within bounds."""

    memory_kib: int
    passes: int
    salt: bytes
    tag: Secret[bytes]


def read_hash(phc: Secret[bytes]) -> StoredHash:
    """The parts of a stored string. Raises UnknownHash and HostileParameters."""
    found = _PHC.fullmatch(phc.reveal())
    if found is None:
        raise UnknownHash("the stored password hash is of no known form")
    memory_kib, passes = int(found[1]), int(found[2])
    if memory_kib > MOST_KIB or passes > MOST_PASSES:
        raise HostileParameters(f"the stored password hash asks for m={memory_kib}, t={passes}")
    try:
        salt, tag = (base64.b64decode(part + b"=" * (-len(part) % 4)) for part in found.group(3, 4))
    except binascii.Error:
        raise UnknownHash("the stored password hash is of no known form") from None
    return StoredHash(memory_kib=memory_kib, passes=passes, salt=salt, tag=Secret(tag))


def needs_rehash(phc: Secret[bytes], parameters: Parameters) -> bool:
    """Whether the string was made with other parameters than today's. Raises as ``read_hash``."""
    stored = read_hash(phc)
    return (stored.memory_kib, stored.passes) != (parameters.memory_kib, parameters.passes)


def password_bytes(password: Secret[str]) -> Secret[bytes]:
    """What is hashed: UTF-8 of the NFC form (NIST SP 800-63B-4 §3.1.1.2), so that an accent typed
    on two keyboards is one password. Raises PasswordTooLong.
    """
    text = password.reveal()
    if (
        len(text) > 4 * LONGEST_BYTES
    ):  # Normalising takes time of its own; no acceptable password is longer.
        raise PasswordTooLong("the password is longer than 1024 bytes")
    encoded = unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
    if len(encoded) > LONGEST_BYTES:
        raise PasswordTooLong("the password is longer than 1024 bytes")
    return Secret(encoded)


def new_hash(parameters: Parameters, typed: Secret[bytes]) -> Secret[bytes]:
    """A PHC string with a fresh salt. Takes one hash's time and memory."""
    salt = secrets.token_bytes(SALT_BYTES)
    tag = _argon2id(parameters.memory_kib, parameters.passes, salt, typed)
    head = f"$argon2id$v=19$m={parameters.memory_kib},t={parameters.passes},p=1$"
    return Secret(head.encode() + _base64(salt) + b"$" + _base64(tag))


def matches(stored: StoredHash, typed: Secret[bytes]) -> bool:
    """Whether the password is the one hashed. Takes one hash's time and memory."""
    tag = _argon2id(stored.memory_kib, stored.passes, stored.salt, typed)
    return hmac.compare_digest(tag, stored.tag.reveal())


def nothing_matches(parameters: Parameters, typed: Secret[bytes]) -> bool:
    """The work of ``matches``, against nothing."""
    tag = _argon2id(parameters.memory_kib, parameters.passes, bytes(SALT_BYTES), typed)
    hmac.compare_digest(tag, bytes(TAG_BYTES))
    return False


def demand_memory(parameters: Parameters, *, threads: int, workers: int, memory_bytes: int) -> None:
    """Raises TooMuchMemory when all hashing threads at once would take more than half of
    ``memory_bytes``.
    """
    most = parameters.memory_kib * 1024 * threads * workers
    if most * 2 > memory_bytes:
        raise TooMuchMemory(
            f"{threads * workers} hashing threads of {parameters.memory_kib} KiB could take "
            f"{most >> 20} MiB, more than half of this machine's {memory_bytes >> 20} MiB. "
            "Use fewer workers, or less memory for each hash."
        )


def machine_memory(cgroup: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Bytes of memory that this process may use: the machine's, or less where a container (cgroup
    v2) says so.
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = cgroup.read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def _argon2id(memory_kib: int, passes: int, salt: bytes, typed: Secret[bytes]) -> bytes:
    """Raises nacl.exceptions.RuntimeError when the memory is not to be had: an error, not a wrong
    password.
    """
    return argon2id.kdf(
        TAG_BYTES, typed.reveal(), salt, opslimit=passes, memlimit=memory_kib * 1024
    )


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")
