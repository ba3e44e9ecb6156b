"""**System Properties** and what people meet of it, in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.keyboards import KeyboardWindow
from tests.browser.phones import STEP
from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import PASSWORD, House

pytestmark = pytest.mark.browser

PATH = "/admin/properties"


def test_an_administrator_requires_it_without_a_mouse(
    house: House, harbour: str, windows: Windows
) -> None:
    """CT-10, by the keyboard alone and by the menu, as CS-3 has it."""
    house.add(administrator=True)
    window = windows(harbour, kind=KeyboardWindow, viewport={"width": 1280, "height": 720})
    window.sign_in()
    window.demand_home()
    window.press(window.page.get_by_text("User settings"))
    window.press(window.link("Authentication Settings"))
    window.demand_title("System Properties")
    window.page.get_by_label("Optional", exact=True).focus()
    window.page.keyboard.press("ArrowDown")
    expect(window.page.get_by_label("Required", exact=True)).to_be_checked()
    window.write("Days to Remember Device", "7")
    window.press(window.page.get_by_text("More", exact=True))
    window.write("Support contact", "Desk 3")
    window.send("Save")
    window.demand_text("Saved.")
    expect(window.page.get_by_label("Required", exact=True)).to_be_checked()
    expect(window.field("Days to Remember Device")).to_have_value("7")
    expect(window.page.get_by_role("contentinfo")).to_contain_text("Help: Desk 3")


@pytest.mark.parametrize("script", [True, False])
def test_required_while_somebody_is_signed_in(
    house: House, harbour: str, windows: Windows, tmp_path: Path, script: bool
) -> None:
    """CT-12: without the tick sessions finish; with it they go on where they were, after set-up."""
    house.add("ann")
    house.add("boss", administrator=True)
    ann = windows(harbour, java_script_enabled=script)
    ann.sign_in("ann")
    ann.demand_home()
    boss = windows(harbour, java_script_enabled=script)
    boss.sign_in("boss", at=PATH)
    boss.demand_title("System Properties")
    boss.page.get_by_label("Required", exact=True).check()
    boss.send("Save")
    boss.demand_text("Saved.")
    ann.open("/security")
    ann.demand_title("Security Settings")
    house.clock.forward(MINUTE)
    boss.page.get_by_label("At once, also for people who are signed in").check()
    boss.send("Save")
    boss.demand_title("Set up 2-step verification")
    boss.demand_text("required here now, also for people who are signed in")
    house.clock.forward(1)
    ann.open("/security")
    ann.demand_title("Set up 2-step verification")
    phone = ann.scan(tmp_path, house.clock)
    ann.verify_and_save(phone.code())
    ann.demand_at("/security")
    ann.demand_text("2-Step Verification is on.")
    house.clock.forward(STEP)
    other = windows(harbour, java_script_enabled=script)
    other.sign_in("ann")
    other.give_code(phone.code())
    other.demand_home()


def test_from_a_day_on(house: House, harbour: str, windows: Windows) -> None:
    """B-3: announced at home, optional until the day, required from it."""
    house.add("ann")
    house.add("boss", administrator=True)
    boss = windows(harbour)
    boss.sign_in("boss", at=PATH)
    boss.page.get_by_label("Required", exact=True).check()
    boss.write("Required from", "2026-01-03")
    boss.send("Save")
    boss.demand_text("Saved.")
    ann = windows(harbour)
    ann.sign_in("ann")
    ann.demand_text("You need a second step from")
    ann.demand_text("Set it up today")
    house.clock.forward(2 * DAY)
    late = windows(harbour)
    late.sign_in("ann")
    late.demand_title("Set up 2-step verification")


def test_two_administrators_and_a_page_that_was_open_for_long(
    house: House, harbour: str, windows: Windows
) -> None:
    """The later form loses, and what was typed outlives the proof."""
    house.add("ann", administrator=True)
    house.add("bo", administrator=True)
    ann, bo = windows(harbour), windows(harbour)
    for window, name in ((ann, "ann"), (bo, "bo")):
        window.sign_in(name, at=PATH)
        window.demand_title("System Properties")
    bo.write("Days to Remember Device", "14")
    bo.send("Save")
    bo.demand_text("Saved.")
    house.clock.forward(6 * MINUTE)
    ann.write("Days to Remember Device", "3")
    ann.page.get_by_text("More", exact=True).click()
    ann.write("Support contact", "Desk 3")
    ann.send("Save")
    ann.demand_title("Is it you?")
    ann.write("Password", PASSWORD)
    ann.send("Save")
    ann.demand_text("bo changed this to “14”")
    ann.demand_text("You wanted “3”.")
    expect(ann.field("Days to Remember Device")).to_have_value("14")
    ann.send("Save")
    ann.demand_text("Saved.")
    expect(ann.page.get_by_role("contentinfo")).to_contain_text("Help: Desk 3")


def test_off_says_first_what_it_means(house: House, harbour: str, windows: Windows) -> None:
    """CT-11."""
    house.add(administrator=True)
    window = windows(harbour)
    window.sign_in(at=PATH)
    window.page.get_by_label("Off", exact=True).check()
    window.send("Save")
    window.demand_title("Switch off 2-Step Verification?")
    window.demand_text("nobody is asked for a code")
    window.press(window.link("Cancel"))
    expect(window.page.get_by_label("Optional", exact=True)).to_be_checked()
    window.page.get_by_label("Off", exact=True).check()
    window.send("Save")
    window.send("Switch off")
    window.demand_text("Saved.")
    expect(window.page.get_by_label("Off", exact=True)).to_be_checked()
