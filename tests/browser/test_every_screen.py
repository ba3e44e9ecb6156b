"""Every screen of a real installation, in each of its states: who can use it, and how it fits.

axe finds what a machine can find of WCAG 2.2 AA. That no screen makes the browser complain (the
console, the content security policy) holds for every test here: the fixture ``windows`` sees to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.screens import EARLIER, Walk, walk_everywhere
from tests.browser.windows import Window
from tests.helpers.clocks import HandClock
from tests.helpers.house import PASSWORD, House

pytestmark = pytest.mark.browser

Theme = Literal["light", "dark"]

LOOKS: tuple[tuple[int, Theme], ...] = (
    (390, "dark"),
    (1280, "light"),
)
NARROW = (320, 390)
SCREENS_AT_LEAST = 30

LONG_ENVIRONMENT = (
    "Kraftfahrzeughaftpflichtversicherungsgesellschaft Donaudampfschifffahrt und Töchter GmbH & Co."
)
LONG_NAME = ("bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst" * 3)[:150]


@pytest.fixture
def clock() -> HandClock:
    """Where the walk begins."""
    return HandClock(EARLIER)


def open_as(windows: Windows) -> Any:
    def open_window(origin: str, *, agent: str, address: str) -> Window:
        return windows(origin, user_agent=agent)

    return open_window


def test_axe_finds_nothing_and_no_screen_is_wider_than_a_phone(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    faults: list[str] = []
    seen: list[str] = []

    def stop(name: str, window: Window) -> None:
        seen.append(name)
        page = window.page
        # One after another: all screens are of the same pieces, and test_every_page has the others.
        width, theme = LOOKS[len(seen) % len(LOOKS)]
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme=theme)
        faults.extend(f"{name} {width} {theme}: {fault}" for fault in found_by_axe(page))
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 700})
            if wider_than_its_window(page):
                faults.append(f"{name} is wider than {width}")

    walk_everywhere(Walk(house, open_as(windows), stop, tmp_path))
    assert faults == []
    assert len(set(seen)) >= SCREENS_AT_LEAST


def test_the_longest_names_fit_a_small_phone_and_the_key_can_still_be_scanned(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    place = house.environment(LONG_ENVIRONMENT, "long")
    house.add(LONG_NAME, place)
    house.set(place, "support_contact", "The service desk in the basement of building C, " * 2)
    window = windows(
        str(place.primary), viewport={"width": 320, "height": 640}, color_scheme="dark"
    )
    window.sign_in(LONG_NAME, "not the right password")
    window.demand_text("do not match")
    assert not wider_than_its_window(window.page)
    window.give_password(LONG_NAME, PASSWORD)
    window.demand_home()
    assert not wider_than_its_window(window.page)
    window.page.get_by_text("User settings").click()
    assert not wider_than_its_window(window.page)
    window.open("/")
    window.configure()
    window.demand_title("Set up 2-step verification")
    assert not wider_than_its_window(window.page)
    phone = window.scan(tmp_path, house.clock)
    assert phone.issuer.startswith("Kraftfahrzeug")
    window.verify_and_save(phone.code())
    window.demand_text("2-Step Verification is on.")
    assert not wider_than_its_window(window.page)


def test_a_browser_that_prefers_spanish_gets_spanish(harbour: str, windows: Windows) -> None:
    window = windows(harbour, locale="es-ES")
    window.open("/sign-in")
    window.demand_title("Iniciar sesión")
    expect(window.page.locator("html")).to_have_attribute("lang", "es")


def test_a_browser_that_prefers_a_language_without_translation_gets_english(
    harbour: str, windows: Windows
) -> None:
    window = windows(harbour, locale="fi-FI")
    window.open("/sign-in")
    window.demand_title("Sign in")
    expect(window.page.locator("html")).to_have_attribute("lang", "en")
