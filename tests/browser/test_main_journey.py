"""The main journey at real servers: their own processes, SQLite and PostgreSQL, and the demo."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Windows
from tests.browser.journeys import main_journey
from tests.browser.phones import STEP
from tests.helpers.clocks import ClockFile
from tests.helpers.databases import KINDS
from tests.helpers.house import PASSWORD
from tests.helpers.postgres import Cluster
from tests.helpers.server import START_ATTEMPTS, RunningServer, run_twostep
from twostep.clock import offset_clock

pytestmark = pytest.mark.browser


@dataclass
class Served:
    """A server and the clock that moves all of its processes."""

    server: RunningServer
    clock_file: ClockFile

    def clock(self) -> int:
        return offset_clock(self.clock_file.path)()

    def run(self, *arguments: str, typed: str = "") -> None:
        """A command of the operator's, beside the server."""
        done = run_twostep(
            *arguments,
            folder=self.server.folder,
            typed=typed,
            extra=self.server.extra,
            clock=self.clock_file,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=KINDS)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """``twostep serve``, with one user."""
    extra = {}
    clock_file = ClockFile(tmp_path / "clock")
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        extra = {"TWOSTEP_DATABASE": cluster.create_empty_database()}
        clock_file.take_along(extra["TWOSTEP_DATABASE"])
    server = RunningServer(
        tmp_path / "server", clock=clock_file, extra=extra, arguments=["--name", "Harbour Clinic"]
    )
    with server:
        made = Served(server, clock_file)
        made.run("user", "add", "ann", typed=f"{PASSWORD}\n")
        yield made


def printed(server: RunningServer) -> dict[str, Any]:
    """What ``twostep demo --json`` says, in one line, a moment after it answers."""
    assert server.process is not None
    for _ in range(START_ATTEMPTS):
        if server.output.endswith("\n"):
            told: dict[str, Any] = json.loads(server.output)
            return told
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(timeout=0.05)
    raise AssertionError(f"the demo printed nothing\n{server.log}")


def test_the_main_journey_and_what_the_operator_can_change(
    served: Served, windows: Windows, tmp_path: Path
) -> None:
    """CT-1, CT-3, CT-4, CT-5; and from CT-11 that an Off keeps the keys."""
    phone = main_journey(
        lambda: windows(served.server.address),
        tmp_path,
        issuer="Harbour Clinic",
        clock=served.clock,
        forward=served.clock_file.forward,
    )
    served.run("property", "set", "two_step_verification", "off")
    window = windows(served.server.address)
    window.sign_in()
    window.demand_home()
    served.run("property", "set", "two_step_verification", "optional")
    served.clock_file.forward(STEP)
    window = windows(served.server.address)
    window.sign_in()
    window.give_code(phone.code())
    window.demand_home()


def test_the_main_journey_of_a_printed_user_of_the_demo(windows: Windows, tmp_path: Path) -> None:
    """What a newcomer does after ``make run``."""
    clock_file = ClockFile(tmp_path / "clock")
    server = RunningServer(tmp_path / "demo", clock=clock_file)
    server.arguments = ["demo", "--port", str(server.port), "--json"]
    with server:
        told = printed(server)
        person = next(each for each in told["users"] if each["role"] == "user")
        assert person["url"] == told["url"]
        main_journey(
            lambda: windows(person["url"]),
            tmp_path,
            issuer="Harbour Clinic",
            name=person["name"],
            password=person["password"],
            clock=offset_clock(clock_file.path),
            forward=clock_file.forward,
        )
