"""Take a picture of every screen: phone and desktop, light and dark.

    .venv/bin/python scripts/screenshots.py [FOLDER [SCREEN ...]]

With names of screens only theirs are taken, and those of the others stay as they are.

The installation is a real one in this process, with a clock that stands still, so that a second
run changes no picture but those that show a new key. What is still the same is left as it is.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

import structlog
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.small_pictures import Shrinker  # noqa: E402
from tests.browser.screens import EARLIER, Walk, walk_everywhere  # noqa: E402
from tests.browser.windows import ARGUMENTS, CHROMIUM, Window  # noqa: E402
from tests.helpers.clocks import HandClock  # noqa: E402
from tests.helpers.house import House, make_installation_in  # noqa: E402
from tests.helpers.serving import served  # noqa: E402
from twostep.storage.database import open_database  # noqa: E402
from twostep.storage.upgrades import create_schema  # noqa: E402

SIZES = {"phone": (390, 700), "desktop": (1280, 720)}
"""A page that is longer than its window is shown to its end."""

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

LIKE_ANOTHER = frozenset({
    "change-password-wrong", "code-more-time", "confirm-properties", "confirm-wrong",
    "devices-forgotten", "home-after-set-up", "home-two-step-on", "properties-saved",
    "recovery-code-unreadable", "sent-code-wrong", "set-up-required", "set-up-wrong",
    "sign-in-empty", "sign-in-first", "sign-in-ready", "welcome-wrong",
})  # fmt: skip
"""Screens that are walked through and tested, but whose picture would show nothing new."""

_PAINTED = """
() => new Promise((done) => {
  scrollTo(0, 0);
  requestAnimationFrame(() => requestAnimationFrame(done));
})
"""
"""A page that had scrolled to its field is not painted anew at once where it was out of sight."""


@dataclass
class Camera:
    """Takes the four pictures of each screen into a folder; of all of them, or of these."""

    folder: Path
    shrinker: Shrinker
    only: frozenset[str] = frozenset()
    taken: set[str] = field(default_factory=set)

    def take(self, name: str, window: Window) -> None:
        """The page that the window shows, unless its picture would show nothing new."""
        if name in LIKE_ANOTHER or (self.only and name not in self.only):
            return
        page = window.page
        page.wait_for_load_state()
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                whole = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": max(height, whole)})
                page.evaluate(_PAINTED)
                self._write(f"{name}-{size}-{theme}.png", page)
        page.emulate_media(color_scheme="light")

    def clear(self) -> None:
        """Remove the pictures of screens that there are no more."""
        for file in self.folder.glob("*.png"):
            if not self.only and file.name not in self.taken:
                file.unlink()

    def _write(self, name: str, page: Page) -> None:
        picture = self.shrinker.shrink(page.screenshot(caret="hide", animations="disabled"))
        file = self.folder / name
        if not file.exists() or file.read_bytes() != picture:
            file.write_bytes(picture)
        self.taken.add(name)


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    """An installation that believes what we say of where its visitors come from."""
    url = f"sqlite:///{folder / 'twostep.db'}"
    create_schema(url)
    database = open_database(url)
    clock = HandClock(EARLIER)
    installation = make_installation_in(database, folder, clock=clock)
    with served(installation, trusted_proxies=[ip_network("127.0.0.1")]) as port:
        yield House(installation, clock, port)
    installation.hashing.close()
    database.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that the tests use."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def main(folder: Path, *only: str) -> None:
    """Take every picture, and remove those that nobody takes any more."""
    folder.mkdir(parents=True, exist_ok=True)
    # Nobody reads a line for each request here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        tempfile.TemporaryDirectory() as name,
        chromium() as browser,
        house_in(Path(name)) as house,
    ):
        camera = Camera(folder, Shrinker(browser), frozenset(only))

        def open_window(origin: str, *, agent: str, address: str) -> Window:
            context = browser.new_context(
                user_agent=agent,
                extra_http_headers={"X-Forwarded-For": address},
                timezone_id="Europe/London",
                locale="en-GB",
                reduced_motion="reduce",
            )
            return Window(context, origin)

        walk_everywhere(Walk(house, open_window, camera.take, Path(name)))
        camera.clear()
    size = sum(file.stat().st_size for file in folder.glob("*.png"))
    print(f"{len(camera.taken)} pictures in {folder}, {size // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens", *sys.argv[2:])
