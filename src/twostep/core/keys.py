"""The installation's keys: what each is for, and the row in which one lies wrapped.

Twostep keeps its keys in its database, each wrapped by a key-encryption key that never enters it
(SECURITY §5.6). A copy of the database alone therefore opens nothing, and a lost key file cannot be
made good.

A version is *current* until a newer one of the same purpose exists; then it is *retired*: still
read with, never again written with, and deleted when nothing needs it any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

INSTALLATION_ID = bytes(16)
"""Stands where an environment's id would, for a key that belongs to the whole installation."""


class KeyPurpose(StrEnum):
    """What a key is for. Each is random by itself: none is derived from another, so none gives
    another away.
    """

    BOX = "box"
    """Data encryption key of one environment (AES-256-GCM): seals password hashes, authenticator
    keys, and messages until they are sent."""
    AUDIT = "audit"
    """Chains one environment's events (HMAC-SHA-256). Old versions are kept for ever: they verify
    old events."""
    SESSION = "session"
    """Marks session and visitor tokens as ours, so that a forged cookie costs no read of the
    database."""
    CSRF = "csrf"
    """Binds a form to the browser that it was shown in."""
    CODE = "code"
    """Hashes codes sent by email or text: their 20 bits would be guessed through any hash without a
    key (D-07)."""
    RECOVERY = "recovery"
    """Hashes recovery codes before Argon2id."""
    INDEX = "index"
    """Hashes telephone numbers and addresses where they are counted, and the name of a device's
    cookie."""
    DECOY = "decoy"
    """Makes the answers for users who do not exist: always the same ones for the same name."""


OF_ENVIRONMENT = (KeyPurpose.BOX, KeyPurpose.AUDIT)
"""The purposes for which each environment has keys of its own."""

OF_INSTALLATION = tuple(purpose for purpose in KeyPurpose if purpose not in OF_ENVIRONMENT)
"""The purposes for which the installation has one key."""


class KeyState(StrEnum):
    """Whether a version is written with, or only read with."""

    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One row of the table ``keys``.

    ``wrapped`` is the key under the key-encryption key named by ``kek_id``. ``canary`` lets whoever
    unwraps it see that it is this key of this environment and no other.
    """

    environment_id: bytes
    purpose: KeyPurpose
    version: int
    wrapped: bytes
    kek_id: str
    state: KeyState
    canary: bytes
    made_at: int
    retired_at: int | None = None


class ForeignKeyFile(Exception):
    """A key was about to be stored under a key-encryption key that the installation no longer (or
    never) uses.

    The key file was changed after this process had read it. Read the file again and repeat the act.
    """
