"""The program as a process: its exit status, its one line, and never a traceback for a mistake."""

from pathlib import Path

import pytest

from tests.helpers.server import run_twostep
from twostep import __version__


def test_it_says_what_it_can_do(tmp_path: Path) -> None:
    said = run_twostep("--help", folder=tmp_path)
    assert said.returncode == 0
    for command in (
        "serve", "demo", "environment", "user", "permission", "property", "key", "audit",
        "database", "backup", "restore",
    ):  # fmt: skip
        assert f"\n  {command} " in said.stdout, command
    assert run_twostep("--version", folder=tmp_path).stdout == f"twostep {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("user", "list"), 1),
        (("--config", "nowhere.toml", "user", "list"), 2),
        (("--database", "postgresql://127.0.0.1:1/twostep", "user", "list"), 3),
        (("no-such-command",), 2),
        (("user", "add"), 2),
        (("property", "set", "x"), 2),
    ],
)
def test_a_mistake_has_its_status_and_its_line(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    done = run_twostep(*arguments, folder=tmp_path)
    assert done.returncode == status, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.parametrize("command", ["serve", "demo", "user"])
def test_a_switch_for_tests_refuses_production(tmp_path: Path, command: str) -> None:
    moved = {"TWOSTEP_CLOCK_OFFSET_FILE": str(tmp_path / "clock")}
    done = run_twostep(command, folder=tmp_path, extra=moved)
    assert done.returncode == 2
    assert "TWOSTEP_CLOCK_OFFSET_FILE is set" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
