"""What happens to browsers: a second tab, a double click, a form that lay open for long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP, Phone
from tests.browser.windows import Window
from tests.helpers.clocks import DAY
from tests.helpers.house import House

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with the script", "without it"])


@pytest.fixture
def phone(house: House, harbour: str, windows: Windows, tmp_path: Path) -> Phone:
    """Ann's app."""
    house.add()
    window = windows(harbour)
    window.sign_in()
    made = window.set_up(tmp_path, house.clock)
    house.clock.forward(STEP)
    return made


def in_a_second_tab(window: Window, act: Callable[[], None]) -> None:
    """Do it in another tab of the same browser, and come back to the first."""
    first = window.page
    window.page = window.context.new_page()
    act()
    window.page.close()
    window.page = first


def posts(window: Window) -> list[str]:
    """Where forms are sent to, from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url.removeprefix(window.origin))

    window.page.on("request", note)
    return sent


def test_a_sign_in_page_left_in_another_tab_goes_on_once_one_is_signed_in(
    house: House, harbour: str, windows: Windows
) -> None:
    house.add()
    window = windows(harbour)
    window.open("/sign-in")

    def sign_in() -> None:
        window.sign_in()
        window.demand_home()

    in_a_second_tab(window, sign_in)
    window.give_password()
    window.demand_home()


def test_a_code_page_left_in_another_tab_loses_nothing(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    window = windows(harbour)
    window.sign_in()
    window.demand_title("Enter your code")

    def finish() -> None:
        window.open("/sign-in/code")
        window.give_code(phone.code())
        window.demand_home()

    in_a_second_tab(window, finish)
    window.give_code(phone.code(steps=1))
    window.demand_home()


def test_a_form_of_a_session_that_ended_in_another_tab_does_nothing(
    house: House, harbour: str, windows: Windows
) -> None:
    house.add()
    window = windows(harbour)
    window.sign_in()
    window.open_security_settings()

    def sign_out() -> None:
        window.open("/")
        window.sign_out()

    in_a_second_tab(window, sign_out)
    window.button("Configure").click()
    window.demand_title("Sign in")

    def sign_in() -> None:
        window.sign_in()
        window.demand_home()

    window.give_password()
    window.open_security_settings()
    in_a_second_tab(window, sign_out)
    in_a_second_tab(window, sign_in)
    window.button("Configure").click()
    window.demand_title("This page is out of date")
    window.demand_text("Nothing was changed.")


def test_a_second_click_on_a_button_sends_nothing_more(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    window = windows(harbour)
    window.open("/")
    sent = posts(window)
    window.write("User name", "ann")
    window.write("Password", "seven tall herons waiting")
    window.button("Sign in").dblclick()
    window.demand_title("Enter your code")
    window.give_code(phone.wrong_code())
    window.demand_text("4 tries left")
    window.write("Verification code", phone.code())
    window.button("Verify").dblclick()
    window.demand_home()
    assert sent == ["/sign-in", "/sign-in/code", "/sign-in/code"]


def test_a_second_click_without_the_script_still_gets_in(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    window = windows(harbour, java_script_enabled=False)
    window.open("/")
    window.write("User name", "ann")
    window.write("Password", "seven tall herons waiting")
    window.button("Sign in").dblclick()
    window.demand_title("Enter your code")
    window.write("Verification code", phone.code())
    window.button("Verify").dblclick()
    window.demand_home()


@SCRIPT
def test_a_form_whose_cookie_is_gone_keeps_the_name_and_works_the_second_time(
    house: House, harbour: str, windows: Windows, script: bool
) -> None:
    house.add()
    window = windows(harbour, java_script_enabled=script)
    window.open("/security")
    house.clock.forward(3 * DAY)
    window.context.clear_cookies()
    window.give_password()
    window.demand_text("Signing in needs cookies")
    expect(window.field("User name")).to_have_value("ann")
    expect(window.field("Password")).to_have_value("")
    window.give_password()
    window.demand_title("Security Settings")


def test_a_form_sent_again_by_the_back_button_is_refused_or_harmless(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    """Back to the code page after signing in: it does not ask for a code once more."""
    window = windows(harbour)
    window.sign_in()
    window.give_code(phone.code())
    window.demand_home()
    window.page.go_back()
    window.demand_home()
