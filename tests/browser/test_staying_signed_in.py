"""CS-5, with a browser that is really closed: a profile on a disk, opened by another process.

A private window keeps nothing, whatever a cookie says, so these journeys have no use for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.windows import ARGUMENTS, CHROMIUM, Window
from tests.helpers.clocks import HOUR
from tests.helpers.house import House
from twostep.core.properties import find
from twostep.flows import properties

pytestmark = pytest.mark.browser


@contextmanager
def opened(chromium: Browser, folder: Path, origin: str) -> Iterator[Window]:
    """The browser with its profile in that folder, until it is closed."""
    context = chromium.browser_type.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=list(ARGUMENTS)
    )
    window = Window(context, origin)
    try:
        yield window
        assert window.complaints == []
    finally:
        context.close()


def stay(window: Window) -> None:
    window.open_security_settings()
    window.field("Stay signed in on this device").check()
    window.page.get_by_role("region", name="Staying signed in").get_by_role("button").click()
    window.demand_text("Your choice is saved.")


def test_who_stays_signed_in_is_so_after_the_browser_was_closed_and_others_are_not(
    house: House, harbour: str, chromium: Browser, tmp_path: Path
) -> None:
    house.add()
    house.add("bo")
    with opened(chromium, tmp_path / "ann", harbour) as window:
        window.sign_in()
        stay(window)
    with opened(chromium, tmp_path / "bo", harbour) as window:
        window.sign_in("bo")
        window.demand_home()
    with opened(chromium, tmp_path / "ann", harbour) as window:
        window.open("/")
        window.demand_home()
    with opened(chromium, tmp_path / "bo", harbour) as window:
        window.open("/")
        window.demand_title("Sign in")
    house.clock.forward(HOUR)
    with opened(chromium, tmp_path / "ann", harbour) as window:
        window.open("/")
        window.demand_title("Sign in")


def test_with_the_installations_switch_everybody_goes_through_the_sign_in_page(
    house: House, harbour: str, chromium: Browser, tmp_path: Path
) -> None:
    """The wish of the person is kept, said to be overruled, and works again without the switch."""
    house.add()
    mode, folder = find("two_step_verification"), tmp_path / "ann"
    with opened(chromium, folder, harbour) as window:
        window.sign_in()
        phone = window.set_up(tmp_path, house.clock)
        stay(window)
    properties.set_floor(house.installation, mode, "required")
    house.clock.forward(60_000)
    with opened(chromium, folder, harbour) as window:
        window.open("/")
        window.demand_title("Sign in")
        window.demand_text("The installation asks everyone to sign in.")
        window.give_password()
        window.give_code(phone.code())
        window.demand_home()
        window.open_security_settings()
        window.demand_text("Your choice is kept and has no effect now.")
        assert window.field("Stay signed in on this device").is_checked()
    with opened(chromium, folder, harbour) as window:
        window.open("/")
        window.demand_title("Sign in")
    properties.set_floor(house.installation, mode, "optional")
    with opened(chromium, folder, harbour) as window:
        window.sign_in()
        window.demand_home()
    with opened(chromium, folder, harbour) as window:
        window.open("/")
        window.demand_home()
