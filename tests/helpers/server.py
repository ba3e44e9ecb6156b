"""Real servers in real processes, for tests: started, asked, stopped, killed, started again.

    server = RunningServer(tmp_path, clock=ClockFile(tmp_path / "clock"))
    server.start()
    page = server.client().get("/sign-in")
    server.kill_group(); server.start()

Each has a folder, a free port and a process group of its own. ``run_twostep`` runs any other
command of the program in such a folder.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.helpers.clocks import ClockFile
from tests.helpers.http import Client
from twostep.clock import OFFSET_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
START_ATTEMPTS = 600
"""Of a twentieth of a second each: a start takes one second, a busy machine gets thirty."""

STOP_SECONDS = 30
_WELCOME = re.compile(r"https?://\S+/welcome/[\w-]+")


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that ended and was not asked for yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def all_end(pids: Iterable[int]) -> bool:
    """Whether these processes end within half a minute. They need not be our children."""
    left, never = list(pids), threading.Event()
    for _ in range(START_ATTEMPTS):
        left = [pid for pid in left if is_alive(pid)]
        if not left:
            return True
        never.wait(0.05)
    return False


class DidNotStart(AssertionError):
    """The server ended, or did not answer. The message holds everything that it said."""


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(extra: Mapping[str, str], clock: ClockFile | None) -> dict[str, str]:
    """This process's environment without settings of Twostep's, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSTEP_")}
    moved = {OFFSET_VARIABLE: str(clock.path)} if clock else {}
    return kept | {"PYTHONPATH": str(ROOT)} | moved | dict(extra)


def program(clock: ClockFile | None) -> list[str]:
    """The installed program; with a clock, the way in that tests have."""
    if clock is None:
        return [str(Path(sys.executable).with_name("twostep"))]
    return [sys.executable, "-m", "tests.helpers.moved_twostep"]


def run_twostep(
    *arguments: str,
    folder: Path,
    typed: str = "",
    extra: Mapping[str, str] | None = None,
    clock: ClockFile | None = None,
) -> subprocess.CompletedProcess[str]:
    """One command, run to its end, with that text on its standard input."""
    return subprocess.run(
        [*program(clock), *arguments],
        cwd=folder,
        env=environment(extra or {}, clock),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class RunningServer:
    """``twostep serve`` in a process group of its own.

    ``command`` and ``arguments`` may make it another one, such as ``demo``. What it says goes to
    files: a pipe that nobody reads would fill up and stop it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        workers: int | None = None,
        clock: ClockFile | None = None,
        port: int | None = None,
        address: str | None = None,
        extra: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.address = address or f"http://localhost:{self.port}"
        self.arguments = ["serve", "--port", str(self.port), "--address", self.address, *arguments]
        if database_url is not None:
            self.arguments += ["--database", database_url]
        if workers is not None:
            self.arguments += ["--workers", str(workers)]
        self.clock = clock
        self.trust = trust
        self.extra = dict(extra or {})
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill_group()

    @property
    def output(self) -> str:
        """Standard output of all starts so far."""
        return self._said("output")

    @property
    def log(self) -> str:
        """Standard error of all starts so far: the log."""
        return self._said("log")

    def start(self) -> None:
        """Returns when ``/healthz`` answers. Raises DidNotStart."""
        self.begin()
        self.wait_until_healthy()

    def begin(self) -> subprocess.Popen[bytes]:
        """Only starts the process."""
        with self._file("output") as output, self._file("log") as log:
            self.process = subprocess.Popen(
                [*program(self.clock), *self.arguments],
                cwd=self.folder,
                env=environment(self.extra, self.clock),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def wait_until_healthy(self) -> None:
        """Returns when ``/healthz`` answers 200. Raises DidNotStart."""
        process = self._running()
        for _ in range(START_ATTEMPTS):
            if self.answers():
                return
            try:
                status = process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise DidNotStart(f"ended with {status}\n{self.output}\n{self.log}")
        raise DidNotStart(f"/healthz never answered\n{self.output}\n{self.log}")

    def answers(self) -> bool:
        """Whether ``/healthz`` answers 200 at this moment."""
        scheme = "http" if self.trust is None else "https"
        client = Client(f"{scheme}://localhost", ("127.0.0.1", self.port), self.trust)
        try:
            return client.get("/healthz").status == 200
        except (OSError, HTTPException):
            return False

    def client(self, address: str | None = None) -> Client:
        """A browser at the server's address, or at another one of this server."""
        return Client(address or self.address, ("127.0.0.1", self.port), self.trust)

    def welcome_path(self) -> str:
        """The path of the newest one-time link that it has printed."""
        links = _WELCOME.findall(self.output)
        assert links, f"no link was printed\n{self.output}\n{self.log}"
        return "/welcome/" + str(links[-1]).rsplit("/", 1)[-1]

    def stop(self) -> int:
        """Asks it to end, as an operator's system does, and gives its exit status."""
        process = self._running()
        process.terminate()
        return process.wait(timeout=STOP_SECONDS)

    def kill_group(self) -> None:
        """kill -9 of the process and all its workers, as when the machine stops."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)
        self.process = None

    def restart(self) -> None:
        """Ends it as an operator would, and starts it again."""
        self.stop()
        self.start()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        process = self._running()
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [int(pid) for pid in listed]

    def wait_for_log(self, said: str) -> None:
        """Returns when the log says it. Raises AssertionError where it never does."""
        self._wait_for(lambda: said in self.log, said)

    def wait_for_output(self, said: str) -> None:
        """The same for standard output."""
        self._wait_for(lambda: said in self.output, said)

    def _wait_for(self, there: Callable[[], bool], said: str) -> None:
        process = self._running()
        for _ in range(START_ATTEMPTS):
            if there():
                return
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        assert there(), f"{said!r} never came\n{self.output}\n{self.log}"

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "the server was not started"
        return self.process

    def _file(self, name: str) -> BufferedWriter:
        return (self.folder / f"server.{name}").open("ab")

    def _said(self, name: str) -> str:
        file = self.folder / f"server.{name}"
        return file.read_text(errors="replace") if file.exists() else ""
