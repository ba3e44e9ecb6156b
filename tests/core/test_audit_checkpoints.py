"""The signed line that goes to a second place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.audit_chain import (
    Checkpoint,
    NotACheckpoint,
    Seal,
    checkpoint_line,
    read_checkpoint,
)
from twostep.core.signed_lines import signed_line

KEYS = {1: b"a" * 32, 2: b"b" * 32}
CHECKPOINT = Checkpoint(
    environment_id=b"e" * 16,
    number=1_000,
    mac=b"m" * 32,
    at=1_700_000_000_000,
    count=250,
    key_version=2,
)
LINE = checkpoint_line(CHECKPOINT, key=KEYS[2])


def test_a_checkpoint_is_one_line_and_reads_back() -> None:
    assert "\n" not in LINE
    assert read_checkpoint(LINE, key_of=KEYS.__getitem__) == CHECKPOINT
    assert CHECKPOINT.seal == Seal(number=1_000, mac=b"m" * 32)


def test_the_line_is_signed_in_exactly_these_bytes() -> None:
    """Offline programs rely on this spelling."""
    signature = json.loads(LINE)["signature"]
    assert (
        '{"at":1700000000000,"count":250,"environment_id":"' + "65" * 16 + '",'
        '"key_version":2,"mac":"' + "6d" * 32 + '","number":1000,'
        f'"signature":"{signature}","type":"twostep audit checkpoint 1"}}'
    ) == LINE
    assert len(signature) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 999},
        {"number": 1_000.0},
        {"number": "1000"},
        {"mac": "00" * 32},
        {"mac": "6D" * 32},
        {"mac": 5},
        {"environment_id": "66" * 16},
        {"environment_id": "65 " * 16},
        {"at": 0},
        {"count": 0},
        {"count": None},
        {"key_version": 1},
        {"key_version": 3},
        {"key_version": [2]},
        {"type": "twostep audit checkpoint 2"},
        {"signature": "00" * 32},
        {"signature": None},
        {"signature": "é" * 64},
        {"more": 1},
    ],
    ids=str,
)
def test_a_line_that_was_changed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotACheckpoint):
        read_checkpoint(json.dumps({**json.loads(LINE), **changes}), key_of=KEYS.__getitem__)


@pytest.mark.parametrize("name", sorted(json.loads(LINE)))
def test_a_line_that_lacks_a_member_is_refused(name: str) -> None:
    members = json.loads(LINE)
    del members[name]
    with pytest.raises(NotACheckpoint):
        read_checkpoint(json.dumps(members), key_of=KEYS.__getitem__)


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "null", "5", '"x"', "[" * 500, "[" * 501, "x" * 100_000]
)
def test_what_is_no_checkpoint_at_all_is_refused(line: str) -> None:
    with pytest.raises(NotACheckpoint):
        read_checkpoint(line, key_of=KEYS.__getitem__)


@given(st.integers(0, len(LINE) - 1), st.characters(codec="ascii"))
def test_any_single_changed_character_is_noticed(place: int, character: str) -> None:
    line = LINE[:place] + character + LINE[place + 1 :]
    if json_or_none(line) == json.loads(LINE):
        return
    with pytest.raises(NotACheckpoint):
        read_checkpoint(line, key_of=KEYS.__getitem__)


def json_or_none(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def test_a_line_signed_with_another_key_is_refused() -> None:
    with pytest.raises(NotACheckpoint):
        read_checkpoint(checkpoint_line(CHECKPOINT, key=KEYS[1]), key_of=KEYS.__getitem__)


@pytest.mark.parametrize(
    "changes",
    [{"number": "1000"}, {"mac": "6D" * 32}, {"more": 1}, {"environment_id": None}],
    ids=str,
)
def test_a_line_that_was_signed_and_is_not_spelt_like_one_is_refused(
    changes: dict[str, object],
) -> None:
    members = {name: value for name, value in json.loads(LINE).items() if name != "signature"}
    with pytest.raises(NotACheckpoint):
        read_checkpoint(signed_line({**members, **changes}, key=KEYS[2]), key_of=KEYS.__getitem__)
