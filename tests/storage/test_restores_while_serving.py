"""A restore into a database that is in use, from a bad backup, on a full disk, killed half-way."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.helpers.clocks import START
from tests.helpers.filled import fill
from tests.storage.restoring import (
    MEBIBYTE,
    NOW,
    ROOT,
    backup_of,
    is_whole,
    live_database,
    live_path,
    note,
    notes,
    values,
)
from tests.storage.things import ids, make_things, side_by_side
from tests.storage.waiting import until
from twostep.storage.backups import backup
from twostep.storage.database import Connection, Database, open_database
from twostep.storage.faults import DatabaseAway, DatabaseBusy
from twostep.storage.restores import (
    Restored,
    UnusableBackup,
    WrongBackupSchema,
    restore,
)
from twostep.storage.schema import Newer
from twostep.storage.tables import (
    installation,
    people,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return live_path(tmp_path)


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    yield from live_database(path)


@pytest.fixture
def source(tmp_path: Path, path: Path, database: Database) -> Path:
    return backup_of(path, tmp_path)


def test_the_process_that_serves_goes_on_reading_and_writing(
    path: Path, database: Database, source: Path
) -> None:
    def unit(connection: Connection) -> list[str | None]:
        """A read that has begun goes on seeing its own moment."""
        asked = select(people.c.content)
        before = connection.execute(asked).scalars().all()
        assert isinstance(side_by_side([lambda: restore(path, source, now=NOW)])[0], Restored)
        assert connection.execute(asked).scalars().all() == before
        return list(before)

    note(database, "later")
    assert database.read(unit) == ["later"]
    assert notes(database) == set()
    note(database, "later still")
    assert notes(database) == {"later still"}


def test_a_process_that_reads_and_writes_all_the_time_sees_the_old_or_the_new_and_goes_on(
    path: Path, database: Database, tmp_path: Path
) -> None:
    make_things(database)
    backup(path, tmp_path / "source.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writing_process", str(path), "serve", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(50)]
        restore(path, tmp_path / "source.db", now=NOW)
        promised += [int(process.stdout.readline()) for _ in range(200)]
        process.kill()
        promised += [int(line) for line in process.stdout.read().split()]
    kept = database.read(ids)
    # All from before the restore is gone, all from after it is there, and there is one such moment.
    assert kept[0] > 50
    assert kept == list(range(kept[0], kept[-1] + 1))
    assert promised[-1] <= kept[-1] <= promised[-1] + 1
    assert values(database, installation.c.generation) == [(2,)]


def test_a_disk_that_is_full_half_way_leaves_the_old_database(
    path: Path, database: Database, source: Path
) -> None:
    later = "later" * 60_000
    note(database, later)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Enough for the private copy, and too little for as many pages after what the journal holds.
    enough = path.with_name("twostep.db-wal").stat().st_size + source.stat().st_size // 2
    assert enough > source.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (enough, hard))
    try:
        with pytest.raises(DatabaseAway):
            restore(path, source, now=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert notes(database) == {later}
    assert is_whole(database)
    note(database, "goes on")
    assert restore(path, source, now=NOW).generation == 2
    assert notes(database) == set()


def spoil_nonsense(source: Path) -> None:
    content = bytearray(source.read_bytes())
    content[4_096 : 8 * 4_096] = bytes(7 * 4_096)
    source.write_bytes(content)


def spoil_reference(source: Path) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("DELETE FROM users")
        connection.commit()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda source: source.write_bytes(b"a letter to the tax office " * 500),
        lambda source: os.truncate(source, source.stat().st_size // 2),
        spoil_nonsense,
        spoil_reference,
    ],
    ids=["no database", "half of it", "nonsense within", "rows that refer to nothing"],
)
def test_a_backup_that_is_not_whole_is_refused(
    path: Path, database: Database, source: Path, spoil: Callable[[Path], None]
) -> None:
    note(database, "later")
    spoil(source)
    with pytest.raises(UnusableBackup):
        restore(path, source, now=NOW)
    assert notes(database) == {"later"}


def test_a_backup_that_is_not_there_is_told(path: Path, database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway):
        restore(path, tmp_path / "none.db", now=NOW)


def test_the_database_is_not_its_own_backup(path: Path, database: Database) -> None:
    with pytest.raises(UnusableBackup):
        restore(path, path, now=NOW)


def test_a_backup_of_another_schema_is_refused_with_what_was_found(
    path: Path, database: Database, source: Path
) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        connection.commit()
    with pytest.raises(WrongBackupSchema) as refusal:
        restore(path, source, now=NOW)
    assert refusal.value.state == Newer(found="9999_later")
    assert values(database, installation.c.generation) == [(1,)]


def test_a_writer_that_does_not_make_room_is_not_waited_for_for_ever(
    path: Path, database: Database, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twostep.storage.restores._TRIES", 2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            restore(path, source, now=NOW)
    assert values(database, installation.c.generation) == [(1,)]


@pytest.mark.parametrize("journal_left", [False, True])
def test_a_database_that_is_gone_comes_back(
    path: Path, database: Database, source: Path, journal_left: bool
) -> None:
    note(database, "in the journal only")
    journal = path.with_name("twostep.db-wal")
    journal_content = journal.read_bytes()
    database.close()
    path.unlink()
    if journal_left:
        journal.write_bytes(journal_content)
    restore(path, source, now=NOW)
    with closing(open_database(str(path))) as again:
        assert notes(again) == set()
        assert values(again, installation.c.generation) == [(2,)]
        note(again, "later")
        assert notes(again) == {"later"}
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.with_name(f"twostep.db-wal.before-{NOW}")
    assert kept.exists() == journal_left


def grow(path: Path, mark: str) -> None:
    """Makes a database so large that bringing it in takes a while."""
    with closing(open_database(str(path))) as database:
        for _ in range(40):
            note(database, mark * MEBIBYTE)


def test_a_process_that_is_killed_half_way_leaves_the_old_database(
    path: Path, tmp_path: Path
) -> None:
    with closing(open_database(str(path))) as database:
        fill(database, now=START)
        source = tmp_path / "source.db"
        backup(path, source)
        grow(source, "n")
        journal = path.with_name("twostep.db-wal")
        note(database, "old")
        size = journal.stat().st_size
        program = (
            "import sys; from pathlib import Path; from twostep.storage.restores import restore;"
            " restore(Path(sys.argv[1]), Path(sys.argv[2]), now=0)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(source)], cwd=ROOT
        )
        with process:
            # The new pages are on their way into the journal, and not all of them are there.
            until(lambda: journal.stat().st_size > size + MEBIBYTE)
            process.kill()
        assert process.returncode < 0
        assert journal.stat().st_size < 40 * MEBIBYTE
        assert is_whole(database)
        assert notes(database) == {"old"}
        note(database, "goes on")
    with closing(open_database(str(path))) as again:
        assert notes(again) == {"old", "goes on"}
        assert restore(path, source, now=NOW).generation == 2
        assert notes(again) == {"n" * MEBIBYTE}
        assert is_whole(again)
        row = update(people).values(content="small")
        again.write(lambda c: c.execute(row).close())
