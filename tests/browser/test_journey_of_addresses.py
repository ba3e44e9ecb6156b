"""Ann gives her email address and the number of her phone: Security Settings, Email and text
messages, on a phone, in both languages.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House
from tests.helpers.letters import another_code, last_code

pytestmark = pytest.mark.browser

TITLE = "Email and text messages"
PICTURES = os.environ.get("PICTURES_OF_ADDRESSES")


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    for width in (320, 390):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page), name
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name
    if PICTURES:
        window.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_an_address_and_a_number_are_typed_confirmed_and_removed(
    house: House, harbour: str, windows: Windows
) -> None:
    house.add()
    window = windows(harbour)
    window.sign_in()
    window.open_security_settings()
    window.demand_text("No address yet")
    demand_fit(window, "settings")
    window.page.get_by_role("region", name=TITLE).get_by_role("link").click()
    window.demand_title(TITLE)
    demand_fit(window, "none")
    email = window.page.get_by_role("region", name="Email", exact=True)
    email.get_by_label("New email address").fill("ann@northside.example")
    email.get_by_role("button", name="Send code").click()
    window.demand_text("We sent a code to a•••@northside.example")
    demand_fit(window, "waiting")
    code = last_code(house.installation)
    window.write("Code from the message", another_code(code))
    window.send("Confirm")
    window.demand_text("4 tries left")
    demand_fit(window, "wrong-code")
    window.write("Code from the message", f"{code[:3]} {code[3:]}")
    window.send("Confirm")
    window.demand_text("The address is confirmed")
    text = window.page.get_by_role("region", name="SMS Email")
    text.get_by_label("Mobile number").fill("(212) 555-2368")
    text.get_by_label("Carrier").select_option("Verizon (unreliable, or ending)")
    text.get_by_role("button", name="Send code").first.click()
    window.demand_text("Verizon ends these messages on")
    demand_fit(window, "dying")
    text.get_by_text("My carrier is not in the list").click()
    text.get_by_label("Address of the gateway").fill("2125552368@txt.att.net")
    text.get_by_role("button", name="Send code").last.click()
    window.demand_text("AT&T no longer turns email into text messages")
    demand_fit(window, "dead")
    house.clock.forward(6 * MINUTE)
    window.open("/security/contacts?language=es")
    window.demand_title("Correo y mensajes de texto")
    window.demand_text("Enviamos un código")
    demand_fit(window, "to-be-proven")
    window.open("/security/contacts?language=en")
    window.link("Change or remove an address").click()
    window.demand_text("You are about to change where codes and notices go.")
    window.write("Password", "seven tall herons waiting")
    window.send("Verify")
    window.demand_title(TITLE)
    window.page.get_by_role("region", name="Email", exact=True).get_by_role(
        "button", name="Remove"
    ).click()
    window.demand_text("The address is removed.")
