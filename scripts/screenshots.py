"""Walk through every screen and write a picture of it: phone and desktop, light and dark.

    .venv/bin/python scripts/screenshots.py [FOLDER]

The installation is a real one in this process, with a clock that stands still, so that a second
run changes no picture but those that show a new key. What is still the same is left as it is.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.small_pictures import Shrinker  # noqa: E402
from tests.browser.phones import Phone  # noqa: E402
from tests.browser.windows import ARGUMENTS, CHROMIUM, Window  # noqa: E402
from tests.helpers.clocks import DAY, HOUR, MINUTE, HandClock  # noqa: E402
from tests.helpers.house import House, make_installation_in, served  # noqa: E402
from twostep.core.environments import Environment  # noqa: E402
from twostep.flows import links  # noqa: E402
from twostep.storage.database import open_database  # noqa: E402
from twostep.storage.upgrades import create_schema  # noqa: E402

THE_DAY = int(datetime(2026, 4, 12, 9, 31, tzinfo=UTC).timestamp()) * 1000

SIZES = {"phone": (390, 700), "desktop": (1280, 720)}
"""A page that is longer than its window is shown to its end."""

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/146.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:148.0) Gecko/20100101 Firefox/148.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/26.2 Mobile/15E148 Safari/604.1"
)


@dataclass
class Studio:
    """The installation, the browser, and the folder for the pictures."""

    house: House
    browser: Browser
    folder: Path
    scratch: Path
    taken: list[str] = field(default_factory=list)
    shrinker: Shrinker = field(init=False)

    def __post_init__(self) -> None:
        self.shrinker = Shrinker(self.browser)

    def window(
        self,
        environment: Environment | None = None,
        *,
        agent: str = WINDOWS,
        address: str = "203.0.113.7",
    ) -> Window:
        """A browser of that kind, as if it came from that address."""
        origin = str((environment or self.house.harbour).primary)
        context = self.browser.new_context(
            user_agent=agent,
            extra_http_headers={"X-Forwarded-For": address},
            timezone_id="Europe/London",
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.clock.set_fixed_time(self._now())
        return Window(context, origin)

    def forward(self, milliseconds: int, *windows: Window) -> None:
        """Let time pass, in those browsers as well."""
        self.house.clock.forward(milliseconds)
        for window in windows:
            window.context.clock.set_fixed_time(self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.house.clock() / 1000, UTC)

    def take(self, name: str, window: Window) -> None:
        """The four pictures of the page that the window shows."""
        page = window.page
        page.wait_for_load_state()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                whole = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": max(height, whole)})
                self._write(f"{name}-{size}-{theme}.png", page)
        page.emulate_media(color_scheme="light")

    def _write(self, name: str, page: Page) -> None:
        taken = page.screenshot(caret="hide", animations="disabled")
        picture = self.shrinker.shrink(taken)
        file = self.folder / name
        if not file.exists() or file.read_bytes() != picture:
            file.write_bytes(picture)
        self.taken.append(name)


def signing_in(studio: Studio) -> None:
    """The first page, and what it says when something is wrong."""
    window = studio.window()
    window.open("/sign-in")
    studio.take("sign-in", window)
    window.give_password("ann.lee", "not her password")
    window.demand_text("do not match")
    studio.take("sign-in-wrong", window)
    window.give_password("", "")
    window.demand_text("Type your")
    studio.take("sign-in-empty", window)
    window.open("/security")
    window.demand_text("Please sign in first")
    studio.take("sign-in-first", window)
    window.link("Forgot your password?").click()
    window.demand_title("Forgot your password?")
    studio.take("forgot-password", window)
    window.open("/no-such-page")
    window.demand_title("There is no such page")
    studio.take("not-found", window)


def setting_up(studio: Studio) -> Phone:
    """The first sign-in, Security Settings, and the dialog of Configure."""
    window = studio.window()
    window.sign_in("ann.lee")
    window.demand_home()
    studio.take("home", window)
    window.page.get_by_text("User settings").click()
    studio.take("home-menu", window)
    window.link("Security Settings").click()
    window.demand_title("Security Settings")
    studio.take("security-settings-off", window)
    window.open("/")
    window.configure()
    window.demand_title("Set up 2-step verification")
    studio.take("set-up", window)
    phone = window.scan(studio.scratch, studio.house.clock)
    window.verify_and_save(phone.wrong_code())
    window.demand_text("did not match")
    studio.take("set-up-wrong", window)
    window.verify_and_save(phone.code())
    window.demand_text("2-Step Verification is on")
    studio.take("set-up-done", window)
    return phone


def giving_codes(studio: Studio, phone: Phone) -> Window:
    """The second step, right and wrong."""
    window = studio.window()
    window.sign_in("ann.lee")
    window.demand_title("Enter your code")
    studio.take("code", window)
    window.give_code(phone.wrong_code())
    window.demand_text("did not match")
    studio.take("code-wrong", window)
    phone.slow_by = 4 * MINUTE
    window.give_code(phone.code())
    window.demand_text("4 minutes slow")
    studio.take("code-clock", window)
    phone.slow_by = 0
    window.link("Try another way").click()
    window.demand_title("Try another way")
    studio.take("another-way", window)
    window.open("/sign-in/code")
    window.button("Give me more time").click()
    window.demand_text("You have more time now")
    studio.take("code-more-time", window)
    window.give_code(phone.code())
    window.demand_home()
    studio.take("home-two-step-on", window)
    return window


def looking_after(studio: Studio, window: Window, phone: Phone) -> None:
    """Security Settings of somebody who has everything."""
    for agent, address in ((MAC, "198.51.100.2"), (IPHONE, "2001:db8:4:17::9")):
        studio.forward(MINUTE, window)
        other = studio.window(agent=agent, address=address)
        other.sign_in("ann.lee")
        other.give_code(phone.code())
        other.demand_home()
    studio.forward(40 * MINUTE, window)
    window.open("/")
    window.open_security_settings()
    studio.take("security-settings", window)
    window.page.get_by_role("region", name="2-Step Verification").get_by_role("button").click()
    window.demand_title("2-Step Verification")
    studio.take("two-step-state", window)
    window.open("/security/password")
    window.demand_title("Change your password")
    studio.take("change-password", window)
    window.field("Current password").fill("not her password")
    window.field("New password").fill("short")
    window.button("Save").click()
    window.demand_text("too short")
    studio.take("change-password-wrong", window)
    window.open("/security")
    window.button("End all others").click()
    window.demand_text("sessions")
    studio.take("sessions-ended", window)


def pausing(studio: Studio, phone: Phone) -> None:
    """Too many wrong codes."""
    studio.forward(DAY)
    window = studio.window()
    window.sign_in("ann.lee")
    for _ in range(5):
        window.demand_title("Enter your code")
        window.give_code(phone.wrong_code())
    window.demand_title("Sign-in is paused")
    studio.take("locked", window)


def being_required(studio: Studio) -> None:
    """Where the environment asks everybody for a second step."""
    window = studio.window(studio.house.northside)
    window.sign_in("bo.berg")
    window.demand_title("Set up 2-step verification")
    studio.take("set-up-required", window)
    phone = window.scan(studio.scratch, studio.house.clock)
    window.verify_and_save(phone.code())
    window.demand_text("2-Step Verification is on")
    studio.take("home-after-set-up", window)


def beginning(studio: Studio) -> None:
    """The first administrator's link, before and after it was used."""
    place = studio.house.environment("Westfield College", "westfield")
    link = links.invite_first_administrator(studio.house.installation, place)
    assert link is not None
    path = link.reveal().removeprefix(str(place.primary))
    window = studio.window(place)
    window.open(path)
    window.demand_title("Welcome")
    studio.take("welcome", window)
    window.field("User name").fill("morgan")
    window.field("Password").fill("too short")
    window.button("Save").click()
    window.demand_text("too short")
    studio.take("welcome-wrong", window)
    window.field("Password").fill("nine kites above the bay")
    window.button("Save").click()
    window.demand_text("Your account is ready")
    studio.take("sign-in-ready", window)
    window.open(path)
    window.demand_title("This link is no longer good")
    studio.take("link-over", window)


