"""The ring: whole or not at all, and never behind for long."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.key_rings import ACME, GLOBE, keys_in_memory
from twostep.core.keys import INSTALLATION_ID, OF_INSTALLATION, KeyPurpose
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.key_files import KeyFile, WrongKeyFile, new_master_key
from twostep.crypto.keys import KeyMissing, KeyRing
from twostep.crypto.secret import Secret

ADA = Context.of_password(environment_id=ACME, user_id=b"ada " * 4, changed_at=1)
PHC = Secret(b"$argon2id$...")


def test_a_ring_gives_the_key_of_each_purpose_and_no_two_are_alike(tmp_path: Path) -> None:
    ring = keys_in_memory(tmp_path, ACME, GLOBE).ring()
    keys = [ring.current(purpose) for purpose in OF_INSTALLATION] + [
        ring.current(purpose, environment_id=environment_id)
        for purpose in (KeyPurpose.BOX, KeyPurpose.AUDIT)
        for environment_id in (ACME, GLOBE)
    ]
    assert {key.version for key in keys} == {1}
    assert len({key.secret.reveal() for key in keys}) == len(keys)


def test_two_processes_load_the_same_keys(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    box = memory.ring().seal(PHC, context=ADA)
    assert memory.ring().open_box(box.blob, key_version=box.key_version, context=ADA) == PHC


def test_a_wrong_key_file_makes_no_ring_and_names_the_environments(tmp_path: Path) -> None:
    """AC-63: the start stops; no server runs that could not check a code."""
    memory = keys_in_memory(tmp_path, ACME, GLOBE)
    other = KeyFile(tmp_path / "other.key")
    other.create(new_master_key())
    with pytest.raises(WrongKeyFile) as caught:
        KeyRing(source=other, read_rows=memory.read, clock=memory.clock)
    assert str(other.path) in str(caught.value)
    assert caught.value.environments == {INSTALLATION_ID, ACME, GLOBE}


def test_one_bad_key_among_many_makes_no_ring(tmp_path: Path) -> None:
    """AC-63: a ring with a hole would fail one environment's users one by one, in silence."""
    memory = keys_in_memory(tmp_path, ACME, GLOBE)
    bad = next(row for row in memory.rows if row.environment_id == GLOBE)
    memory.rows[memory.rows.index(bad)] = replace(bad, wrapped=bad.wrapped[:-1] + b"?")
    with pytest.raises(WrongKeyFile) as caught:
        memory.ring()
    assert caught.value.environments == {GLOBE}


@pytest.mark.parametrize("purpose", OF_INSTALLATION)
def test_a_key_that_was_deleted_is_missed_and_not_made_anew(
    tmp_path: Path, purpose: KeyPurpose
) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    memory.rows = [row for row in memory.rows if row.purpose is not purpose]
    with pytest.raises(KeyMissing, match=purpose.value):
        memory.ring()


