"""How long a browser is remembered: minutes, days, and what an administrator makes of them.

Two browsers throughout, and a clock that is moved by hand.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import (
    changes_password,
    comes_in,
    forward_to,
    gives_code,
    is_asked,
    just_before_and_after,
    lines_of,
    passes,
    region,
    remember_box,
    remembers_for,
    saves,
)
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, MINUTE, SECOND
from tests.helpers.house import OTHER_PASSWORD, House, Phone, enrolled

pytestmark = pytest.mark.browser

NEW = "This browser is not remembered for this account."
NOT_TICKED = "You did not ask to have this device remembered when you last gave a code."
SWITCHED_OFF = "An administrator switched remembering off after this device was remembered."


@pytest.fixture
def phone(house: House) -> Phone:
    """Ann's app, set up in a browser that is not seen again."""
    house.add("boss", administrator=True)
    return enrolled(house)


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """One browser."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """And another one, which the administrator uses as well."""
    return windows(harbour, user_agent=MAC)


def test_five_minutes_from_the_code_in_this_browser_and_nowhere_else(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-8: without the tick, through sign-out and the person's own new password; not sliding."""
    comes_in(house, here, phone)
    given = house.clock()
    changes_password(here)
    here.open("/security")
    expect(region(here, "Devices")).not_to_contain_text("remembered until")
    here.sign_out()
    house.clock.forward(2 * MINUTE)
    is_asked(there, NEW, password=OTHER_PASSWORD)
    # It spares a code and proves nothing: what needs a fresh proof asks for one.
    here.sign_in(password=OTHER_PASSWORD, at="/security/password")
    here.demand_title("Is it you?")
    here.open("/security")
    assert any(
        "A code was right in this browser" in line for line in lines_of(here, "Recent activity")
    )
    here.sign_out()
    before, after = just_before_and_after(given + 5 * MINUTE)
    forward_to(house, before)
    passes(here, password=OTHER_PASSWORD)
    forward_to(house, after)
    is_asked(here, NOT_TICKED, password=OTHER_PASSWORD)
    is_asked(there, NEW, password=OTHER_PASSWORD)


def test_thirty_days_in_the_browser_that_was_ticked(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-5, and B-1 on the code page and in the recent activity."""
    comes_in(house, here, phone, remember=True)
    here.open_security_settings()
    expect(region(here, "Devices")).to_contain_text("remembered until 31 January")
    before, after = just_before_and_after(house.clock() + 30 * DAY)
    here.sign_out()
    for days in (1, 9, 9):
        house.clock.forward(days * DAY)
        passes(here)
        is_asked(there, NEW)
    forward_to(house, before)
    passes(here)
    is_asked(there, NEW)
    forward_to(house, after)
    is_asked(here, "This device was remembered until 31 January.")
    gives_code(here, phone.code())
    here.open_security_settings()
    newest, *older = [line for line in lines_of(here, "Recent activity") if "Signed in" in line]
    assert "This device was remembered until 31 January." in newest
    assert [line for line in older[:4] if "This device is remembered until" not in line] == []


def test_thirty_days_then_seven_then_thirty_then_none_then_thirty(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-8 and CT-10: what was granted and what holds now, the smaller one; 0 ends it for good."""
    comes_in(house, here, phone, remember=True)
    first = house.clock()
    here.sign_out()
    house.clock.forward(6 * DAY)
    remembers_for(there, 7)
    there.sign_out()
    passes(here)
    comes_in(house, there, phone, remember=True)
    second = house.clock()
    there.sign_out()
    forward_to(house, first + 7 * DAY + SECOND)
    is_asked(here, "This device was remembered until 8 January.")
    passes(there)
    remembers_for(there, 30)
    there.sign_out()
    passes(here)
    before, after = just_before_and_after(second + 7 * DAY)
    forward_to(house, before)
    passes(there)
    forward_to(house, after)
    is_asked(there, "This device was remembered until 14 January.")
    passes(here)
    remembers_for(there, 0)
    is_asked(here, SWITCHED_OFF)
    expect(here.page.get_by_role("checkbox")).to_have_count(0)
    remembers_for(there, 30)
    is_asked(here, SWITCHED_OFF)
    expect(remember_box(here)).not_to_be_checked()
    gives_code(here, phone.code(), remember=True)
    given = house.clock()
    here.sign_out()
    remembers_for(there, 0)
    before, after = just_before_and_after(given + 5 * MINUTE)
    forward_to(house, before)
    passes(here)
    forward_to(house, after)
    is_asked(here, SWITCHED_OFF)


def test_off_asks_nobody_and_on_again_asks_everybody_once(
    house: House, phone: Phone, here: Window, there: Window
) -> None:
    """CT-11: keys stay; the five minutes end as well as the days."""
    comes_in(house, here, phone, remember=True)
    here.sign_out()
    house.clock.forward(DAY)
    comes_in(house, there, phone)
    there.sign_out()
    saves(there, mode="Off")
    there.sign_out()
    passes(here)
    there.sign_in()
    there.demand_home()
    there.open_security_settings()
    there.demand_text("Codes are not asked for at the moment: it is switched off here.")
    expect(there.button("Configure")).to_have_count(0)
    there.sign_out()
    saves(there, mode="Optional")
    there.sign_out()
    house.clock.forward(STEP)
    is_asked(here, SWITCHED_OFF)
    gives_code(here, phone.code(), remember=True)
    here.sign_out()
    passes(here)
    house.clock.forward(STEP)
    is_asked(there, NOT_TICKED)
    gives_code(there, phone.code())
