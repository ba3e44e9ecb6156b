"""What people look after by themselves: the self-service part of the walk through every screen
(``screens.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.phones import Phone
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE, SECOND

if TYPE_CHECKING:
    from tests.browser.screens import Walk

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:148.0) Gecko/20100101 Firefox/148.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/26.2 Mobile/15E148 Safari/604.1"
)


def keeping_codes(walk: Walk, window: Window) -> list[str]:
    """After set-up: ten recovery codes, shown once. Gives them."""
    window.demand_title("Recovery codes")
    walk.stop("recovery-codes-offer", window)
    window.send("Show my recovery codes")
    window.demand_title("Your recovery codes")
    walk.stop("recovery-codes-shown", window)
    codes = window.page.locator("#codes li").all_inner_texts()
    window.field("I have kept them").check()
    window.send("Continue")
    window.demand_text("Security Settings")
    return codes


def looking_after(walk: Walk, window: Window, phone: Phone) -> None:
    """Security Settings of somebody who has everything."""
    for agent, address in ((MAC, "198.51.100.2"), (IPHONE, "2001:db8:4:17::9")):
        walk.forward(MINUTE, window)
        other = walk.window(agent=agent, address=address)
        other.sign_in("ann.lee")
        if agent == MAC:
            other.page.get_by_label("Remember this device").check()
        other.give_code(phone.code())
        other.demand_home()
    walk.forward(40 * MINUTE, window)
    window.open("/")
    window.open_security_settings()
    walk.stop("security-settings", window)
    window.open("/security?language=es")
    window.demand_title("Ajustes de seguridad")
    walk.stop("security-settings-spanish", window)
    window.open("/security?language=en")
    window.page.get_by_role("region", name="Devices").get_by_role("button").last.click()
    window.demand_text("All your other devices are forgotten")
    walk.stop("devices-forgotten", window)
    proving(walk, window, phone)
    window.page.get_by_role("region", name="Recovery codes").get_by_role("link").click()
    window.demand_title("Recovery codes")
    walk.stop("recovery-codes", window)
    window.open("/security/password")
    window.demand_title("Change your password")
    walk.stop("change-password", window)
    window.field("Current password").fill("not her password")
    window.field("New password").fill("short")
    window.button("Save").click()
    window.demand_text("too short")
    walk.stop("change-password-wrong", window)
    window.open("/security")
    window.field("Stay signed in on this device").check()
    window.page.get_by_role("region", name="Staying signed in").get_by_role("button").click()
    window.demand_text("Your choice is saved.")
    walk.stop("stay-signed-in", window)


def proving(walk: Walk, window: Window, phone: Phone) -> None:
    """The dialog of Configure, and a new key, which asks for a fresh proof."""
    window.page.get_by_role("region", name="2-Step Verification").get_by_role("button").click()
    window.demand_title("2-Step Verification")
    walk.stop("two-step-state", window)
    window.send("Generate a New Key")
    window.demand_title("Is it you?")
    walk.stop("confirm", window)
    window.write("Verification code", phone.wrong_code())
    window.send("Verify")
    window.demand_text("did not match")
    walk.stop("confirm-wrong", window)
    walk.forward(30 * SECOND, window)
    window.write("Verification code", phone.code())
    window.send("Verify")
    window.demand_title("Set up 2-step verification")
    walk.stop("new-key", window)
    window.link("Cancel").click()
    window.demand_title("Security Settings")


def by_recovery_code(walk: Walk, codes: list[str]) -> None:
    """A phone that is not at hand."""
    window = walk.window()
    window.sign_in("ann.lee")
    window.demand_title("Enter your code")
    window.link("Try another way").click()
    window.link("A recovery code that you printed").click()
    window.demand_title("Enter a recovery code")
    walk.stop("recovery-code", window)
    window.write("Recovery code", codes[0][:-1])
    window.send("Verify")
    window.demand_text("two digits, then sixteen")
    walk.stop("recovery-code-unreadable", window)
    window.write("Recovery code", codes[0])
    window.send("Verify")
    window.demand_title("Set up your app again")
    walk.stop("recovery-code-used", window)
    window.link("Later").click()
    window.demand_home()
    walk.stop("home-app-missing", window)
