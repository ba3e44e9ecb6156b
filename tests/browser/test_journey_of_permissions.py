"""CT-14: the operator gives the first permission, its holder gives it on, and whoever got it uses
it; what one does not hold is neither offered nor taken by hand. In browsers of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from typer.testing import CliRunner

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.visits import comes_in, passes
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD, House, enrolled
from twostep.cli.commands import app
from twostep.cli.opening import Operator
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permissions, users

pytestmark = pytest.mark.browser

NAME = "Remove 2-Step Verification Admin Access"
PICTURES = os.environ.get("PICTURES_OF_PERMISSIONS")
STEP_AND_MORE = 6 * MINUTE


def on_the_server(house: House, folder: Path, *arguments: str) -> str:
    """A command, with the clock of the test."""
    words = ["--data-dir", str(folder), *arguments, "-e", "Harbour Clinic"]
    done = CliRunner().invoke(app, words, obj=Operator(clock=house.clock))
    assert done.exit_code == 0, done
    return done.stdout


def user(house: House, name: str) -> User:
    found = users.find(house.installation, house.harbour, name)
    assert found is not None
    return found


def path_of(house: House, name: str) -> str:
    return f"/admin/users/{user(house, name).id.hex()}/permissions"


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    for width in (320, 1280):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page), name
        if PICTURES:
            window.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name


def refused_by_hand(window: Window, house: House, of: str, permission: Permission) -> None:
    """The dialog's address, and its form with the token of this session."""
    path = f"{path_of(house, of)}/grant"
    window.open(f"{path}?permission={permission}")
    window.demand_title("This is not open to you")
    window.open("/")
    token = window.page.locator('form[action="/sign-out"] input[name="csrf"]').input_value()
    status = window.page.evaluate(
        """async ([path, token, permission]) => (await fetch(path, {method: "POST",
             body: new URLSearchParams({csrf: token, permission: permission})})).status""",
        [path, token, permission.value],
    )
    assert status == 403


def test_ct_14_a_permission_goes_from_the_operator_to_a_holder_to_whoever_uses_it(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """CT-14, CT-13: Kim has an app and is asked for a code; Lou has none, and is asked for the
    password.
    """
    phone = enrolled(house, "kim")
    enrolled(house, "ann")
    house.add("lou")
    kim, lou = windows(harbour), windows(harbour)
    lou.sign_in("lou")
    lou.demand_home()
    lou.page.get_by_text("User settings").click()
    expect(lou.link("Permissions")).to_have_count(0)
    refused_by_hand(lou, house, "ann", Permission.REMOVE_TWO_STEP)

    said = on_the_server(house, tmp_path, "permission", "grant", "kim", "remove-two-step")
    assert said == "kim now has: remove_two_step.\n"
    comes_in(house, kim, phone, "kim")
    kim.page.get_by_text("User settings").click()
    kim.press(kim.link("Permissions"))
    kim.demand_title("Permissions")
    region = kim.page.get_by_role("region", name="Who may do what")
    expect(region).to_contain_text("given by the operator")
    demand_fit(kim, "permissions")
    gives(kim, house, phone.code)
    house.clock.forward(MINUTE)

    lou.open("/")
    lou.page.get_by_text("User settings").click()
    lou.press(lou.link("Permissions"))
    expect(lou.page.get_by_role("region", name="Who may do what")).to_contain_text("given by kim")
    uses(lou, house)
    passes(windows(harbour), "ann")


def gives(kim: Window, house: House, code: Callable[[], str]) -> None:
    """Six minutes later, so that the dialog asks for a code."""
    house.clock.forward(STEP_AND_MORE)
    kim.open(path_of(house, "lou"))
    kim.demand_title("Permissions of lou", tab="Permissions of a user")
    expect(kim.page.get_by_role("link", name="Give", exact=False)).to_have_count(1)
    demand_fit(kim, "permissions-of-a-user")
    kim.press(kim.page.get_by_role("link", name=f"Give {NAME}"))
    kim.demand_title("Give lou a permission?", tab="Give a permission")
    kim.demand_text("lou is told by email, and so is everybody who manages users.")
    kim.write("Your own code", code())
    demand_fit(kim, "permission-give")
    kim.send("Give permission")
    kim.demand_text("The permission is given.")
    expect(kim.page.get_by_role("region", name="What they may do")).to_contain_text("given by kim")


def uses(lou: Window, house: House) -> None:
    """Lou removes Ann's second step, which is what the permission is for."""
    lou.open(f"/admin/users/{user(house, 'ann').id.hex()}/remove-two-step")
    lou.demand_title("Remove 2-step Verification")
    lou.page.get_by_label("Reason").select_option("lost_phone")
    lou.write("Your own password", PASSWORD)
    lou.send("Turn off 2-step verification")
    expect(lou.page).to_have_url(re.compile("said="))


def test_ct_14_what_one_does_not_hold_is_not_offered_and_not_taken_by_hand(
    house: House, harbour: str, windows: Windows
) -> None:
    """AC-75: by somebody who holds another permission."""
    kim, _ = house.add("kim"), house.add("ann")
    permissions.grant(house.installation, house.harbour, kim, Permission.AUDIT)
    window = windows(harbour)
    window.sign_in("kim")
    window.demand_home()
    window.open(path_of(house, "ann"))
    offered = window.page.get_by_role("region", name="What you can give them")
    expect(offered).to_contain_text("Read the audit log")
    expect(offered).not_to_contain_text(NAME)
    refused_by_hand(window, house, "ann", Permission.REMOVE_TWO_STEP)
    refused_by_hand(window, house, "kim", Permission.AUDIT)
    ann = user(house, "ann")
    assert not permissions.held_by(house.installation, house.harbour, ann)
