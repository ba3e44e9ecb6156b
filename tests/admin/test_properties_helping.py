"""**System Properties**: what holds when administrators help (AC-34, D-08)."""

from __future__ import annotations

import re

import pytest

from tests.helpers.house import House
from tests.helpers.http import Client
from tests.helpers.properties import PATH, administrator, fields_of
from twostep.core.properties import effective, find
from twostep.flows import properties

CODE, NEED = "set_up_code_after_removal", "administrators_need_two_step"


@pytest.fixture
def boss(house: House) -> Client:
    """An administrator's browser."""
    return administrator(house, "boss")


def holds(house: House, name: str) -> str:
    return effective(properties.stored_of(house.installation, house.harbour.id), name).value


def test_by_default_a_set_up_code_is_asked_and_the_password_is_enough_for_administrators(
    boss: Client,
) -> None:
    page = boss.get(PATH)
    assert fields_of(page)[CODE] == "yes"
    assert NEED not in fields_of(page)
    assert "the audit log and the mail to the user say so. Default: no." in page.text


def test_both_are_ticks_that_are_saved(house: House, boss: Client) -> None:
    fields = boss.get(PATH).form(PATH).fields
    del fields[CODE]
    assert boss.post(PATH, fields | {NEED: "yes"}).location == f"{PATH}?said=saved"
    assert (holds(house, CODE), holds(house, NEED)) == ("no", "yes")
    assert "changed by boss" in boss.get(PATH).text


def test_a_tick_that_the_floor_holds_is_shown_so_and_is_in_nobodys_way(
    house: House, boss: Client
) -> None:
    properties.set_floor(house.installation, find(CODE), "yes")
    page = boss.get(PATH)
    box = re.search(rf'<input type="checkbox" id="{CODE}"[^>]*>', page.text)
    assert box is not None
    assert "checked" in box[0]
    assert "disabled" in box[0]
    fields = page.form(PATH).fields | {"session_hours": "8"}
    assert boss.post(PATH, fields).location == f"{PATH}?said=saved"
    assert (holds(house, CODE), holds(house, "session_hours")) == ("yes", "8")
    del fields[CODE]
    assert "The installation asks for something stricter." in boss.post(PATH, fields).text
    assert holds(house, CODE) == "yes"
