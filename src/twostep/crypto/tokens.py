"""Tokens: what a browser shows to be recognised (SECURITY §5.1, §5.5).

Every token is 32 random bytes, far above the 128 bits that ASVS 7.2.3 asks for, so the database
keeps a plain SHA-256 of them: whoever reads the database cannot show the token, and nobody can
guess it.

A *marked* token (session, visitor) also carries a truncated HMAC over purpose, environment and
random part. It grants nothing by itself. It lets a server throw away a forgery for a microsecond of
its own, before the database is asked, and keeps a token of one environment or purpose from being
looked up in another.

    marked   version (1) ‖ random (32) ‖ HMAC-SHA-256, first 16 bytes     66 characters of base64url
    plain    random (32)                                                   43 characters of
    base64url

The first byte is the version of the key, modulo 256. With it, a server that has not heard of a
rotation can tell a new key, for which it looks once, from a forgery, for which it does not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from twostep.crypto.secret import KeyVersion, Secret

RANDOM_BYTES = 32
MAC_BYTES = 16

_MARKED_LENGTH = 66
_PLAIN_LENGTH = 43
_CSRF_LENGTH = 44
_CSRF_LABEL = b"twostep form\0"


class TokenPurpose(StrEnum):
    """What a marked token is good for. It is part of what the mark covers."""

    SESSION = "session"
    VISITOR = "visitor"
    """A browser that is nobody yet (``__Host-pre``). Stateless: a flood of them stores nothing."""


class TokenKeys(Protocol):
    """The versions of one key, as ``KeyRing.token_keys`` gives them."""

    def current(self) -> KeyVersion:
        """The version to issue with."""

    def at(self, version_byte: int) -> Secret[bytes] | None:
        """The live version with this number modulo 256, or None.

        May read the database for it, once a second at most: never to be called inside a unit.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """``text`` is for the browser, ``stored`` (SHA-256 of ``random``) for the database."""

    text: Secret[str]
    random: Secret[bytes]
    stored: bytes


def issue(keys: TokenKeys, *, purpose: TokenPurpose, environment_id: bytes) -> Token:
    """A new marked token."""
    key = keys.current()
    random = secrets.token_bytes(RANDOM_BYTES)
    mark = _mark(key.secret, purpose, environment_id, random)
    return _token(_text(bytes([key.version & 0xFF]) + random + mark), random)


def read(
    text: str, *, keys: TokenKeys, purpose: TokenPurpose, environment_id: bytes
) -> Token | None:
    """The token, if it was issued for this purpose and environment under a live key, or None.

    It may still be unknown, ended or somebody's old one: only the database knows that.
    """
    raw = _bytes(text, _MARKED_LENGTH)
    if raw is None:
        return None
    secret = keys.at(raw[0])
    if secret is None:
        return None
    random = raw[1 : 1 + RANDOM_BYTES]
    if not hmac.compare_digest(_mark(secret, purpose, environment_id, random), raw[-MAC_BYTES:]):
        return None
    return _token(text, random)


def issue_plain() -> Token:
    """A new token without a mark: for links, which nobody opens often, and for pending sign-ins."""
    random = secrets.token_bytes(RANDOM_BYTES)
    return _token(_text(random), random)


def read_plain(text: str) -> Token | None:
    """The token, if the text has the one spelling that a token can have; None for anything else."""
    random = _bytes(text, _PLAIN_LENGTH)
    return None if random is None else _token(text, random)


def csrf_token(keys: TokenKeys, *, binding: Secret[bytes]) -> str:
    """What a form carries to show that it was made for this browser.

    ``binding`` is the random part of the browser's session, pending or visitor token: the form's
    value cannot be had by planting a cookie, nor used in another browser, nor does it give the
    cookie away.
    """
    key = keys.current()
    return _text(bytes([key.version & 0xFF]) + _csrf_mark(key.secret, binding))


def csrf_matches(text: str, *, keys: TokenKeys, binding: Secret[bytes]) -> bool:
    """Whether the form was made for the browser with this binding, under a live key."""
    raw = _bytes(text, _CSRF_LENGTH)
    if raw is None:
        return False
    secret = keys.at(raw[0])
    return secret is not None and hmac.compare_digest(_csrf_mark(secret, binding), raw[1:])


def _token(text: str, random: bytes) -> Token:
    return Token(text=Secret(text), random=Secret(random), stored=hashlib.sha256(random).digest())


def _mark(
    secret: Secret[bytes], purpose: TokenPurpose, environment_id: bytes, random: bytes
) -> bytes:
    """The purpose follows its length, the rest is of one length: no two inputs spell alike."""
    name = purpose.value.encode()
    covered = bytes([len(name)]) + name + environment_id + random
    return hmac.digest(secret.reveal(), covered, "sha256")[:MAC_BYTES]


def _csrf_mark(secret: Secret[bytes], binding: Secret[bytes]) -> bytes:
    return hmac.digest(secret.reveal(), _CSRF_LABEL + binding.reveal(), "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str, length: int) -> bytes | None:
    """Strict: one length, one alphabet, and the one spelling of these bytes.

    The last character of base64 can hold bits that decoding drops. Were they ignored, a token would
    have several texts, and whoever compares texts (a log, a block list) would take one token for
    many.
    """
    if len(text) != length or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-length % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == text else None
