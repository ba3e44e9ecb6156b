"""AC-16, R-06: every door to a proof has the same counter behind it.

That one function compares codes and one passwords, each with one caller, is held by
tests/house/test_one_mint.py. Here each door is tried from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.helpers.clocks import SECOND
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House
from tests.helpers.http import Answer
from tests.helpers.places import (
    Place,
    at_code,
    at_password,
    at_password_change,
    at_set_up,
    at_verify,
    signed_in,
)
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.storage import tables
from twostep.web.cookies import SESSION

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

WRONG_PASSWORD = "nobody has this one"
WRONG_CODE = "wrong code"

DOORS: dict[str, tuple[Callable[[House], Place], str, str, str]] = {
    "sign-in": (at_password, "password", "password", WRONG_PASSWORD),
    "change of password": (at_password_change, "password", "current_password", WRONG_PASSWORD),
    "code": (at_code, "second_step", "code", WRONG_CODE),
    "set-up in a sign-in": (at_set_up, "second_step", "code", WRONG_CODE),
    "set-up in a session": (at_verify, "second_step", "code", WRONG_CODE),
}
"""Where the door is, which counter it must use, and the field that holds the proof."""


def tried(house: House) -> Counter[tuple[str, str]]:
    """How many tries of each purpose are in each state."""
    rows = house.installation.database.read(
        lambda connection: connection.execute(
            select(tables.attempts.c.purpose, tables.attempts.c.state)
        ).all()
    )
    return Counter((row.purpose, row.state) for row in rows)


def knock(place: Place, field: str, wrong: str) -> Answer:
    """A wrong proof; a code that differs from the right one in one digit is as wrong as any."""
    if wrong == WRONG_CODE:
        right = place.fields["code"]
        wrong = f"{right[:5]}{(int(right[5]) + 5) % 10}"
    fields = {"csrf": place.csrf} | dict(place.fields) | {field: wrong}
    return place.client.post(place.path, fields)


@pytest.mark.parametrize("door", DOORS)
def test_ac_16_each_wrong_proof_is_counted_at_every_door(house: House, door: str) -> None:
    """AC-16, R-06: one try for each, until the fifth closes the door to the right one as well."""
    make, purpose, field, wrong = DOORS[door]
    place = make(house)
    before = tried(house)
    for number in range(1, 6):
        answer = knock(place, field, wrong)
        assert answer.status in {303, 403}
        assert tried(house)[purpose, "failed"] - before[purpose, "failed"] == number
    told = [
        event
        for environment in (house.harbour, house.northside)
        for event in recorded(house.installation, environment, EventKind.LOCKOUT_BEGUN)
    ]
    assert len(told) == 1, "a pause that began here is not in the log"
    cookies = dict(place.client.cookies)
    if place.client.get(place.page or place.path).status == 200:
        assert place.send().status in {303, 403}
    assert place.client.cookies == cookies, "the right proof changed something during a pause"
    house.clock.forward(30 * SECOND)


def test_ac_16_a_pause_that_begins_at_one_door_closes_the_other(house: House) -> None:
    """AC-16: passwords at sign-in and in Security Settings."""
    client, outside = signed_in(house, "ann"), house.client()
    typed = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    inside = Place(client, "/security/password", typed)
    page = outside.get("/sign-in")
    for _ in range(3):
        outside.submit(page, "/sign-in", user_name="ann", password=WRONG_PASSWORD)
    for _ in range(2):
        inside.send(current_password=WRONG_PASSWORD)
    outside.submit(page, "/sign-in", user_name="ann", password=PASSWORD)
    assert SESSION not in outside.cookies
    kept = inside.client.cookies[SESSION]
    assert inside.send().status == 403
    assert inside.client.cookies[SESSION] == kept


def test_ac_16_codes_of_set_up_and_of_sign_in_are_one_counter(house: House) -> None:
    """AC-16: tries at a key that is only offered are counted with all others."""
    place = at_verify(house)
    for _ in range(4):
        knock(place, "code", WRONG_CODE)
    found = tried(house)
    assert found["second_step", "failed"] == 4
    done = place.send()
    assert done.location == "/security?said=set-up-done"
    assert tried(house)["second_step", "forgiven"] == 4
