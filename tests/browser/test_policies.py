"""Off, Optional and Required, as the person at the browser meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House

pytestmark = pytest.mark.browser

EVERYTHING_ELSE = (
    "/",
    "/security",
    "/security/password",
    "/security/two-step",
    "/sign-in/code",
    "/sign-in/another-way",
    "/sign-in/new-password",
)


def test_required_holds_a_person_at_set_up_and_then_lets_them_go_on_where_they_wanted(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    """CT-12: after the password, before anything else opens."""
    house.add("bo", house.northside)
    window = windows(str(house.northside.primary))
    window.sign_in("bo", at="/security")
    window.demand_title("Set up 2-step verification")
    window.demand_text("Northside Housing asks for a second step")
    shown = window.scan(tmp_path, house.clock).address
    for path in EVERYTHING_ELSE:
        window.open(path)
        assert window.page.url.removeprefix(window.origin).startswith("/sign-in"), path
        expect(window.button("Sign out")).to_have_count(0)
    window.open("/sign-in/set-up")
    phone = window.scan(tmp_path, house.clock)
    assert phone.address == shown, "a look makes no new key"
    window.verify_and_save(phone.code())
    window.demand_at("/security")
    window.demand_text("2-Step Verification is on.")
    window.sign_out()
    house.clock.forward(6 * MINUTE)
    window.sign_in("bo")
    window.demand_title("Enter your code")
    window.demand_text("You did not ask to have this device remembered")
    window.give_code(phone.code())
    window.demand_home()


def test_a_set_up_that_is_cancelled_changes_nothing(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    house.add("bo", house.northside)
    window = windows(str(house.northside.primary))
    window.sign_in("bo")
    first = window.scan(tmp_path, house.clock)
    window.button("Cancel").click()
    window.demand_text("The sign-in was cancelled.")
    window.sign_in("bo")
    window.demand_title("Set up 2-step verification")
    assert window.scan(tmp_path, house.clock).secret != first.secret


def test_optional_asks_nothing_until_somebody_sets_it_up(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """CT-1."""
    house.add()
    window = windows(harbour)
    window.sign_in()
    window.demand_home()
    window.demand_text("Your password is your only protection")
    phone = window.set_up(tmp_path, house.clock)
    window.open("/")
    window.demand_no_text("Your password is your only protection")
    window.sign_out()
    house.clock.forward(STEP)
    window.sign_in()
    window.demand_text("This browser is not remembered for this account.")
    window.give_code(phone.code())
    window.demand_home()


def test_off_asks_nobody_and_offers_nothing_and_keeps_the_keys(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """CT-11."""
    house.add()
    window = windows(harbour)
    window.sign_in()
    phone = window.set_up(tmp_path, house.clock)
    house.set(house.harbour, "two_step_verification", "off")
    window.sign_out()
    window.sign_in()
    window.demand_home()
    window.demand_no_text("Your password is your only protection")
    window.open_security_settings()
    window.demand_text("Codes are not asked for at the moment: it is switched off here.")
    expect(window.button("Configure")).to_have_count(0)
    house.set(house.harbour, "two_step_verification", "optional")
    house.clock.forward(STEP)
    window.sign_out()
    window.sign_in()
    window.give_code(phone.code())
    window.demand_home()
