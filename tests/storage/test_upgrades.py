"""Making the schema, and bringing an older one to the newest version."""

import os
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.helpers.clocks import SECOND, START
from tests.helpers.later import LATER, MIGRATION, LaterTwostep
from tests.helpers.postgres import PASSWORD, Cluster
from tests.storage.things import side_by_side
from twostep.core.audit import EventKind
from twostep.storage.database import Connection, open_database
from twostep.storage.faults import DatabaseAway
from twostep.storage.schema import (
    NEWEST,
    Current,
    Empty,
    Foreign,
    Newer,
    SchemaState,
    schema_state,
)
from twostep.storage.upgrades import (
    Upgraded,
    WrongSchema,
    create_schema,
    dump_command,
    upgrade,
)

INSTALLATION = text("INSERT INTO installation (id, generation, made_at) VALUES (1, 7, 0)")
ENVIRONMENT = text(
    "INSERT INTO environments (id, name, name_key, made_at, remembering_generation, off_generation)"
    " VALUES (:id, 'a', 'a', 0, 1, 1)"
)
USER = text(
    "INSERT INTO users (environment_id, id, name, name_key, password_generation,"
    " second_step_generation, made_at, email_reach, text_reach,"
    " full_name, second_step)"
    " VALUES (:id, :id, 'b', 'b', 1, 1, 0, 'none', 'none', '', 'none')"
)
PASSWORD_ROW = text(
    "INSERT INTO passwords (environment_id, user_id, sealed, key_version, changed_at)"
    " VALUES (:id, :id, :id, 1, 0)"
)


def run(url: str, *statements: str) -> None:
    def unit(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    with closing(open_database(url)) as database:
        database.write(unit)


def with_a_user(url: str) -> str:
    def unit(connection: Connection) -> None:
        connection.execute(INSTALLATION)
        for statement in (ENVIRONMENT, USER, PASSWORD_ROW):
            connection.execute(statement, {"id": bytes(16)})

    with closing(open_database(url)) as database:
        database.write(unit)
    return url


def state(url: str) -> SchemaState:
    with closing(open_database(url)) as database:
        return schema_state(database)


def count(url: str, table: str) -> int:
    with closing(open_database(url)) as database:
        found = text(f"SELECT count(*) FROM {table}")
        return int(database.read(lambda c: c.execute(found).scalar_one()))


def event_kinds(url: str) -> list[str]:
    with closing(open_database(url)) as database:
        return list(database.read(lambda c: c.execute(text("SELECT kind FROM events")).scalars()))


@pytest.fixture
def later(tmp_path: Path) -> LaterTwostep:
    return LaterTwostep(tmp_path / "later")


def test_an_empty_database_gets_the_newest_schema(empty_url: str) -> None:
    assert state(empty_url) == Empty()
    create_schema(empty_url)
    assert state(empty_url) == Current(version=NEWEST)


def test_making_it_again_changes_nothing(database_url: str) -> None:
    with_a_user(database_url)
    create_schema(database_url)
    assert count(database_url, "users") == 1


def test_of_many_that_start_at_once_one_makes_it(empty_url: str) -> None:
    outcomes = side_by_side([lambda: create_schema(empty_url)] * 8)
    assert outcomes == [None] * 8
    assert state(empty_url) == Current(version=NEWEST)


def test_nothing_is_made_among_the_tables_of_somebody_else(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    run(empty_url, "CREATE TABLE theirs (id integer)")
    for act in (lambda: create_schema(empty_url), lambda: upgrade(empty_url, now=START)):
        with pytest.raises(WrongSchema) as refusal:
            act()
        assert refusal.value.state == Foreign(tables=("theirs",))
    assert state(empty_url) == Foreign(tables=("theirs",))


def test_the_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_schema(str(tmp_path / "twostep.db"))
    finally:
        os.umask(before)
    with closing(open_database(str(tmp_path / "twostep.db"))) as database:
        database.write(lambda c: c.execute(INSTALLATION).close())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"twostep.db": 0o600, "twostep.db-wal": 0o600, "twostep.db-shm": 0o600}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway):
        create_schema(str(tmp_path / "no" / "twostep.db"))


