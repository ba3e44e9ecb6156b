"""The second tab, the back button, the form that is sent again: R-22 and R-36."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, House, sign_in
from tests.helpers.owners import CODE, CONFIRM, Owner, an_owner, device_cookies, sign_out
from tests.helpers.places import a_name, suspect
from twostep.web.cookies import PENDING, SESSION

pytestmark = pytest.mark.sqlite_alone

SET_UP = "/sign-in/set-up"


@pytest.fixture
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Owner:
    return an_owner(house)


def test_r_22_a_sign_in_that_is_begun_again_is_held_at_set_up_again(house: House) -> None:
    """R-22: given up, cancelled, or begun anew beside the first: the policy is asked each time."""
    name = a_name()
    house.add(name, house.northside)
    client = house.client(house.northside)
    assert sign_in(client, name).location == SET_UP
    client.submit(client.get(SET_UP), "/sign-in/cancel")
    assert sign_in(client, name).location == SET_UP
    beside = house.client(house.northside)
    assert sign_in(beside, name).location == SET_UP
    assert SESSION not in client.cookies | beside.cookies


def test_r_22_what_becomes_required_during_a_sign_in_holds_at_its_end(house: House) -> None:
    """R-22: nothing was required when it was begun, and the last form of it asks again."""
    name = a_name()
    suspect(house, house.add(name))
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/new-password"
    page = client.get("/sign-in/new-password")
    house.set(house.harbour, "two_step_verification", "required")
    try:
        sent = client.submit(page, "/sign-in/new-password", new_password=OTHER_PASSWORD)
        assert sent.location == SET_UP
        assert SESSION not in client.cookies
        assert sign_in(client, name).location == SET_UP
        assert client.get(SET_UP).status == 200
        assert client.get("/").status == 303
    finally:
        house.set(house.harbour, "two_step_verification", "optional")


def test_r_36_a_second_tab_enters_nothing_by_itself(house: House, owner: Owner) -> None:
    """R-36: two tabs wait for the code; the first signs in, the second sends the same code."""
    first = owner.browser()
    owner.first_step(first)
    page = first.get(CODE)
    second = first.twin()
    house.clock.forward(MINUTE)
    code = owner.phone.code()
    assert first.submit(page, CODE, code=code, remember="1").location == "/"
    again = second.submit(page, CODE, code=code, remember="1")
    assert again.location == "/sign-in?said=start-again"
    assert SESSION not in second.cookies
    assert device_cookies(second) == {}


def test_r_36_the_way_back_to_a_finished_sign_in_leads_to_its_beginning(
    house: House, owner: Owner
) -> None:
    """R-36: the back button after sign-out, and the cookies of then, kept and shown again."""
    client = owner.browser()
    owner.first_step(client)
    page = client.get(CODE)
    kept = dict(client.cookies)
    house.clock.forward(MINUTE)
    assert client.submit(page, CODE, code=owner.phone.code()).location == "/"
    sign_out(client)
    client.cookies.update(kept)
    assert PENDING in client.cookies
    house.clock.forward(MINUTE)
    assert client.twin().get(CODE).location == "/sign-in?said=start-again"
    sent = client.twin().post(CODE, page.form(CODE).fields | {"code": owner.phone.code()})
    assert sent.location == "/sign-in?said=start-again"
    assert client.get("/").status == 303


@pytest.mark.both_databases
def test_r_36_a_waiting_sign_in_does_not_enter_because_its_browser_passes_meanwhile(
    house: House, owner: Owner
) -> None:
    """R-36: in one tab the code was right, so the browser passes; the other tab's sign-in, begun
    before, opens nothing by being looked at, and its form no second session.
    """
    known = owner.remembered()
    house.set(house.harbour, "days_to_remember_device", "1")
    house.clock.forward(24 * 60 * MINUTE)
    assert owner.first_step(known).location == CODE
    house.set(house.harbour, "days_to_remember_device", "30")
    for path in (CODE, "/sign-in", "/", "/sign-in/another-way"):
        looked = known.twin()
        looked.get(path)
        assert SESSION not in looked.cookies, path
    assert not owner.asked(known)


@pytest.mark.both_databases
def test_r_36_a_proof_that_is_sent_twice_proves_once(house: House, owner: Owner) -> None:
    """R-36, AC-08: a confirmation, kept and sent again under the session that follows."""
    client = owner.give_code(owner.browser())
    house.clock.forward(6 * MINUTE)
    dialog = "/security/two-step"
    page = client.follow(client.submit(client.get(dialog), f"{dialog}/turn-off"))
    code = owner.phone.code()
    assert client.submit(page, CONFIRM, code=code).location == dialog
    house.clock.forward(5 * MINUTE + 1)
    csrf = client.get("/").form("/sign-out").fields["csrf"]
    sent = {"csrf": csrf, "act": "turn-off", "code": code}
    assert client.post(CONFIRM, sent).status == 403
    assert client.post(CONFIRM, page.form(CONFIRM).fields | {"code": code}).status == 403
    answer = client.submit(client.get(dialog), f"{dialog}/turn-off")
    assert answer.location == f"{CONFIRM}?act=turn-off"
