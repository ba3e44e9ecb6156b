"""A walk through every screen, in each of its states, at a real installation.

scripts/screenshots.py takes a picture at each stop, and test_every_screen.py looks at each with
axe: so the screens of the documents are the screens that are tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from tests.browser.admin_screens import administering
from tests.browser.code_screens import receiving_codes
from tests.browser.helping_screens import helping
from tests.browser.phones import Phone
from tests.browser.self_service_screens import by_recovery_code, keeping_codes, looking_after
from tests.browser.user_screens import answering_calls
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, HOUR, MINUTE, SECOND
from tests.helpers.house import House
from twostep.core.environments import Environment
from twostep.flows import links

THE_DAY = int(datetime(2026, 4, 12, 9, 31, tzinfo=UTC).timestamp()) * 1000
"""When the walk is."""

EARLIER = THE_DAY - 40 * DAY - 3 * HOUR
"""When its people were added: where the house's clock has to stand at first."""

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/146.0.0.0 Safari/537.36"
)


class OpenWindow(Protocol):
    """A browser that says this of itself and comes from that address."""

    def __call__(self, origin: str, *, agent: str, address: str) -> Window: ...


@dataclass
class Walk:
    """Who walks. ``stop`` is called at each screen, with its name and the window that shows it."""

    house: House
    open_window: OpenWindow
    stop: Callable[[str, Window], None]
    folder: Path

    def window(
        self,
        environment: Environment | None = None,
        *,
        agent: str = WINDOWS,
        address: str = "203.0.113.7",
    ) -> Window:
        """A new browser at the environment's address, whose clock is the house's."""
        origin = str((environment or self.house.harbour).primary)
        window = self.open_window(origin, agent=agent, address=address)
        window.context.clock.set_fixed_time(self._now())
        return window

    def forward(self, milliseconds: int, *windows: Window) -> None:
        """Let time pass, in those browsers as well."""
        self.house.clock.forward(milliseconds)
        for window in windows:
            window.context.clock.set_fixed_time(self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.house.clock() / 1000, UTC)


def walk_everywhere(walk: Walk) -> None:
    """Every screen, once."""
    house = walk.house
    house.add("ann.lee")
    house.add("bo.berg", house.northside)
    for place, contact in ((house.harbour, "it@harbour"), (house.northside, "it@northside")):
        house.set(place, "support_contact", f"{contact}.example")
        house.set(place, "support_link", f"mailto:{contact}.example")
    walk.forward(THE_DAY - house.clock())
    signing_in(walk)
    phone, codes = setting_up(walk)
    walk.forward(10 * MINUTE)
    looking_after(walk, giving_codes(walk, phone), phone)
    by_recovery_code(walk, codes)
    pausing(walk, phone)
    being_required(walk)
    receiving_codes(walk)
    beginning(walk)
    administering(walk)
    answering_calls(walk)
    helping(walk)


def signing_in(walk: Walk) -> None:
    """The first page, what it says when something is wrong, and two pages beside it."""
    window = walk.window()
    window.open("/sign-in?language=es")
    window.demand_title("Iniciar sesión")
    walk.stop("sign-in-spanish", window)
    window.link("English").click()
    window.demand_title("Sign in")
    walk.stop("sign-in", window)
    window.give_password("ann.lee", "not her password")
    window.demand_text("do not match")
    walk.stop("sign-in-wrong", window)
    walk.forward(20 * SECOND, window)
    window.give_password("", "")
    window.demand_text("Type your")
    walk.stop("sign-in-empty", window)
    window.open("/security")
    window.demand_text("Please sign in first")
    walk.stop("sign-in-first", window)
    window.link("Forgot your password?").click()
    window.demand_title("Forgot your password?")
    walk.stop("forgot-password", window)
    window.open("/no-such-page")
    window.demand_title("There is no such page")
    walk.stop("not-found", window)


def setting_up(walk: Walk) -> tuple[Phone, list[str]]:
    """The first sign-in, Security Settings, the dialog of Configure, and recovery codes."""
    window = walk.window()
    window.sign_in("ann.lee")
    window.demand_home()
    walk.stop("home", window)
    window.page.get_by_text("User settings").click()
    walk.stop("home-menu", window)
    window.link("Security Settings").click()
    window.demand_title("Security Settings")
    walk.stop("security-settings-off", window)
    window.open("/")
    window.configure()
    window.demand_title("Set up 2-step verification")
    walk.stop("set-up", window)
    phone = window.scan(walk.folder, walk.house.clock)
    window.verify_and_save(phone.wrong_code())
    window.demand_text("did not match")
    walk.stop("set-up-wrong", window)
    walk.forward(MINUTE, window)
    window.write("Verification code", phone.code())
    window.send("Verify and Save")
    return phone, keeping_codes(walk, window)


def giving_codes(walk: Walk, phone: Phone) -> Window:
    """The second step, right and wrong."""
    window = walk.window()
    window.sign_in("ann.lee")
    window.demand_title("Enter your code")
    walk.stop("code", window)
    window.give_code(phone.wrong_code())
    window.demand_text("did not match")
    walk.stop("code-wrong", window)
    walk.forward(30 * SECOND, window)
    phone.slow_by = 4 * MINUTE
    window.give_code(phone.code())
    window.demand_text("4 minutes slow")
    walk.stop("code-clock", window)
    walk.forward(30 * SECOND, window)
    phone.slow_by = 0
    window.link("Try another way").click()
    window.demand_title("Try another way")
    walk.stop("another-way", window)
    window.open("/sign-in/code")
    window.button("Give me more time").click()
    window.demand_text("You have more time now")
    walk.stop("code-more-time", window)
    window.page.get_by_label("Remember this device").check()
    window.give_code(phone.code())
    window.demand_home()
    walk.stop("home-two-step-on", window)
    return window


def pausing(walk: Walk, phone: Phone) -> None:
    """Too many wrong codes."""
    walk.forward(DAY)
    window = walk.window()
    window.sign_in("ann.lee")
    for left in (4, 3, 2, 1):
        window.give_code(phone.wrong_code())
        window.demand_text(f"{left} tr")
    window.give_code(phone.wrong_code())
    window.demand_title("Sign-in is paused")
    walk.stop("locked", window)


def being_required(walk: Walk) -> None:
    """Where the environment asks everybody for a second step."""
    window = walk.window(walk.house.northside)
    window.sign_in("bo.berg")
    window.demand_title("Set up 2-step verification")
    walk.stop("set-up-required", window)
    phone = window.scan(walk.folder, walk.house.clock)
    window.verify_and_save(phone.code())
    window.demand_text("2-Step Verification is on")
    walk.stop("home-after-set-up", window)


def beginning(walk: Walk) -> None:
    """The first administrator's link, before and after it was used."""
    place = walk.house.environment("Westfield College", "westfield")
    link = links.invite_first_administrator(walk.house.installation, place)
    assert link is not None
    path = link.reveal().removeprefix(str(place.primary))
    window = walk.window(place)
    window.open(path)
    window.demand_title("Welcome")
    walk.stop("welcome", window)
    window.field("User name").fill("morgan")
    window.field("Password").fill("too short")
    window.button("Save").click()
    window.demand_text("too short")
    walk.stop("welcome-wrong", window)
    window.field("Password").fill("nine kites above the bay")
    window.button("Save").click()
    window.demand_text("Your account is ready")
    walk.stop("sign-in-ready", window)
    window.open(path)
    window.demand_title("This link is no longer good")
    walk.stop("link-over", window)
