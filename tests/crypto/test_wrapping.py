"""A wrapped key opens with its master key, in its place, and in no other."""

from dataclasses import replace
from itertools import permutations

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.key_rings import ACME, GLOBE
from twostep.core.keys import OF_INSTALLATION, KeyPurpose, StoredKey
from twostep.crypto.key_files import MasterKey, MasterKeys, WrongKeyFile, new_master_key
from twostep.crypto.secret import Secret
from twostep.crypto.wrapping import new_installation_keys, new_key, rewrap, unwrap_all

MASTER = new_master_key()
MASTERS = MasterKeys(keys=(MASTER,))
ROWS = [
    new_key(purpose, master=MASTER, now=1, environment_id=environment_id, version=version)
    for purpose in (KeyPurpose.BOX, KeyPurpose.AUDIT)
    for environment_id in (ACME, GLOBE)
    for version in (1, 2)
]


def opened(*rows: StoredKey, masters: MasterKeys = MASTERS) -> list[Secret[bytes]]:
    return list(unwrap_all(rows, masters=masters, named="the key file /k"))


def test_every_key_is_random_and_32_bytes_long() -> None:
    rows = (*ROWS, *new_installation_keys(MASTER, now=1))
    values = {secret.reveal() for secret in opened(*rows)}
    assert len(values) == len(rows)
    assert {len(value) for value in values} == {32}


def test_an_installation_has_one_key_for_each_purpose_that_is_not_an_environments() -> None:
    rows = new_installation_keys(MASTER, now=1)
    assert [row.purpose for row in rows] == list(OF_INSTALLATION)
    assert set(OF_INSTALLATION) == set(KeyPurpose) - {KeyPurpose.BOX, KeyPurpose.AUDIT}


def test_nothing_of_the_key_lies_in_the_row() -> None:
    for row, secret in zip(ROWS, opened(*ROWS), strict=True):
        assert secret.reveal()[:8] not in row.wrapped + row.canary


def test_a_key_does_not_open_with_another_master_key() -> None:
    """AC-63."""
    for row in ROWS:
        with pytest.raises(WrongKeyFile):
            opened(row, masters=MasterKeys(keys=(new_master_key(),)))


def test_a_key_does_not_open_with_a_wrong_master_key_that_has_the_right_ones_name() -> None:
    """AC-63: the name of a key is a hint, and proves nothing."""
    impostor = MasterKey(id=MASTER.id, secret=new_master_key().secret)
    with pytest.raises(WrongKeyFile):
        opened(ROWS[0], masters=MasterKeys(keys=(impostor,)))


def test_no_key_passes_for_another_environments_version_or_purpose() -> None:
    """AC-65: a database writer who moves whole keys, canaries and all, gains nothing."""
    for here, there in permutations(ROWS, 2):
        moved = replace(here, wrapped=there.wrapped, canary=there.canary)
        with pytest.raises(WrongKeyFile):
            opened(moved)
        with pytest.raises(WrongKeyFile):
            opened(replace(here, wrapped=there.wrapped))
        with pytest.raises(WrongKeyFile):
            opened(replace(here, canary=there.canary))


@given(
    row=st.sampled_from(ROWS),
    of_canary=st.booleans(),
    at=st.integers(min_value=0),
    bit=st.integers(0, 7),
)
def test_a_row_with_any_bit_flipped_does_not_open(
    row: StoredKey, of_canary: bool, at: int, bit: int
) -> None:
    value = bytearray(row.canary if of_canary else row.wrapped)
    value[at % len(value)] ^= 1 << bit
    flipped = bytes(value)
    with pytest.raises(WrongKeyFile):
        opened(replace(row, canary=flipped) if of_canary else replace(row, wrapped=flipped))


@pytest.mark.parametrize("key", [b"", b"k", b"k" * 16, b"k" * 31, b"k" * 33, bytes(32)])
def test_an_empty_or_short_key_is_refused_although_it_is_wrapped_rightly(key: bytes) -> None:
    """AC-63: a key of zeros would open and seal, and keep nothing secret."""
    for row in ROWS:
        wrapped = aes_key_wrap_with_padding(MASTER.secret.reveal(), key) if key else b""
        with pytest.raises(WrongKeyFile):
            opened(replace(row, wrapped=wrapped))


def test_a_missing_canary_is_refused() -> None:
    for row in ROWS:
        with pytest.raises(WrongKeyFile):
            opened(replace(row, canary=b""))


def test_the_refusal_says_how_many_whose_and_the_way_out() -> None:
    strangers = [replace(row, kek_id="other") for row in ROWS if row.environment_id == ACME]
    with pytest.raises(WrongKeyFile) as caught:
        opened(*ROWS, *strangers)
    assert "4 of 12 keys" in str(caught.value)
    assert "the key file /k" in str(caught.value)
    assert "TWOSTEP_KEY_FILE" in str(caught.value)
    assert caught.value.environments == {ACME}


def test_a_key_wrapped_anew_is_the_same_key_under_the_first_master_key() -> None:
    new = new_master_key()
    both = MasterKeys(keys=(new, MASTER))
    for row in ROWS:
        moved = rewrap(row, masters=both, named="the key file /k")
        assert moved.kek_id == new.id
        assert opened(moved, masters=MasterKeys(keys=(new,))) == opened(row)
        with pytest.raises(WrongKeyFile):
            opened(moved)
