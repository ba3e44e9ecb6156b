"""Ids, and keyed hashes where a value is only compared and never read."""

from __future__ import annotations

import hmac
import secrets

from twostep.crypto.secret import Secret

ID_BYTES = 16


def new_id() -> bytes:
    """A new random id."""
    return secrets.token_bytes(ID_BYTES)


def keyed_hash(key: Secret[bytes], *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the parts, each with its length before it, so that no two lists of parts
    spell alike.
    """
    covered = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key.reveal(), covered, "sha256")
