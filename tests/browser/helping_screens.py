"""The part of the walk through every screen (``screens.py``) in which an administrator helps a user
who cannot come in: a code for today, a pause, a removal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.windows import Window
from tests.helpers.administrators import path_of, user_of
from tests.helpers.house import PASSWORD, enrolled
from twostep.core.users import User

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def helping(walk: Walk) -> None:
    """Each dialog as it opens, what it says when something is missing, and what comes of it."""
    house = walk.house
    house.set(house.harbour, "two_step_verification", "optional")
    enrolled(house, "sam.ford")
    house.add("lee.moor", administrator=True)
    window, sam = walk.window(), user_of(house, "sam.ford")
    window.sign_in("lee.moor")
    window.demand_home()
    making_codes(walk, window, sam)
    pausing_one(walk, window, sam)
    removing(walk, window, sam)


def making_codes(walk: Walk, window: Window, sam: User) -> None:
    """**Help-desk code**."""
    path = path_of(sam, "help-desk-code")
    window.open(path)
    walk.stop("help-desk-code", window)
    window.send("Make the code")
    window.demand_text("Choose a reason.")
    window.field("Reason").select_option("forgot_phone")
    window.send("Make the code")
    window.demand_title("Code for today's work")
    walk.stop("help-desk-code-shown", window)
    window.open(path)
    walk.stop("help-desk-codes", window)
    window.press(window.link("Withdraw"))
    window.demand_title("Withdraw a code")
    walk.stop("help-desk-code-withdraw", window)
    window.send("Withdraw")
    window.demand_text("The code is withdrawn")


def pausing_one(walk: Walk, window: Window, sam: User) -> None:
    """**Pause**, and its end."""
    window.open(path_of(sam, "pause"))
    window.demand_title("Pause 2-step verification")
    walk.stop("pause", window)
    window.field("Reason").select_option("other")
    window.send("Pause")
    window.demand_text("The second step of this user is paused.")
    window.open(path_of(sam, "end-pause"))
    window.demand_title("End the pause now")
    walk.stop("end-pause", window)
    window.send("End the pause now")
    window.demand_text("The pause has ended")


def removing(walk: Walk, window: Window, sam: User) -> None:
    """**Remove 2-step Verification**, by password, with a wrong one first."""
    window.open(path_of(sam, "remove-two-step"))
    window.demand_title("Remove 2-step Verification")
    walk.stop("remove-two-step", window)
    window.field("Reason").select_option("lost_phone")
    window.write("Your own password", "not the password of lee")
    window.send("Turn off 2-step verification")
    window.demand_text("That is not your current password.")
    walk.stop("remove-two-step-wrong", window)
    window.write("Your own password", PASSWORD)
    window.send("Turn off 2-step verification")
    window.demand_text("2-Step Verification is turned off for this user.")
