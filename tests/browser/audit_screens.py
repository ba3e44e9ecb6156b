"""The audit log's part of the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.windows import Window

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def auditing(walk: Walk, window: Window) -> None:
    """**Audit log**, one event of it, and the report of a day, for an administrator."""
    window.open("/admin/audit")
    window.demand_title("Audit log")
    walk.stop("audit", window)
    window.page.get_by_label("What happened").select_option("settings")
    window.send("Show")
    walk.stop("audit-filtered", window)
    window.page.get_by_role("link", name="changed the property").first.click()
    window.demand_title("Event")
    walk.stop("audit-event", window)
    window.open("/admin/audit?what=service&to=2001-01-01")
    walk.stop("audit-none", window)
    window.write("Done by", "nobody")
    window.send("Show")
    walk.stop("audit-wrong", window)
    window.open("/admin/report")
    window.demand_title("Report for a day")
    walk.stop("report", window)
