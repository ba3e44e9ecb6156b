"""The one-time link with which the first administrator begins."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD, House
from twostep.flows import links

pytestmark = pytest.mark.browser


def new_place(house: House) -> tuple[str, str]:
    """The address of an environment that has no user yet, and the path of its link."""
    place = house.environment("Westfield College", "westfield")
    link = links.invite_first_administrator(house.installation, place)
    assert link is not None
    return str(place.primary), link.reveal().removeprefix(str(place.primary))


def choose(window: Window, name: str, password: str) -> None:
    window.write("User name", name)
    window.write("Password", password)
    window.send("Save")


@pytest.mark.parametrize("script", [True, False], ids=["with the script", "without it"])
def test_the_first_administrator_chooses_a_name_and_a_password_and_signs_in(
    house: House, windows: Windows, script: bool
) -> None:
    address, path = new_place(house)
    looking = windows(address)
    looking.open(path)
    looking.page.reload()
    window = windows(address, java_script_enabled=script)
    window.open(path)
    window.demand_title("Welcome")
    window.demand_text("the first administrator of Westfield College")
    choose(window, "morgan", "too short")
    window.demand_text("This is too short. Use at least 15 characters.")
    expect(window.field("User name")).to_have_value("morgan")
    expect(window.field("Password")).to_have_value("")
    expect(window.field("Password")).to_be_focused()
    window.write("Password", PASSWORD)
    window.send("Save")
    window.demand_text("Your account is ready.")
    window.give_password("morgan")
    window.demand_home()


def test_the_link_works_once_and_looking_at_it_does_not_use_it_up(
    house: House, windows: Windows
) -> None:
    address, path = new_place(house)
    first, second = windows(address), windows(address)
    for window in (first, second, first):
        window.open(path)
        window.demand_title("Welcome")
    choose(first, "morgan", PASSWORD)
    first.demand_text("Your account is ready.")
    choose(second, "robin", PASSWORD)
    second.demand_title("This link is no longer good")
    second.open(path)
    second.demand_title("This link is no longer good")
    second.link("Go to the sign-in page").click()
    second.give_password("robin")
    second.demand_text("do not match")


def test_the_link_is_over_after_half_an_hour_and_says_so_beforehand(
    house: House, windows: Windows
) -> None:
    address, path = new_place(house)
    window = windows(address)
    window.open(path)
    window.demand_text("works once, within 30 minutes of being made")
    house.clock.forward(30 * MINUTE)
    choose(window, "morgan", PASSWORD)
    window.demand_title("This link is no longer good")
