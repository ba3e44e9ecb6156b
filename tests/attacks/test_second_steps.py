"""Who may add and remove a second step, and what it ends: AC-32, AC-34, R-05, R-19, R-20, R-39.

What a person sees of it stands in tests/pages/test_confirm.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD, House, phone_from, set_up, sign_in
from tests.helpers.owners import (
    CODE,
    CONFIRM,
    DIALOG,
    Owner,
    an_owner,
    changed_password,
    new_key,
    press,
    takes,
    turned_off_and_set_up,
)
from tests.helpers.places import a_name
from tests.helpers.sealed_rows import everything_in

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Owner:
    return an_owner(house)


# --- sessions that end, and proofs that are asked


@pytest.mark.parametrize("act", [changed_password, new_key, turned_off_and_set_up])
def test_r_05_every_other_session_ends_with(owner: Owner, act: Callable[[Owner], None]) -> None:
    """R-05: of whatever level; the one in which it was done goes on under another token."""
    remembered = owner.remembered()
    assert owner.first_step(remembered).location == "/"
    by_code = owner.give_code(owner.browser())
    act(owner)
    assert remembered.get("/").status == 303
    assert by_code.get("/").status == 303


def test_r_05_the_first_key_ends_the_sessions_that_only_a_password_opened(house: House) -> None:
    """R-05: whoever else is signed in may be why it is being set up."""
    name = a_name()
    house.add(name)
    here, elsewhere = house.client(), house.client()
    sign_in(here, name)
    sign_in(elsewhere, name)
    before = here.twin()
    set_up(house, here)
    assert here.get("/").status == 200
    assert elsewhere.get("/").status == 303
    assert before.get("/").status == 303


@pytest.mark.parametrize(("act", "shown"), [("new-key", "id=" + '"key"'), ("turn-off", "off")])
def test_r_19_a_remembered_session_removes_and_adds_nothing_without_a_code(
    house: House, owner: Owner, act: str, shown: str
) -> None:
    """R-19, AC-32: the password does not stand in for it, however it is sent; the code does."""
    client = owner.remembered()
    assert owner.first_step(client).location == "/"
    page = client.follow(press(client, act))
    assert page.url.endswith(f"{CONFIRM}?act={act}")
    before = everything_in(house.installation.database)
    csrf = page.form(CONFIRM).fields["csrf"]
    sent = {"csrf": csrf, "act": act, "password": PASSWORD}
    assert client.post(CONFIRM, sent).status == 422
    assert client.post(f"{DIALOG}/{act}", {"csrf": csrf}).location == f"{CONFIRM}?act={act}"
    assert client.post(f"{DIALOG}/verify", {"csrf": csrf, "code": "123456"}).status in {303, 422}
    assert everything_in(house.installation.database) == before
    proven = client.submit(page, CONFIRM, code=owner.phone.code())
    assert proven.location == DIALOG
    done = client.follow(proven)
    if act == "turn-off":
        assert client.submit(done, f"{DIALOG}/{act}").location == "/security?said=turned-off"
    else:
        assert shown in done.text


def test_r_19_a_proof_of_more_than_five_minutes_ago_is_none(house: House, owner: Owner) -> None:
    """R-19, ASVS 7.5.1: to the millisecond."""
    client = owner.give_code(owner.browser())
    house.clock.forward(5 * MINUTE + 1)
    assert press(client, "turn-off").location == f"{CONFIRM}?act=turn-off"
    house.clock.forward(-1)
    assert press(client, "turn-off").location == "/security?said=turned-off"


def test_r_19_without_a_second_step_the_first_one_asks_for_the_password_again(
    house: House,
) -> None:
    """R-19, AC-34: a session that somebody left open enrols nobody else's phone."""
    name = a_name()
    house.add(name)
    left_open = house.client()
    sign_in(left_open, name)
    house.clock.forward(5 * MINUTE + 1)
    page = left_open.get("/security")
    assert left_open.submit(page, DIALOG).location == f"{CONFIRM}?act=set-up"
    assert left_open.get(DIALOG).location == "/security"


