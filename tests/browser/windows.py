"""One person's browser at one address, and what people do in it.

A window remembers what its browser complains about: errors in the console, exceptions of the
script, and whatever the content security policy stopped. ``complaints`` must be empty at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, expect

from tests.browser.phones import Phone, scan
from tests.helpers.house import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""

_A_PAGE_THAT_SAYS_NO = re.compile(r"responded with a status of (4\d\d|503)")
"""Chromium writes an error for every page of ours that refuses something. Those are meant."""


class Window:
    """A browser of its own (a Playwright context) with one tab."""

    def __init__(self, context: BrowserContext, origin: str, *, script: bool = True) -> None:
        self.context = context
        self.origin = origin
        self.script = script
        self.complaints: list[str] = []
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = context.new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        of_a_file = "/static/" in message.location["url"]
        if _A_PAGE_THAT_SAYS_NO.search(message.text) and not of_a_file:
            return
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({self.page.url})")

    # What stands there.

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def demand_at(self, path: str) -> None:
        """The tab is at this path, whatever the page was asked to say."""
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(self.origin + path)}(\?said=.*)?$"))

    def demand_title(self, title: str, *, tab: str | None = None) -> None:
        """The page has this heading. Its tab, which screen readers say first, says the same."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)
        expect(self.page).to_have_title(re.compile(rf"^(Error: )?{re.escape(tab or title)} · "))

    def demand_home(self) -> None:
        """Somebody is signed in here."""
        self.demand_title("You are signed in", tab="Home")

    def demand_text(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def demand_no_text(self, text: str) -> None:
        """The page is there, and does not say this."""
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        expect(self.page.get_by_role("main")).not_to_contain_text(text)

    # What hands do. A person without a mouse does these in another way.

    def write(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def press(self, target: Locator) -> None:
        """A button or a link."""
        target.click()

    def send(self, button: str) -> None:
        """The form in which somebody has just written."""
        self.button(button).click()

    # What people do.

    def open(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)

    def give_password(self, name: str = "ann", password: str = PASSWORD) -> None:
        """On the first page."""
        self.write("User name", name)
        self.write("Password", password)
        self.send("Sign in")

    def sign_in(self, name: str = "ann", password: str = PASSWORD, *, at: str = "/") -> None:
        """From an address that asks to sign in, up to whatever the password leads to."""
        self.open(at)
        self.give_password(name, password)

    def give_code(self, code: str) -> None:
        """On the code page, which goes on by itself after the last digit of a first try."""
        mark = self.field("Verification code").get_attribute("data-sends-itself")
        self.write("Verification code", code)
        if not self.script or mark is None:
            self.send("Verify")

    def open_security_settings(self) -> None:
        """As CT-3 has it: by the user menu."""
        self.press(self.page.get_by_text("User settings"))
        self.press(self.link("Security Settings"))
        self.demand_title("Security Settings")

    def configure(self) -> None:
        """User settings, Security Settings, 2-Step Verification, Configure."""
        self.open_security_settings()
        region = self.page.get_by_role("region", name="2-Step Verification")
        self.press(region.get_by_role("button", name="Configure"))

    def scan(self, folder: Path, clock: Callable[[], int]) -> Phone:
        """Take a picture of the screen, and hold a phone before it."""
        picture = folder / "screen.png"
        self.page.get_by_role("img", name="QR code").scroll_into_view_if_needed()
        self.page.screenshot(path=picture)
        return Phone(scan(picture), clock)

    def verify_and_save(self, code: str) -> None:
        """Recovery codes, which are offered to whoever has none, can wait."""
        self.write("Verification code", code)
        with self.page.expect_navigation():
            self.send("Verify and Save")
        if urlsplit(self.page.url).path == "/security/recovery-codes":
            self.press(self.link("Not now"))

    def set_up(self, folder: Path, clock: Callable[[], int]) -> Phone:
        """Somebody who is signed in sets an app up, from the page that they are on."""
        self.configure()
        self.demand_title("Set up 2-step verification")
        phone = self.scan(folder, clock)
        self.verify_and_save(phone.code())
        self.demand_text("2-Step Verification is on.")
        return phone

    def sign_out(self) -> None:
        self.press(self.button("Sign out"))
        self.demand_text("You are signed out.")
