"""CT-13: a phone is lost, and somebody of the help desk removes the second step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import gives_code
from tests.browser.windows import Window
from tests.helpers.administrators import path_of, turn_codes_on, user_of
from tests.helpers.codes_by_mail import allow, enter
from tests.helpers.house import PASSWORD, House, enrolled
from tests.helpers.letters import last_code
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.flows import permissions

pytestmark = pytest.mark.browser

WORD = "remove-two-step"
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def desk(harbour: str, windows: Windows) -> Window:
    """The browser of the help desk."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def anns(harbour: str, windows: Windows) -> Window:
    """The browser of the person who has lost the phone; narrow, and without a script."""
    return windows(harbour, user_agent=MAC, viewport=NARROW, java_script_enabled=False)


def lets(
    house: House, name: str, *held: Permission, environment: Environment | None = None
) -> None:
    place = environment or house.harbour
    user = user_of(house, name, place)
    for permission in held:
        permissions.grant(house.installation, place, user, permission)


def opens_ann(window: Window) -> None:
    """From the menu over the list to the page of Ann."""
    window.press(window.page.get_by_text("User settings"))
    window.press(window.link("User Management"))
    window.demand_title("User Management")
    window.write("Search", "ann")
    window.send("Show")
    window.press(window.page.get_by_role("link", name=re.compile("^ann")).first)
    expect(window.page.get_by_role("heading", level=1)).to_have_text("ann")


def opens_removal(window: Window) -> None:
    """And on by the menu to the dialog."""
    opens_ann(window)
    window.press(window.page.locator(".acts summary"))
    window.press(window.link("Remove 2-step Verification"))
    window.demand_title("Remove 2-step Verification")


def test_ct_13_with_an_app_the_administrators_own_code_is_asked(
    house: House, desk: Window, anns: Window
) -> None:
    enrolled(house)
    phone = enrolled(house, "morgan")
    lets(house, "morgan", Permission.REMOVE_TWO_STEP, Permission.HELP_DESK_CODES)
    desk.sign_in("morgan")
    gives_code(desk, phone.code())
    anns.sign_in()
    anns.demand_title("Enter your code")
    opens_removal(desk)
    desk.demand_text("ann will sign in with the password alone, until they set up again.")
    desk.demand_text("1 device is forgotten now.")
    expect(desk.field("Your own password")).to_have_count(0)
    house.clock.forward(STEP)
    desk.write("Your own code", phone.wrong_code())
    desk.send("Turn off 2-step verification")
    desk.demand_text("Choose a reason.")
    desk.field("Reason").select_option("lost_phone")
    desk.write("Your own code", phone.code())
    desk.page.keyboard.press("Enter")
    desk.demand_text("2-Step Verification is turned off for this user.")
    desk.demand_at(path_of(user_of(house, "ann")))
    anns.sign_in()
    anns.demand_home()


def test_ct_13_without_a_second_step_the_password_is_asked_and_the_page_says_so(
    house: House, desk: Window, anns: Window
) -> None:
    enrolled(house)
    house.add("kim")
    lets(house, "kim", Permission.REMOVE_TWO_STEP)
    desk.sign_in("kim")
    opens_removal(desk)
    desk.demand_text("You have no second step of your own, so your password is enough here.")
    expect(desk.field("Your own code")).to_have_count(0)
    desk.field("Reason").select_option("new_phone")
    desk.write("Your own password", "not my password at all")
    desk.send("Turn off 2-step verification")
    desk.demand_text("That is not your current password.")
    expect(desk.field("Reason")).to_have_value("new_phone")
    desk.write("Your own password", PASSWORD)
    desk.send("Turn off 2-step verification")
    desk.demand_text("2-Step Verification is turned off for this user.")
    anns.sign_in()
    anns.demand_home()


def test_ct_13_without_the_permission_there_is_no_entry_and_by_hand_a_403(
    house: House, desk: Window, harbour: str, windows: Windows
) -> None:
    enrolled(house)
    house.add("lou")
    desk.sign_in("lou")
    desk.press(desk.page.get_by_text("User settings"))
    expect(desk.link("Security Settings")).to_be_visible()
    expect(desk.link("User Management")).to_have_count(0)
    path = path_of(user_of(house, "ann"), WORD)
    answer = desk.page.goto(desk.origin + path)
    assert answer is not None
    assert answer.status == 403
    desk.demand_title("This is not open to you")
    lets(house, "lou", Permission.MESSAGES)
    desk.open()
    opens_ann(desk)
    expect(desk.link("Remove 2-step Verification")).to_have_count(0)
    answer = desk.page.goto(desk.origin + path)
    assert answer is not None
    assert answer.status == 403


def test_where_it_is_required_the_set_up_code_is_read_out_and_used(
    house: House, windows: Windows
) -> None:
    """AC-34: shown once, and asked beside the password."""
    there = house.northside
    enrolled(house, "ann", there)
    phone = enrolled(house, "morgan", there)
    lets(house, "morgan", Permission.REMOVE_TWO_STEP, environment=there)
    desk = windows(str(there.primary), user_agent=WINDOWS, viewport=NARROW)
    desk.sign_in("morgan")
    gives_code(desk, phone.code())
    opens_removal(desk)
    desk.demand_text("needs a set-up code for that, beside the password.")
    desk.field("Reason").select_option("lost_phone")
    house.clock.forward(STEP)
    desk.write("Your own code", phone.code())
    desk.send("Turn off 2-step verification")
    desk.demand_title("Set-up code")
    code = desk.page.locator("#shown-code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", code)
    expect(desk.button("Copy")).to_be_visible()
    expect(desk.button("Print")).to_be_visible()
    assert code not in desk.page.url
    wide = desk.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"]
    desk.press(desk.link("Back to the user"))
    desk.demand_no_text(code)
    anns = windows(str(there.primary), user_agent=MAC)
    anns.sign_in()
    anns.demand_title("Enter a code from your help desk")
    anns.write("Help-desk code", code.lower().replace("-", " "))
    anns.send("Verify")
    anns.demand_title("Set up 2-step verification")


def test_a_code_by_message_is_sent_by_a_button_and_the_reason_stays(
    house: House, desk: Window
) -> None:
    """An administrator whose second step is codes by message; by hand nobody guesses that way."""
    enrolled(house)
    allow(house, house.harbour)
    house.add("kim")
    lets(house, "kim", Permission.REMOVE_TWO_STEP)
    enter(house, user_of(house, "kim"), "kim@northside.example")
    desk.sign_in("kim")
    desk.demand_home()
    turn_codes_on(house, user_of(house, "kim"))
    desk.open(path_of(user_of(house, "ann"), WORD))
    desk.field("Reason").select_option("app_broken")
    desk.send("Send a code by email to k•••@northside.example")
    desk.demand_text("A 6-digit code is on its way to k•••@northside.example.")
    expect(desk.field("Reason")).to_have_value("app_broken")
    desk.write("Your own code", last_code(house.installation, MessageKind.CODE))
    desk.page.keyboard.press("Enter")
    desk.demand_text("2-Step Verification is turned off for this user.")
