"""The help desk finds out why a code does not come: Messages, Send test message, and a mail server
that refuses, on a phone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import outgoing_to, relay_of
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.flows import permissions
from twostep.flows.contact_entries import set_for_user
from twostep.flows.sending import Sender

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES_OF_MESSAGES")
ADDRESS = "ann@northside.example"
REFUSAL = f"550 5.1.1 <{ADDRESS}>: Recipient address rejected: User unknown"
HIDDEN = "550 5.1.1 <a•••@northside.example>: Recipient address rejected: User unknown"

STAYS = "window.stays = true"
"""Gone as soon as the page is loaded anew."""


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server that does not know the address."""
    with PostOffice() as running:
        running.on_recipient = lambda _number, _address: REFUSAL
        yield running


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    for width in (320, 390, 1280):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page), name
        if PICTURES:
            window.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    window.page.set_viewport_size({"width": 390, "height": 780})
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name


def the_desk(house: House, window: Window) -> None:
    """Kim of the help desk, signed in, and Ann, whose address an administrator mistyped."""
    kim, ann = house.add("kim"), house.add("ann")
    permissions.grant(house.installation, house.harbour, kim, Permission.MESSAGES)
    set_for_user(house.installation, ann, ContactKind.EMAIL, ADDRESS, language="en")
    window.sign_in("kim")
    window.demand_home()
    window.page.get_by_text("User settings").click()
    window.press(window.link("Messages"))
    window.demand_title("Messages")


def test_a_test_message_turns_from_queued_to_refused_while_one_looks(
    house: House, harbour: str, windows: Windows, office: PostOffice
) -> None:
    """CS-7: the server's own words stand there, and are what the server's own log says."""
    window = windows(harbour, viewport={"width": 390, "height": 780})
    the_desk(house, window)
    window.demand_text("Nothing was sent yet.")
    demand_fit(window, "none")
    test = window.page.get_by_role("region", name="Send test message")
    test.get_by_label("User name").fill("ann")
    test.get_by_role("button", name="Send test message").click()
    window.demand_title("Test message")
    window.demand_text("The test message is on its way.")
    state = window.page.get_by_role("status").filter(has_text="It waits to be handed over")
    expect(state).to_contain_text("Queued")
    demand_fit(window, "queued")
    window.page.evaluate(STAYS)
    sender = Sender(house.installation, outgoing_to(relay_of(office)))
    sender.start()
    try:
        expect(window.page.locator("#state")).to_contain_text("Refused")
    finally:
        sender.stop()
    window.demand_text(HIDDEN)
    tries = window.page.get_by_role("region", name="Each try")
    expect(tries.get_by_role("listitem")).to_have_count(1)
    expect(tries).to_contain_text("The server refused it for good.")
    assert window.page.evaluate("window.stays") is True, "the page was loaded anew"
    assert [line for line in office.said() if line.startswith("5")] == [REFUSAL]
    assert office.mails == []
    demand_fit(window, "refused")
    demand_found(house, window)


def demand_found(house: House, window: Window) -> None:
    """The message is found by the address and by what became of it, and nobody else's is."""
    window.press(window.link("All messages"))
    window.demand_title("Messages")
    window.write("User name, or address", ADDRESS)
    window.send("Show")
    window.demand_text("Messages to this address")
    window.demand_text(HIDDEN)
    assert ADDRESS not in window.page.url
    expect(window.page.get_by_role("main")).not_to_contain_text(ADDRESS)
    window.page.get_by_text("Only some of them").click()
    window.page.get_by_label("What became of it").select_option("Accepted")
    demand_fit(window, "filters")
    window.send("Show")
    window.demand_text("No such message was sent")
    window.press(window.link("Show all messages"))
    window.demand_text(HIDDEN)
    window.write("User name, or address", "nobody")
    window.send("Show")
    window.demand_text("There is no user of this name here")
    demand_fit(window, "wrong")


def test_the_list_renews_itself_and_keeps_the_focus(
    house: House, harbour: str, windows: Windows, office: PostOffice
) -> None:
    window = windows(harbour)
    the_desk(house, window)
    window.page.evaluate(STAYS)
    other = windows(harbour)
    other.sign_in("kim", at="/admin/messages")
    test = other.page.get_by_role("region", name="Send test message")
    test.get_by_label("User name").fill("ann")
    test.get_by_role("button", name="Send test message").click()
    other.demand_title("Test message")
    window.demand_text("Queued")
    window.link("Test message").focus()
    sender = Sender(house.installation, outgoing_to(relay_of(office)))
    sender.start()
    try:
        window.demand_text("Refused")
    finally:
        sender.stop()
    expect(window.link("Test message")).to_be_focused()
    assert window.page.evaluate("window.stays") is True


def test_whoever_is_signed_out_elsewhere_is_told_by_the_page_itself(
    house: House, harbour: str, windows: Windows
) -> None:
    window = windows(harbour)
    the_desk(house, window)
    second = window.context.new_page()
    second.goto(f"{harbour}/")
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_text("You are signed out.")).to_be_visible()
    second.close()
    window.demand_title("Sign in")


def test_without_javascript_a_click_renews_the_page(
    house: House, harbour: str, windows: Windows, office: PostOffice
) -> None:
    window = windows(harbour, java_script_enabled=False)
    the_desk(house, window)
    window.page.locator("#user_name").fill("ann")
    window.page.get_by_role("button", name="Send test message").click()
    window.demand_text("Queued")
    sender = Sender(house.installation, outgoing_to(relay_of(office)))
    sender.start()
    sender.stop()
    house.clock.forward(MINUTE)
    window.press(window.link("Refresh"))
    window.demand_text("Refused")
    expect(window.page).to_have_url(re.compile(r"/admin/messages/[0-9a-f]{32}$"))
