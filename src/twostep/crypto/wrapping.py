"""How keys lie in the database: wrapped, and each with a canary (SECURITY §5.6).

    key-encryption key (a file or TWOSTEP_KEY, never in the database)
     └─ AES Key Wrap with Padding (NIST SP 800-38F; RFC 5649)
         ├─ one BOX and one AUDIT key for each environment, in versions
         └─ SESSION, CSRF, CODE, RECOVERY, INDEX, DECOY for the installation, in versions

Threat: a row of ``keys`` moved to another environment, purpose or version must not pass for that
one's key, and an empty or short key must not be taken for a key. Wrapping alone says only "wrapped
by this master key". So each key also has a canary bound to its place, which only the right key in
the right place makes or opens.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from twostep.core.keys import INSTALLATION_ID, OF_INSTALLATION, KeyPurpose, KeyState, StoredKey
from twostep.crypto.boxes import BoxDamaged, BoxPurpose, Context, open_with, seal_with
from twostep.crypto.key_files import MasterKey, MasterKeys, WrongKeyFile
from twostep.crypto.secret import KeyVersion, Secret

KEY_BYTES = 32

_CANARY = Secret(b"twostep canary")


def new_key(
    purpose: KeyPurpose,
    *,
    master: MasterKey,
    now: int,
    environment_id: bytes = INSTALLATION_ID,
    version: int = 1,
) -> StoredKey:
    """A fresh random key, wrapped, with its canary."""
    secret = Secret(secrets.token_bytes(KEY_BYTES))
    return known_key(
        purpose, secret, master=master, now=now, environment_id=environment_id, version=version
    )


def known_key(
    purpose: KeyPurpose,
    secret: Secret[bytes],
    *,
    master: MasterKey,
    now: int,
    environment_id: bytes,
    version: int,
) -> StoredKey:
    """The same for a key that was made before: one that comes along from another installation."""
    row = StoredKey(
        environment_id=environment_id,
        purpose=purpose,
        version=version,
        wrapped=_wrap(secret, master),
        kek_id=master.id,
        state=KeyState.CURRENT,
        canary=b"",
        made_at=now,
    )
    return replace(row, canary=_new_canary(row, secret))


def new_installation_keys(master: MasterKey, *, now: int) -> tuple[StoredKey, ...]:
    """The first version of each key that the installation has one of."""
    return tuple(new_key(purpose, master=master, now=now) for purpose in OF_INSTALLATION)


def unwrap_all(
    rows: Collection[StoredKey], *, masters: MasterKeys, named: str
) -> Sequence[Secret[bytes]]:
    """The keys in these rows, in their order. ``named`` says in a message where the master keys
    came from.

    Raises WrongKeyFile, after trying all of them, when one cannot be opened, is not 32 bytes, or is
    not the key that its place says it is.
    """
    opened = [_unwrap(row, masters) for row in rows]
    bad = [row for row, secret in zip(rows, opened, strict=True) if secret is None]
    if bad:
        raise WrongKeyFile(
            f"{len(bad)} of {len(opened)} keys of this database do not open with {named}. Point "
            "TWOSTEP_KEY_FILE at the file made with this database, or restore database and "
            "key file from backups of the same time.",
            environments=frozenset(row.environment_id for row in bad),
        )
    return [secret for secret in opened if secret is not None]


def rewrap(row: StoredKey, *, masters: MasterKeys, named: str) -> StoredKey:
    """The same key, wrapped by the first of the master keys. Raises WrongKeyFile."""
    (secret,) = unwrap_all([row], masters=masters, named=named)
    return replace(row, wrapped=_wrap(secret, masters.current), kek_id=masters.current.id)


def _wrap(secret: Secret[bytes], master: MasterKey) -> bytes:
    return aes_key_wrap_with_padding(master.secret.reveal(), secret.reveal())


def _unwrap(row: StoredKey, masters: MasterKeys) -> Secret[bytes] | None:
    master = masters.find(row.kek_id)
    if master is None:
        return None
    try:
        raw = aes_key_unwrap_with_padding(master.secret.reveal(), row.wrapped)
    except (InvalidUnwrap, ValueError):
        return None
    if len(raw) != KEY_BYTES or not any(raw):
        return None
    secret = Secret(raw)
    return secret if _canary_sings(row, secret) else None


def _canary_context(row: StoredKey) -> Context:
    return Context(
        purpose=BoxPurpose.CANARY,
        environment_id=row.environment_id,
        user_id=row.purpose.value.encode(),
        credential_id=b"",
    )


def _new_canary(row: StoredKey, secret: Secret[bytes]) -> bytes:
    """A BOX key seals its canary; any other key, made for HMAC, authenticates one."""
    if row.purpose is KeyPurpose.BOX:
        key = KeyVersion(version=row.version, secret=secret)
        return seal_with(key, _CANARY, context=_canary_context(row)).blob
    name = row.purpose.value.encode()
    place = b"\0".join((_CANARY.reveal(), name, row.version.to_bytes(4, "big"), row.environment_id))
    return hmac.digest(secret.reveal(), place, "sha256")


def _canary_sings(row: StoredKey, secret: Secret[bytes]) -> bool:
    if row.purpose is not KeyPurpose.BOX:
        return hmac.compare_digest(_new_canary(row, secret), row.canary)
    key = KeyVersion(version=row.version, secret=secret)
    try:
        return open_with(key, row.canary, context=_canary_context(row)) == _CANARY
    except BoxDamaged:
        return False
