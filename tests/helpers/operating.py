"""What an operator does with the program, as several tests need it."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.house import PASSWORD
from tests.helpers.http import Client
from tests.helpers.server import RunningServer, run_twostep

ADMINISTRATOR = "morgan"


def become_administrator(server: RunningServer, browser: Client | None = None) -> Client:
    """Open the newest link, choose a name and ``PASSWORD``; the browser that did."""
    client = browser or server.client()
    page = client.get(server.welcome_path())
    answer = client.submit(page, user_name=ADMINISTRATOR, new_password=PASSWORD)
    assert answer.status == 303, answer.text
    return client


def refused(*arguments: str, folder: Path, **settings: str) -> str:
    """Start ``twostep serve`` where it must not start; the one line that it says.

    ``settings`` are variables. Raises AssertionError for a traceback, a second line, or a start.
    """
    done = run_twostep("serve", *arguments, folder=folder, extra=settings)
    assert done.returncode in {1, 2, 3}, done
    assert done.stdout == "", done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("twostep: "), done.stderr
    return lines[0].removeprefix("twostep: ")
