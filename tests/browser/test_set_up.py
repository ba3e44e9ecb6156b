"""The dialog of Configure: nothing is saved, and nothing changes at sign-in, before it succeeds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import PASSWORD, House

pytestmark = pytest.mark.browser


@pytest.fixture
def at_the_dialog(house: House, harbour: str, windows: Windows) -> Window:
    """Ann has pressed Configure."""
    house.add()
    window = windows(harbour)
    window.sign_in()
    window.configure()
    window.demand_title("Set up 2-step verification")
    return window


def test_the_key_as_text_is_the_one_in_the_picture(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    phone = at_the_dialog.scan(tmp_path, house.clock)
    shown = at_the_dialog.page.locator("#key").inner_text()
    assert shown.replace(" ", "") == phone.secret
    assert [len(group) for group in shown.split(" ")] == [4] * 8


def test_a_wrong_code_shows_the_same_picture_again_and_the_app_stays_good(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    phone = at_the_dialog.scan(tmp_path, house.clock)
    at_the_dialog.verify_and_save(phone.wrong_code())
    at_the_dialog.demand_text("That code did not match, so nothing has been saved.")
    assert at_the_dialog.scan(tmp_path, house.clock).address == phone.address
    at_the_dialog.verify_and_save(phone.code())
    at_the_dialog.demand_text("2-Step Verification is on.")


def test_before_the_last_button_succeeds_nothing_changes_at_sign_in(
    house: House, at_the_dialog: Window, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """CT-3."""
    phone = at_the_dialog.scan(tmp_path, house.clock)
    at_the_dialog.verify_and_save(phone.wrong_code())
    at_the_dialog.link("Cancel").click()
    at_the_dialog.demand_text("Off · your password is your only protection")
    other = windows(harbour)
    other.sign_in()
    other.demand_home()


def test_an_empty_field_is_told_beside_it(at_the_dialog: Window) -> None:
    at_the_dialog.send("Verify and Save")
    at_the_dialog.demand_text("Type the code that your app shows.")
    expect(at_the_dialog.field("Verification code")).to_be_focused()
    at_the_dialog.demand_title("Set up 2-step verification")


def shows_that_it_is_they(window: Window) -> None:
    """Half an hour after the sign-in, a key is shown after the password only."""
    window.demand_title("Is it you?")
    window.write("Password", PASSWORD)
    window.send("Verify")
    window.demand_title("Set up 2-step verification")


def test_the_dialog_waits_longer_with_the_same_key_while_the_proof_is_fresh(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    phone = at_the_dialog.scan(tmp_path, house.clock)
    at_the_dialog.demand_text("This page waits 30 minutes for you")
    house.clock.forward(4 * MINUTE)
    at_the_dialog.button("Give me more time").click()
    at_the_dialog.demand_text("This page waits 30 minutes for you")
    house.clock.forward(29 * MINUTE)
    at_the_dialog.verify_and_save(phone.code())
    at_the_dialog.demand_text("2-Step Verification is on.")


def test_more_time_for_the_dialog_later_on_asks_who_it_is(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    """What was scanned before stays good: it is the same key that is shown again."""
    phone = at_the_dialog.scan(tmp_path, house.clock)
    house.clock.forward(29 * MINUTE)
    at_the_dialog.button("Give me more time").click()
    shows_that_it_is_they(at_the_dialog)
    at_the_dialog.demand_text("This page waits 30 minutes for you")
    house.clock.forward(29 * MINUTE)
    at_the_dialog.verify_and_save(phone.code())
    at_the_dialog.demand_text("2-Step Verification is on.")


def test_a_dialog_that_waited_too_long_saves_nothing_and_begins_anew(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    phone = at_the_dialog.scan(tmp_path, house.clock)
    house.clock.forward(30 * MINUTE + SECOND)
    at_the_dialog.verify_and_save(phone.code())
    at_the_dialog.demand_title("Security Settings")
    at_the_dialog.demand_text("That picture is no longer good, so nothing has been saved.")
    at_the_dialog.demand_text("Off · your password is your only protection")
    at_the_dialog.open("/")
    at_the_dialog.configure()
    shows_that_it_is_they(at_the_dialog)
    anew = at_the_dialog.scan(tmp_path, house.clock)
    assert anew.secret != phone.secret
    at_the_dialog.verify_and_save(anew.code())
    at_the_dialog.demand_text("2-Step Verification is on.")


def test_who_has_an_app_is_told_so_and_offered_no_second_key(
    house: House, at_the_dialog: Window, tmp_path: Path
) -> None:
    phone = at_the_dialog.scan(tmp_path, house.clock)
    at_the_dialog.verify_and_save(phone.code())
    at_the_dialog.demand_title("Security Settings")
    at_the_dialog.configure()
    at_the_dialog.demand_title("2-Step Verification")
    at_the_dialog.demand_text("On, with an authenticator app, since")
    expect(at_the_dialog.page.get_by_role("img", name="QR code")).to_have_count(0)
