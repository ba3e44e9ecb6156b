"""``twostep serve`` as an operator runs it: real processes, real files, real signals."""

import os
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clocks import MINUTE, ClockFile
from tests.helpers.databases import database_url, empty_url, own_cluster, postgres_cluster, sqlite_url
from tests.helpers.house import PASSWORD, sign_in
from tests.helpers.http import Client
from tests.helpers.postgres import Cluster
from tests.helpers.server import RunningServer, free_port, run_twostep
from twostep.storage.schema import Current, Empty, schema_state
from twostep.storage.database import open_database

__all__ = ["database_url", "empty_url", "own_cluster", "postgres_cluster", "sqlite_url"]

ANSWERS = 600
"""Looks at something that is about to happen, of a twentieth of a second each."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server in an empty folder, not started yet."""
    made = RunningServer(tmp_path / "empty")
    yield made
    made.kill_group()


def become_administrator(server: RunningServer) -> Client:
    client = server.client()
    page = client.get(server.welcome_path())
    answer = client.submit(page, user_name="morgan", new_password=PASSWORD)
    assert answer.status == 303, answer.text
    return client


def refused(*arguments: str, folder: Path, **extra: str) -> str:
    """What it says when it does not start; it has to end by itself."""
    done = run_twostep("serve", *arguments, folder=folder, extra=extra)
    assert done.returncode in {1, 2, 3}, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0].removeprefix("twostep: ")


def eventually(server: RunningServer, what: str) -> None:
    """Wait until the log says so."""
    assert server.process is not None
    for _ in range(ANSWERS):
        if re.search(what, server.log):
            return
        try:
            server.process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"{what} never came\n{server.log}")


def gone(pids: list[int]) -> bool:
    """Whether these processes end, looked at for half a minute. Some may not be our children."""
    probe = threading_event()
    for _ in range(ANSWERS):
        if not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in pids):
            return True
        probe.wait(0.05)
    return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def threading_event() -> "threading.Event":
    return threading.Event()


def test_an_empty_folder_gets_a_database_a_key_file_and_a_link(server: RunningServer) -> None:
    server.start()
    files = {path.name: path.stat().st_mode & 0o777 for path in server.folder.glob("twostep.*")}
    assert files["twostep.key"] == 0o600
    assert files["twostep.db"] == 0o600
    assert server.client().get("/readyz").status == 200
    page = server.client().get(server.welcome_path())
    assert page.status == 200
    assert f"{server.address}/welcome/" in server.output
    assert "30 minutes" in server.output


def test_no_default_account_exists(server: RunningServer) -> None:
    """AC-72: until somebody opens the link there is nobody to sign in as."""
    server.start()
    listed = run_twostep("user", "list", "--json", folder=server.folder)
    assert listed.stdout.strip() == "[]"
    for name in ("admin", "administrator", "root", "twostep"):
        for password in ("", "admin", "password", "twostep", "changeme"):
            client = server.client()
            assert sign_in(client, name, password).status != 303
            assert "__Host-sess" not in client.cookies


def test_the_link_makes_an_administrator_who_signs_in_and_is_then_void(
    server: RunningServer,
) -> None:
    server.start()
    path = server.welcome_path()
    client = become_administrator(server)
    assert sign_in(client, "morgan").status == 303
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
    assert sign_in(server.client(), "morgan").status == 303


def test_the_link_is_over_after_half_an_hour(tmp_path: Path) -> None:
    clock = ClockFile(tmp_path / "clock")
    with RunningServer(tmp_path / "moved", clock=clock) as server:
        path = server.welcome_path()
        clock.forward(29 * MINUTE)
        assert server.client().get(path).status == 200
        clock.forward(2 * MINUTE)
        assert server.client().get(path).status == 410


def test_neither_the_links_token_nor_a_query_reaches_the_log(server: RunningServer) -> None:
    server.start()
    path = server.welcome_path()
    server.client().get(path)
    server.client().get("/sign-in?going_to=/hidden-wish")
    assert server.stop() == 0
    assert path.rsplit("/", 1)[-1] not in server.log
    assert "hidden-wish" not in server.log
    assert '"path": "/sign-in"' in server.log


