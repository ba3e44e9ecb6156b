"""Several processes on one database, and a process that is killed while it writes."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from tests.storage.things import add, ids, make_things, things
from tests.storage.writing_process import THREADS, count_up
from twostep.storage.database import Connection, Database, open_database

ROOT = Path(__file__).parents[2]
TIMES = 100


def start(url: str, act: str, number: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writing_process", url, act, str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )


@pytest.fixture(autouse=True)
def _things(database: Database) -> None:
    make_things(database)


def test_two_processes_write_and_neither_loses_anything(
    database: Database, database_url: str
) -> None:
    database.write(lambda c: c.execute(insert(things).values(id=1, used_at=0)).close())
    other = start(database_url, "count", TIMES)
    with other:
        for _ in range(TIMES):
            database.write(count_up)
    assert other.returncode == 0

    def counted(connection: Connection) -> object:
        return connection.execute(select(things.c.used_at)).scalar_one()

    assert database.read(counted) == 2 * TIMES


@pytest.mark.parametrize("first", [1_000, 2_000, 3_000])
def test_a_process_killed_while_it_writes_has_lost_nothing_that_it_promised(
    database: Database, database_url: str, first: int
) -> None:
    process = start(database_url, "acknowledge", first)
    with process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(200)]
        process.kill()
        promised += [int(line) for line in process.stdout.read().split(b"\n") if line]
    kept = set(database.read(ids))
    assert len(promised) >= 200
    assert set(promised) <= kept
    # What is there without a promise was being written when the kill came: one for each thread.
    assert len(kept - set(promised)) <= THREADS
    assert database.write(add(1)) == 1


@pytest.mark.parametrize("first", [1_000])
def test_the_file_of_a_killed_process_is_whole(sqlite_url: str, first: int) -> None:
    with closing(open_database(sqlite_url)) as database:
        make_things(database)
        process = start(sqlite_url, "acknowledge", first)
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()
        check = text("PRAGMA integrity_check")
        assert database.read(lambda c: c.execute(check).scalars().all()) == ["ok"]
