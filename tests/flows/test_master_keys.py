"""Changing the master key, while servers run and processes are killed."""

import base64
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.helpers.clocks import START, HandClock
from tests.helpers.kills import killed_at
from tests.helpers.postgres import Cluster
from tests.helpers.sealed_rows import (
    Filled,
    add_environment,
    add_user,
    everything_in,
    fill,
    installation_on,
    open_everything,
)
from tests.storage.waiting import until
from twostep.core.keys import ForeignKeyFile
from twostep.crypto.key_files import (
    KeyFile,
    KeyFileBusy,
    KeyText,
    MasterKeys,
    WrongKeyFile,
    new_master_key,
)
from twostep.crypto.secret import Secret
from twostep.flows import master_keys
from twostep.flows.keys import load_ring, rotate
from twostep.flows.master_keys import NoSecondMasterKey, rotate_master
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, Database, open_database

NEW = b"new!" * 4


@pytest.fixture
def source(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "twostep.key")


@pytest.fixture
def filled(database: Database, source: KeyFile) -> Filled:
    return fill(database, source)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Larger than the installation's own keys, which go first and together."""
    monkeypatch.setattr(master_keys, "BATCH", 7)


def wrapped_by(database: Database) -> set[str]:
    return {row.kek_id for row in database.read(stored_keys.all_of_them)}


def opens(database: Database, source: KeyFile, filled: Filled) -> bool:
    ring = load_ring(database, source, clock=HandClock())
    return open_everything(database, ring, filled.environments) == filled.contents


def test_a_new_master_key_wraps_everything_and_the_old_one_opens_nothing(
    database: Database, source: KeyFile, filled: Filled, tmp_path: Path, small_batches: None
) -> None:
    before = source.read()
    old = KeyFile(tmp_path / "old.key")
    old.create(before.current)
    seen: list[tuple[int, int]] = []
    done = rotate_master(
        database, source, progress=lambda count, total: seen.append((count, total))
    )
    assert (done.rewrapped, done.finished_earlier) == (10, False)
    assert seen == [(7, 10), (10, 10)]
    after = source.read()
    assert len(after.keys) == 1
    assert after != before
    assert wrapped_by(database) == {after.current.id}
    assert opens(database, source, filled)
    with pytest.raises(WrongKeyFile):
        load_ring(database, old, clock=HandClock())


def test_a_wrong_key_file_changes_nothing(
    database: Database, filled: Filled, tmp_path: Path
) -> None:
    """AC-63: neither the database nor the file."""
    other = KeyFile(tmp_path / "other.key")
    other.create(new_master_key())
    before = (everything_in(database), other.path.read_bytes())
    with pytest.raises(WrongKeyFile):
        rotate_master(database, other)
    assert (everything_in(database), other.path.read_bytes()) == before


def test_two_changes_of_the_master_key_at_once_are_refused(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    before = everything_in(database)
    with source.alone(), pytest.raises(KeyFileBusy):
        rotate_master(database, source)
    assert everything_in(database) == before


def test_a_running_server_does_not_notice_and_can_add_environments_all_through_it(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    """AC-64."""
    server = load_ring(database, source, clock=HandClock())
    added: list[bytes] = []

    def at_each_step(_done: int, _total: int) -> None:
        server.reload()
        assert open_everything(database, server, filled.environments) == filled.contents
        added.append(NEW[:15] + bytes([len(added)]))
        add_environment(database, server, added[-1], name=f"new{len(added)}")
        filled.contents.update(add_user(database, server, added[-1], name="first"))
        filled.environments.append(added[-1])

    rotate_master(database, source, progress=at_each_step)
    assert len(added) > 1
    assert wrapped_by(database) == {source.read().current.id}
    assert opens(database, source, filled)


def test_a_key_wrapped_by_the_old_master_key_cannot_be_stored_once_it_is_dropped(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    """It could never be opened again: who read the key file before the change must read it
    again."""
    server = load_ring(database, source, clock=HandClock())
    too_late = server.new_keys_for_environment(NEW, now=START)
    rotate_master(database, source)
    before = everything_in(database)
    with pytest.raises(ForeignKeyFile):
        database.write(lambda connection: stored_keys.add(connection, too_late))
    assert everything_in(database) == before
    again = server.new_keys_for_environment(NEW, now=START)
    database.write(lambda connection: stored_keys.add(connection, again))
    assert opens(database, source, filled)


@pytest.mark.postgresql
def test_a_key_on_its_way_into_the_database_is_waited_for_before_the_old_master_key_is_dropped(
    postgres_cluster: Cluster, source: KeyFile
) -> None:
    """SQLite writes one after the other; PostgreSQL would let the change overtake the insert."""
    url = postgres_cluster.create_database()
    with closing(open_database(url)) as here, closing(open_database(url)) as there:
        filled = fill(here, source)
        on_its_way = load_ring(here, source, clock=HandClock()).new_keys_for_environment(
            NEW, now=START
        )
        changing = threading.Thread(target=rotate_master, args=(there, source))

        def act(connection: Connection) -> None:
            stored_keys.add(connection, on_its_way)
            changing.start()
            until(lambda: not changing.is_alive() or somebody_waits(connection))

        here.write(act)
        changing.join()
        assert wrapped_by(here) == {source.read().current.id}
        assert opens(here, source, filled)


def somebody_waits(connection: Connection) -> bool:
    count: int = connection.execute(
        text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    ).scalar_one()
    return count > 0


def test_a_rotation_of_the_other_keys_works_after_it(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    rotate_master(database, source)
    assert rotate(installation, now=START).resealed == 16
    assert opens(database, source, filled)


def test_a_change_killed_wherever_it_may_be_loses_nothing_and_is_finished_by_the_next(
    database_url: str, source: KeyFile, small_batches: None
) -> None:
    """AC-64: kill -9 at each point: around each write of the database, of the file and its name.

    After each kill the file that is there opens everything that is there.
    """
    with closing(open_database(database_url)) as database:
        filled = fill(database, source)
    number, killed = 0, True
    while killed:
        number += 1
        before = source.read()
        killed = killed_at(number, database_url, lambda db: rotate_master(db, source))
        with closing(open_database(database_url)) as database:
            assert opens(database, source, filled)
            left = source.read()
            done = rotate_master(database, source)
            assert done.finished_earlier == (len(left.keys) > 1)
            after = source.read()
            assert len(after.keys) == 1
            assert after != before
            assert wrapped_by(database) == {after.current.id}
            assert opens(database, source, filled)
    assert number > 15


def text_of(*keys: MasterKeys) -> KeyText:
    secrets = (masters.current.secret.reveal() for masters in keys)
    return KeyText(Secret(",".join(base64.b64encode(raw).decode() for raw in secrets)))


def test_a_master_key_in_a_setting_is_changed_by_putting_a_new_one_before_it(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    old, new = source.read(), MasterKeys(keys=(new_master_key(),))
    with pytest.raises(NoSecondMasterKey, match="TWOSTEP_KEY"):
        rotate_master(database, text_of(old))
    assert rotate_master(database, text_of(new, old)).rewrapped == 10
    ring = load_ring(database, text_of(new), clock=HandClock())
    assert open_everything(database, ring, filled.environments) == filled.contents
    with pytest.raises(WrongKeyFile):
        load_ring(database, text_of(old), clock=HandClock())
