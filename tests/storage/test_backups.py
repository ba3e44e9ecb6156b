"""A backup is one moment of a database that is in use, or it is not there."""

import itertools
import resource
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from tests.storage.things import add, make_things, parts, things
from tests.storage.waiting import until
from twostep.storage import backups
from twostep.storage.backups import TargetExists, backup
from twostep.storage.database import Connection, Database, open_database
from twostep.storage.faults import DatabaseAway


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "live" / "twostep.db"
    path.parent.mkdir()
    path.touch()
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / "backup.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = open_database(str(path))
    make_things(opened)
    yield opened
    opened.close()


def one(path: Path, query: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_backup_holds_everything_in_one_file_of_its_owner(
    path: Path, database: Database, target: Path
) -> None:
    database.write(add(1))
    backup(path, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert one(target, "SELECT id FROM things") == 1
    assert one(target, "PRAGMA integrity_check") == "ok"
    assert one(target, "PRAGMA journal_mode") == "delete"
    assert list(target.parent.iterdir()) == [target]


def test_a_database_that_nobody_has_open_is_backed_up_too(
    path: Path, database: Database, target: Path
) -> None:
    database.write(add(1))
    database.close()
    backup(path, target)
    assert one(target, "SELECT id FROM things") == 1


def test_a_backup_taken_under_steady_writing_ends_and_is_one_moment(
    path: Path, database: Database, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_PAGES_AT_ONCE", 10)
    done = threading.Event()
    numbers = itertools.count()
    written = 0
    batches = 0

    def thing_and_part(connection: Connection) -> None:
        # Always both, so in one moment there are as many of either.
        nonlocal written
        number = next(numbers)
        add(number, f"{number} " * 300)(connection)
        connection.execute(insert(parts).values(id=number, thing_id=number))
        written = number

    def keep_writing() -> None:
        while not done.is_set():
            database.write(thing_and_part)

    def wait_for_two_writes(copied: int, total: int) -> None:
        # A second one has begun, so the first is committed: the copy has every reason to restart.
        nonlocal batches
        batches += 1
        assert 0 < copied <= total
        assert batches <= total // 10 + 1, "it begins again whenever somebody writes"
        seen = written
        until(lambda: written > seen + 1)

    for _ in range(100):
        database.write(thing_and_part)
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        backup(path, target, progress=wait_for_two_writes)
    finally:
        done.set()
        writer.join()
    assert batches > 3
    assert one(target, "PRAGMA integrity_check") == "ok"
    assert one(target, "SELECT count(*) FROM things") == one(target, "SELECT count(*) FROM parts")


def test_a_file_that_is_there_is_never_replaced(
    path: Path, database: Database, target: Path
) -> None:
    target.write_text("mine")
    with pytest.raises(TargetExists):
        backup(path, target)
    assert target.read_text() == "mine"
    target.unlink()
    target.symlink_to("nowhere")
    with pytest.raises(TargetExists):
        backup(path, target)
    assert target.is_symlink()


def test_a_file_that_appears_while_the_copy_is_made_is_not_replaced_either(
    path: Path, database: Database, target: Path
) -> None:
    def be_faster(_copied: int, _total: int) -> None:
        target.write_text("somebody was faster")

    with pytest.raises(TargetExists):
        backup(path, target, progress=be_faster)
    assert target.read_text() == "somebody was faster"
    assert list(target.parent.iterdir()) == [target]


def test_a_disk_that_is_full_leaves_nothing_behind(
    path: Path, database: Database, target: Path
) -> None:
    database.write(add(1, "x" * 500_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DatabaseAway):
            backup(path, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(target.parent.iterdir()) == []


def no_file(path: Path) -> None:
    path.unlink()


def no_database(path: Path) -> None:
    path.write_bytes(b"a letter to the tax office " * 1_000)


def half_of_it(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def nonsense_within(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4_096 : 3 * 4_096] = bytes(2 * 4_096)
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [no_file, no_database, half_of_it, nonsense_within])
def test_a_database_that_is_damaged_gives_no_backup(
    path: Path, database: Database, target: Path, spoil: Callable[[Path], None]
) -> None:
    for id_ in range(100):
        database.write(add(id_, str(id_) * 200))
    database.write(lambda c: c.execute(update(things).values(used_at=1)).close())
    database.close()
    spoil(path)
    with pytest.raises(DatabaseAway):
        backup(path, target)
    assert list(target.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(path: Path, database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway):
        backup(path, tmp_path / "no" / "backup.db")
