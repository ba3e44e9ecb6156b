"""A copied cookie, and what ends remembering: AC-22 to AC-26, R-01, R-04.

What a person sees of devices stands in tests/pages/test_devices.py, and any order of acts at all in
tests/flows/test_devices.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import OTHER_PASSWORD, House, set_up, sign_in
from tests.helpers.owners import (
    CODE,
    Owner,
    an_owner,
    another_address,
    changed_password,
    device_cookies,
    device_rows,
    device_token,
    disabled_and_enabled,
    forgotten_with_the_others,
    new_key,
    no_days_and_thirty,
    own_address_changed,
    replace_key,
    sign_out,
    switched_off_and_on,
    turn_off_and_set_up,
    turned_off_and_set_up,
)
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Owner:
    return an_owner(house)


# --- a copied cookie


def test_ac_22_a_forgotten_device_has_no_tries_of_its_own(house: House, owner: Owner) -> None:
    """AC-22: only a browser that the account knows is not shut out with the strangers."""
    known, lost = owner.remembered(), owner.remembered()
    here = owner.give_code(owner.browser())
    page = here.get("/security")
    for form in page.forms():
        if form.action == "/security/devices/forget" and form.fields["device"] != "others":
            devices = device_rows(house)
            if devices[form.fields["device"]] == device_token(lost):
                here.post(form.action, form.fields)
    for _ in range(6):
        sign_in(house.client(), owner.name, OTHER_PASSWORD)
    assert owner.first_step(lost).status == 403
    assert not owner.asked(known)


@pytest.mark.parametrize("act", ["new-key", "turn-off", "password"])
def test_ac_23_a_stolen_cookie_with_the_password_changes_nothing_of_the_account(
    owner: Owner, act: str
) -> None:
    """AC-23, AC-30, R-19: it is let in at level 1r, and every act that matters asks for a code."""
    thief = owner.remembered().twin()
    assert owner.first_step(thief).location == "/"
    if act == "password":
        answer = thief.get("/security/password")
    else:
        answer = thief.submit(thief.get("/security/two-step"), f"/security/two-step/{act}")
    assert answer.location == f"/security/confirm?act={act.replace('_', '-')}"
    page = thief.follow(answer)
    assert 'name="code"' in page.text
    assert 'name="password"' not in page.text
    assert thief.submit(page, "/security/confirm", code="000000").status == 403


@pytest.mark.parametrize("tick", [True, False])
def test_ac_24_two_people_in_one_browser_are_two_devices(house: House, tick: bool) -> None:
    """AC-24, AC-30: both orders; neither's cookie, nor its value under the other's name, helps."""
    ann, bo = an_owner(house), an_owner(house)
    shared = house.client()
    sign_out(ann.give_code(shared, tick=tick))
    assert bo.asked(shared)
    sign_out(bo.give_code(shared, tick=tick))
    assert not ann.asked(shared)
    assert not bo.asked(shared)
    cookies = device_cookies(shared)
    assert len(cookies) == 2
    swapped = dict(zip(cookies, reversed(cookies.values()), strict=True))
    thief = house.client()
    thief.cookies.update(swapped)
    assert ann.asked(thief)
    assert bo.asked(thief)
    assert device_cookies(thief) == swapped


def test_ac_25_a_cookie_of_another_environment_helps_under_no_name(house: House) -> None:
    """AC-25: the name is the right one of that environment, the value the right one of this."""
    here = an_owner(house)
    house.set(house.northside, "two_step_verification", "optional")
    house.add(here.name, house.northside)
    there_client = house.client(house.northside)
    sign_in(there_client, here.name)
    (name,) = device_cookies(there_client)
    (value,) = device_cookies(here.remembered()).values()
    house.set(house.northside, "two_step_verification", "required")
    thief = house.client(house.northside)
    thief.cookies[name] = value
    assert sign_in(thief, here.name).location == "/sign-in/set-up"


def old_tokens(house: House) -> int:
    """How often the log says that a token was shown whose successor had been seen."""
    return len(recorded(house.installation, house.harbour, EventKind.DEVICE_OLD_TOKEN))


@pytest.mark.parametrize("sign_ins", [1, 2, 5])
def test_r_04_an_old_token_is_asked_and_told_of_each_time_and_its_owner_goes_on(
    house: House, owner: Owner, sign_ins: int
) -> None:
    """R-04: however often it was replaced since. No alarm, and nobody is signed out: a restored tab
    looks the same.
    """
    here = owner.remembered()
    copy = here.twin()
    for _ in range(sign_ins):
        assert not owner.asked(here)
    assert owner.first_step(here).location == "/"
    told = old_tokens(house)
    for times in (1, 2):
        assert owner.asked(copy)
        assert old_tokens(house) == told + times
    assert here.get("/").status == 200
    sign_out(here)
    assert not owner.asked(here)
    assert old_tokens(house) == told + 2


@pytest.mark.both_databases
def test_r_04_a_token_is_old_once_its_successor_was_shown_with_a_wrong_password(
    house: House, owner: Owner
) -> None:
    """R-04: whoever shows it has received it."""
    here = owner.remembered()
    copy = here.twin()
    assert not owner.asked(here)
    told = old_tokens(house)
    assert sign_in(here, owner.name, OTHER_PASSWORD).status == 403
    assert old_tokens(house) == told
    assert owner.asked(copy)
    assert old_tokens(house) == told + 1


def test_r_04_a_thief_who_comes_first_is_told_of(house: House, owner: Owner) -> None:
    """R-04: by the owner's next sign-in, where the copy was used twice; and by the thief's next,
    where it was used once, which looks like a lost answer.
    """
    here = owner.remembered()
    once = here.twin()
    assert not owner.asked(once)
    assert not owner.asked(here)
    told = old_tokens(house)
    assert owner.asked(once)
    assert old_tokens(house) == told + 1
    twice = here.twin()
    assert not owner.asked(twice)
    assert not owner.asked(twice)
    assert owner.asked(here)
    assert old_tokens(house) == told + 2


def test_r_04_a_forgotten_device_and_another_persons_cookie_are_no_old_tokens(
    house: House, owner: Owner
) -> None:
    """R-04: the first is known to be gone; the second is not looked at."""
    away, other = owner.remembered(), an_owner(house)
    forgotten_with_the_others(owner)
    told = old_tokens(house)
    assert owner.asked(away)
    assert other.asked(away)
    assert other.asked(other.browser())
    assert old_tokens(house) == told


@pytest.mark.parametrize("tick", [True, False])
def test_r_01_nothing_lasting_is_given_before_the_second_step(owner: Owner, tick: bool) -> None:
    """R-01: neither by the password nor by a wrong code nor by giving up, whatever was ticked."""
    client = owner.browser()
    assert owner.first_step(client).location == CODE
    ticked = {"remember": "1"} if tick else {}
    page = client.submit(client.get(CODE), CODE, code=owner.phone.wrong_code(), **ticked)
    assert page.status == 403
    assert device_cookies(client) == {}
    client.submit(page, "/sign-in/cancel")
    assert device_cookies(client) == {}
    assert device_cookies(owner.give_code(client, tick=tick)) != {}


# --- what ends remembering


@pytest.mark.parametrize(
    "event",
    [
        changed_password,
        new_key,
        turned_off_and_set_up,
        disabled_and_enabled,
        another_address,
        own_address_changed,
        forgotten_with_the_others,
        switched_off_and_on,
        no_days_and_thirty,
    ],
)
def test_ac_26_remembering_ends_everywhere_else_with(
    owner: Owner, event: Callable[[Owner], None]
) -> None:
    """AC-26, AC-27, AC-29, R-05, I-3: and a copy of the cookie from before is worth as little."""
    away = owner.remembered()
    copy = away.twin()
    event(owner)
    owner.house.clock.forward(5 * MINUTE)
    assert owner.asked(away)
    assert owner.asked(copy)
    sign_out(owner.give_code(away, tick=True))
    assert not owner.asked(away)


def test_ac_26_a_new_key_leaves_this_browser_remembered_without_its_five_minutes(
    owner: Owner,
) -> None:
    """AC-26, CT-8: the five minutes stand on a code of the old key."""
    ticked = owner.give_code(owner.browser(), tick=True)
    replace_key(owner, ticked)
    sign_out(ticked)
    assert not owner.asked(ticked)
    unticked = owner.give_code(owner.browser())
    replace_key(owner, unticked)
    sign_out(unticked)
    assert owner.asked(unticked)


def test_ac_26_turning_off_ends_what_this_browser_remembers_too(owner: Owner) -> None:
    """AC-26: a second step that is set up afterwards begins with no browser that never showed it,
    least of all one with a copied cookie.
    """
    here = owner.give_code(owner.browser(), tick=True)
    turn_off_and_set_up(owner, here)
    sign_out(here)
    assert owner.asked(here)


def test_ac_26_what_a_change_has_ended_is_not_brought_back_by_the_next_one(
    house: House, owner: Owner
) -> None:
    """AC-26: turned off elsewhere, and set up again in the browser that was remembered before."""
    here = owner.remembered()
    there = owner.give_code(owner.browser())
    done = there.submit(there.get("/security/two-step"), "/security/two-step/turn-off")
    assert done.location == "/security?said=turned-off"
    assert owner.first_step(here).location == "/"
    owner.phone = set_up(house, here)
    sign_out(here)
    assert owner.asked(here)


def test_ac_26_forgotten_between_password_and_code_the_browser_is_another_device(
    house: House, owner: Owner
) -> None:
    """The row that was forgotten is not brought back, and the new tick counts."""
    away = owner.remembered()
    house.clock.forward(30 * DAY)
    assert owner.first_step(away).location == CODE
    forgotten_with_the_others(owner)
    house.clock.forward(MINUTE)
    done = away.submit(away.get(CODE), CODE, code=owner.phone.code(), remember="1")
    assert done.location == "/"
    sign_out(away)
    house.clock.forward(DAY)
    assert not owner.asked(away)