def test_r_39_a_fresh_proof_is_of_the_browser_that_showed_it(house: House, owner: Owner) -> None:
    """R-39: another session of the same person does not profit, nor does the old token."""
    thief = owner.give_code(owner.browser())
    house.clock.forward(6 * MINUTE)
    here = owner.give_code(owner.browser())
    house.clock.forward(6 * MINUTE)
    copy = here.twin()
    page = here.follow(press(here, "new-key"))
    assert here.submit(page, CONFIRM, code=owner.phone.code()).location == DIALOG
    assert 'id="key"' in here.get(DIALOG).text
    assert press(thief, "new-key").location == f"{CONFIRM}?act=new-key"
    assert 'id="key"' not in thief.get(DIALOG).text
    assert copy.get("/").status == 303


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (DIALOG, {}),
        (f"{DIALOG}/new-key", {}),
        (f"{DIALOG}/turn-off", {}),
        (f"{DIALOG}/verify", {"code": "right"}),
        (CONFIRM, {"act": "turn-off", "code": "right"}),
        ("/security/password", {"current_password": PASSWORD, "new_password": "a" * 20}),
        ("/security/devices/forget", {"device": "others"}),
        ("/security/sessions/end", {"session": "others"}),
    ],
)
def test_r_20_half_signed_in_nothing_of_the_account_can_be_changed(
    house: House, owner: Owner, path: str, fields: dict[str, str]
) -> None:
    """R-20: a pending sign-in answers or gives up; the right code in the wrong form spends none."""
    client = owner.browser()
    owner.first_step(client)
    csrf = client.get(CODE).form(CODE).fields["csrf"]
    right = {"code": owner.phone.code()} if "code" in fields else {}
    before = everything_in(house.installation.database)
    answer = client.twin().post(path, fields | right | {"csrf": csrf})
    assert answer.status in {303, 403}
    assert (answer.location or "/sign-in").startswith("/sign-in")
    assert everything_in(house.installation.database) == before
    done = client.submit(client.get(CODE), CODE, code=owner.phone.code())
    assert done.location == "/"


# --- turning off


def test_ac_32_turning_off_is_one_act_of_one_session(house: House, owner: Owner) -> None:
    """AC-32: pressed twice, and from a page that was loaded before: the second finds nothing."""
    client = owner.give_code(owner.browser())
    page = client.get(DIALOG)
    stale = client.twin()
    done = client.submit(page, f"{DIALOG}/turn-off")
    assert done.location == "/security?said=turned-off"
    assert (stale.submit(page, f"{DIALOG}/turn-off").location or "").startswith("/sign-in")
    csrf = client.get("/security").form("/sign-out").fields["csrf"]
    again = client.post(f"{DIALOG}/turn-off", {"csrf": csrf})
    assert again.location == "/security?said=nothing-changed"


def test_ac_32_required_between_the_page_and_the_press_is_required(
    house: House, owner: Owner
) -> None:
    """AC-32, CT-7: by the policy of the moment at which it is pressed."""
    client = owner.give_code(owner.browser())
    page = client.get(DIALOG)
    assert f"{DIALOG}/turn-off" in page.text
    house.set(house.harbour, "two_step_verification", "required")
    try:
        assert client.submit(page, f"{DIALOG}/turn-off").status == 403
        house.clock.forward(MINUTE)
        assert takes(owner, owner.phone.code())
    finally:
        house.set(house.harbour, "two_step_verification", "optional")


@pytest.mark.both_databases
def test_ac_34_whoever_saves_first_shuts_the_other_out(house: House) -> None:
    """AC-34, the part of the person themselves: somebody with the password sits in another session
    and has been shown a key too. The owner's first code ends it, and that key with it.
    """
    name = a_name()
    house.add(name)
    attacker, here = house.client(), house.client()
    sign_in(attacker, name)
    sign_in(here, name)
    page = attacker.follow(attacker.submit(attacker.get("/security"), DIALOG))
    theirs = phone_from(page, house.clock)
    of = Owner(house, name, set_up(house, here))
    late = attacker.submit(page, f"{DIALOG}/verify", code=theirs.code())
    assert (late.location or "").startswith("/sign-in")
    house.clock.forward(MINUTE)
    assert not takes(of, theirs.code())
    assert takes(of, of.phone.code())
