"""What people do on many days: come back, are asked or not, and change what an environment asks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, expect

from tests.browser.phones import STEP
from tests.browser.phones import Phone as ScannedPhone
from tests.browser.windows import Window
from tests.helpers.clocks import SECOND
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, Phone

PROPERTIES = "/admin/properties"

AnyPhone = Phone | ScannedPhone


def passes(window: Window, name: str = "ann", password: str = PASSWORD) -> None:
    """The password alone is enough in this browser; then the person signs out."""
    window.sign_in(name, password)
    window.demand_home()
    window.sign_out()


def is_asked(window: Window, why: str, name: str = "ann", password: str = PASSWORD) -> None:
    """A code is asked in this browser, and the page says why."""
    window.sign_in(name, password)
    window.demand_title("Enter your code")
    window.demand_text("Why am I asked?")
    window.demand_text(why)


def remember_box(window: Window) -> Locator:
    """The tick on the code page."""
    return window.page.get_by_role("checkbox", name=re.compile("^Remember this device for "))


def gives_code(window: Window, code: str, *, remember: bool = False) -> None:
    """On the code page, up to the home page."""
    if remember:
        remember_box(window).check()
    window.give_code(code)
    window.demand_home()


def comes_in(
    house: House, window: Window, phone: AnyPhone, name: str = "ann", *, remember: bool = False
) -> None:
    """Sign in with a password and a code, which is a new one."""
    house.clock.forward(STEP)
    window.sign_in(name)
    window.demand_title("Enter your code")
    gives_code(window, phone.code(), remember=remember)


def forward_to(house: House, moment: int) -> None:
    """Let time pass until then."""
    assert moment > house.clock()
    house.clock.forward(moment - house.clock())


def just_before_and_after(moment: int) -> tuple[int, int]:
    """A second before it, and a second after it."""
    return moment - SECOND, moment + SECOND


def region(window: Window, name: str) -> Locator:
    """A card of Security Settings."""
    return window.page.get_by_role("region", name=name, exact=True)


def lines_of(window: Window, name: str) -> Sequence[str]:
    """The lines of a list of Security Settings, as their person reads them."""
    found = region(window, name).get_by_role("listitem").all_inner_texts()
    return [" ".join(text.split()) for text in found]


def changes_password(window: Window, new: str = OTHER_PASSWORD, *, old: str = PASSWORD) -> None:
    """Signed in, and with a fresh proof."""
    window.open("/security/password")
    window.demand_title("Change your password")
    window.write("Current password", old)
    window.write("New password", new)
    window.send("Save")
    window.demand_text("Your new password is saved.")


def saves(
    boss: Window,
    name: str = "boss",
    *,
    mode: str | None = None,
    at_once: bool = False,
    **fields: str,
) -> None:
    """An administrator opens System Properties, signing in where the session is over, and saves.

    ``fields`` are labels, with an underscore for each blank.
    """
    boss.open(PROPERTIES)
    expect(boss.page.get_by_role("heading", level=1)).to_have_text(
        re.compile("^(Sign in|Is it you[?]|System Properties)$")
    )
    heading = boss.page.get_by_role("heading", level=1).inner_text()
    if heading == "Sign in":
        boss.give_password(name)
    elif heading == "Is it you?":
        boss.write("Password", PASSWORD)
        boss.send("Verify")
    boss.demand_title("System Properties")
    if mode is not None:
        boss.page.get_by_label(mode, exact=True).check()
    if at_once:
        boss.page.get_by_label("At once, also for people who are signed in").check()
    for label, text in fields.items():
        boss.write(label.replace("_", " "), text)
    boss.send("Save")
    if mode == "Off":
        boss.demand_title("Switch off 2-Step Verification?")
        boss.send("Switch off")
    if not at_once:
        boss.demand_text("Saved.")


def remembers_for(boss: Window, days: int) -> None:
    """Days to Remember Device, saved."""
    saves(boss, Days_to_Remember_Device=str(days))


def send_raw(window: Window, action: str, **fields: str) -> int:
    """Send a form that no page offers, with the token of this session; the status of the answer.

    From a page of somebody who is signed in.
    """
    with window.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        window.page.evaluate(_SEND, [action, fields])
    return answered.value.status


_SEND = """
([action, fields]) => {
  const form = document.querySelector("form[action='/sign-out']");
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    Object.assign(field, {type: "hidden", name, value});
    form.append(field);
  }
  form.submit();
}
"""


def forward_a_step(house: House) -> None:
    """Until every app shows its next code."""
    house.clock.forward(STEP)
