"""The server process: signals, killed workers, killed parents, TLS, slow clients, its log."""

import json
import os
import re
import resource
import signal
import socket
import ssl
from pathlib import Path

import pytest

from tests.helpers.certificates import make_certificate
from tests.helpers.clocks import MINUTE, ClockFile
from tests.helpers.house import sign_in
from tests.helpers.http import Client
from tests.helpers.operating import ADMINISTRATOR, become_administrator
from tests.helpers.postgres import Cluster
from tests.helpers.server import RunningServer, all_end, free_port, is_alive


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_it_is_asked_to(server: RunningServer, asked: signal.Signals) -> None:
    process = server.begin()
    server.wait_until_healthy()
    workers = server.workers()
    process.send_signal(asked)
    assert process.wait(timeout=30) == 0
    assert all_end(workers)
    assert "Traceback" not in server.log


def test_a_request_under_way_is_answered_before_it_ends(server: RunningServer) -> None:
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        head = f"POST /csp-reports HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        line.sendall(f"{head}Content-Length: 2\r\n\r\n[".encode())
        # Its headers were read before another request was answered.
        assert server.client().get("/healthz").status == 200
        assert server.process is not None
        server.process.terminate()
        server.wait_for_log("Shutting down")
        line.sendall(b"]")
        assert line.recv(100).startswith(b"HTTP/1.1 204")
    assert server.process.wait(timeout=30) == 0


def test_a_killed_worker_is_started_anew(server: RunningServer) -> None:
    server.start()
    (before,) = server.workers()
    os.kill(before, signal.SIGKILL)
    server.wait_for_log("Respawning")
    server.wait_until_healthy()
    (after,) = (pid for pid in server.workers() if is_alive(pid))
    assert after != before
    assert server.client().get("/sign-in").status == 200


def test_workers_end_whose_parent_was_killed(server: RunningServer) -> None:
    """Otherwise they would go on answering beside the next start on the same port."""
    process = server.begin()
    server.wait_until_healthy()
    workers = server.workers()
    assert len(workers) == 1
    process.kill()
    assert all_end(workers)
    assert not server.answers()


def test_after_everything_was_killed_at_once_it_starts_with_what_was_there(
    server: RunningServer,
) -> None:
    server.start()
    become_administrator(server)
    server.kill_group()
    server.start()
    assert sign_in(server.client(), ADMINISTRATOR).status == 303


def test_an_unknown_host_is_refused_and_healthz_answers_on_any(server: RunningServer) -> None:
    server.start()
    stranger = Client("http://elsewhere.localhost", ("127.0.0.1", server.port))
    assert stranger.get("/sign-in").status == 421
    assert stranger.get("/healthz").status == 200


def test_each_line_of_the_log_is_json_without_tokens_and_queries(server: RunningServer) -> None:
    server.start()
    path = server.welcome_path()
    server.client().get(path)
    server.client().get("/sign-in?going_to=/hidden-wish")
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.log.splitlines()]
    assert {"request", "serving"} <= {line["event"] for line in lines}
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    assert "/sign-in" in {line.get("path") for line in lines}
    assert path.rsplit("/", 1)[-1] not in server.log
    assert "hidden-wish" not in server.log


def test_the_log_is_as_quiet_as_it_was_told_to_be(tmp_path: Path) -> None:
    quiet = {"TWOSTEP_LOG_LEVEL": "error"}
    with RunningServer(tmp_path / "quiet", extra=quiet) as server:
        server.client().get("/sign-in")
        assert server.stop() == 0
        assert server.log == ""


@pytest.mark.slow
def test_a_client_that_sends_its_headers_for_ever_is_cut_off_and_keeps_nobody_waiting(
    server: RunningServer,
) -> None:
    server.start()
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    assert server.client().get("/sign-in").status == 200
    lines[0].settimeout(30)
    assert lines[0].recv(1) == b""
    for line in lines:
        line.close()


