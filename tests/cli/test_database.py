"""``twostep database upgrade``, ``backup`` and ``restore``, on the command line.

What they promise under load and when killed is tested in tests/storage.
"""

from pathlib import Path

import pytest

from tests.helpers.clocks import HOUR
from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD, sign_in
from tests.helpers.operating import ADMINISTRATOR, become_administrator
from tests.helpers.postgres import Cluster
from tests.helpers.server import RunningServer, run_twostep

HARBOUR = ("-e", "Harbour Clinic")


def names(operator: CommandLine) -> list[str]:
    return [user["name"] for user in operator.run("user", "list", *HARBOUR, "--json").json]


def test_a_backup_is_restored_and_what_came_after_it_is_gone(operator: CommandLine) -> None:
    operator.done("user", "add", "ann", *HARBOUR, typed=f"{PASSWORD}\n")
    file = operator.folder / "backup.db"
    assert "key file" in operator.done("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    operator.done("user", "add", "bo", *HARBOUR, typed=f"{PASSWORD}\n")
    operator.clock.forward(HOUR)

    refused = operator.refused("restore", str(file))
    assert "--confirm" in refused
    assert names(operator) == ["ann", "bo"]

    assert "All sessions have ended" in operator.done("restore", str(file), "--confirm")
    assert names(operator) == ["ann"]


def test_a_backup_never_takes_the_place_of_a_file(operator: CommandLine) -> None:
    file = operator.folder / "there"
    file.write_text("something of value")
    assert "already" in operator.refused("backup", str(file))
    assert file.read_text() == "something of value"
    assert "nowhere" in operator.refused("backup", str(operator.folder / "nowhere" / "file"))


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_what_is_no_backup_is_not_restored(operator: CommandLine, content: bytes) -> None:
    file = operator.folder / "file"
    file.write_bytes(content)
    assert "The database is as it was" in operator.refused("restore", str(file), "--confirm")
    assert "no file nowhere" in operator.refused("restore", "nowhere", "--confirm")
    assert names(operator) == []


def test_a_restore_under_a_running_server_ends_every_session(server: RunningServer) -> None:
    """AC-61."""
    server.start()
    client = become_administrator(server)
    sign_in(client, ADMINISTRATOR)
    run = [run_twostep("backup", "b.db", folder=server.folder)]
    assert client.get("/security").status == 200
    run.append(run_twostep("restore", "b.db", "--confirm", folder=server.folder))
    assert [each.returncode for each in run] == [0, 0], run
    assert client.get("/security").status == 303
    assert sign_in(server.client(), ADMINISTRATOR).status == 303


def test_a_current_database_needs_no_upgrade(operator: CommandLine) -> None:
    assert "already" in operator.done("database", "upgrade")
    assert list(operator.folder.glob("*.backup")) == []


def test_a_folder_without_a_database_says_what_makes_one(tmp_path: Path) -> None:
    for command in (("user", "list"), ("database", "upgrade"), ("environment", "list")):
        done = run_twostep(*command, folder=tmp_path)
        assert done.returncode == 1
        assert "`twostep serve` makes it" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgresql
def test_on_postgresql_backups_are_its_own_programs_part(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    url = postgres_cluster.create_empty_database()
    operator = CommandLine(tmp_path, database=url)
    upgrade = operator.refused("database", "upgrade")
    assert "pg_dump" in upgrade
    assert "--confirm" in upgrade
    assert "c@d" not in upgrade
    assert "%40" not in upgrade
    assert "already" in operator.done("database", "upgrade", "--confirm")
    assert "pg_dump" in operator.refused("backup", str(tmp_path / "file"))
    assert "pg_restore" in operator.refused("restore", str(tmp_path / "file"), "--confirm")