def test_a_database_without_keys_makes_no_ring(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    memory.rows.clear()
    with pytest.raises(KeyMissing):
        memory.ring()


def test_an_environment_without_keys_can_seal_and_open_nothing(tmp_path: Path) -> None:
    """R-31: what needs a key that is not there is an error, and never skipped."""
    memory = keys_in_memory(tmp_path, ACME)
    ring = memory.ring()
    box = ring.seal(PHC, context=ADA)
    elsewhere = replace(ADA, environment_id=GLOBE)
    with pytest.raises(KeyMissing):
        ring.seal(PHC, context=elsewhere)
    with pytest.raises(KeyMissing):
        ring.open_box(box.blob, key_version=1, context=elsewhere)
    with pytest.raises(KeyMissing):
        ring.open_nothing(environment_id=GLOBE)
    with pytest.raises(KeyMissing):
        ring.at_version(KeyPurpose.AUDIT, 2, environment_id=ACME)


def test_a_box_that_names_a_key_that_never_was_is_damaged(tmp_path: Path) -> None:
    ring = keys_in_memory(tmp_path, ACME).ring()
    box = ring.seal(PHC, context=ADA)
    for version in (-1, 0, 2, 2**31):
        with pytest.raises(BoxDamaged):
            ring.open_box(box.blob, key_version=version, context=ADA)


def test_a_ring_learns_of_an_environment_that_another_process_made(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path)
    ring = memory.ring()
    memory.add_environment(ACME)
    box = ring.seal(PHC, context=ADA)
    assert memory.ring().open_box(box.blob, key_version=box.key_version, context=ADA) == PHC


def test_a_ring_opens_what_was_sealed_before_and_after_a_rotation_it_has_not_heard_of(
    tmp_path: Path,
) -> None:
    """AC-64: two versions are read, one is written."""
    memory = keys_in_memory(tmp_path, ACME)
    stale = memory.ring()
    before = stale.seal(PHC, context=ADA)
    memory.add_version(KeyPurpose.BOX, version=2, environment_id=ACME)
    after = memory.ring().seal(PHC, context=ADA)
    assert (before.key_version, after.key_version) == (1, 2)
    for box in (before, after):
        assert stale.open_box(box.blob, key_version=box.key_version, context=ADA) == PHC
    assert stale.seal(PHC, context=ADA).key_version == 2


def test_known_keys_are_used_without_a_read_of_the_database(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    ring = memory.ring()
    reads = memory.reads
    for _ in range(10):
        box = ring.seal(PHC, context=ADA)
        ring.open_box(box.blob, key_version=box.key_version, context=ADA)
        ring.open_nothing(environment_id=ACME)
        ring.token_keys(KeyPurpose.SESSION).current()
    assert memory.reads == reads


def test_a_deleted_version_is_forgotten_at_the_next_load(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    memory.add_version(KeyPurpose.SESSION, version=2)
    ring = memory.ring()
    assert ring.at_version(KeyPurpose.SESSION, 1).version == 1
    memory.rows = [
        row for row in memory.rows if (row.purpose, row.version) != (KeyPurpose.SESSION, 1)
    ]
    ring.reload()
    with pytest.raises(KeyMissing):
        ring.at_version(KeyPurpose.SESSION, 1)


def test_a_failed_load_leaves_the_ring_as_it_was(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    ring = memory.ring()
    box = ring.seal(PHC, context=ADA)
    memory.add_environment(GLOBE)
    memory.file.path.unlink()
    with pytest.raises(WrongKeyFile):
        ring.reload()
    assert ring.open_box(box.blob, key_version=box.key_version, context=ADA) == PHC


def test_a_running_ring_does_not_need_the_old_master_key_again(tmp_path: Path) -> None:
    """AC-64: keys wrapped anew while a server runs are, to it, the keys that it has."""
    memory = keys_in_memory(tmp_path, ACME)
    ring = memory.ring()
    box = ring.seal(PHC, context=ADA)
    memory.rows = [replace(row, kek_id="another", wrapped=b"another") for row in memory.rows]
    ring.reload()
    assert ring.open_box(box.blob, key_version=box.key_version, context=ADA) == PHC


def test_many_threads_can_meet_a_rotation_at_once(tmp_path: Path) -> None:
    memory = keys_in_memory(tmp_path, ACME)
    ring = memory.ring()
    memory.add_version(KeyPurpose.BOX, version=2, environment_id=ACME)
    box = memory.ring().seal(PHC, context=ADA)
    start = threading.Barrier(8)
    answers = []

    def meet() -> None:
        start.wait()
        answers.append(ring.open_box(box.blob, key_version=box.key_version, context=ADA))

    threads = [threading.Thread(target=meet) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [PHC] * 8


def test_printing_a_ring_shows_no_key(tmp_path: Path) -> None:
    ring = keys_in_memory(tmp_path, ACME).ring()
    key = ring.current(KeyPurpose.BOX, environment_id=ACME)
    shown = repr((ring, ring._snapshot, key))
    assert repr(key.secret.reveal())[2:-1] not in shown
    assert "Secret(…)" in shown
