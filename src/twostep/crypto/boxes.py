"""Sealing what must be read again: password hashes, authenticator keys, and messages until
they are sent (SECURITY §5.6).

Threat: somebody who can write to the database, and holds no key, moves sealed values about: his own
authenticator key into another user's row, one environment's row into another's, yesterday's value
over today's. So a box is bound to where it lies: purpose, environment, user, credential and key
version are authenticated with the ciphertext, and a box opened anywhere else is ``BoxDamaged``. It
is the caller's part to treat that as a factor that cannot be used: never as one that is not needed.

A box is one byte of format, a random nonce of 96 bits, and AES-256-GCM's ciphertext and tag. NIST
SP 800-38D §8.3 allows 2^32 random nonces for one key; SECURITY §5.6 asks for a new key version long
before, at 2^30.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from twostep.crypto.secret import KeyVersion, Secret

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_BOUND = b"2sv\0v1\0"


class BoxPurpose(StrEnum):
    """What lies in a box."""

    PASSWORD = "password"
    AUTHENTICATOR = "authenticator"
    MESSAGE = "message"
    CONTACT = "contact"
    ROUTE = "route"
    STREAM = "stream"
    CANARY = "canary"


class BoxDamaged(Exception):
    """The box was changed, or moved from where it was sealed, or is not ours. Nothing of it was
    read.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a box lies. Ids are 16 bytes each."""

    purpose: BoxPurpose
    environment_id: bytes
    user_id: bytes
    credential_id: bytes

    @classmethod
    def of_password(cls, *, environment_id: bytes, user_id: bytes, changed_at: int) -> Context:
        """A user has one password row, overwritten at each change, so the time of the change (ms)
        stands in for the credential's id: the box of an older password, put back, does not open.
        """
        return cls(
            purpose=BoxPurpose.PASSWORD,
            environment_id=environment_id,
            user_id=user_id,
            credential_id=changed_at.to_bytes(16, "big", signed=True),
        )

    @classmethod
    def of_authenticator(
        cls, *, environment_id: bytes, user_id: bytes, authenticator_id: bytes
    ) -> Context:
        """An authenticator's id is new with each key, so an older key in its place does not
        open.
        """
        return cls(
            purpose=BoxPurpose.AUTHENTICATOR,
            environment_id=environment_id,
            user_id=user_id,
            credential_id=authenticator_id,
        )

    @classmethod
    def of_message(cls, *, environment_id: bytes, user_id: bytes, message_id: bytes) -> Context:
        """A message's id is new with each, so no other message's content opens in its place."""
        return cls(
            purpose=BoxPurpose.MESSAGE,
            environment_id=environment_id,
            user_id=user_id,
            credential_id=message_id,
        )

    @classmethod
    def of_contact(cls, *, environment_id: bytes, user_id: bytes, contact_id: bytes) -> Context:
        """An address's id is new with each change, so an older address in its place does not
        open.
        """
        return cls(
            purpose=BoxPurpose.CONTACT,
            environment_id=environment_id,
            user_id=user_id,
            credential_id=contact_id,
        )

    @classmethod
    def of_route(cls, *, environment_id: bytes, route_id: bytes) -> Context:
        """A mail server or a provider of an environment, which belongs to no user. Its id is new
        with each change, so an older one in its place does not open.
        """
        return cls(
            purpose=BoxPurpose.ROUTE,
            environment_id=environment_id,
            user_id=bytes(16),
            credential_id=route_id,
        )

    @classmethod
    def of_stream(cls, *, environment_id: bytes, stream_id: bytes) -> Context:
        """Where an environment's events are streamed to. Its id is new with each change."""
        return cls(
            purpose=BoxPurpose.STREAM,
            environment_id=environment_id,
            user_id=bytes(16),
            credential_id=stream_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A box for the column ``sealed``, and for ``key_version`` the version of the key that sealed
    it.
    """

    blob: bytes
    key_version: int


def seal_with(key: KeyVersion, plaintext: Secret[bytes], *, context: Context) -> Sealed:
    """Seals under exactly this key. ``KeyRing.seal`` chooses the current one."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(key.secret.reveal())
    body = cipher.encrypt(nonce, plaintext.reveal(), _bound(context, key.version))
    return Sealed(blob=_FORMAT + nonce + body, key_version=key.version)


def open_with(key: KeyVersion, blob: bytes, *, context: Context) -> Secret[bytes]:
    """What was sealed under this key in this context. Raises BoxDamaged for anything else."""
    shortest = len(_FORMAT) + _NONCE_BYTES + _TAG_BYTES
    if len(blob) < shortest or blob[:1] != _FORMAT:
        raise BoxDamaged("this is not a box of a format that this version knows")
    nonce, body = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        opened = AESGCM(key.secret.reveal()).decrypt(nonce, body, _bound(context, key.version))
    except InvalidTag:
        raise BoxDamaged("the box was changed, or does not belong where it lies") from None
    return Secret(opened)


def _bound(context: Context, key_version: int) -> bytes:
    """Each part carries its length, so that no two contexts can spell the same bytes."""
    parts = (
        context.purpose.value.encode(),
        context.environment_id,
        context.user_id,
        context.credential_id,
        key_version.to_bytes(4, "big"),
    )
    return _BOUND + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
