"""Chromium, one for all files here, and as many windows of people as a test opens.

A window is a context of its own: nothing is shared with another. Where a test fails, pytest's
folder of that test keeps a picture and a trace of each of its windows (``playwright show-trace``).
Where it passes, no window may have complained of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.browser.windows import ARGUMENTS, CHROMIUM, Window
from tests.helpers.clocks import HandClock
from tests.helpers.house import House, make_installation_in
from tests.helpers.houses import clock, postgres_cluster, sqlite_url
from tests.helpers.serving import served
from twostep.storage.database import open_database

__all__ = ["clock", "postgres_cluster", "sqlite_url"]

expect.set_options(timeout=20_000)
"""Nothing is measured by it: a busy machine is slow, and a page that never comes ends the test."""

FAILED = pytest.StashKey[bool]()


class Windows(Protocol):
    """Opens a window: a browser of its own at this address, with Playwright's options."""

    def __call__(self, origin: str, *, kind: type[Window] = Window, **options: Any) -> Window: ...


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ends with the package: while it lives, nothing else in this process can run an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let the fixtures of a test know that it failed."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report  # type: ignore[return-value]


@pytest.fixture
def windows(chromium: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Windows]:
    """A way to open windows, which are closed at the end."""
    opened: list[Window] = []

    def new(origin: str, *, kind: type[Window] = Window, **options: Any) -> Window:
        context = chromium.new_context(**options)
        context.tracing.start(snapshots=True)
        window = kind(context, origin, script=options.get("java_script_enabled", True))
        opened.append(window)
        return window

    yield new
    failed = request.node.stash.get(FAILED, False)
    for number, window in enumerate(opened):
        if failed:
            # A page that hangs has no picture, and says enough by its trace.
            with suppress(Error):
                window.page.screenshot(path=tmp_path / f"window-{number}.png", timeout=5_000)
            window.context.tracing.stop(path=tmp_path / f"window-{number}.zip")
            request.node.add_report_section("teardown", "pictures and traces", str(tmp_path))
        window.context.close()
    assert [line for window in opened for line in window.complaints] == []


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, clock: HandClock) -> Iterator[House]:
    """An installation served in this process. The main journey runs on PostgreSQL too."""
    opened = open_database(sqlite_url)
    installation = make_installation_in(opened, tmp_path, clock=clock)
    with served(installation) as port:
        yield House(installation, clock, port)
    installation.hashing.close()
    opened.close()


@pytest.fixture
def harbour(house: House) -> str:
    """The address of the environment where a second step is optional."""
    return str(house.harbour.primary)
