"""The stub that retention leaves: signed, about one environment, and where the chain begins."""

import json

import pytest

from tests.core.test_audit_chain import ENVIRONMENT, HEAD, KEYS, LOG, checked, renumbered, seal_at
from twostep.core.audit_chain import (
    GENESIS,
    Broken,
    Checkpoint,
    Fault,
    Intact,
    Seal,
    SealedEvent,
    VerificationResult,
    checkpoint_line,
    verify,
)
from twostep.core.audit_stubs import NotAStub, Stub, is_stub, read_stub, stub_line

STUB = Stub(
    environment_id=ENVIRONMENT, number=3, mac=LOG[2].mac, before=3_500, at=9_000, key_version=1
)
LINE = stub_line(STUB, key=KEYS[1])
REST = LOG[3:]


def read(line: str, environment_id: bytes = ENVIRONMENT) -> Stub:
    return read_stub(line, environment_id=environment_id, key_of=KEYS.__getitem__)


def behind(
    entries: list[SealedEvent], *expected: Seal, start: Seal = STUB.seal
) -> VerificationResult:
    return verify(entries, key_of=KEYS.__getitem__, expected=expected or [HEAD], start=start)


# --- the line


def test_a_stub_reads_back() -> None:
    assert is_stub(LINE)
    assert read(LINE) == STUB


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 4},
        {"number": "3"},
        {"mac": "00" * 32},
        {"before": 0},
        {"at": 0},
        {"key_version": 2},
        {"environment_id": "66" * 16},
        {"type": "twostep audit stub 2"},
        {"signature": "00" * 32},
        {"more": 1},
    ],
    ids=str,
)
def test_a_stub_that_was_changed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotAStub):
        read(json.dumps({**json.loads(LINE), **changes}, sort_keys=True, separators=(",", ":")))


def test_a_stub_of_another_environment_is_refused() -> None:
    with pytest.raises(NotAStub):
        read(LINE, b"f" * 16)


def test_a_checkpoint_is_no_stub() -> None:
    """Both are signed with one key, and a checkpoint is where an attacker can read it."""
    checkpoint = Checkpoint(
        environment_id=ENVIRONMENT, number=3, mac=LOG[2].mac, at=1, count=3, key_version=1
    )
    line = checkpoint_line(checkpoint, key=KEYS[1])
    assert not is_stub(line)
    with pytest.raises(NotAStub):
        read(line)


def test_a_signed_stub_without_a_number_is_refused() -> None:
    odd = Stub(
        environment_id=ENVIRONMENT,
        number="3",  # type: ignore[arg-type]
        mac=GENESIS,
        before=1,
        at=1,
        key_version=1,
    )
    with pytest.raises(NotAStub):
        read(stub_line(odd, key=KEYS[1]))


# --- the chain behind it (AC-66, SECURITY §5.7)


def test_a_log_that_begins_behind_its_stub_is_intact() -> None:
    assert behind(REST) == Intact(head=HEAD)


def test_all_entries_taken_by_retention_leave_an_intact_log() -> None:
    assert behind([], HEAD, start=HEAD) == Intact(head=HEAD)


def test_without_its_stub_the_beginning_is_missing() -> None:
    assert checked(REST) == Broken(number=1, fault=Fault.MISSING)


def test_an_older_stub_leaves_a_gap() -> None:
    assert behind(REST, start=seal_at(LOG, 2)) == Broken(number=3, fault=Fault.MISSING)


def test_more_taken_than_the_stub_says_is_missing() -> None:
    assert behind(LOG[4:]) == Broken(number=4, fault=Fault.MISSING)


def test_an_entry_that_the_stub_says_was_taken_and_is_there_is_named() -> None:
    assert behind(LOG[2:]) == Broken(number=3, fault=Fault.FORKED)
    assert behind(LOG) == Broken(number=1, fault=Fault.FORKED)


def test_entries_numbered_anew_behind_a_stub_are_named() -> None:
    assert behind(renumbered(REST)) == Broken(number=1, fault=Fault.FORKED)


def test_checkpoints_from_before_the_stub_are_not_missed_and_one_at_it_must_fit() -> None:
    assert behind(REST, seal_at(LOG, 1), seal_at(LOG, 3), HEAD) == Intact(head=HEAD)
    other = Seal(number=3, mac=GENESIS)
    assert behind(REST, other, HEAD) == Broken(number=3, fault=Fault.FORKED)


def test_the_tail_cut_off_behind_a_stub_is_missed() -> None:
    assert behind(REST[:-1]) == Broken(number=8, fault=Fault.TRUNCATED)
    assert behind([]) == Broken(number=4, fault=Fault.TRUNCATED)
