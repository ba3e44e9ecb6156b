"""Where the server listens, and where it must not."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.operating import refused
from tests.helpers.server import RunningServer, free_port
from twostep.cli.listening import demand_free_port, is_free
from twostep.cli.mistakes import Mistake


def test_plain_http_elsewhere_than_on_this_machine_is_refused(tmp_path: Path) -> None:
    """AC-74: passwords do not travel in the clear. The sentence names the three ways out."""
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        said = refused("--host", host, "--port", str(free_port()), folder=tmp_path)
        assert said.startswith(f"Plain HTTP on {host} would send passwords in the clear")
        for way_out in ("tls_certificate", "trusted_proxies", "127.0.0.1"):
            assert way_out in said
    assert list(tmp_path.iterdir()) == []


def test_plain_http_behind_a_proxy_that_is_named_is_served(tmp_path: Path) -> None:
    server = RunningServer(
        tmp_path / "behind",
        address="https://login.example.org",
        extra={"TWOSTEP_TRUSTED_PROXIES": "127.0.0.1"},
        arguments=["--host", "0.0.0.0"],
    )
    with server:
        assert f"{server.address}/welcome/" in server.output


def test_two_workers_on_sqlite_are_refused(tmp_path: Path) -> None:
    said = refused("--workers", "2", "--port", str(free_port()), folder=tmp_path)
    assert said.startswith("SQLite carries one serving process")
    assert "PostgreSQL" in said
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused("--port", str(port), folder=tmp_path)
    assert said.startswith(f"Port {port} of 127.0.0.1 is in use")
    assert list(tmp_path.iterdir()) == []


def test_a_second_start_on_the_same_port_is_refused(server: RunningServer, tmp_path: Path) -> None:
    """Workers share a port with each other, so the system itself would allow it."""
    server.start()
    other = tmp_path / "other"
    other.mkdir()
    assert "is in use" in refused("--port", str(server.port), folder=other)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Mistake, match=r"no address 192\.0\.2\.1"):
        demand_free_port("192.0.2.1", free_port())


def test_a_port_is_free_only_where_nobody_listens_on_either_loopback_address() -> None:
    port = free_port()
    assert is_free(port)
    for host in ("127.0.0.1", "::1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family):
            assert not is_free(port), host
    assert is_free(port)


def no_key(key: Path) -> None:
    key.unlink()


def nonsense(key: Path) -> None:
    key.write_text("nonsense")


def anothers_key(key: Path) -> None:
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)


def encrypted_key(key: Path) -> None:
    locked = key.with_suffix(".locked")
    lock: list[str | Path] = [
        "openssl",
        "rsa",
        "-aes256",
        "-passout",
        "pass:x",
        "-in",
        key,
        "-out",
        locked,
    ]
    subprocess.run(lock, check=True, capture_output=True)
    locked.replace(key)


@pytest.mark.parametrize("spoil", [no_key, nonsense, anothers_key, encrypted_key])
def test_a_certificate_that_cannot_be_used_is_named_before_anything_is_written(
    tmp_path: Path, certificate: tuple[Path, Path], spoil: Callable[[Path], None]
) -> None:
    file, key = certificate
    spoil(key)
    folder = tmp_path / "folder"
    folder.mkdir()
    said = refused(
        "--port", str(free_port()), folder=folder,
        TWOSTEP_TLS_CERTIFICATE=str(file), TWOSTEP_TLS_KEY=str(key),
    )  # fmt: skip
    assert "key.pem" in said
    assert list(folder.iterdir()) == []
