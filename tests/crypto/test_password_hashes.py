"""Argon2id strings: ours and everybody's, and none that asks for more than it may."""

import base64
import unicodedata
from pathlib import Path

import nacl.pwhash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.crypto.password_hashes import (
    HostileParameters,
    Parameters,
    PasswordTooLong,
    TooMuchMemory,
    UnknownHash,
    WeakParameters,
    demand_memory,
    machine_memory,
    matches,
    needs_rehash,
    new_hash,
    nothing_matches,
    password_bytes,
    read_hash,
)
from twostep.crypto.secret import Secret

USUAL = Parameters()
PASSWORD = Secret("correct horse battery staple")
SALT = base64.b64encode(b"s" * 16).rstrip(b"=").decode()
TAG = base64.b64encode(b"t" * 32).rstrip(b"=").decode()


def string(parameters: str = "m=19456,t=2,p=1", salt: str = SALT, tag: str = TAG) -> Secret[bytes]:
    return Secret(f"$argon2id$v=19${parameters}${salt}${tag}".encode())


def test_a_hash_is_a_phc_string_with_the_usual_parameters_and_a_salt_of_its_own() -> None:
    one, other = (new_hash(USUAL, password_bytes(PASSWORD)) for _ in range(2))
    assert one.reveal().startswith(b"$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    stored = read_hash(one)
    assert (stored.memory_kib, stored.passes, len(stored.salt)) == (19456, 2, 16)
    assert len(stored.tag.reveal()) == 32


def test_only_the_right_password_matches() -> None:
    stored = read_hash(new_hash(USUAL, password_bytes(PASSWORD)))
    assert matches(stored, password_bytes(PASSWORD))
    for wrong in ("Correct horse battery staple", PASSWORD.reveal() + " ", "", "\0"):
        assert not matches(stored, password_bytes(Secret(wrong)))
    assert not nothing_matches(USUAL, password_bytes(PASSWORD))


def test_libsodium_verifies_our_strings_and_we_verify_libsodiums() -> None:
    typed = password_bytes(PASSWORD)
    ours = new_hash(USUAL, typed)
    assert nacl.pwhash.verify(ours.reveal(), typed.reveal())
    theirs = nacl.pwhash.argon2id.str(typed.reveal(), opslimit=3, memlimit=12 * 1024 * 1024)
    assert theirs.startswith(b"$argon2id$v=19$m=12288,t=3,p=1$")
    assert matches(read_hash(Secret(theirs)), typed)
    assert not matches(read_hash(Secret(theirs)), password_bytes(Secret("another")))


def test_the_bytes_of_a_password_end_nowhere_but_at_its_end() -> None:
    stored = read_hash(new_hash(USUAL, password_bytes(Secret("before\0after"))))
    assert not matches(stored, password_bytes(Secret("before\0other")))


@given(text=st.text(max_size=50))
def test_one_password_in_two_unicode_forms_is_one_password(text: str) -> None:
    forms = {
        password_bytes(Secret(unicodedata.normalize(form, text))).reveal()
        for form in ("NFC", "NFD")
    }
    assert len(forms) == 1


@pytest.mark.parametrize("character", ["a", "é", "😀"])
def test_a_password_of_1024_bytes_is_hashed_and_one_byte_more_refused(character: str) -> None:
    """AC-68: before any work, whoever the user is."""
    size = len(character.encode())
    fits = character * (1024 // size)
    assert len(password_bytes(Secret(fits)).reveal()) == 1024
    with pytest.raises(PasswordTooLong):
        password_bytes(Secret(fits + "a"))


def test_a_megabyte_is_refused_as_a_password_before_it_is_looked_at() -> None:
    """AC-68."""
    for text in ("a" * 2**20, "e\u0301" * 2**19, "\ud800" * 2**20):
        with pytest.raises(PasswordTooLong):
            password_bytes(Secret(text))


@pytest.mark.parametrize(
    "parameters",
    [
        "m=262145,t=2,p=1",
        "m=4294967295,t=2,p=1",
        "m=19456,t=11,p=1",
        "m=9999999999,t=999999,p=1",
    ],
)
def test_a_stored_string_cannot_ask_for_more_than_256_mib_or_ten_passes(parameters: str) -> None:
    """AC-68: whoever can write one row must not be able to stop the server with it."""
    with pytest.raises(HostileParameters):
        read_hash(string(parameters))


def test_a_stored_string_may_ask_for_just_256_mib_and_ten_passes() -> None:
    stored = read_hash(string("m=262144,t=10,p=1"))
    assert (stored.memory_kib, stored.passes) == (262144, 10)


@pytest.mark.parametrize(
    "stored",
    [
        Secret(b""),
        Secret(b"*"),
        Secret(b"$2b$12$abcdefghijklmnopqrstuuAbCdEfGhIjKlMnOpQrStUvWxYz01234"),
        string("m=19456,t=2,p=2"),
        string("m=0,t=2,p=1"),
        string("m=-1,t=2,p=1"),
        string("m=19456,t=0,p=1"),
        string("t=2,m=19456,p=1"),
        string("m=019456,t=2,p=1"),
        string("m=19456,t=2,p=1,data=AAAA"),
        string(salt=SALT[:-1]),
        string(tag=TAG[:-1]),
        string(tag=TAG + "="),
        string(tag=TAG[:-1] + "-"),
        Secret(string().reveal() + b"\n"),
        Secret(string().reveal().replace(b"argon2id", b"argon2i")),
        Secret(string().reveal().replace(b"v=19", b"v=16")),
    ],
    ids=lambda stored: repr(stored.reveal()[:40]),
)
def test_a_string_of_another_form_is_an_error_and_not_a_wrong_password(
    stored: Secret[bytes],
) -> None:
    """R-31: an error must not be taken for an answer."""
    with pytest.raises(UnknownHash) as caught:
        read_hash(stored)
    assert caught.value.__cause__ is None


@given(stored=st.binary(max_size=120))
def test_whatever_lies_in_the_database_is_an_error_or_a_hash(stored: bytes) -> None:
    with pytest.raises(UnknownHash):
        read_hash(Secret(stored))


@pytest.mark.parametrize(("passes", "kib"), [(1, 46 * 1024), (2, 19 * 1024), (3, 12 * 1024)])
def test_the_weakest_parameters_are_owasps_and_nothing_below_them(passes: int, kib: int) -> None:
    assert Parameters(passes=passes, memory_kib=kib).memory_kib == kib
    with pytest.raises(WeakParameters, match="OWASP"):
        Parameters(passes=passes, memory_kib=kib - 1)


@pytest.mark.parametrize(("passes", "kib"), [(0, 2**18), (11, 19456), (2, 2**18 + 1), (10, 8)])
def test_parameters_that_could_not_be_verified_again_are_refused(passes: int, kib: int) -> None:
    with pytest.raises(WeakParameters):
        Parameters(passes=passes, memory_kib=kib)


def test_a_hash_of_other_parameters_than_todays_is_due_to_be_made_anew() -> None:
    assert not needs_rehash(string("m=19456,t=2,p=1"), USUAL)
    assert needs_rehash(string("m=19456,t=3,p=1"), USUAL)
    assert needs_rehash(string("m=65536,t=2,p=1"), USUAL)
    assert not needs_rehash(string("m=65536,t=2,p=1"), Parameters(memory_kib=65536))


def test_all_hashing_threads_together_fit_into_half_of_the_memory() -> None:
    """AC-68: checked at the start, not found out under load."""
    eight = 8 * 19 * 1024 * 1024
    demand_memory(USUAL, threads=2, workers=4, memory_bytes=2 * eight)
    with pytest.raises(TooMuchMemory, match="152 MiB"):
        demand_memory(USUAL, threads=2, workers=4, memory_bytes=2 * eight - 1)


def test_the_memory_of_a_container_counts_where_it_is_less_than_the_machines(
    tmp_path: Path,
) -> None:
    limit = tmp_path / "memory.max"
    whole = machine_memory(tmp_path / "absent")
    limit.write_text("104857600\n")
    assert machine_memory(limit) == 104857600
    limit.write_text("max\n")
    assert machine_memory(limit) == whole
    limit.write_text(f"{whole * 2}\n")
    assert machine_memory(limit) == whole > 0
