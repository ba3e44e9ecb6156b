"""A start where nothing is yet, and one where something is wrong: real processes, real files."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.clocks import MINUTE, ClockFile
from tests.helpers.house import sign_in
from tests.helpers.operating import ADMINISTRATOR, become_administrator, refused
from tests.helpers.postgres import Cluster
from tests.helpers.server import RunningServer, free_port, run_twostep


def test_an_empty_folder_gets_a_database_a_key_file_and_a_link(server: RunningServer) -> None:
    server.start()
    modes = {path.name: path.stat().st_mode & 0o777 for path in server.folder.glob("twostep.*")}
    assert modes["twostep.key"] == 0o600
    assert modes["twostep.db"] == 0o600
    assert server.client().get("/readyz").status == 200
    assert f"{server.address}/welcome/" in server.output
    assert "within 30 minutes" in server.output
    assert server.client().get(server.welcome_path()).status == 200


def test_no_default_account_exists(server: RunningServer) -> None:
    """Until somebody opens the link there is nobody to sign in as (ASVS 6.3.2)."""
    server.start()
    assert run_twostep("user", "list", "--json", folder=server.folder).stdout.strip() == "[]"
    for name in ("admin", "administrator", "root", "twostep"):
        for password in ("admin", "password", "twostep", "changeme", name):
            client = server.client()
            assert sign_in(client, name, password).status != 303
            assert "__Host-sess" not in client.cookies


def test_the_link_makes_an_administrator_who_signs_in_and_is_then_void(
    server: RunningServer,
) -> None:
    server.start()
    path = server.welcome_path()
    client = become_administrator(server)
    assert sign_in(client, ADMINISTRATOR).status == 303
    assert client.get("/security").status == 200
    assert server.client().get(path).status == 410


def test_a_start_with_a_user_prints_no_link_and_one_without_prints_a_new_one(
    server: RunningServer,
) -> None:
    server.start()
    first = server.welcome_path()
    server.restart()
    second = server.welcome_path()
    assert first != second
    assert server.client().get(first).status == 410
    become_administrator(server)
    said = server.output
    server.restart()
    assert server.output == said
    assert sign_in(server.client(), ADMINISTRATOR).status == 303


def test_the_link_is_over_after_half_an_hour(tmp_path: Path) -> None:
    clock = ClockFile(tmp_path / "clock")
    with RunningServer(tmp_path / "moved", clock=clock) as server:
        path = server.welcome_path()
        clock.forward(29 * MINUTE)
        assert server.client().get(path).status == 200
        clock.forward(2 * MINUTE)
        assert server.client().get(path).status == 410


def test_the_first_environment_may_be_given_a_name(tmp_path: Path) -> None:
    arguments = ["--name", "Harbour Clinic"]
    with RunningServer(tmp_path / "named", arguments=arguments) as server:
        assert "Harbour Clinic has no user yet" in server.output
        assert "Harbour Clinic" in server.client().get("/sign-in").text


@pytest.mark.parametrize("content", [b"not a key file", b"", b'{"keys": []}'])
def test_a_damaged_key_file_stops_the_first_start_and_nothing_is_written(
    tmp_path: Path, content: bytes
) -> None:
    key = tmp_path / "twostep.key"
    key.write_bytes(content)
    key.chmod(0o600)
    assert "is damaged" in refused("--port", str(free_port()), folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["twostep.key"]
    assert key.read_bytes() == content


def test_a_key_that_is_none_stops_the_first_start_and_is_not_repeated(tmp_path: Path) -> None:
    said = refused("--port", str(free_port()), folder=tmp_path, TWOSTEP_KEY="c2hvcnQ=")
    assert "TWOSTEP_KEY is not a key" in said
    assert "c2hvcnQ" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_or_missing_key_file_stops_a_later_start(
    server: RunningServer, tmp_path: Path
) -> None:
    """AC-63: the right one makes everything work again, and nothing was lost meanwhile."""
    server.start()
    become_administrator(server)
    server.stop()
    key = server.folder / "twostep.key"
    right, database = key.read_bytes(), (server.folder / "twostep.db").read_bytes()
    arguments = ("--port", str(server.port))

    key.unlink()
    assert "There is no key file" in refused(*arguments, folder=server.folder)
    assert not key.exists()

    with RunningServer(tmp_path / "other") as other:
        wrong = (other.folder / "twostep.key").read_bytes()
    key.write_bytes(wrong)
    key.chmod(0o600)
    assert "do not open with the key file" in refused(*arguments, folder=server.folder)
    key.chmod(0o644)
    assert "Others than its owner" in refused(*arguments, folder=server.folder)
    assert (server.folder / "twostep.db").read_bytes() == database

    key.write_bytes(right)
    key.chmod(0o600)
    server.start()
    assert sign_in(server.client(), ADMINISTRATOR).status == 303


def test_a_database_of_a_later_version_names_the_way_out(server: RunningServer) -> None:
    server.start()
    server.stop()
    with closing(sqlite3.connect(server.folder / "twostep.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0999_later'")
        database.commit()
    said = refused("--port", str(server.port), folder=server.folder)
    assert "0999_later of a later Twostep" in said


def test_a_database_of_an_earlier_version_names_the_command(
    server: RunningServer, tmp_path: Path
) -> None:
    """There is no earlier one yet, so this program is told that there is a later one."""
    server.start()
    server.stop()
    pretend = tmp_path / "later"
    pretend.mkdir()
    (pretend / "sitecustomize.py").write_text(
        "from twostep.storage import schema\n"
        "schema.NEWEST = '0999_later'\n"
        "schema.VERSIONS = (*schema.VERSIONS, schema.NEWEST)\n"
    )
    said = refused("--port", str(server.port), folder=server.folder, PYTHONPATH=str(pretend))
    assert "of an earlier Twostep" in said
    assert "`twostep database upgrade`" in said


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "twostep.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE theirs (a)")
    before = file.read_bytes()
    said = refused("--port", str(free_port()), folder=tmp_path)
    assert "not Twostep's (theirs" in said
    assert file.read_bytes() == before
    assert not (tmp_path / "twostep.key").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "twostep.db").write_bytes(b"something else entirely" * 50)
    assert "database" in refused("--port", str(free_port()), folder=tmp_path)
    assert not (tmp_path / "twostep.key").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    arguments = ("--port", str(free_port()), "--data-dir", "a/b")
    assert "The folder a/b cannot be made" in refused(*arguments, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_the_first_start_with_a_line_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only a privileged user may make a file system")
    try:
        said = refused("--port", str(free_port()), folder=disk)
        assert re.search(r"full|space", said), said
        resize = ["mount", "-o", "remount,size=32m", str(disk)]
        subprocess.run(resize, check=True, capture_output=True)
        with RunningServer(disk) as server:
            become_administrator(server)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.postgresql
def test_a_database_that_is_away_stops_the_start_with_a_line(
    tmp_path: Path, own_cluster: Cluster
) -> None:
    url = own_cluster.create_empty_database()
    own_cluster.stop()
    said = refused("--port", str(free_port()), "--database", url, folder=tmp_path)
    assert "The database cannot be used" in said
    assert "c@d" not in said
    assert "%40" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgresql
def test_two_nodes_that_start_at_once_on_an_empty_database_make_it_once(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    """Both have the one key file, as an operator would give it to them."""
    url = postgres_cluster.create_empty_database()
    shared = {"TWOSTEP_KEY_FILE": str(tmp_path / "twostep.key"), "TWOSTEP_DATABASE": url}
    address = "https://login.example.org"
    nodes = [RunningServer(tmp_path / name, address=address, extra=shared) for name in "ab"]
    try:
        for node in nodes:
            node.begin()
        for node in nodes:
            node.wait_until_healthy()
            assert node.client(f"http://localhost:{node.port}").get("/readyz").status == 200
        listed = run_twostep("environment", "list", "--json", folder=tmp_path, extra=shared)
        assert listed.stdout.count(address) == 1, listed
    finally:
        for node in nodes:
            node.kill_group()
