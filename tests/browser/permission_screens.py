"""The part of permissions in the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.browser.windows import Window
from twostep.flows import break_glass, users

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def giving_permissions(walk: Walk, window: Window) -> None:
    """**Permissions**, giving one, giving one up, and the link of somebody who is locked out."""
    house = walk.house
    kim, ann = (users.find(house.installation, house.harbour, each) for each in NAMES)
    assert kim is not None and ann is not None
    path = f"/admin/users/{ann.id.hex()}/permissions"
    window.open("/admin/permissions")
    window.demand_title("Permissions")
    walk.stop("permissions", window)
    window.open(f"{path}/grant?permission=remove_two_step")
    window.demand_title("Give ann.lee a permission?", tab="Give a permission")
    walk.stop("permission-give", window)
    window.send("Give permission")
    window.demand_text("The permission is given.")
    walk.stop("permissions-of-a-user", window)
    window.open(f"/admin/users/{kim.id.hex()}/permissions/revoke?permission=audit")
    window.demand_title("Give up a permission?", tab="Give up a permission")
    walk.stop("permission-give-up", window)
    made = break_glass.make(house.installation, house.harbour, kim, even_if_others=True)
    assert isinstance(made, break_glass.Made)
    other = walk.window()
    other.open(urlsplit(made.address.reveal()).path)
    other.demand_title("Choose a new password")
    walk.stop("break-glass", other)


NAMES = ("kim.moss", "ann.lee")
"""Who gives, and to whom."""
