"""The code page: what helps, what is refused, and how long it waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import Phone
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import House

pytestmark = pytest.mark.browser

AtTheCode = Callable[[], Window]


@pytest.fixture
def phone(house: House, harbour: str, windows: Windows, tmp_path: Path) -> Phone:
    """Ann's app, set up half an hour ago."""
    house.add()
    window = windows(harbour)
    window.sign_in()
    made = window.set_up(tmp_path, house.clock)
    window.sign_out()
    house.clock.forward(30 * MINUTE)
    return made


@pytest.fixture
def at_the_code(harbour: str, windows: Windows) -> AtTheCode:
    """Opens a browser in which Ann has given her password."""

    def open_window() -> Window:
        window = windows(harbour, permissions=["clipboard-read", "clipboard-write"])
        window.sign_in(at="/security")
        window.demand_title("Enter your code")
        return window

    return open_window


def paste(window: Window, text: str) -> None:
    window.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    expect(window.field("Verification code")).to_be_focused()
    window.page.keyboard.press("Control+V")


def test_a_pasted_code_with_a_blank_goes_on_by_itself_to_where_the_person_wanted(
    phone: Phone, at_the_code: AtTheCode
) -> None:
    window = at_the_code()
    code = phone.code()
    paste(window, f"{code[:3]} {code[3:]}")
    window.demand_at("/security")
    window.demand_title("Security Settings")


def test_after_a_wrong_code_the_page_stays_and_waits_for_the_button(
    phone: Phone, at_the_code: AtTheCode
) -> None:
    window = at_the_code()
    paste(window, phone.wrong_code())
    window.demand_text("That code did not match. Use the newest one your app shows. 4 tries left")
    field = window.field("Verification code")
    expect(field).to_have_value("")
    code = phone.code()
    paste(window, code)
    expect(field).to_have_value(code)
    window.demand_title("Enter your code")
    window.button("Verify").click()
    window.demand_title("Security Settings")


@pytest.mark.parametrize(
    ("minutes", "said"), [(4, "about 4 minutes slow"), (-3, "about 3 minutes fast")]
)
def test_a_phone_whose_clock_is_off_is_told_so_once(
    phone: Phone, at_the_code: AtTheCode, minutes: int, said: str
) -> None:
    """CT-4. The hint spends its step: it is given once, to the owner or to a guesser."""
    phone.slow_by = minutes * MINUTE
    window = at_the_code()
    window.give_code(phone.code())
    window.demand_text(f"Your phone's clock is {said}. Set it to automatic time")
    window.give_code(phone.code())
    window.demand_text("That code did not match.")
    window.demand_no_text("clock")
    phone.slow_by = 0
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def test_a_clock_that_is_a_step_off_does_not_matter(phone: Phone, at_the_code: AtTheCode) -> None:
    phone.slow_by = 25 * SECOND
    window = at_the_code()
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def test_five_wrong_codes_make_a_pause_that_says_its_end_and_ends(
    house: House, phone: Phone, at_the_code: AtTheCode
) -> None:
    window = at_the_code()
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        window.give_code(phone.wrong_code())
        window.demand_text(f"{left} left before a pause.")
    window.give_code(phone.wrong_code())
    window.demand_title("Sign-in is paused")
    end = window.page.locator("time").first
    # The pause is half a minute from 00:30:00 on, and a minute that has begun is not its end.
    expect(end).to_have_attribute("datetime", "2026-01-01T00:31:00Z")
    window.demand_text("Trying earlier changes nothing.")
    house.clock.forward(29 * SECOND)
    again = at_the_code_page(window)
    again.demand_title("Sign-in is paused")
    house.clock.forward(SECOND)
    at_the_code_page(window).demand_title("Enter your code")
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def at_the_code_page(window: Window) -> Window:
    window.open("/sign-in/code")
    return window


def test_another_way_lists_what_the_person_has_and_leads_back(
    phone: Phone, at_the_code: AtTheCode
) -> None:
    window = at_the_code()
    window.link("Try another way").click()
    window.demand_title("Try another way")
    window.demand_text("This is the only second step that is set up for you.")
    window.link("A code from your authenticator app").click()
    window.demand_title("Enter your code")
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def test_cancel_ends_the_sign_in(phone: Phone, at_the_code: AtTheCode) -> None:
    window = at_the_code()
    window.button("Cancel").click()
    window.demand_text("The sign-in was cancelled.")
    window.open("/sign-in/code")
    window.demand_title("Sign in")
    window.page.go_back()
    window.demand_title("Sign in")


def test_the_page_waits_longer_when_it_is_asked_to(
    house: House, phone: Phone, at_the_code: AtTheCode
) -> None:
    """WCAG 2.2.1."""
    window = at_the_code()
    window.demand_text("This page waits 15 minutes for you")
    house.clock.forward(14 * MINUTE)
    window.button("Give me more time").click()
    window.demand_text("You have more time now.")
    window.demand_text("This page waits 15 minutes for you")
    house.clock.forward(14 * MINUTE)
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def test_a_page_that_waited_too_long_says_so_and_begins_again(
    house: House, phone: Phone, at_the_code: AtTheCode
) -> None:
    """And where the person was going is not forgotten."""
    window = at_the_code()
    house.clock.forward(15 * MINUTE + SECOND)
    window.give_code(phone.code())
    window.demand_title("Sign in")
    window.demand_text("The page waited longer than its time limit")
    window.give_password()
    window.demand_title("Enter your code")
    window.give_code(phone.code())
    window.demand_title("Security Settings")


def test_a_page_that_waited_too_long_cannot_be_given_more_time(
    house: House, phone: Phone, at_the_code: AtTheCode
) -> None:
    window = at_the_code()
    house.clock.forward(15 * MINUTE + SECOND)
    window.button("Give me more time").click()
    window.demand_title("Sign in")
    window.demand_text("The page waited longer than its time limit")
    window.open("/sign-in/code")
    window.demand_title("Sign in")
