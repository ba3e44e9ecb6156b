"""The writer thread: what is queued is committed together, and it outlives whatever goes wrong."""

import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.storage.things import add, ids, make_things
from tests.storage.waiting import until
from twostep.storage.database import (
    Connection,
    DatabaseAway,
    DatabaseBusy,
    MisusedUnit,
    Unit,
)
from twostep.storage.sqlite import SqliteDatabase

QUEUE = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "twostep.db"
    path.touch()
    return path


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(path, queue=QUEUE, patience_ms=50)
    make_things(opened)
    yield opened
    opened.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2 * QUEUE) as pool:
        yield pool


class Batch:
    """Holds the writer in a first unit until everything that is to go together is queued."""

    def __init__(self, database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
        self._database = database
        self._threads = threads
        self._go = threading.Event()
        self._queued = 0
        begun = threading.Event()

        def hold(_connection: Connection) -> None:
            begun.set()
            self._go.wait()

        self.first = threads.submit(database.write, hold)
        begun.wait()

    def queue(self, unit: Unit[int]) -> Future[int]:
        answer = self._threads.submit(self._database.write, unit)
        self._queued += 1
        until(lambda: len(self._database._writer._queue) == self._queued)
        return answer

    def go(self) -> None:
        self._go.set()


def rows_on_disk(path: Path) -> list[int]:
    """What somebody else finds, who opens the file now."""
    other = sqlite3.connect(path)
    try:
        return [row[0] for row in other.execute("SELECT id FROM things ORDER BY id")]
    finally:
        other.close()


def test_units_queued_during_a_commit_are_committed_and_answered_together(
    path: Path, database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    batch = Batch(database, threads)
    halfway = threading.Event()
    go_on = threading.Event()

    def last(connection: Connection) -> int:
        halfway.set()
        go_on.wait()
        return add(3)(connection)

    answers = [batch.queue(unit) for unit in (add(1), add(2), last)]
    batch.go()
    halfway.wait()
    assert rows_on_disk(path) == []
    assert not any(answer.done() for answer in answers)
    go_on.set()
    assert [answer.result() for answer in answers] == [1, 2, 3]
    assert rows_on_disk(path) == [1, 2, 3]


def test_one_failing_unit_of_a_batch_takes_nobody_along(
    database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    def failing(connection: Connection) -> int:
        add(2)(connection)
        raise KeyError("its own")

    batch = Batch(database, threads)
    answers = [batch.queue(unit) for unit in (add(1), failing, add(3))]
    batch.go()
    assert answers[0].result() == 1
    with pytest.raises(KeyError, match="its own"):
        answers[1].result()
    assert answers[2].result() == 3
    assert database.read(ids) == [1, 3]


@contextmanager
def disk_full_after(path: Path, more: int) -> Iterator[None]:
    """No file of this process grows beyond the journal's size and ``more`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = path.with_name(f"{path.name}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def large(id_: int) -> Unit[int]:
    return add(id_, "x" * 1_000_000)


def test_a_commit_that_fails_fails_everybody_in_it_and_the_next_one_works(
    path: Path, database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    batch = Batch(database, threads)
    answers = [batch.queue(unit) for unit in (add(1), large(2), add(3))]
    with disk_full_after(path, 20_000):
        batch.go()
        errors = [answer.exception() for answer in answers]
    assert [type(error) for error in errors] == [DatabaseAway] * 3
    assert len({id(error) for error in errors}) == 3
    assert all(isinstance(error and error.__cause__, sqlite3.Error) for error in errors)
    assert database.read(ids) == rows_on_disk(path) == []
    assert database.write(add(4)) == 4
    assert rows_on_disk(path) == [4]


def test_a_disk_that_is_full_in_the_middle_of_a_unit_commits_nothing_by_accident(
    path: Path, database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    def carries_on(connection: Connection) -> int:
        with pytest.raises(Exception, match="full"):
            large(2)(connection)
        # SQLite has rolled back by now, and would commit this by itself.
        return add(3)(connection)

    database.write(lambda c: c.execute(text("PRAGMA max_page_count = 20")).close())
    batch = Batch(database, threads)
    answers = [batch.queue(unit) for unit in (add(1), carries_on, add(4))]
    batch.go()
    kept = [id_ for id_, answer in zip((1, 3, 4), answers, strict=True) if not answer.exception()]
    assert rows_on_disk(path) == kept
    assert database.write(add(5)) == 5


def test_a_full_queue_says_so_at_once_and_loses_nothing(
    database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    batch = Batch(database, threads)
    answers = [batch.queue(add(id_)) for id_ in range(QUEUE)]
    with pytest.raises(DatabaseBusy):
        database.write(add(QUEUE))
    batch.go()
    assert [answer.result() for answer in answers] == list(range(QUEUE))
    assert database.write(add(QUEUE)) == QUEUE


def test_closing_finishes_what_is_queued(
    path: Path, database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    batch = Batch(database, threads)
    answer = batch.queue(add(1))
    closed = threads.submit(database.close)
    until(lambda: database._writer._closed)
    batch.go()
    closed.result()
    assert answer.result() == 1
    assert rows_on_disk(path) == [1]


def test_a_unit_that_leaves_a_savepoint_open_is_refused_and_the_writer_goes_on(
    database: SqliteDatabase,
) -> None:
    def unit(connection: Connection) -> None:
        connection.begin_nested()
        add(1)(connection)

    with pytest.raises(MisusedUnit):
        database.write(unit)
    assert database.read(ids) == []
    assert database.write(add(2)) == 2


def test_a_writer_of_another_process_is_waited_for_and_not_for_ever(
    path: Path, database: SqliteDatabase
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy):
        database.write(add(1))
    other.execute("COMMIT")
    other.close()
    assert database.write(add(2)) == 2
    assert database.read(ids) == [2]


@pytest.mark.parametrize("act", [lambda d: d.read(ids), lambda d: d.write(add(9))])
def test_a_file_that_is_moved_away_is_away_until_it_is_back(
    path: Path, database: SqliteDatabase, act: Callable[[SqliteDatabase], object]
) -> None:
    database.write(add(1))
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(DatabaseAway):
        act(database)
    assert not path.exists()
    path.with_name("elsewhere").rename(path)
    assert act(database)
    assert database.read(ids)[0] == 1


def test_a_file_that_takes_its_place_is_not_written_to(
    path: Path, database: SqliteDatabase, tmp_path: Path
) -> None:
    database.write(add(1))
    path.rename(tmp_path / "ours")
    path.write_bytes(b"somebody else's")
    for act in (lambda: database.read(ids), lambda: database.write(add(2))):
        with pytest.raises(DatabaseAway):
            act()
    assert path.read_bytes() == b"somebody else's"
    (tmp_path / "ours").rename(path)
    assert database.read(ids) == [1]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "no.db", queue=QUEUE, patience_ms=50)
    for act in (lambda: database.read(ids), lambda: database.write(add(2))):
        with pytest.raises(DatabaseAway):
            act()
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told_and_left_alone(path: Path) -> None:
    path.write_bytes(b"a letter to the tax office " * 100)
    before = path.read_bytes()
    database = SqliteDatabase(path, queue=QUEUE, patience_ms=50)
    for act in (lambda: database.read(ids), lambda: database.write(add(2))):
        with pytest.raises(DatabaseAway, match="not a database"):
            act()
    database.close()
    assert path.read_bytes() == before


def test_the_connections_are_set_up_for_a_power_cut_and_for_foreign_keys(
    database: SqliteDatabase,
) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "query_only")
        return [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    full = 2
    assert database.write(settings) == ["wal", full, 1, 0, 0]
    assert database.read(settings)[2:] == [1, 0, 1]
