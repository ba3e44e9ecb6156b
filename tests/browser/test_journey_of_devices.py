"""**Devices** on Security Settings: which browsers are known, and forgetting them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Windows
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import IPHONE, MAC
from tests.browser.visits import (
    changes_password,
    comes_in,
    is_asked,
    lines_of,
    passes,
    region,
)
from tests.browser.windows import ARGUMENTS, CHROMIUM, Window
from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import OTHER_PASSWORD, House, Phone, enrolled

pytestmark = pytest.mark.browser

NEW = "This browser is not remembered for this account."


@pytest.fixture
def phone(house: House) -> Phone:
    """Ann's app, set up in a browser that is not seen again."""
    return enrolled(house)


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """One browser."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """And another one."""
    return windows(harbour, user_agent=MAC)


def forget(window: Window, browser: str) -> None:
    line = region(window, "Devices").get_by_role("listitem").filter(has_text=browser)
    line.get_by_role("button", name="Forget", exact=True).click()
    window.demand_text("That device is forgotten, and its sessions have ended.")


def test_devices_are_named_and_one_is_forgotten(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-9: named, with first and last use, address and until when; no second row; forget one."""
    comes_in(house, there, phone, remember=True)
    there.sign_out()
    house.clock.forward(3 * DAY)
    passes(there)
    there.sign_in()
    comes_in(house, here, phone)
    here.open_security_settings()
    mine, mac, *older = lines_of(here, "Devices")
    assert mine.startswith("Chrome on Windows This device 127.0.0.1 · first used")
    assert "remembered until" not in mine
    assert mac.startswith("Firefox on Mac 127.0.0.1 · first used 1 January")
    assert "last used 4 January" in mac
    assert "remembered until 31 January" in mac
    assert len(older) == 1, "the browser in which Ann set her app up"
    current = region(here, "Devices").get_by_role("listitem").filter(has_text="This device")
    expect(current.get_by_role("button")).to_have_count(0)
    house.clock.forward(MINUTE)
    forget(here, "Firefox on Mac")
    assert not any("Firefox" in line for line in lines_of(here, "Devices"))
    newest = lines_of(here, "Recent activity")[:2]
    assert any("A device was forgotten" in line for line in newest)
    there.page.reload()
    there.demand_title("Sign in")
    there.demand_text("Your session has ended.")
    is_asked(there, NEW)
    there.give_code(phone.code(steps=1))
    there.demand_home()


def test_all_others_are_forgotten_and_the_current_one_is_not(
    house: House, phone: Phone, here: Window, there: Window, harbour: str, windows: Windows
) -> None:
    """CT-9: not by its button, and not by a form that was tampered with."""
    third = windows(harbour, user_agent=IPHONE)
    for window in (third, there, here):
        comes_in(house, window, phone, remember=True)
    here.open_security_settings()
    assert len(lines_of(here, "Devices")) == 4
    here.button("Forget all others").click()
    here.demand_text("All your other devices are forgotten, and their sessions have ended.")
    (mine,) = lines_of(here, "Devices")
    assert mine.startswith("Chrome on Windows This device")
    for window in (there, third):
        window.page.reload()
        window.demand_title("Sign in")
        is_asked(window, NEW)
    comes_in(house, there, phone)
    here.page.reload()
    (mine_there,), (theirs_here,) = offered_devices(there), offered_devices(here)
    assert mine_there != theirs_here, "of the two devices each page offers to forget the other one"
    field = here.page.locator("input[name=device]").first
    field.evaluate("(field, id) => { field.value = id; }", mine_there)
    here.button("Forget").click()
    here.demand_text("There was no other device to forget.")
    assert offered_devices(here) == [theirs_here]
    here.sign_out()
    passes(here)


def offered_devices(window: Window) -> list[str]:
    """The devices that somebody's page offers to forget, each by its id."""
    window.open("/security")
    window.demand_title("Security Settings")
    found = window.page.locator("input[name=device]").evaluate_all("all => all.map(it => it.value)")
    return [str(each) for each in found if each != "others"]


def test_a_new_password_keeps_this_browser_and_no_other(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-8 and CT-9: changed in a live session; and B-1 in the browser that lost by it."""
    comes_in(house, there, phone, remember=True)
    there.sign_out()
    house.clock.forward(DAY)
    there.sign_in()
    there.demand_home()
    comes_in(house, here, phone, remember=True)
    changes_password(here)
    mine, mac, *_ = lines_of(here, "Devices")
    assert "remembered until 1 February" in mine
    assert "remembered until" not in mac
    here.sign_out()
    there.page.reload()
    there.demand_text("Your session has ended.")
    is_asked(
        there,
        "This device was remembered until 31 January; your password changed on 2 January.",
        password=OTHER_PASSWORD,
    )
    house.clock.forward(HOUR)
    passes(here, password=OTHER_PASSWORD)


def test_five_people_share_a_browser_and_each_is_remembered_alone(
    house: House, here: Window
) -> None:
    """CT-9."""
    names = ["ann", "bo", "cy", "dee", "eli"]
    phones = {name: enrolled(house, name) for name in names}
    for name in names[:4]:
        comes_in(house, here, phones[name], name, remember=True)
        here.sign_out()
    comes_in(house, here, phones["eli"], "eli")
    here.sign_out()
    house.clock.forward(DAY)
    for name in names[:4]:
        passes(here, name)
    is_asked(here, "You did not ask to have this device remembered", "eli")
    here.sign_in("bo")
    here.open_security_settings()
    assert len(lines_of(here, "Devices")) == 2, "bo's own: this browser, and the one of set-up"
    here.button("Forget all others").click()
    here.sign_out()
    for name in ("ann", "bo"):
        passes(here, name)


def test_a_browser_that_throws_its_cookies_away_is_told_so(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-8: ticked twice for nothing; another browser of the same person hears nothing of it."""
    for _ in range(2):
        comes_in(house, here, phone, remember=True)
        here.context.clear_cookies()
        house.clock.forward(HOUR)
    is_asked(here, "was remembered twice lately, but did not keep our cookie")
    is_asked(there, NEW)


def test_a_browser_without_cookies_is_told_that_they_are_needed(
    house: House, harbour: str, chromium: Browser, tmp_path: Path
) -> None:
    """CT-8. The setting is Chromium's own; nothing on the way is changed."""
    house.add()
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(blocked))
    context = chromium.browser_type.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=list(ARGUMENTS)
    )
    window = Window(context, harbour)
    for _ in range(2):
        window.sign_in()
        window.demand_title("Sign in")
        window.demand_text("Signing in needs cookies: allow them for this address and try again.")
    assert context.cookies() == []
    assert window.complaints == []
    context.close()