@contextmanager
def opened(folder: Path) -> Iterator[Studio]:
    """An installation with a few people, and a browser before it."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        scratch = Path(name)
        url = f"sqlite:///{scratch / 'twostep.db'}"
        create_schema(url)
        database = open_database(url)
        clock = HandClock(THE_DAY - 40 * DAY - 3 * HOUR)
        installation = make_installation_in(database, scratch, clock=clock)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        with served(installation, trusted_proxies=[ip_network("127.0.0.1")]) as port:
            house = House(installation, clock, port)
            house.add("ann.lee")
            house.add("bo.berg", house.northside)
            for place in (house.harbour, house.northside):
                house.set(
                    place, "support_contact", f"it@{place.primary.host.split('.')[0]}.example"
                )
                house.set(place, "support_link", "mailto:it@example.com")
            clock.forward(THE_DAY - clock())
            yield Studio(house, browser, folder, scratch)
        browser.close()
        installation.hashing.close()
        database.close()


def main(folder: Path) -> None:
    """Take every picture, and remove those that nobody takes any more."""
    folder.mkdir(parents=True, exist_ok=True)
    with opened(folder) as studio:
        signing_in(studio)
        phone = setting_up(studio)
        studio.forward(10 * MINUTE)
        looking_after(studio, giving_codes(studio, phone), phone)
        pausing(studio, phone)
        being_required(studio)
        beginning(studio)
    for file in folder.glob("*.png"):
        if file.name not in studio.taken:
            file.unlink()
    size = sum(file.stat().st_size for file in folder.glob("*.png"))
    print(f"{len(studio.taken)} pictures in {folder}, {size // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens")
