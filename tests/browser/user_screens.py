"""The page of one user and its dialogs, in the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.desk import path_of
from tests.helpers.house import PASSWORD
from tests.helpers.letters import another_code, last_code
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows import users
from twostep.flows.contact_entries import set_for_user

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def answering_calls(walk: Walk) -> None:
    """From the page of a user through its dialogs, with somebody on the telephone."""
    house = walk.house
    house.add("noa.diaz", administrator=True)
    ann = users.find(house.installation, house.harbour, "ann.lee")
    assert ann is not None
    address = "ann.lee@northside.example"
    set_for_user(house.installation, ann, ContactKind.EMAIL, address, language="en")
    window = walk.window()
    window.sign_in("noa.diaz")
    window.demand_home()
    window.open(path_of(ann))
    window.demand_title("ann.lee", tab="User")
    walk.stop("user", window)
    window.page.get_by_text("More", exact=True).click()
    walk.stop("user-menu", window)
    checking(walk, window)
    for act, title in (
        ("unlock", "Unlock ann.lee?"),
        ("end-sessions", "Sign ann.lee out everywhere?"),
        ("forget-devices", "Forget the devices of ann.lee?"),
        ("disable", "Disable ann.lee?"),
    ):
        window.open(path_of(ann, act))
        window.demand_title(title, tab=_tab_of(act))
        walk.stop(f"user-{act}", window)
    editing(walk, window, ann)


def checking(walk: Walk, window: Window) -> None:
    """**Check caller**, with a proof that became old, a wrong code and the right one."""
    walk.forward(6 * MINUTE, window)
    window.link("Check caller").click()
    window.demand_title("Is it ann.lee who is calling?", tab="Check caller")
    walk.stop("check-caller", window)
    window.write("Your own password", PASSWORD)
    window.send("Send code")
    window.demand_text("Ask the caller to read it to you")
    code = last_code(walk.house.installation, MessageKind.CHECK_CALLER)
    window.write("Code that the caller reads", another_code(code))
    window.send("Compare")
    window.demand_text("4 tries left.")
    walk.stop("check-caller-wrong", window)
    window.write("Code that the caller reads", code)
    window.send("Compare")
    window.demand_text("The caller read the right code.")
    walk.stop("user-checked", window)


def editing(walk: Walk, window: Window, user: User) -> None:
    """Names and an address, each with something wrong."""
    window.open(path_of(user, "edit"))
    window.demand_title("Edit ann.lee", tab="Edit a user")
    window.write("User name", "noa.diaz")
    window.send("Save")
    window.demand_text("There is a user of that name already.")
    walk.stop("user-edit-wrong", window)
    window.open(path_of(user, "addresses/email"))
    window.demand_title("Email address of ann.lee", tab="Enter an address")
    window.write("Email address", "not an address")
    window.send("Save")
    window.demand_text("This is not one email address.")
    walk.stop("user-address-wrong", window)
    window.open(path_of(user, "addresses/email/remove"))
    window.demand_text("No codes and no notices go there any more.")
    walk.stop("user-address-remove", window)


def _tab_of(act: str) -> str:
    return {
        "unlock": "Unlock a user",
        "end-sessions": "End sessions",
        "forget-devices": "Forget devices",
        "disable": "Disable a user",
    }[act]
