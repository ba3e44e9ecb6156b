"""Being signed in in several places, and ending it; and what the back button shows afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import IPHONE, MAC
from tests.browser.windows import Window
from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.house import OTHER_PASSWORD, House

pytestmark = pytest.mark.browser


@pytest.fixture
def three(house: House, harbour: str, windows: Windows) -> tuple[Window, Window, Window]:
    """Ann is signed in in three browsers."""
    house.add()
    opened = []
    for agent in (WINDOWS, MAC, IPHONE):
        window = windows(harbour, user_agent=agent)
        window.sign_in()
        window.demand_home()
        opened.append(window)
        house.clock.forward(MINUTE)
    return opened[0], opened[1], opened[2]


def listed(window: Window) -> list[str]:
    """The sessions of the list, as their person reads them."""
    region = window.page.get_by_role("region", name="Sessions")
    return [name.split("\n")[0] for name in region.get_by_role("listitem").all_inner_texts()]


def demand_signed_out(window: Window, notice: str) -> None:
    window.page.reload()
    window.demand_title("Sign in")
    window.demand_text(notice)


def test_the_list_names_each_session_and_ends_the_one_that_is_chosen(
    three: tuple[Window, Window, Window],
) -> None:
    here, mac, phone = three
    here.open_security_settings()
    names = listed(here)
    assert len(names) == 3
    assert names[0].startswith("Chrome on Windows")
    assert names[0].endswith("This session")
    line = here.page.get_by_role("listitem").filter(has_text="Firefox")
    line.get_by_role("button", name="End").click()
    here.demand_text("That session has ended.")
    assert len(listed(here)) == 2
    demand_signed_out(mac, "Your session has ended. Please sign in again.")
    phone.page.reload()
    phone.demand_home()
    expect(
        here.page.get_by_role("region", name="Recent activity").get_by_role("listitem").first
    ).to_contain_text("A session was ended")


def test_all_others_end_at_once_and_this_one_goes_on(
    three: tuple[Window, Window, Window],
) -> None:
    here, mac, phone = three
    here.open_security_settings()
    here.button("End all others").click()
    here.demand_text("All your other sessions have ended.")
    here.demand_text("You are signed in nowhere else.")
    for other in (mac, phone):
        demand_signed_out(other, "Your session has ended.")
    here.open("/")
    here.demand_home()


def test_a_new_password_ends_the_others_and_keeps_this_one(
    three: tuple[Window, Window, Window], windows: Windows, harbour: str
) -> None:
    here, mac, _ = three
    here.open_security_settings()
    here.link("Change").click()
    here.demand_title("Change your password")
    here.write("Current password", "not the right password")
    here.write("New password", OTHER_PASSWORD)
    here.send("Save")
    here.demand_text("That is not your current password.")
    expect(here.field("Current password")).to_have_value("")
    here.write("Current password", "seven tall herons waiting")
    here.write("New password", OTHER_PASSWORD)
    here.send("Save")
    here.demand_text("Your new password is saved. All your other sessions have ended.")
    assert len(listed(here)) == 1
    demand_signed_out(mac, "Your session has ended.")
    mac.give_password()
    mac.demand_text("do not match")
    mac.give_password(password=OTHER_PASSWORD)
    mac.demand_home()


def test_setting_up_an_app_ends_the_others(
    house: House, three: tuple[Window, Window, Window], tmp_path: Path
) -> None:
    here, mac, phone = three
    here.set_up(tmp_path, house.clock)
    assert len(listed(here)) == 1
    for other in (mac, phone):
        demand_signed_out(other, "Your session has ended.")


def test_after_signing_out_the_back_button_shows_nothing_of_the_session(
    three: tuple[Window, Window, Window],
) -> None:
    here, _, _ = three
    here.open_security_settings()
    here.sign_out()
    for _ in range(3):
        here.page.go_back()
        here.demand_title("Sign in")
        expect(here.page.get_by_text("ann", exact=True)).to_have_count(0)


def test_after_the_set_up_the_back_button_does_not_show_the_key(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    house.add()
    house.add("bo", house.northside)
    window = windows(harbour)
    window.sign_in()
    phone = window.set_up(tmp_path, house.clock)
    window.page.go_back()
    window.demand_title("Recovery codes")
    window.page.go_back()
    window.demand_title("2-Step Verification")
    assert phone.secret[:4] not in window.page.content()
    held = windows(str(house.northside.primary))
    held.sign_in("bo")
    held.demand_title("Set up 2-step verification")
    phone = held.scan(tmp_path, house.clock)
    held.verify_and_save(phone.code())
    held.demand_home()
    held.page.go_back()
    expect(held.page.get_by_role("img", name="QR code")).to_have_count(0)
    assert phone.secret[:4] not in held.page.content()


def test_a_session_that_was_not_used_for_long_ends_and_keeps_where_one_was_going(
    house: House, three: tuple[Window, Window, Window]
) -> None:
    here, _, _ = three
    house.clock.forward(2 * HOUR)
    here.open("/security")
    here.demand_title("Sign in")
    here.demand_text("Your session has ended.")
    here.give_password()
    here.demand_title("Security Settings")
