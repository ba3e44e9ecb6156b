"""Commands of the program, run in this process: as quick as a call, and with a clock of the test's.

What a process of its own would show besides (its exit status, no traceback) is tested in
``tests/cli/test_main.py``; the sentence for a mistake comes through the same function here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from typer.testing import CliRunner

from tests.helpers.clocks import HandClock
from twostep.cli.commands import app
from twostep.cli.first_start import make_installation
from twostep.cli.mistakes import explain
from twostep.cli.opening import Operator
from twostep.settings import Settings


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended. ``error`` is its sentence for a mistake."""

    status: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        """The output, read as one JSON value."""
        return json.loads(self.output)


class CommandLine:
    """An operator in a folder with an installation that has no environment yet."""

    def __init__(self, folder: Path, *, database: str | None = None) -> None:
        self.folder = folder
        self.clock = HandClock()
        self._before = ["--data-dir", str(folder)]
        if database is not None:
            self._before += ["--database", database]
        secret = None if database is None else SecretStr(database)
        self.settings = Settings(data_dir=folder, database=secret)
        make_installation(self.settings, clock=self.clock)

    def run(self, *arguments: str, typed: str = "") -> Said:
        """One command, with that text on its standard input."""
        operator = Operator(clock=self.clock)
        result = CliRunner().invoke(app, [*self._before, *arguments], input=typed, obj=operator)
        error = result.exception
        if isinstance(error, Exception) and not isinstance(error, SystemExit):
            mistake = explain(error)
            if mistake is None:
                raise error
            return Said(status=mistake.status, output=result.stdout, error=str(mistake))
        return Said(status=result.exit_code, output=result.stdout, error=result.stderr)

    def done(self, *arguments: str, typed: str = "") -> str:
        """The output of a command that has to succeed."""
        said = self.run(*arguments, typed=typed)
        assert said.status == 0, said
        return said.output

    def refused(self, *arguments: str, typed: str = "") -> str:
        """The sentence of a command that has to be refused."""
        said = self.run(*arguments, typed=typed)
        assert said.status != 0, said
        return said.error
