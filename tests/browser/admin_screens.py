"""The administrators' part of the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.audit_screens import auditing
from tests.browser.permission_screens import giving_permissions
from tests.browser.user_list_screens import finding_users
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD
from twostep.core.contacts import ContactKind
from twostep.core.properties import find
from twostep.flows import properties, users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.sealing import seal

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def administering(walk: Walk) -> None:
    """**System Properties**, from the menu to switching off."""
    house = walk.house
    for name in ("kim.moss", "lou.reyes"):
        house.add(name, administrator=True)
    properties.set_floor(house.installation, find("session_hours"), "10")
    window, other = walk.window(), walk.window()
    window.sign_in("kim.moss")
    window.page.get_by_text("User settings").click()
    walk.stop("home-menu-administrator", window)
    window.link("System Properties").click()
    window.demand_title("System Properties")
    window.page.get_by_text("More", exact=True).click()
    walk.stop("properties", window)
    filling_in(walk, window, other)
    walk.forward(6 * MINUTE, window)
    window.open("/admin/properties")
    window.demand_text("You are about to open System Properties")
    walk.stop("confirm-properties", window)
    window.write("Password", PASSWORD)
    window.send("Verify")
    window.page.get_by_label("Off", exact=True).check()
    window.send("Save")
    window.demand_title("Switch off 2-Step Verification?")
    walk.stop("properties-off", window)
    looking_at_messages(walk, window)
    finding_users(walk, window)
    giving_permissions(walk, window)
    auditing(walk, window)
    looking_at_everything(walk, window)


def looking_at_messages(walk: Walk, window: Window) -> None:
    """**Messages**, from an empty list to a test message that waits to be sent."""
    house = walk.house
    ann = users.find(house.installation, house.harbour, "ann.lee")
    assert ann is not None
    address = "ann.lee@northside.example"
    set_for_user(house.installation, ann, ContactKind.EMAIL, address, language="en")
    window.open("/admin/messages?state=failed")
    window.demand_title("Messages")
    walk.stop("messages-none", window)
    test = window.page.get_by_role("region", name="Send test message")
    test.get_by_label("User name").fill("kim.moss")
    test.get_by_role("button").click()
    window.demand_text("This user has no such address.")
    walk.stop("messages-no-address", window)
    test.get_by_label("User name").fill("ann.lee")
    test.get_by_role("button").click()
    window.demand_title("Test message")
    walk.stop("message", window)
    window.link("All messages").click()
    window.demand_title("Messages")
    walk.stop("messages", window)


def filling_in(walk: Walk, window: Window, other: Window) -> None:
    """What is wrong, what somebody else was faster with, and what is saved."""
    window.write("Days to Remember Device", "400")
    window.write("Support link", "help.example")
    window.send("Save")
    window.demand_text("Type a whole number from 0 to 365")
    walk.stop("properties-wrong", window)
    other.sign_in("lou.reyes", at="/admin/properties")
    other.write("Days to Remember Device", "14")
    other.send("Save")
    other.demand_text("Saved.")
    window.write("Days to Remember Device", "7")
    window.write("Support link", "https://help.example/")
    window.send("Save")
    window.demand_text("lou.reyes changed this to “14”")
    walk.stop("properties-overtaken", window)
    window.page.get_by_label("Required", exact=True).check()
    window.page.get_by_label("Required from").fill("2026-05-01")
    window.page.locator("details.more").evaluate("more => { more.open = true; }")
    window.page.get_by_label("Codes by email").check()
    window.page.get_by_label("Authenticator app").uncheck()
    window.send("Save")
    window.demand_title("Before you save")
    walk.stop("properties-before", window)
    reaching(walk, window)
    window.link("Cancel").click()
    window.page.get_by_label("Required", exact=True).check()
    window.page.get_by_label("Required from").fill("2026-05-01")
    window.page.locator("details.more").evaluate("more => { more.open = true; }")
    window.page.get_by_label("Codes by email").check()
    window.send("Save")
    window.demand_text("Saved.")
    walk.stop("properties-saved", window)
    window.open("/")
    window.demand_text("You need a second step from")
    walk.stop("home-before-the-day", window)


def reaching(walk: Walk, window: Window) -> None:
    """Who can be reached, as the question before saving leads there: in a tab of its own."""
    with window.page.expect_popup() as opened:
        window.page.get_by_role("link", name="See who").click()
    form, window.page = window.page, opened.value
    window.demand_title("Who can be reached")
    walk.stop("readiness", window)
    window.page.close()
    window.page = form


def looking_at_everything(walk: Walk, window: Window) -> None:
    """**Overview**, after a while in which people have signed in."""
    seal(walk.house.installation, now=walk.house.clock())
    window.open("/admin")
    window.demand_title("Overview")
    walk.stop("overview", window)