def test_an_unknown_host_is_refused_and_healthz_answers_on_any(server: RunningServer) -> None:
    server.start()
    stranger = Client("http://elsewhere.localhost", ("127.0.0.1", server.port))
    assert stranger.get("/sign-in").status == 421
    assert stranger.get("/healthz").status == 200


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_it_is_asked_to(server: RunningServer, asked: signal.Signals) -> None:
    server.start()
    assert server.process is not None
    workers = server.workers()
    server.process.send_signal(asked)
    assert server.process.wait(timeout=30) == 0
    assert gone(workers)
    assert "Traceback" not in server.log


def test_a_request_under_way_is_answered_before_it_ends(server: RunningServer) -> None:
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        host = f"localhost:{server.port}"
        line.sendall(
            f"POST /csp-reports HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n[".encode()
        )
        eventually_blocked = server.client().get("/healthz")
        assert eventually_blocked.status == 200
        assert server.process is not None
        server.process.terminate()
        eventually(server, "Shutting down")
        line.sendall(b"]")
        line.settimeout(30)
        assert line.recv(100).startswith(b"HTTP/1.1 204")
    assert server.process.wait(timeout=30) == 0


def test_a_killed_worker_is_started_anew(server: RunningServer) -> None:
    server.start()
    (before,) = server.workers()
    os.kill(before, signal.SIGKILL)
    eventually(server, "Respawning")
    server.wait_until_healthy()
    (after,) = [pid for pid in server.workers() if alive(pid)]
    assert after != before
    assert server.client().get("/sign-in").status == 200


def test_workers_end_whose_parent_was_killed(server: RunningServer) -> None:
    """Otherwise they would go on answering beside the next start on the same port."""
    server.start()
    workers = server.workers()
    assert server.process is not None
    server.process.kill()
    assert gone(workers)
    assert not server.answers()


def test_everything_killed_at_once_starts_again_with_what_was_there(server: RunningServer) -> None:
    server.start()
    become_administrator(server)
    server.kill_group()
    server.start()
    assert sign_in(server.client(), "morgan").status == 303


def test_a_port_in_use_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused("--port", str(port), folder=tmp_path)
    assert f"Port {port} of 127.0.0.1 is in use" in said
    assert list(tmp_path.iterdir()) == []


def test_a_second_start_on_the_same_port_is_refused(server: RunningServer, tmp_path: Path) -> None:
    """Workers share a port with each other, so the system itself would allow it."""
    server.start()
    other = tmp_path / "other"
    other.mkdir()
    assert "is in use" in refused("--port", str(server.port), folder=other)


def test_plain_http_elsewhere_than_on_this_machine_is_refused(tmp_path: Path) -> None:
    """AC-74: passwords do not travel in the clear. The sentence names the three ways out."""
    said = refused("--host", "0.0.0.0", "--port", str(free_port()), folder=tmp_path)
    assert "tls_certificate" in said
    assert "trusted_proxies" in said
    assert "127.0.0.1" in said
    assert list(tmp_path.iterdir()) == []


def test_plain_http_for_a_trusted_proxy_is_served(tmp_path: Path) -> None:
    port = free_port()
    server = RunningServer(
        tmp_path / "behind",
        port=port,
        address="https://login.example.org",
        extra={"TWOSTEP_TRUSTED_PROXIES": "127.0.0.1"},
        arguments=["--host", "0.0.0.0"],
    )
    with server:
        through = Client("https://login.example.org", ("127.0.0.1", port))
        assert f"{server.address}/welcome/" in server.output
        assert through.origin == server.address


def test_two_workers_on_sqlite_are_refused(tmp_path: Path) -> None:
    said = refused("--workers", "2", "--port", str(free_port()), folder=tmp_path)
    assert said.startswith("SQLite carries one serving process")
    assert "PostgreSQL" in said
    assert list(tmp_path.iterdir()) == []


