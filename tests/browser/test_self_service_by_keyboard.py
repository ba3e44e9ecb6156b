"""What people look after by themselves, with the keyboard alone, at a real installation.

That every stop of the Tab key is seen and leads on downwards is asserted at each of them
(``keyboards.py``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Windows
from tests.browser.keyboards import KeyboardWindow
from tests.browser.phones import STEP, Phone
from tests.helpers.house import House

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 720}
HANDHELD = {"width": 390, "height": 700}


@pytest.fixture(params=[DESKTOP, HANDHELD], ids=["desktop", "phone"])
def window(
    request: pytest.FixtureRequest, house: House, harbour: str, windows: Windows
) -> KeyboardWindow:
    house.add("ann")
    opened = windows(harbour, kind=KeyboardWindow, viewport=request.param)
    assert isinstance(opened, KeyboardWindow)
    return opened


def sets_up(window: KeyboardWindow, house: House, folder: Path) -> tuple[Phone, list[str]]:
    """Signed in: an app, and the recovery codes that are offered right after it."""
    window.configure()
    window.demand_title("Set up 2-step verification")
    phone = window.scan(folder, house.clock)
    window.write("Verification code", phone.code())
    window.send("Verify and Save")
    window.demand_title("Recovery codes")
    window.send("Show my recovery codes")
    window.demand_title("Your recovery codes")
    codes = window.page.locator("#codes li").all_inner_texts()
    window.tick(window.field("I have kept them"))
    window.send("Continue")
    window.demand_title("Security Settings")
    return phone, codes


def test_setting_up_a_new_key_and_turning_off_need_no_mouse(
    window: KeyboardWindow, house: House, tmp_path: Path
) -> None:
    window.sign_in("ann")
    phone, _ = sets_up(window, house, tmp_path)
    house.clock.forward(10 * 60_000)
    window.configure()
    window.demand_title("2-Step Verification")
    window.send("Generate a New Key")
    window.demand_title("Is it you?")
    window.write("Verification code", phone.code())
    window.send("Verify")
    window.demand_title("Set up 2-step verification")
    fresh = window.scan(tmp_path, house.clock)
    assert fresh.secret != phone.secret
    window.verify_and_save(fresh.code())
    window.demand_title("Security Settings")
    window.configure()
    window.send("Turn Off")
    window.demand_text("2-Step Verification is off.")


def test_a_recovery_code_a_remembered_device_and_forgetting_it_need_no_mouse(
    window: KeyboardWindow, house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    window.sign_in("ann")
    phone, codes = sets_up(window, house, tmp_path)
    house.clock.forward(STEP)
    other = windows(harbour, kind=KeyboardWindow, viewport=DESKTOP)
    assert isinstance(other, KeyboardWindow)
    other.sign_in("ann")
    other.demand_title("Enter your code")
    other.tick(other.page.get_by_label("Remember this device"))
    other.give_code(phone.code())
    other.demand_home()
    third = windows(harbour, kind=KeyboardWindow, viewport=HANDHELD)
    third.sign_in("ann")
    third.press(third.link("Try another way"))
    third.press(third.link("A recovery code that you printed"))
    third.write("Recovery code", codes[0])
    third.send("Verify")
    third.demand_title("Set up your app again")
    third.press(third.link("Later"))
    third.demand_home()
    other.open_security_settings()
    forget = other.page.get_by_role("region", name="Devices").get_by_role("button", name="Forget")
    other.press(forget.first)
    other.demand_text("That device is forgotten")
    other.press(other.button("Forget all others"))
    other.demand_text("All your other devices are forgotten")
    third.open("/")
    third.demand_title("Sign in")


def test_the_language_is_chosen_without_a_mouse_and_stays(window: KeyboardWindow) -> None:
    window.open("/sign-in")
    window.press(window.link("Español"))
    window.demand_title("Iniciar sesión")
    window.open("/forgot-password")
    assert window.page.locator("html").get_attribute("lang") == "es"
    window.press(window.link("English"))
    window.demand_title("Forgot your password?")
