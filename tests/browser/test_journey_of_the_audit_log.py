"""Somebody who may read the audit log: who removed Ann's second step, the files, and the report."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, enrolled
from twostep.core.audit import EventKind, Visitor
from twostep.core.permissions import Permission
from twostep.flows import audit, permissions, users

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES_OF_AUDIT")
REMOVED = "bo removed the 2-step verification of ann, by a second step of their own."


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    for width in (320, 390, 1280):
        window.page.set_viewport_size({"width": width, "height": 780})
        assert not wider_than_its_window(window.page), name
        if PICTURES:
            window.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    window.page.set_viewport_size({"width": 390, "height": 780})
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name


def removal(house: House) -> None:
    """Bo has removed Ann's second step, as the log has it."""
    bo = house.add("bo")
    enrolled(house, "ann")
    ann = users.find(house.installation, house.harbour, "ann")
    assert ann is not None
    now, ann_id = house.clock.forward(MINUTE), ann.id
    house.installation.database.write(
        lambda connection: audit.record(
            connection,
            house.installation,
            EventKind.TWO_STEP_REMOVED,
            environment_id=house.harbour.id,
            now=now,
            actor=bo.id,
            target=ann_id,
            visitor=Visitor(address="203.0.113.7", browser="Firefox on Linux"),
            reason="lost_phone",
            proven_by="second_step",
        )
    )
    house.clock.forward(MINUTE)


def auditor(house: House, window: Window) -> None:
    """Kim, who holds no other permission, on the page."""
    kim = house.add("kim")
    permissions.grant(house.installation, house.harbour, kim, Permission.AUDIT)
    window.sign_in("kim")
    window.demand_home()
    window.page.get_by_text("User settings").click()
    window.press(window.link("Audit log"))
    window.demand_title("Audit log")


def test_who_removed_a_second_step_is_found_in_three_clicks(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    """B-9, by keyboard and eye, on a phone too."""
    removal(house)
    window = windows(str(house.harbour.primary))
    auditor(house, window)
    demand_fit(window, "audit")
    window.write("Done to", "ann")
    window.page.get_by_label("What happened").select_option("two-step")
    window.send("Show")
    expect(window.page.get_by_role("heading", name="Events that fit")).to_be_visible()
    assert "ann" not in window.page.url.partition("?")[2].replace("two-step", "")
    demand_fit(window, "audit-filtered")
    with window.page.expect_download() as taken:
        window.link("Spreadsheet (CSV)").click()
    file = tmp_path / "events.csv"
    taken.value.save_as(file)
    assert REMOVED in file.read_text(encoding="utf-8")
    window.press(window.link(f"{REMOVED} Reason: the phone is lost."))
    window.demand_title("Event")
    window.demand_text("203.0.113.7")
    demand_fit(window, "audit-event")


def test_the_report_of_a_day_says_who_had_a_second_step(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    removal(house)
    window = windows(str(house.harbour.primary))
    auditor(house, window)
    window.press(window.link("Report for a day"))
    window.demand_title("Report for a day")
    window.demand_text(REMOVED)
    demand_fit(window, "report")
    with window.page.expect_download() as taken:
        window.link("Everybody, as a spreadsheet (CSV)").click()
    file = tmp_path / "report.csv"
    taken.value.save_as(file)
    assert "ann,None," in file.read_text(encoding="utf-8")


def test_a_name_that_nobody_has_is_said_beside_its_field(house: House, windows: Windows) -> None:
    window = windows(str(house.harbour.primary))
    auditor(house, window)
    window.write("Done by", "nobody")
    window.send("Show")
    window.demand_text("There is no user of this name here.")
    expect(window.page.get_by_label("Done by")).to_be_focused()
    demand_fit(window, "audit-wrong")
