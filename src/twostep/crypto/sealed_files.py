"""A file sealed with a passphrase, of any size, read and written piece by piece.

    first line    twostep sealed file 1 {"n": …, "r": …, "p": …, "prefix": …, "salt": …}
    then          pieces of 64 KiB, each AES-256-GCM with its tag

Promise: who has not the passphrase reads nothing and changes nothing unnoticed. Pieces cannot be
reordered, left out or cut off at the end: the nonce of each is its number and whether it is the
last (the STREAM construction; Hoang, Reyhanitabar, Rogaway and Vizár 2015), and the first line is
authenticated with each.

The key comes from the passphrase by scrypt (RFC 7914) with N = 2^17, r = 8, p = 1, which OWASP's
Password Storage names for it: 128 MiB. A file that asks for other parameters is refused before any
of it is computed: whoever hands somebody a file must not fill their memory (AC-80).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from twostep.crypto.secret import Secret

PIECE: Final = 64 * 1024

SHORTEST_PASSPHRASE: Final = 15
"""Characters, as of a password by itself (NIST SP 800-63B-4 section 3.1.1.2)."""

_MAGIC: Final = b"twostep sealed file 1 "
_COST: Final = {"n": 2**17, "r": 8, "p": 1}
_LONGEST_HEADER: Final = 500
_PREFIX_BYTES: Final = 7
_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16


class NotASealedFile(ValueError):
    """The file is not of this form, or asks for other work than ours."""


class WrongPassphrase(Exception):
    """The passphrase is another one, or the file was changed or cut off."""


def is_sealed(beginning: bytes) -> bool:
    """Whether a file that begins like this is one."""
    return beginning.startswith(_MAGIC)


def sealed(pieces: Iterable[bytes], passphrase: Secret[str]) -> Iterator[bytes]:
    """The content of the file that holds these bytes, in pieces of its own."""
    salt, prefix = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_PREFIX_BYTES)
    parts = {**_COST, "salt": salt.hex(), "prefix": prefix.hex()}
    header = _MAGIC + json.dumps(parts, sort_keys=True).encode() + b"\n"
    cipher = AESGCM(_key(passphrase, salt))
    yield header
    number, waiting = 0, b""
    for piece in pieces:
        waiting += piece
        # More than one: whether the piece is the last one is part of its nonce.
        while len(waiting) > PIECE:
            yield cipher.encrypt(_nonce(prefix, number, last=False), waiting[:PIECE], header)
            number, waiting = number + 1, waiting[PIECE:]
    yield cipher.encrypt(_nonce(prefix, number, last=True), waiting, header)


def opened(file: BinaryIO, passphrase: Secret[str]) -> Iterator[bytes]:
    """What is in the file, piece by piece, each as soon as it is known to be genuine.

    Raises NotASealedFile and, also after many pieces, WrongPassphrase: whatever acts on the content
    waits until all of it has been read.
    """
    header = file.readline(_LONGEST_HEADER)
    salt, prefix = _parts(header)
    cipher = AESGCM(_key(passphrase, salt))
    number, piece = 0, file.read(PIECE + _TAG_BYTES)
    while True:
        after = file.read(PIECE + _TAG_BYTES)
        nonce = _nonce(prefix, number, last=not after)
        try:
            yield cipher.decrypt(nonce, piece, header)
        except (InvalidTag, ValueError):
            raise WrongPassphrase("the passphrase does not open this file") from None
        if not after:
            return
        number, piece = number + 1, after


def _parts(header: bytes) -> tuple[bytes, bytes]:
    """Salt and prefix. Raises NotASealedFile."""
    if not is_sealed(header) or not header.endswith(b"\n"):
        raise NotASealedFile("not a sealed file")
    try:
        parts = json.loads(header[len(_MAGIC) :])
        salt, prefix = bytes.fromhex(parts["salt"]), bytes.fromhex(parts["prefix"])
        cost = {name: parts[name] for name in _COST}
    except (KeyError, TypeError, ValueError, RecursionError):
        raise NotASealedFile("not a sealed file") from None
    if cost != _COST or len(salt) != _SALT_BYTES or len(prefix) != _PREFIX_BYTES:
        raise NotASealedFile("the file asks for other parameters than those of a sealed file")
    return salt, prefix


def _key(passphrase: Secret[str], salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_COST).derive(passphrase.reveal().encode("utf-8"))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    """Raises OverflowError behind 2^32 pieces, which are 256 TiB."""
    return prefix + number.to_bytes(4, "big") + bytes([last])
