"""An administrator allows codes by email and requires a second step; before it is saved the page
says who could not be reached, with the list, the file, and a test message (CS-6)."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.visits import PROPERTIES
from tests.browser.windows import Window
from tests.helpers.house import House
from twostep.core.contacts import ContactKind
from twostep.core.properties import effective
from twostep.flows import contact_entries, properties

pytestmark = pytest.mark.browser


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    for width in (320, 1280):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page), name
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name


def give(house: House, name: str, kind: ContactKind, address: str) -> None:
    user = house.add(name)
    contact_entries.set_for_user(house.installation, user, kind, address, language="en")


def holds(house: House, name: str) -> str:
    return effective(properties.stored_of(house.installation, house.harbour.id), name).value


def test_who_cannot_be_reached_is_known_before_it_is_required(
    house: House, harbour: str, windows: Windows
) -> None:
    house.add("boss", administrator=True)
    house.add("ann")
    give(house, "bo", ContactKind.EMAIL, "bo@harbour.example")
    give(house, "cy", ContactKind.SMS_EMAIL, "2125550123@vtext.com")
    window = windows(harbour)
    window.sign_in("boss", at=PROPERTIES)
    window.demand_title("System Properties")
    window.demand_text("2 people have no address")
    window.demand_text("1 person depends on a gateway that ends or loses messages")
    window.page.get_by_role("link", name="Who can be reached").first.click()
    window.demand_title("Who can be reached")
    demand_fit(window, "list")
    the_list(window)
    takes_the_file_away(window)
    window.open(PROPERTIES)
    window.page.get_by_text("More", exact=True).click()
    window.demand_text("whoever reads the mailbox gets the code")
    window.page.get_by_label("Codes by email").check()
    window.page.get_by_label("Required", exact=True).check()
    demand_fit(window, "properties")
    assert holds(house, "allow_email_codes") == "no"
    window.page.get_by_label("Authenticator app").uncheck()
    window.send("Save")
    window.demand_title("Before you save")
    window.demand_text("Whoever has no address cannot come in.")
    demand_fit(window, "before")
    assert holds(house, "allow_email_codes") == "no"
    window.send("Save")
    window.demand_text("Saved.")
    assert holds(house, "allow_email_codes") == "yes"
    assert holds(house, "two_step_verification") == "required"
    sends_a_test(window)


def the_list(window: Window) -> None:
    """Everybody at first, then one gap, by links alone."""
    lines = window.page.get_by_role("region", name="Anything of it").get_by_role("listitem")
    expect(lines).to_have_count(4)
    window.page.get_by_role("link", name="No address: 2").click()
    lines = window.page.get_by_role("region", name="No address").get_by_role("listitem")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("ann")
    assert "lacks=no_address" in window.page.url
    assert "by=either" in window.page.url


def takes_the_file_away(window: Window) -> None:
    """The same list as a file."""
    with window.page.expect_download() as downloaded:
        window.page.get_by_role("link", name="Download the whole list (CSV)").click()
    assert downloaded.value.suggested_filename == "readiness.csv"
    with downloaded.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["User name", "ann", "boss"]
    assert rows[1][6] == "No address"


def sends_a_test(window: Window) -> None:
    """To somebody whose address nobody has confirmed."""
    window.open("/admin/readiness?by=email&lacks=unconfirmed")
    window.page.get_by_role("button", name="Send test message to bo").click()
    window.demand_text("Test message")
    assert "/admin/messages/" in window.page.url
