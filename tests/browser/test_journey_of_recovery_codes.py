"""Recovery codes, from the sheet of paper to its last line (B-6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from tests.browser.conftest import Windows
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import comes_in, forward_a_step, lines_of, passes, region
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import House
from tests.helpers.recovery import Holder, holder

pytestmark = pytest.mark.browser

FIELD = "Recovery code"


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """One browser."""
    return windows(harbour, user_agent=WINDOWS, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """And another one."""
    return windows(harbour, user_agent=MAC)


def to_recovery(window: Window) -> None:
    """From the password on, to the page that takes a recovery code."""
    window.sign_in()
    window.demand_title("Enter your code")
    window.link("Try another way").click()
    window.link("A recovery code that you printed").click()
    window.demand_title("Enter a recovery code")


def gives_recovery_code(window: Window, code: str) -> None:
    window.write(FIELD, code)
    window.send("Verify")


def test_codes_are_shown_once_and_each_is_good_once(
    house: House, here: Window, there: Window, tmp_path: Path
) -> None:
    """B-6: copied, kept as a file and printed at set-up; then used in another browser."""
    house.add()
    here.sign_in()
    here.configure()
    phone = here.scan(tmp_path, house.clock)
    here.write("Verification code", phone.code())
    here.send("Verify and Save")
    here.demand_title("Recovery codes")
    here.demand_text("The next page shows them, this one time.")
    here.button("Show my recovery codes").click()
    here.demand_title("Your recovery codes")
    codes = [text.strip() for text in here.page.locator("#codes li").all_inner_texts()]
    assert len(set(codes)) == 10
    demand_keepable(here, codes)
    here.send("Continue")
    here.demand_title("Your recovery codes")
    here.page.get_by_label("I have kept them").check()
    here.send("Continue")
    here.demand_at("/security")
    expect(region(here, "Recovery codes")).to_contain_text("10 left · made 1 January")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        here.page.go_back()
    here.page = here.context.new_page()
    here.open("/")
    here.sign_out()
    forward_a_step(house)
    to_recovery(there)
    gives_recovery_code(there, codes[3].lower().replace(" ", "-"))
    there.demand_title("Set up your app again")
    there.demand_text("9 are left.")
    there.link("Later").click()
    there.demand_home()
    there.demand_text("You signed in with a recovery code; 9 are left.")
    there.open_security_settings()
    assert any("A recovery code was used" in line for line in lines_of(there, "Recent activity"))
    assert "remembered until" not in lines_of(there, "Devices")[0]
    there.sign_out()
    to_recovery(there)
    gives_recovery_code(there, codes[3])
    there.demand_text("That recovery code was used before.")
    gives_recovery_code(there, codes[4])
    there.demand_text("8 are left.")


def demand_keepable(window: Window, codes: list[str]) -> None:
    """By all three buttons. What the printer gets is the sheet and nothing else."""
    window.button("Copy").click()
    window.demand_text("Copied")
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert [line.strip() for line in copied.splitlines()] == codes
    with window.page.expect_download() as download:
        window.button("Download").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    text = download.value.path().read_text(encoding="utf-8")
    assert all(code in text for code in codes)
    window.page.evaluate("addEventListener('beforeprint', () => { window.printed = 'a sheet'; })")
    window.button("Print").click()
    assert window.page.evaluate("window.printed") == "a sheet"
    window.page.emulate_media(media="print")
    expect(window.page.locator("#codes li").last).to_be_visible()
    window.demand_text("ann at harbour.localhost, made on 1 January")
    for name in ("Copy", "Print", "Download", "Continue", "Sign out"):
        expect(window.button(name)).to_have_count(0)
    expect(window.page.get_by_text("Copied", exact=True)).to_be_hidden()
    window.page.emulate_media(media="screen")


def test_the_last_ones_warn_and_the_very_last_leads_to_set_up(
    house: House, here: Window, there: Window, tmp_path: Path
) -> None:
    """B-6: two left is little; after the last one nothing opens before an app is set up again."""
    ann = holder(house)
    while len(ann.codes) > 2:
        ann.by_paper()
    comes_in(house, here, ann.phone, remember=True)
    here.demand_text("2 recovery codes left")
    here.demand_text("Make new ones while your phone is at hand")
    here.open_security_settings()
    expect(region(here, "Recovery codes")).to_contain_text("Only 2 left")
    here.sign_out()
    house.clock.forward(DAY)
    to_recovery(there)
    gives_recovery_code(there, ann.codes[0])
    there.demand_text("1 is left.")
    there.link("Later").click()
    there.demand_home()
    there.sign_out()
    to_recovery(there)
    gives_recovery_code(there, ann.codes[1])
    there.demand_title("Set up 2-step verification")
    there.demand_at("/sign-in/set-up")
    there.demand_text("That was your last recovery code.")
    for path in ("/", "/security", "/sign-in/code", "/sign-in/recovery"):
        there.open(path)
        expect(there.button("Sign out")).to_have_count(0)
    # The lost phone was not stolen: until a new one is verified, what is remembered goes on.
    passes(here)
    there.open("/sign-in/set-up")
    phone = there.scan(tmp_path, house.clock)
    there.verify_and_save(phone.code())
    there.demand_text("2-Step Verification is on.")
    there.open("/")
    there.sign_out()
    house.clock.forward(HOUR)
    here.sign_in()
    here.demand_text("your second step changed on 2 January.")
    here.give_code(ann.phone.code())
    here.demand_text("That code did not match.")
    here.give_code(phone.code())
    here.demand_home()


def test_while_codes_of_the_app_are_paused_a_recovery_code_is_the_way_in(
    house: House, here: Window, there: Window, tmp_path: Path
) -> None:
    """B-6: each has a counter of its own; and from there to a new phone, which can be put off."""
    ann: Holder = holder(house)
    here.sign_in()
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        here.give_code(ann.phone.wrong_code())
        here.demand_text(f"{left} left before a pause.")
    here.give_code(ann.phone.wrong_code())
    here.demand_title("Sign-in is paused")
    here.demand_text("Recovery codes are not paused: one of yours lets you in now.")
    here.link("Use a recovery code").click()
    gives_recovery_code(here, ann.codes[0])
    here.demand_title("Set up your app again")
    here.link("Later").click()
    here.demand_home()
    house.clock.forward(MINUTE)
    here.link("Set up again").click()
    here.button("Set up again").click()
    here.demand_title("Set up 2-step verification")
    phone = here.scan(tmp_path, house.clock)
    here.write("Verification code", phone.code())
    here.send("Verify and Save")
    here.demand_title("Recovery codes")
    here.demand_text("You have 9 recovery codes left")
    here.link("Keep the ones I have").click()
    here.demand_title("Security Settings")
    comes_in(house, there, phone)
