"""What happens to browsers: a second tab, a double click, a form that lay open for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP, Phone
from tests.browser.windows import Window
from tests.helpers.clocks import DAY
from tests.helpers.house import PASSWORD, House
from tests.helpers.http import Client

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


@contextmanager
def slow_line(window: Window) -> Iterator[list[Route]]:
    """Forms that are sent stay under way until the end; then the newest arrives."""
    sent: list[Route] = []
    slow = True

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route)
            if slow:
                return
        route.continue_()

    window.page.route("**/*", hold)
    yield sent
    slow = False
    sent[-1].continue_()


def click_twice(window: Window, button: str) -> None:
    """The second time while the first is under way."""
    box = window.button(button).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for clicks in range(2):
        # The script swallows the second click, so that nothing comes of it to wait for.
        if clicks and window.script:
            window.page.mouse.click(x, y)
        else:
            with window.page.expect_request(lambda request: request.method == "POST"):
                window.page.mouse.click(x, y)


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


def test_a_second_click_on_a_slow_line_sends_nothing_more(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    """Or the same code would arrive twice, and be told that it was used already."""
    window = windows(harbour)
    window.open("/")
    window.write("User name", "ann")
    window.write("Password", PASSWORD)
    with slow_line(window) as sent:
        click_twice(window, "Sign in")
    window.demand_title("Enter your code")
    assert len(sent) == 1
    window.give_code(phone.wrong_code())
    window.demand_text("4 tries left")
    window.write("Verification code", phone.code())
    with slow_line(window) as sent:
        click_twice(window, "Verify")
    window.demand_home()
    assert len(sent) == 1


def test_a_second_click_without_the_script_still_gets_in(
    phone: Phone, harbour: str, windows: Windows
) -> None:
    window = windows(harbour, java_script_enabled=False)
    window.sign_in()
    window.demand_title("Enter your code")
    window.write("Verification code", phone.code())
    with slow_line(window) as sent:
        click_twice(window, "Verify")
    window.demand_home()
    assert len(sent) == 2


def test_a_code_whose_answer_was_lost_begins_again_and_says_so(
    house: House, phone: Phone, harbour: str, windows: Windows
) -> None:
    """The first click reached the server, and the second one took its answer's place."""
    window = windows(harbour, java_script_enabled=False)
    window.sign_in()
    window.demand_title("Enter your code")
    window.write("Verification code", phone.code())
    with slow_line(window) as sent:
        click_twice(window, "Verify")
        twin = Client(harbour, cookies={c["name"]: c["value"] for c in window.context.cookies()})
        fields = parse_qsl(sent[0].request.post_data or "")
        assert twin.post("/sign-in/code", fields).location == "/"
    window.demand_title("Sign in")
    window.demand_text("That sign-in has ended. Nothing is lost: please start again.")
    house.clock.forward(STEP)
    window.give_password()
    window.give_code(phone.code())
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
