"""The five calls of a help desk, each answered on the page of one user, in at most three clicks and
with one proof of the administrator's own.

A lost phone, no code, it keeps asking, a new phone, locked out; and who is calling at all.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.visits import AnyPhone, changes_password, comes_in, is_asked, region
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.desk import give, path_of
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, enrolled, sign_in
from tests.helpers.letters import last_code
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import users

pytestmark = pytest.mark.browser

KIM = (Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP, Permission.HELP_DESK_CODES)


class Call:
    """Kim, with somebody on the telephone: the page of the caller, and what she clicks there."""

    def __init__(self, window: Window, user: User) -> None:
        self.window, self.user = window, user
        self.clicks = 0
        self.proofs = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def follow(self, name: str) -> None:
        self.click(self.window.link(name))

    def more(self, name: str) -> None:
        """The menu ⋯, and one of its acts."""
        self.click(self.window.page.get_by_text("More", exact=True))
        self.follow(name)

    def press(self, name: str) -> None:
        self.click(self.window.button(name))

    def prove(self) -> None:
        """Her own password, where the dialog asks."""
        field = self.window.field("Your own password")
        expect(field).to_be_visible()
        field.fill(PASSWORD)
        self.proofs += 1

    def demand_short(self) -> None:
        assert self.clicks <= 3, self.clicks
        assert self.proofs <= 1, self.proofs


def demand_fit(window: Window) -> None:
    """Nobody scrolls sideways, and axe finds nothing."""
    for width in (320, 1280):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page)
    assert found_by_axe(window.page) == []


def the_desk(house: House, window: Window) -> None:
    """Kim of the help desk came this morning, so a proof is asked of her."""
    kim = house.add("kim")
    give(house, kim, KIM)
    window.sign_in("kim")
    window.demand_home()
    house.clock.forward(6 * MINUTE)


def call_of(house: House, window: Window, name: str = "ann") -> Call:
    """Somebody calls, and kim has their page."""
    user = users.find(house.installation, house.harbour, name)
    assert user is not None
    window.open(path_of(user))
    window.demand_title(name, tab="User")
    return Call(window, user)


@pytest.fixture
def phone(house: House) -> AnyPhone:
    """The app of Ann, who calls."""
    return enrolled(house)


def test_lost_phone_she_gets_a_code_for_today(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    desk, hers = windows(harbour), windows(harbour)
    the_desk(house, desk)
    call = call_of(house, desk)
    call.follow("Help-desk code")
    desk.page.get_by_label("Reason").select_option("lost_phone")
    call.prove()
    call.press("Make the code")
    shown = desk.page.locator("#shown-code").inner_text()
    call.demand_short()
    hers.sign_in()
    hers.demand_title("Enter your code")
    hers.link("Try another way").click()
    hers.link("A code from your help desk").click()
    hers.write("Help-desk code", shown)
    hers.send("Verify")
    hers.demand_home()
    window = call_of(house, desk).window
    expect(region(window, "Help-desk codes that still work")).to_contain_text("For today's work")
    expect(region(window, "Sessions")).to_contain_text("Password and a help-desk code")


def test_no_code_the_servers_words_are_read_out_at_once(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    """What was sent, whereto, and what became of it: no click at all."""
    desk = windows(harbour)
    the_desk(house, desk)
    call = call_of(house, desk)
    enter(house, call.user)
    check_caller(house, call)
    sent = region(call_of(house, desk).window, "Messages")
    expect(sent).to_contain_text("a•••@northside.example")
    expect(sent).to_contain_text("Queued")


def check_caller(house: House, call: Call) -> None:
    call.window.page.reload()
    call.follow("Check caller")
    call.prove()
    call.press("Send code")
    call.window.demand_text("A code went to a•••@northside.example")
    code = last_code(house.installation, MessageKind.CHECK_CALLER)
    call.window.write("Code that the caller reads", code)
    call.press("Compare")
    call.window.demand_text("The caller read the right code.")


def test_who_is_calling_is_checked_by_a_code_and_stands_on_the_page(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    """B-4: before anything is changed; the same proof is good for what follows."""
    desk = windows(harbour)
    the_desk(house, desk)
    call = call_of(house, desk)
    enter(house, call.user)
    check_caller(house, call)
    call.demand_short()
    expect(region(desk, "Now")).to_contain_text(re.compile("Caller checked .* by kim"))
    demand_fit(desk)
    desk.page.get_by_text("More", exact=True).click()
    desk.link("End sessions").click()
    expect(desk.field("Your own password")).to_have_count(0)


def test_keeps_asking_the_reasons_are_read_out_at_once(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    """B-1: remembered, but the password was changed elsewhere. No click, no proof."""
    desk, hers, other = windows(harbour), windows(harbour), windows(harbour)
    comes_in(house, hers, phone, remember=True)
    hers.sign_out()
    comes_in(house, other, phone)
    changes_password(other)
    house.clock.forward(MINUTE)
    is_asked(hers, "your password changed", password=OTHER_PASSWORD)
    the_desk(house, desk)
    call = call_of(house, desk)
    newest = region(desk, "Recent sign-ins, and why").get_by_role("listitem").first
    expect(newest).to_contain_text("Right password, and then no second step")
    expect(newest).to_contain_text("This device was remembered until")
    expect(newest).to_contain_text("your password changed")
    call.demand_short()
    demand_fit(desk)


def test_new_phone_the_old_key_is_removed(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    """CT-13, from the page to the button."""
    desk, hers = windows(harbour), windows(harbour)
    the_desk(house, desk)
    call = call_of(house, desk)
    call.more("Remove 2-step Verification")
    desk.page.get_by_label("Reason").select_option("new_phone")
    call.prove()
    call.press("Turn off 2-step verification")
    desk.demand_text("2-Step Verification is turned off for this user.")
    call.demand_short()
    expect(region(desk, "How they sign in")).to_contain_text("Authenticator app: none")
    hers.sign_in()
    hers.demand_home()


def test_locked_out_they_try_again_at_once(
    house: House, harbour: str, windows: Windows, phone: AnyPhone
) -> None:
    desk, hers = windows(harbour), windows(harbour)
    the_desk(house, desk)
    stranger = house.client()
    for _ in range(10):
        sign_in(stranger, "ann", "not the right password")
    call = call_of(house, desk)
    expect(region(desk, "Now")).to_contain_text("Too many wrong passwords")
    demand_fit(desk)
    region(desk, "Now").get_by_role("link", name="Unlock", exact=True).first.click()
    call.clicks += 1
    call.prove()
    call.press("Unlock")
    desk.demand_text("Unlocked. The person can try again at once.")
    expect(region(desk, "Now")).to_contain_text("Not locked.")
    call.demand_short()
    hers.sign_in()
    hers.demand_title("Enter your code")
