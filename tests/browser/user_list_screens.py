"""**User Management**'s part of the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.windows import Window

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def finding_users(walk: Walk, window: Window) -> None:
    """From the menu to a search, a filter, and nobody."""
    window.open("/")
    window.page.get_by_text("User settings").click()
    window.link("User Management").click()
    window.demand_title("User Management")
    walk.stop("users", window)
    window.write("Search", "LEE")
    window.page.get_by_text("Only some of them").click()
    window.page.get_by_label("2-step verification").select_option("set-up")
    window.send("Show")
    window.demand_text("Who was found")
    walk.stop("users-found", window)
    window.write("Search", "nobody of that name")
    window.send("Show")
    window.demand_text("Nobody was found")
    walk.stop("users-nobody-found", window)
    window.link("Show everybody").click()
    window.demand_title("User Management")
