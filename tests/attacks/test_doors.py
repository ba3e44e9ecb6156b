"""AC-16, R-06: every door to a proof has the same counter behind it.

That one function compares codes and one passwords, each with one caller, is held by
tests/house/test_one_mint.py. Here each door is tried from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, SET_UP_DONE, House, phone_from
from tests.helpers.http import Answer
from tests.helpers.owners import CODE, CONFIRM, an_owner
from tests.helpers.places import (
    Place,
    at_code,
    at_confirm,
    at_confirm_by_recovery,
    at_confirm_by_sent_code,
    at_help_desk_code,
    at_new_key,
    at_password,
    at_password_change,
    at_recovery,
    at_sent_code,
    at_set_up,
    at_verify,
    signed_in,
)
from tests.helpers.recorded import recorded
from tests.helpers.recovery import another
from twostep.core.audit import EventKind
from twostep.storage import tables
from twostep.web.cookies import SESSION

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]

WRONG_PASSWORD = "nobody has this one"
WRONG_CODE = "wrong code"
WRONG_RECOVERY_CODE = "wrong recovery code"
WRONG_HELP_DESK_CODE = "0000-0000"


def at_confirm_by_password(house: House) -> Place:
    """A fresh proof by somebody without a second step, with the right password typed in."""
    client = signed_in(house)
    house.clock.forward(6 * MINUTE)
    client.get("/")
    return Place(client, CONFIRM, {"act": "set-up", "password": PASSWORD}, page="/security")


def at_another_key(house: House) -> Place:
    """**Verify and Save** of a key in the place of another one, with the right code typed in."""
    place = at_new_key(house)
    phone = phone_from(place.client.follow(place.send()), house.clock)
    path = "/security/two-step"
    return Place(place.client, f"{path}/verify", {"code": phone.code()}, page=path)


DOORS: dict[str, tuple[Callable[[House], Place], str, str, str]] = {
    "sign-in": (at_password, "password", "password", WRONG_PASSWORD),
    "change of password": (at_password_change, "password", "current_password", WRONG_PASSWORD),
    "code": (at_code, "second_step", "code", WRONG_CODE),
    "a code that was sent": (at_sent_code, "second_step", "code", WRONG_CODE),
    "fresh proof by a code that was sent": (
        at_confirm_by_sent_code,
        "second_step",
        "code",
        WRONG_CODE,
    ),
    "set-up in a sign-in": (at_set_up, "second_step", "code", WRONG_CODE),
    "set-up in a session": (at_verify, "second_step", "code", WRONG_CODE),
    "another key": (at_another_key, "second_step", "code", WRONG_CODE),
    "fresh proof": (at_confirm, "second_step", "code", WRONG_CODE),
    "fresh proof of the password": (
        at_confirm_by_password,
        "password",
        "password",
        WRONG_PASSWORD,
    ),
    "recovery code": (at_recovery, "recovery_code", "recovery_code", WRONG_RECOVERY_CODE),
    "help-desk code": (
        at_help_desk_code,
        "help_desk_code",
        "help_desk_code",
        WRONG_HELP_DESK_CODE,
    ),
    "fresh proof by a recovery code": (
        at_confirm_by_recovery,
        "recovery_code",
        "recovery_code",
        WRONG_RECOVERY_CODE,
    ),
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
    if wrong == WRONG_RECOVERY_CODE:
        wrong = another(place.fields["recovery_code"])
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


def test_ac_16_tries_at_a_key_that_is_offered_are_counted_for_that_key(house: House) -> None:
    """AC-16: they are counted like all others; whoever makes them sees the key, so there is nothing
    to guess, and they are no tries at the user's own.
    """
    place = at_verify(house)
    for _ in range(5):
        knock(place, "code", WRONG_CODE)
    assert tried(house)["second_step", "failed"] == 5
    assert place.send().status == 403
    house.clock.forward(31 * SECOND)
    assert place.send().location == SET_UP_DONE


def test_ac_16_codes_of_sign_in_and_of_a_fresh_proof_are_one_counter(house: House) -> None:
    """AC-16: whoever guesses at sign-in has used up the tries of a stolen session as well."""
    owner = an_owner(house)
    client = owner.give_code(owner.browser())
    house.clock.forward(6 * MINUTE)
    inside = Place(client, CONFIRM, {"act": "turn-off", "code": owner.phone.code()}, "/security")
    for _ in range(5):
        outside = owner.browser()
        assert owner.first_step(outside).location == CODE
        outside.submit(outside.get(CODE), CODE, code=owner.phone.wrong_code())
    kept = client.cookies[SESSION]
    assert inside.send().status == 403
    assert client.cookies[SESSION] == kept


@pytest.mark.parametrize("act", ["turn-off", "new-key"])
def test_ac_16_no_act_takes_a_proof_at_a_door_of_its_own(house: House, act: str) -> None:
    """AC-16: whatever is sent along with it, right or wrong, is neither looked at nor counted."""
    owner = an_owner(house)
    client = owner.give_code(owner.browser())
    house.clock.forward(6 * MINUTE)
    csrf = client.get("/").form("/sign-out").fields["csrf"]
    before = tried(house)
    for code in (owner.phone.wrong_code(), owner.phone.code()):
        sent = {"csrf": csrf, "code": code, "password": PASSWORD, "current_password": PASSWORD}
        answer = client.post(f"/security/two-step/{act}", sent)
        assert answer.location == f"{CONFIRM}?act={act}"
    assert tried(house) == before
