"""**System Properties**: two administrators, the operator, and whoever is stuck."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import PROPERTIES, remember_box, saves
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import House, enrolled
from twostep.core.properties import find
from twostep.flows import properties

pytestmark = pytest.mark.browser

CONTACT = "Desk 3, extension 42"


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """One administrator's browser."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """And the other's."""
    return windows(harbour, user_agent=MAC)


def described(window: Window, label: str) -> str:
    """All that stands beside a field, as it is read with it."""
    field = window.field(label)
    ids = (field.get_attribute("aria-describedby") or "").split()
    return " ".join(window.page.locator(f"#{each}").inner_text() for each in ids)


def test_a_property_says_what_it_is_whose_it_is_and_who_was_faster(
    house: House, here: Window, there: Window
) -> None:
    """CT-10: help, bounds and default; who changed it last and when; a stale form loses."""
    house.add("kim", administrator=True)
    house.add("lou", administrator=True)
    here.sign_in("kim")
    here.page.get_by_text("User settings").click()
    here.link("Authentication Settings").click()
    here.demand_at("/admin/properties#authentication")
    days = described(here, "Days to Remember Device")
    assert "0 hides the tick box. Also called TFA Code Expiration Days." in days
    assert "From 0 to 365. Default: 30." in days
    assert "Not changed: this is the default." in days
    here.write("Days to Remember Device", "366")
    here.send("Save")
    here.demand_text("Type a whole number from 0 to 365.")
    house.clock.forward(MINUTE)
    saves(there, "lou", Days_to_Remember_Device="14")
    here.write("Days to Remember Device", "7")
    here.page.get_by_text("More", exact=True).click()
    here.write("Support contact", CONTACT)
    here.send("Save")
    here.demand_text("Somebody else has saved a change since you opened this page")
    here.demand_text("lou changed this to “14”")
    here.demand_text("You wanted “7”.")
    expect(here.field("Days to Remember Device")).to_have_value("14")
    expect(here.field("Support contact")).to_have_value(CONTACT)
    here.write("Days to Remember Device", "7")
    here.send("Save")
    here.demand_text("Saved.")
    there.page.reload()
    assert "changed by kim" in described(there, "Days to Remember Device")
    expect(there.field("Days to Remember Device")).to_have_value("7")
    there.sign_out()
    house.clock.forward(DAY)
    operate(house)
    there.sign_in("lou", at=PROPERTIES)
    days = described(there, "Days to Remember Device")
    assert "From 0 to 5. Default: 30." in days
    assert "The installation allows 5 at most." in days
    assert "The floor of the installation, set by the operator" in days
    expect(there.field("Days to Remember Device")).to_have_value("5")
    there.write("Days to Remember Device", "6")
    there.send("Save")
    there.demand_text("The installation allows 5 at most.")
    expect(there.page.get_by_label("Off", exact=True)).to_be_disabled()


def operate(house: House) -> None:
    """The operator's floors."""
    properties.set_floor(house.installation, find("days_to_remember_device"), "5")
    properties.set_floor(house.installation, find("two_step_verification"), "optional")


def test_the_support_contact_stands_where_people_are_stuck(
    house: House, here: Window, there: Window
) -> None:
    """CS-9: on the sign-in, code and locked pages; and CS-4, remembering without a tick."""
    house.add("boss", administrator=True)
    phone = enrolled(house)
    here.sign_in()
    demand_help(here, 0)
    there.sign_in("boss", at=PROPERTIES)
    there.page.get_by_text("More", exact=True).click()
    there.write("Support contact", CONTACT)
    there.write("Support link", "javascript:alert(1)")
    there.send("Save")
    there.demand_text("A link begins with https://, http://, mailto: or tel:.")
    there.write("Support link", "tel:+4942")
    there.page.get_by_label("Always", exact=True).check()
    there.send("Save")
    there.demand_text("Saved.")
    here.page.reload()
    here.demand_title("Enter your code")
    demand_help(here)
    expect(remember_box(here)).to_have_count(0)
    here.give_code(phone.code())
    here.demand_home()
    demand_help(here)
    here.open_security_settings()
    here.demand_text("remembered until 31 January")
    here.sign_out()
    demand_help(here)
    here.context.clear_cookies()
    here.sign_in()
    for _ in range(5):
        here.demand_title("Enter your code")
        here.give_code(phone.wrong_code())
    here.demand_title("Sign-in is paused")
    demand_help(here)
    here.demand_text("Sign in again after")


def demand_help(window: Window, times: int = 1) -> None:
    link = window.page.get_by_role("contentinfo").get_by_role("link", name=CONTACT)
    expect(link).to_have_count(times)
    if times:
        expect(link).to_have_attribute("href", "tel:+4942")


def test_whoever_may_not_change_properties_is_not_led_to_them(house: House, here: Window) -> None:
    """CT-10: neither by the menu nor by the address."""
    house.add()
    here.sign_in()
    here.page.get_by_text("User settings").click()
    expect(here.link("System Properties")).to_have_count(0)
    here.open(PROPERTIES)
    here.demand_title("This is not open to you")