def test_a_current_database_needs_no_upgrade_and_no_backup(
    database_url: str, tmp_path: Path
) -> None:
    before = {path.name for path in tmp_path.iterdir() if "-" not in path.name}
    assert upgrade(database_url, now=START) == Upgraded(found=NEWEST, made=NEWEST, backup=None)
    assert {path.name for path in tmp_path.iterdir() if "-" not in path.name} == before


def test_an_empty_database_is_not_upgraded(empty_url: str) -> None:
    with pytest.raises(WrongSchema) as refusal:
        upgrade(empty_url, now=START)
    assert refusal.value.state == Empty()


def test_an_older_database_is_upgraded_with_everything_in_it(
    database_url: str, later: LaterTwostep
) -> None:
    with_a_user(database_url)
    done = later.upgrade(database_url)
    assert done.returncode == 0, done.stderr
    assert f"found='{NEWEST}', made='{LATER}'" in done.stdout
    assert state(database_url) == Newer(found=LATER)
    # Making the table ``users`` anew has not taken along what refers to it.
    assert count(database_url, "users") == count(database_url, "passwords") == 1
    assert count(database_url, "later") == 0
    assert event_kinds(database_url) == [EventKind.DATABASE_UPGRADED]


def test_sqlite_keeps_a_backup_beside_the_database_first(
    sqlite_url: str,
    tmp_path: Path,
    later: LaterTwostep,
) -> None:
    with_a_user(sqlite_url)
    assert later.upgrade(sqlite_url).returncode == 0
    kept = tmp_path / f"twostep.db.{NEWEST}-20260101T000000Z.backup"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert state(str(kept)) == Current(version=NEWEST)
    assert count(str(kept), "users") == 1


@pytest.mark.parametrize(
    "broken",
    [
        MIGRATION + "    raise KeyError\n",
        MIGRATION + '    op.execute("DELETE FROM users")\n',
    ],
    ids=["raises at its end", "leaves rows that refer to nothing"],
)
def test_an_upgrade_that_fails_leaves_the_old_database(
    database_url: str,
    later: LaterTwostep,
    broken: str,
) -> None:
    with_a_user(database_url)
    done = later.upgrade(database_url, migration=broken)
    assert done.returncode != 0
    assert state(database_url) == Current(version=NEWEST)
    assert count(database_url, "users") == count(database_url, "passwords") == 1
    assert event_kinds(database_url) == []
    assert later.upgrade(database_url, now=START + SECOND).returncode == 0


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    run(database_url, "UPDATE alembic_version SET version_num = '9999_later'")
    for act in (lambda: create_schema(database_url), lambda: upgrade(database_url, now=START)):
        with pytest.raises(WrongSchema) as refusal:
            act()
        assert refusal.value.state == Newer(found="9999_later")


def test_tables_of_ours_without_their_version_are_not_guessed_at(database_url: str) -> None:
    run(database_url, "DROP TABLE alembic_version")
    for act in (lambda: create_schema(database_url), lambda: upgrade(database_url, now=START)):
        with pytest.raises(WrongSchema) as refusal:
            act()
        assert isinstance(refusal.value.state, Foreign)


@pytest.mark.postgresql
def test_the_command_for_a_dump_works_and_holds_no_password(
    postgres_cluster: Cluster, tmp_path: Path
) -> None:
    url = postgres_cluster.create_database()
    command = dump_command(url, now=START)
    assert PASSWORD not in " ".join(command)
    program = postgres_cluster.program("pg_dump")
    subprocess.run([program, *command[1:]], cwd=tmp_path, check=True)
    assert (tmp_path / "twostep-20260101T000000Z.dump").stat().st_size


def test_sqlite_has_no_dump_command(sqlite_url: str) -> None:
    with pytest.raises(ValueError, match="by Twostep itself"):
        dump_command(sqlite_url, now=START)
