"""The composition root, and the application under another server than ours."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clocks import HandClock
from tests.helpers.command_line import CommandLine
from tests.helpers.http import Client
from tests.helpers.server import environment, free_port
from twostep.app import WrongSchema, build_installation, close
from twostep.crypto.key_files import NoKeyFile, WrongKeyFile
from twostep.crypto.password_hashes import TooMuchMemory
from twostep.settings import Settings
from twostep.storage.schema import Empty

UVICORN = [sys.executable, "-m", "uvicorn", "--factory", "twostep.app:from_environment"]


def test_an_installation_is_built_from_its_settings(tmp_path: Path) -> None:
    operator = CommandLine(tmp_path)
    clock = HandClock()
    installation = build_installation(operator.settings, clock=clock)
    assert installation.clock is clock
    assert installation.hashing.parameters.memory_kib == 19 * 1024
    close(installation)


def test_an_empty_database_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(WrongSchema) as wrong:
        build_installation(Settings(data_dir=tmp_path))
    assert isinstance(wrong.value.state, Empty)
    assert list(tmp_path.iterdir()) == []


def test_without_its_keys_there_is_no_installation(tmp_path: Path) -> None:
    """AC-63: a server without keys would be one that checks nothing."""
    operator = CommandLine(tmp_path)
    key = tmp_path / "twostep.key"
    right = key.read_bytes()
    key.unlink()
    with pytest.raises(NoKeyFile):
        build_installation(operator.settings)
    key.write_bytes(right[:-20])
    key.chmod(0o600)
    with pytest.raises(WrongKeyFile):
        build_installation(operator.settings)
    assert not key.with_name("twostep.key.new").exists()


def test_hashes_that_could_take_the_machines_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = CommandLine(tmp_path)
    monkeypatch.setattr("twostep.app.machine_memory", lambda: 30 * 1024 * 1024)
    with pytest.raises(TooMuchMemory):
        build_installation(operator.settings)


@pytest.fixture
def uvicorn(tmp_path: Path) -> Iterator[Client]:
    """The application on uvicorn, as from_environment builds it."""
    operator = CommandLine(tmp_path)
    port = free_port()
    address = f"http://localhost:{port}"
    operator.done("environment", "add", "Acme", "--address", address)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*UVICORN, "--port", str(port), "--log-level", "warning"],
            cwd=tmp_path,
            env=environment({}, None),
            stdout=log,
            stderr=log,
        )
    client = Client(address)
    try:
        for _ in range(600):
            try:
                if client.get("/healthz").status == 200:
                    break
            except OSError:
                pass
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        yield client
    finally:
        process.terminate()
        assert process.wait(timeout=30) in {0, -15}, (tmp_path / "log").read_text()


def test_it_runs_on_uvicorn_too(uvicorn: Client) -> None:
    assert uvicorn.get("/readyz").status == 200
    page = uvicorn.get("/sign-in")
    assert page.status == 200
    assert "Acme" in page.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "`twostep serve` makes it"),
        ({"TWOSTEP_PORT": "x"}, "TWOSTEP_PORT"),
        ({"TWOSTEP_CLOCK_OFFSET_FILE": "clock"}, "TWOSTEP_CLOCK_OFFSET_FILE"),
    ],
)
def test_another_server_ends_with_a_line_where_twostep_cannot_start(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        [*UVICORN, "--port", str(free_port())],
        cwd=tmp_path,
        env=environment(settings, None),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
