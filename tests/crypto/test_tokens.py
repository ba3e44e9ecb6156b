"""What a browser shows is believed only in the one spelling in which it was issued."""

import base64
import hashlib
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.key_rings import ACME, GLOBE, KeysInMemory, keys_in_memory
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import LOOK_AGAIN_MS, LiveKeys
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import (
    Token,
    TokenPurpose,
    csrf_matches,
    csrf_token,
    issue,
    issue_plain,
    read,
    read_plain,
)

ALPHABET = string.ascii_letters + string.digits + "-_"
SESSION = TokenPurpose.SESSION


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> KeysInMemory:
    return keys_in_memory(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def keys(memory: KeysInMemory) -> LiveKeys:
    return memory.ring().token_keys(KeyPurpose.SESSION)


def text_of(token: Token) -> str:
    return token.text.reveal()


def replaced(text: str, at: int, by: str) -> str:
    return text[:at] + by + text[at + 1 :]


def test_an_issued_token_is_read_again_as_what_it_was(keys: LiveKeys) -> None:
    token = issue(keys, purpose=SESSION, environment_id=ACME)
    assert read(text_of(token), keys=keys, purpose=SESSION, environment_id=ACME) == token
    assert len(text_of(token)) == 66
    assert set(text_of(token)) <= set(ALPHABET)


def test_the_database_keeps_only_the_hash_of_256_random_bits(keys: LiveKeys) -> None:
    token = issue(keys, purpose=SESSION, environment_id=ACME)
    assert len(token.random.reveal()) == 32
    assert token.stored == hashlib.sha256(token.random.reveal()).digest()


def test_no_two_tokens_are_alike(keys: LiveKeys) -> None:
    issued = [issue(keys, purpose=SESSION, environment_id=ACME).stored for _ in range(50)]
    assert len(set(issued)) == 50


@given(at=st.integers(0, 65), by=st.sampled_from(ALPHABET))
def test_a_token_with_any_character_changed_is_refused(keys: LiveKeys, at: int, by: str) -> None:
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    answer = read(replaced(text, at, by), keys=keys, purpose=SESSION, environment_id=ACME)
    assert (answer is not None) == (text[at] == by)


@given(bit=st.integers(0, 49 * 8 - 1))
def test_a_token_with_any_bit_flipped_is_refused(keys: LiveKeys, bit: int) -> None:
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    raw = bytearray(base64.urlsafe_b64decode(text + "=="))
    raw[bit // 8] ^= 1 << bit % 8
    forged = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert read(forged, keys=keys, purpose=SESSION, environment_id=ACME) is None


@given(text=st.text(max_size=80) | st.text(alphabet=ALPHABET, min_size=66, max_size=66))
def test_whatever_a_browser_sends_is_answered_and_not_believed(keys: LiveKeys, text: str) -> None:
    assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is None


def test_a_token_has_one_spelling(keys: LiveKeys) -> None:
    """The last character holds four bits that decoding drops: sixteen texts for one token."""
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    spellings = [replaced(text, 65, last) for last in ALPHABET]
    same_bytes = [
        other
        for other in spellings
        if base64.urlsafe_b64decode(other + "==") == base64.urlsafe_b64decode(text + "==")
    ]
    assert len(same_bytes) == 16
    read_back = [
        other
        for other in (*same_bytes, text + "=", text + "==", f" {text}", f"{text}\n")
        if read(other, keys=keys, purpose=SESSION, environment_id=ACME)
    ]
    assert read_back == [text]


def test_a_token_of_one_environment_is_none_in_another(keys: LiveKeys) -> None:
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is not None
    assert read(text, keys=keys, purpose=SESSION, environment_id=GLOBE) is None


def test_a_visitor_token_is_no_session_token(keys: LiveKeys) -> None:
    text = text_of(issue(keys, purpose=TokenPurpose.VISITOR, environment_id=ACME))
    assert read(text, keys=keys, purpose=TokenPurpose.VISITOR, environment_id=ACME) is not None
    assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is None


def test_a_token_of_another_installation_is_refused(tmp_path: Path, keys: LiveKeys) -> None:
    other = keys_in_memory(tmp_path).ring().token_keys(KeyPurpose.SESSION)
    text = text_of(issue(other, purpose=SESSION, environment_id=ACME))
    assert read(text, keys=other, purpose=SESSION, environment_id=ACME) is not None
    assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is None


def test_a_forgery_is_refused_without_a_read_of_the_database(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    keys = memory.ring().token_keys(KeyPurpose.SESSION)
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    reads = memory.reads
    memory.clock.forward(10 * LOOK_AGAIN_MS)
    for at in range(2, 66):  # From the first character that is not of the version.
        forged = replaced(text, at, "A" if text[at] != "A" else "B")
        assert read(forged, keys=keys, purpose=SESSION, environment_id=ACME) is None
    assert memory.reads == reads


def test_tokens_with_a_made_up_key_version_cost_one_read_a_second(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    keys = memory.ring().token_keys(KeyPurpose.SESSION)
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    reads = memory.reads
    for _second in range(3):
        memory.clock.forward(LOOK_AGAIN_MS)
        for first in "BCDEFGH":  # Version 4 to 31 in place of 1.
            forged = replaced(text, 0, first)
            assert read(forged, keys=keys, purpose=SESSION, environment_id=ACME) is None
    assert memory.reads == reads + 3


def test_a_session_of_before_a_rotation_stays_and_a_new_one_is_known_everywhere(
    tmp_path: Path,
) -> None:
    memory = keys_in_memory(tmp_path)
    here = memory.ring().token_keys(KeyPurpose.SESSION)
    old = text_of(issue(here, purpose=SESSION, environment_id=ACME))
    memory.add_version(KeyPurpose.SESSION, version=2)
    elsewhere = memory.ring().token_keys(KeyPurpose.SESSION)
    new = text_of(issue(elsewhere, purpose=SESSION, environment_id=ACME))
    assert new[:2] != old[:2]
    memory.clock.forward(LOOK_AGAIN_MS)
    for keys in (here, elsewhere):
        for text in (old, new):
            assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is not None


def test_key_versions_beyond_255_are_told_apart(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    memory.add_version(KeyPurpose.SESSION, version=257)  # Written as 1, like the first version.
    keys = memory.ring().token_keys(KeyPurpose.SESSION)
    text = text_of(issue(keys, purpose=SESSION, environment_id=ACME))
    assert read(text, keys=keys, purpose=SESSION, environment_id=ACME) is not None


def test_a_plain_token_is_read_in_its_one_spelling_only() -> None:
    token = issue_plain()
    text = text_of(token)
    assert read_plain(text) == token
    assert len(text) == 43
    others = [replaced(text, 42, last) for last in ALPHABET if last != text[42]]
    bytes_of = base64.urlsafe_b64decode(text + "=")
    same = [other for other in others if base64.urlsafe_b64decode(other + "=") == bytes_of]
    assert len(same) == 3
    assert [read_plain(other) for other in (*same, text + "=", text[:-1], "", "é" * 43)] == [
        None
    ] * 7


def test_a_form_is_good_for_the_browser_that_it_was_made_for(memory: KeysInMemory) -> None:
    keys = memory.ring().token_keys(KeyPurpose.CSRF)
    mine, another = issue_plain().random, issue_plain().random
    form = csrf_token(keys, binding=mine)
    assert csrf_matches(form, keys=keys, binding=mine)
    assert not csrf_matches(form, keys=keys, binding=another)
    assert mine.reveal() not in base64.urlsafe_b64decode(form)


@given(at=st.integers(0, 43), by=st.sampled_from(ALPHABET))
def test_a_form_token_with_any_character_changed_is_refused(
    memory: KeysInMemory, at: int, by: str
) -> None:
    keys = memory.ring().token_keys(KeyPurpose.CSRF)
    binding = Secret(b"b" * 32)
    form = csrf_token(keys, binding=binding)
    changed = replaced(form, at, by)
    assert csrf_matches(changed, keys=keys, binding=binding) == (form[at] == by)


def test_a_form_of_before_a_rotation_is_still_good(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    binding = Secret(b"b" * 32)
    form = csrf_token(memory.ring().token_keys(KeyPurpose.CSRF), binding=binding)
    memory.add_version(KeyPurpose.CSRF, version=2)
    assert csrf_matches(form, keys=memory.ring().token_keys(KeyPurpose.CSRF), binding=binding)


def test_printing_a_token_does_not_show_what_the_browser_holds() -> None:
    token = issue_plain()
    assert text_of(token) not in repr(token)
    assert token.random.reveal().hex() not in repr(token)