def test_a_switch_for_tests_refuses_production(tmp_path: Path) -> None:
    for command in ("serve", "demo"):
        done = run_twostep(
            command, folder=tmp_path, extra={"TWOSTEP_CLOCK_OFFSET_FILE": str(tmp_path / "clock")}
        )
        assert done.returncode == 2
        assert "TWOSTEP_CLOCK_OFFSET_FILE" in done.stderr
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path: Path) -> None:
    said = refused(folder=tmp_path, TWOSTEP_WORKERS="many")
    assert said == "The setting TWOSTEP_WORKERS must be a whole number from 1 to 64."
    said = refused(folder=tmp_path, TWOSTEP_DATABASE="mysql://ann:geheim@db/twostep")
    assert "TWOSTEP_DATABASE" in said
    assert "geheim" not in said
    assert list(tmp_path.iterdir()) == []


def test_hashes_too_weak_or_too_large_are_refused(tmp_path: Path) -> None:
    port = str(free_port())
    weak = refused("--port", port, folder=tmp_path, TWOSTEP_HASH_MEMORY="12")
    assert "too little for Argon2id" in weak
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not a key file", "is damaged"), (b"", "is damaged"), (b'{"keys": []}', "is damaged")],
)
def test_a_damaged_key_file_stops_the_first_start_and_nothing_is_written(
    tmp_path: Path, content: bytes, said: str
) -> None:
    key = tmp_path / "twostep.key"
    key.write_bytes(content)
    key.chmod(0o600)
    assert said in refused("--port", str(free_port()), folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["twostep.key"]
    assert key.read_bytes() == content


def test_a_wrong_or_missing_key_file_stops_a_later_start(server: RunningServer) -> None:
    server.start()
    become_administrator(server)
    server.stop()
    key = server.folder / "twostep.key"
    right, database = key.read_bytes(), (server.folder / "twostep.db").read_bytes()
    key.unlink()
    arguments = ("--port", str(server.port))
    assert "There is no key file" in refused(*arguments, folder=server.folder)
    assert not key.exists()

    other = server.folder / "other"
    with RunningServer(other):
        pass
    key.write_bytes((other / "twostep.key").read_bytes())
    key.chmod(0o600)
    assert "do not open with the key file" in refused(*arguments, folder=server.folder)
    key.chmod(0o644)
    assert "Others than its owner" in refused(*arguments, folder=server.folder)
    assert (server.folder / "twostep.db").read_bytes() == database

    key.write_bytes(right)
    key.chmod(0o600)
    server.start()
    assert sign_in(server.client(), "morgan").status == 303


def test_a_database_of_another_version_names_the_command(server: RunningServer) -> None:
    server.start()
    server.stop()
    file, arguments = server.folder / "twostep.db", ("--port", str(server.port))
    for version, way_out in (("0999_from_the_future", "later Twostep"),):
        subprocess.run(
            ["python3", "-c", SET_VERSION, str(file), version], check=True, capture_output=True
        )
        said = refused(*arguments, folder=server.folder)
        assert version in said
        assert way_out in said
        assert "database upgrade" in said


SET_VERSION = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("UPDATE alembic_version SET version_num = ?", (sys.argv[2],))
database.commit()
"""


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "twostep.db"
    make = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE theirs (a)')"
    subprocess.run(["python3", "-c", make, str(file)], check=True)
    before = file.read_bytes()
    said = refused("--port", str(free_port()), folder=tmp_path)
    assert "not Twostep's (theirs" in said
    assert file.read_bytes() == before
    assert not (tmp_path / "twostep.key").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    arguments = ("--port", str(free_port()), "--data-dir", "a/b")
    assert "The folder a/b cannot be made" in refused(*arguments, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_the_first_start_with_a_line(tmp_path: Path) -> None:
    """A file system of sixteen kilobytes, where this test may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only a privileged user may make a file system")
    try:
        said = refused("--port", str(free_port()), folder=disk)
        assert re.search(r"full|space", said), said
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine, made by nobody but itself."""
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", key, "-out", file, "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


def test_it_speaks_tls_with_a_certificate_of_ones_own(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    file, key = certificate
    port = free_port()
    tls = {"TWOSTEP_TLS_CERTIFICATE": str(file), "TWOSTEP_TLS_KEY": str(key)}
    arguments = ["--host", "127.0.0.1"]
    server = RunningServer(
        tmp_path / "tls", port=port, address=f"https://localhost:{port}", extra=tls,
        arguments=arguments, trust=ssl.create_default_context(cafile=file),
    )  # fmt: skip
    with server:
        client = server.client()
        page = client.get(server.welcome_path())
        assert page.status == 200
        assert page.header("strict-transport-security")
        oldest = ssl.create_default_context(cafile=file)
        oldest.maximum_version = ssl.TLSVersion.TLSv1_2
        oldest.set_ciphers("AES128-SHA")
        client.trust = oldest
        with pytest.raises((ssl.SSLError, ConnectionError)):
            client.get("/healthz")


@pytest.mark.parametrize("what", ["missing", "no pair", "nonsense"])
def test_a_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, certificate: tuple[Path, Path], what: str
) -> None:
    file, key = certificate
    folder = tmp_path / "folder"
    folder.mkdir()
    if what == "missing":
        key.unlink()
    elif what == "nonsense":
        key.write_text("nonsense")
    else:
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    tls = {"TWOSTEP_TLS_CERTIFICATE": str(file), "TWOSTEP_TLS_KEY": str(key)}
    said = refused("--port", str(free_port()), folder=folder, **tls)
    assert "key.pem" in said
    assert list(folder.iterdir()) == []


@pytest.mark.postgresql
def test_on_postgresql_two_workers_serve(tmp_path: Path, postgres_cluster: Cluster) -> None:
    url = postgres_cluster.create_empty_database()
    with RunningServer(tmp_path / "two", database_url=url, workers=2) as server:
        assert len(server.workers()) == 2
        become_administrator(server)
        assert sign_in(server.client(), "morgan").status == 303
        assert "a%3Ab" not in server.log + server.output
        assert not (server.folder / "twostep.db").exists()


@pytest.mark.postgresql
def test_a_database_that_is_away_stops_the_start_and_it_comes_back_while_serving(
    tmp_path: Path, own_cluster: Cluster
) -> None:
    url = own_cluster.create_empty_database()
    own_cluster.stop()
    folder = tmp_path / "away"
    folder.mkdir()
    said = refused("--port", str(free_port()), "--database", url, folder=folder)
    assert "The database cannot be used" in said
    assert "c@d" not in said
    assert list(folder.iterdir()) == []

    own_cluster.start()
    with RunningServer(folder, database_url=url) as server:
        become_administrator(server)
        own_cluster.stop()
        assert server.client().get("/healthz").status == 200
        assert server.client().get("/readyz").status == 503
        assert server.client().get("/sign-in").status == 503
        own_cluster.start()
        assert server.client().get("/readyz").status == 200
        assert sign_in(server.client(), "morgan").status == 303


@pytest.mark.postgresql
def test_two_that_start_at_once_on_an_empty_database_make_it_once(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    """Two nodes with one key file, as an operator would give it to both."""
    url = postgres_cluster.create_empty_database()
    address = "https://login.example.org"
    folder = tmp_path / "shared"
    servers = [
        RunningServer(
            tmp_path / name, database_url=url, address=address,
            extra={"TWOSTEP_KEY_FILE": str(folder / "twostep.key")},
        )
        for name in ("one", "two")
    ]  # fmt: skip
    folder.mkdir()
    try:
        for server in servers:
            server.begin()
        for server in servers:
            server.wait_until_healthy()
        listed = run_twostep(
            "--database", url, "environment", "list", "--json", folder=tmp_path,
            extra={"TWOSTEP_KEY_FILE": str(folder / "twostep.key")},
        )  # fmt: skip
        assert listed.stdout.count(address) == 1, listed
    finally:
        for server in servers:
            server.kill_group()
    with open_database(url) if False else _opened(url) as database:
        assert isinstance(schema_state(database), Current)
        assert not isinstance(schema_state(database), Empty)
