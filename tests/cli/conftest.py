"""Databases of both kinds, and a server that is not started yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.certificates import make_certificate
from tests.helpers.clocks import SECOND
from tests.helpers.command_line import CommandLine
from tests.helpers.databases import (
    database,
    database_url,
    empty_url,
    own_cluster,
    postgres_cluster,
    sqlite_url,
)
from tests.helpers.server import RunningServer

__all__ = [
    "certificate",
    "database",
    "database_url",
    "empty_url",
    "operator",
    "own_cluster",
    "postgres_cluster",
    "server",
    "sqlite_url",
]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine that it has signed itself, and its key."""
    file, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make_certificate(file, key)
    return file, key


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server in an empty folder, not started yet, and gone with the test."""
    made = RunningServer(tmp_path / "empty")
    yield made
    made.kill_group()


@pytest.fixture
def operator(tmp_path: Path) -> CommandLine:
    """An operator of two environments: Harbour Clinic and Northside Housing."""
    made = CommandLine(tmp_path)
    for name, host in (("Harbour Clinic", "harbour"), ("Northside Housing", "northside")):
        made.done("environment", "add", name, "--address", f"http://{host}.localhost:8000")
        made.clock.forward(SECOND)
    return made
