"""A PostgreSQL server of our own: made for the tests, on a free port, gone with them.

PostgreSQL refuses to run as root, so root starts it as the user ``postgres`` that Debian's package
makes.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

from twostep.storage.upgrades import create_schema

USER = "twostep"
PASSWORD = "a:b/c@d?#%"
"""Nobody asks for it (the server trusts its own machine), but every address carries it: a log must
not."""

_QUOTED_PASSWORD = "a%3Ab%2Fc%40d%3F%23%25"

# A test's database is thrown away, so nothing in it has to survive a power cut.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "deadlock_timeout": "50ms",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_min_messages": "warning",
}


class NoPostgres(RuntimeError):
    """PostgreSQL's programs are not there: ``apt-get install postgresql`` brings them."""


def _programs() -> Path:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    if versions:
        return versions[-1]
    found = shutil.which("pg_ctl")
    if found is None:
        raise NoPostgres(NoPostgres.__doc__)
    return Path(found).resolve().parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Cluster:
    """One server. ``start`` makes it where it does not exist yet."""

    def __init__(self) -> None:
        self._programs = _programs()
        # Not below pytest's own folder: that one belongs to root, who alone may enter it.
        self.folder = Path(tempfile.mkdtemp(prefix="twostep-postgres-"))
        self._data = self.folder / "data"
        self._numbers = itertools.count(1)
        self._has_template = False
        self.port = _free_port()
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run(
            "initdb", "--no-sync", "--auth=trust", f"--username={USER}", "--encoding=UTF8",
            "--locale=C.UTF-8", f"--pgdata={self._data}",
        )  # fmt: skip

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = {
            **_SETTINGS,
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self.folder / "log"
        self._pg_ctl("start", "-w", "-l", str(log), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Returns when it is down. ``immediate`` is a crash: no good-bye to its clients."""
        self._pg_ctl("stop", "-w", "-m", mode)

    def restart(self) -> None:
        """Every connection there was is lost."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stops it, if it is up, and takes its files away."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://{USER}:{_QUOTED_PASSWORD}@127.0.0.1:{self.port}/{name}"

    def create_database(self) -> str:
        """The address of a new database with the newest schema and nothing in it."""
        if not self._has_template:
            create_schema(self._create("template_twostep", "template0"))
            self._has_template = True
        return self._create(f"test_{next(self._numbers)}", "template_twostep")

    def create_empty_database(self) -> str:
        """The address of a new database without any table."""
        return self._create(f"test_{next(self._numbers)}", "template0")

    def drop(self, url: str) -> None:
        """Take a database away again: hundreds of them would be gigabytes to delete at the end."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def deadlocks(self) -> int:
        """How often the server has ended a transaction because two waited for each other."""
        return (self.folder / "log").read_text().count("deadlock detected")

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs, of this server's version."""
        return str(self._programs / name)

    def _create(self, name: str, template: str) -> str:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def _pg_ctl(self, act: str, *arguments: str) -> None:
        self._run("pg_ctl", act, "-s", "-D", str(self._data), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [self.program(program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # The server would keep a pipe open, and whoever reads it would wait for its end.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                command,
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False,
            )  # fmt: skip
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed: {said.read().decode(errors='replace')}")