def test_a_worker_may_have_more_connections_than_the_custom_of_1024(
    server: RunningServer,
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    server.start()
    (worker,) = server.workers()
    limits = Path(f"/proc/{worker}/limits").read_text()
    (soft,) = re.findall(r"Max open files\s+(\d+)", limits)
    assert int(soft) >= min(hard, 8192)


def test_headers_beyond_any_use_are_refused(server: RunningServer) -> None:
    server.start()
    answer = server.client().get("/sign-in", headers={"X-Large": "x" * 200_000})
    assert answer.status in {400, 431}
    assert server.client().get("/sign-in").status == 200


def test_it_speaks_tls_with_a_certificate_of_ones_own(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    file, key = certificate
    port = free_port()
    server = RunningServer(
        tmp_path / "tls",
        port=port,
        address=f"https://localhost:{port}",
        extra={"TWOSTEP_TLS_CERTIFICATE": str(file), "TWOSTEP_TLS_KEY": str(key)},
        arguments=["--host", "0.0.0.0"],
        trust=ssl.create_default_context(cafile=file),
    )
    with server:
        page = server.client().get(server.welcome_path())
        assert page.status == 200
        assert page.header("strict-transport-security")
        become_administrator(server)
        assert sign_in(server.client(), ADMINISTRATOR).status == 303
        old = ssl.create_default_context(cafile=file)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        old.set_ciphers("AES128-SHA")
        with pytest.raises(OSError):
            Client(server.address, trust=old).get("/healthz")


def test_a_renewed_certificate_is_read_when_the_server_is_told(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    file, key = certificate
    port = free_port()
    server = RunningServer(
        tmp_path / "tls",
        port=port,
        address=f"https://localhost:{port}",
        extra={"TWOSTEP_TLS_CERTIFICATE": str(file), "TWOSTEP_TLS_KEY": str(key)},
        trust=ssl.create_default_context(cafile=file),
    )
    with server:
        make_certificate(file, key)
        assert server.process is not None
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("Stopped old worker")
        server.trust = ssl.create_default_context(cafile=file)
        assert server.answers()


@pytest.mark.postgresql
def test_on_postgresql_two_workers_serve_and_no_password_is_logged(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    url = postgres_cluster.create_empty_database()
    with RunningServer(tmp_path / "two", database_url=url, workers=2) as server:
        assert len(server.workers()) == 2
        become_administrator(server)
        assert sign_in(server.client(), ADMINISTRATOR).status == 303
        assert server.stop() == 0
        assert "c%40d" not in server.log + server.output
        assert not (server.folder / "twostep.db").exists()
        assert "Traceback" not in server.log


@pytest.mark.postgresql
def test_a_database_that_goes_away_comes_back_while_it_serves(
    tmp_path: Path, own_cluster: Cluster
) -> None:
    url = own_cluster.create_empty_database()
    with RunningServer(tmp_path / "away", database_url=url) as server:
        become_administrator(server)
        own_cluster.stop()
        assert server.client().get("/healthz").status == 200
        assert server.client().get("/readyz").status == 503
        assert server.client().get("/security").status in {303, 503}
        own_cluster.start()
        assert server.client().get("/readyz").status == 200
        assert sign_in(server.client(), ADMINISTRATOR).status == 303


@pytest.mark.postgresql
def test_a_worker_killed_while_the_database_is_away_waits_for_it(
    tmp_path: Path, own_cluster: Cluster
) -> None:
    url = own_cluster.create_empty_database()
    with RunningServer(tmp_path / "away", database_url=url) as server:
        own_cluster.stop()
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.wait_for_log("worker_waits_for_database")
        own_cluster.start()
        server.wait_until_healthy()
        assert server.client().get("/readyz").status == 200


@pytest.mark.postgresql
def test_a_node_whose_clock_is_off_lets_nobody_in(tmp_path: Path, own_cluster: Cluster) -> None:
    """AC-59: its clock would decide which codes are good."""
    clock = ClockFile(tmp_path / "clock")
    url = own_cluster.create_empty_database()
    with RunningServer(tmp_path / "node", database_url=url, clock=clock) as server:
        become_administrator(server)
        clock.forward(MINUTE)
        server.restart()
        answer = server.client().get("/readyz")
        assert answer.status == 503
        assert "clock_skewed" in answer.text
        assert server.client().get("/sign-in").status == 503
        assert server.client().get("/healthz").status == 200
        clock.forward(-MINUTE)
        server.restart()
        assert sign_in(server.client(), ADMINISTRATOR).status == 303
