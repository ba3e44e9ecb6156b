"""**Generate a New Key** and **Turn Off**, with a second browser looking on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP
from tests.browser.phones import Phone as ScannedPhone
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import (
    comes_in,
    is_asked,
    lines_of,
    passes,
    region,
    saves,
    send_raw,
)
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import House, Phone, enrolled

pytestmark = pytest.mark.browser

TURN_OFF = "/security/two-step/turn-off"


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """One browser."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """And another one."""
    return windows(harbour, user_agent=MAC)


def generate_a_new_key(window: Window, folder: Path, house: House) -> ScannedPhone:
    """Up to the dialog with the new picture, which is scanned."""
    window.configure()
    window.demand_title("2-Step Verification")
    window.demand_text("The old one works until you click Verify and Save")
    window.button("Generate a New Key").click()
    window.demand_title("Set up 2-step verification")
    window.demand_text("From then on only the new one does.")
    return window.scan(folder, house.clock)


def test_a_new_key_takes_over_when_it_is_verified_and_not_before(
    house: House, here: Window, there: Window, tmp_path: Path
) -> None:
    """CT-6: abandoning changes nothing; then all other sessions and remembered devices end."""
    old = enrolled(house)
    comes_in(house, there, old, remember=True)
    there.sign_out()
    house.clock.forward(DAY)
    there.sign_in()
    there.demand_home()
    comes_in(house, here, old, remember=True)
    until = "remembered until 1 February"
    given_up = generate_a_new_key(here, tmp_path, house)
    here.link("Cancel").click()
    here.demand_title("Security Settings")
    here.open("/")
    closed = generate_a_new_key(here, tmp_path, house)
    assert closed.secret != given_up.secret
    here.page.close()
    here.page = here.context.new_page()
    here.open()
    new = generate_a_new_key(here, tmp_path, house)
    assert new.secret not in (closed.secret, given_up.secret)
    here.verify_and_save(given_up.code())
    here.demand_text("That code did not match, so nothing has been saved.")
    demand_works(house, there, old)
    here.page.reload()
    here.verify_and_save(new.code())
    here.demand_text("2-Step Verification is on.")
    mine, mac, *_ = lines_of(here, "Devices")
    assert until in mine
    assert "remembered until" not in mac
    newest = lines_of(here, "Recent activity")[:4]
    assert any("2-Step Verification moved to a new key" in line for line in newest)
    there.page.reload()
    there.demand_title("Sign in")
    there.demand_text("Your session has ended.")
    house.clock.forward(STEP)
    is_asked(
        there,
        "This device was remembered until 31 January; your second step changed on 2 January.",
    )
    there.give_code(old.code())
    there.demand_text("That code did not match.")
    there.give_code(new.code())
    there.demand_home()
    here.sign_out()
    passes(here)


def demand_works(house: House, window: Window, phone: Phone) -> None:
    """A code of this app is taken, where a remembered browser asks for a fresh proof."""
    house.clock.forward(STEP)
    window.open("/security/password")
    window.demand_title("Is it you?")
    window.write("Verification code", phone.code())
    window.send("Verify")
    window.demand_title("Change your password")


def test_a_new_key_is_made_after_a_fresh_proof_only(
    house: House, here: Window, tmp_path: Path
) -> None:
    """CT-6: nobody enrols a phone of theirs at a screen that was left open."""
    old = enrolled(house)
    comes_in(house, here, old, remember=True)
    house.clock.forward(6 * MINUTE)
    here.configure()
    here.button("Generate a New Key").click()
    here.demand_title("Is it you?")
    here.demand_text("You are about to generate a new key.")
    here.write("Verification code", old.wrong_code())
    here.send("Verify")
    here.demand_text("That code did not match.")
    here.write("Verification code", old.code())
    here.send("Verify")
    here.demand_title("Set up 2-step verification")
    new = here.scan(tmp_path, house.clock)
    here.verify_and_save(new.code())
    here.demand_text("2-Step Verification is on.")


def test_turning_off_for_oneself_and_where_it_is_required_not(
    house: House, here: Window, there: Window
) -> None:
    """CT-7: neither offered nor taken by a form that somebody made up."""
    house.add("boss", administrator=True)
    phone = enrolled(house)
    comes_in(house, there, phone, remember=True)
    there.sign_out()
    comes_in(house, here, phone, remember=True)
    saves(there, mode="Required")
    here.configure()
    here.demand_title("2-Step Verification")
    here.demand_text("Harbour Clinic requires 2-Step Verification, so it stays on.")
    expect(here.button("Turn Off")).to_have_count(0)
    assert send_raw(here, TURN_OFF) == 403
    here.demand_title("2-Step Verification stays on")
    here.link("Go to Security Settings").click()
    expect(region(here, "2-Step Verification")).to_contain_text("On · authenticator app since")
    saves(there, mode="Optional")
    there.sign_out()
    there.sign_in()
    there.demand_home()
    here.open()
    here.configure()
    here.demand_text("Your other sessions end.")
    here.button("Turn Off").click()
    here.demand_title("Security Settings")
    here.demand_text("2-Step Verification is off. From your next sign-in on")
    expect(region(here, "2-Step Verification")).to_contain_text("Off")
    expect(region(here, "Devices")).not_to_contain_text("remembered until")
    there.page.reload()
    there.demand_text("Your session has ended.")
    passes(there)
    house.clock.forward(HOUR)
    passes(here)
