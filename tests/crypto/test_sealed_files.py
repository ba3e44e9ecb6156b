"""A file sealed with a passphrase: what it gives back, and what it refuses."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from twostep.crypto import sealed_files
from twostep.crypto.sealed_files import PIECE, NotASealedFile, WrongPassphrase, is_sealed
from twostep.crypto.secret import Secret

PASSPHRASE = Secret("correct horse battery staple")


def sealed(content: bytes) -> bytes:
    return b"".join(sealed_files.sealed(_in_pieces(content), PASSPHRASE))


def opened(file: bytes, passphrase: Secret[str] = PASSPHRASE) -> bytes:
    return b"".join(sealed_files.opened(io.BytesIO(file), passphrase))


def _in_pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 1_000):
        yield content[start : start + 1_000]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 7])
def test_what_was_sealed_comes_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(content[:size])) == content[:size]


@pytest.fixture(scope="module")
def file() -> bytes:
    """Three pieces."""
    return sealed(bytes(2 * PIECE + 100))


def test_another_passphrase_opens_nothing(file: bytes) -> None:
    with pytest.raises(WrongPassphrase):
        opened(file, Secret("another passphrase altogether"))


def test_a_piece_that_is_changed_left_out_or_moved_is_found(file: bytes) -> None:
    head, size = file.index(b"\n") + 1, PIECE + 16
    header, first, second, last = (
        file[:head],
        file[head : head + size],
        file[head + size : head + 2 * size],
        file[head + 2 * size :],
    )
    for broken in (
        header + first + second,
        header + first + last,
        header + second + first + last,
        header + first + second + last[:-1],
        header + first + second + last + b"x",
        header + first[:-1] + bytes([first[-1] ^ 1]) + second + last,
        header,
    ):
        with pytest.raises(WrongPassphrase):
            opened(broken)


def test_ac_80_a_file_that_asks_for_other_work_is_refused_before_it_is_done(file: bytes) -> None:
    for before, after in (
        (b'"n": 131072', b'"n": 1073741824'),
        (b'"r": 8', b'"r": 8000'),
        (b'"p": 1', b'"p": 1000'),
        (b'"prefix": "', b'"prefix": "00'),
        (b'"salt": "', b'"salt": "zz'),
    ):
        assert before in file
        with pytest.raises(NotASealedFile):
            opened(file.replace(before, after, 1))
    for other in (b"", b"{}", b"twostep sealed file 1 " + b"[" * 400, b"PK\x03\x04"):
        with pytest.raises(NotASealedFile):
            opened(other)


def test_a_sealed_file_is_known_by_its_beginning(file: bytes) -> None:
    assert is_sealed(file[:30])
    assert not is_sealed(b'{"type":"twostep export"')
