"""**Required**: from a day, from the next sign-in, and at once, as two people meet it.

The administrator works in the second browser.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.browser.phones import STEP
from tests.browser.screens import WINDOWS
from tests.browser.self_service_screens import MAC
from tests.browser.visits import comes_in, is_asked, passes, saves
from tests.browser.windows import Window
from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import House, enrolled

pytestmark = pytest.mark.browser

EVERYTHING_ELSE = (
    "/",
    "/security",
    "/security/password",
    "/security/two-step",
    "/security/recovery-codes",
    "/security/confirm?act=set-up",
    "/admin/properties",
    "/sign-in/code",
    "/sign-in/recovery",
    "/sign-in/another-way",
    "/sign-in/new-password",
)


@pytest.fixture
def here(harbour: str, windows: Windows) -> Window:
    """Bo's browser."""
    return windows(harbour, user_agent=WINDOWS)


@pytest.fixture
def there(harbour: str, windows: Windows) -> Window:
    """The administrator's, and Ann's."""
    return windows(harbour, user_agent=MAC)


def test_required_from_a_day_on_and_then_at_the_next_sign_in(
    house: House, here: Window, there: Window, tmp_path: Path
) -> None:
    """CT-12 and B-3: announced to those it will meet; sessions finish; then held at any path."""
    house.add("boss", administrator=True)
    house.add("bo")
    ann = enrolled(house)
    saves(there, mode="Required", Required_from="2026-01-03")
    there.sign_out()
    comes_in(house, there, ann, remember=True)
    there.demand_no_text("You need a second step")
    there.sign_out()
    here.sign_in("bo")
    here.demand_text("You need a second step from 3 January on")
    here.demand_text("Harbour Clinic will then require 2-Step Verification.")
    here.sign_out()
    house.clock.forward(2 * DAY - 30 * MINUTE)
    here.sign_in("bo")
    here.demand_home()
    house.clock.forward(40 * MINUTE)
    here.open("/security")
    here.demand_title("Security Settings")
    passes(there)
    house.clock.forward(10 * MINUTE)
    here.page.reload()
    here.demand_title("Security Settings")
    here.sign_out()
    here.sign_in("bo", at="/security")
    here.demand_title("Set up 2-step verification")
    for path in EVERYTHING_ELSE:
        here.open(path)
        assert here.page.url.removeprefix(here.origin).startswith("/sign-in"), path
        expect(here.button("Sign out")).to_have_count(0)
    here.open("/sign-in/set-up")
    phone = here.scan(tmp_path, house.clock)
    here.verify_and_save(phone.code())
    here.demand_at("/security")
    here.sign_out()
    house.clock.forward(HOUR)
    is_asked(here, "You did not ask to have this device remembered", "bo")
    here.give_code(phone.code())
    here.demand_home()


def test_required_at_once_takes_live_sessions_to_their_second_step_and_back(
    house: House, here: Window, there: Window, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """CT-12: whoever is signed in goes on where they were, after a code or after set-up."""
    house.add("boss", administrator=True)
    house.add("bo")
    house.add("cy")
    ann = enrolled(house)
    comes_in(house, there, ann, remember=True)
    there.sign_out()
    house.clock.forward(DAY)
    late = windows(harbour)
    late.sign_in("cy")
    late.demand_home()
    house.clock.forward(20 * MINUTE)
    there.sign_in()
    there.demand_home()
    here.sign_in("bo")
    here.demand_home()
    boss = windows(harbour)
    saves(boss, mode="Required")
    there.open("/security")
    there.demand_title("Security Settings")
    here.open("/security")
    here.demand_title("Security Settings")
    house.clock.forward(MINUTE)
    saves(boss, at_once=True)
    boss.demand_title("Set up 2-step verification")
    house.clock.forward(STEP)
    there.open("/security/recovery-codes")
    there.demand_title("Enter your code")
    there.demand_text(
        "2-Step Verification is required here now, also for people who are signed in."
    )
    there.give_code(ann.code())
    there.demand_at("/security/recovery-codes")
    there.demand_title("Recovery codes")
    here.page.reload()
    here.demand_title("Set up 2-step verification")
    here.demand_text("After this step you go on where you were.")
    here.open("/")
    here.demand_title("Sign in")
    here.open("/sign-in/set-up")
    phone = here.scan(tmp_path, house.clock)
    here.verify_and_save(phone.code())
    here.demand_at("/security")
    # Whoever signed in long ago has no fresh password, and a screen left open enrols nobody.
    late.open("/security")
    late.demand_title("Sign in")
    late.demand_text("Please sign in again; you will then set it up.")
    late.give_password("cy")
    late.demand_title("Set up 2-step verification")
    there.sign_out()
    passes(there)
