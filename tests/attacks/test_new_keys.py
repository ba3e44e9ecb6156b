"""A key in the place of another one: AC-51, R-34.

What a person sees of it stands in tests/pages/test_confirm.py.
"""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import SET_UP_DONE, House, phone_from
from tests.helpers.owners import (
    DIALOG,
    Owner,
    an_owner,
    begin_new_key,
    replace_key,
    sign_out,
    takes,
)

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Owner:
    return an_owner(house)


def test_ac_51_a_key_is_confirmed_by_the_session_that_was_shown_it(
    house: House, owner: Owner
) -> None:
    """AC-51: not by another session of the same person, nor by somebody else with its code."""
    here = owner.give_code(owner.browser())
    there = owner.give_code(owner.browser())
    other = an_owner(house)
    stranger = other.give_code(other.browser())
    offered = phone_from(begin_new_key(here), house.clock)
    for client in (there, stranger):
        csrf = client.get("/").form("/sign-out").fields["csrf"]
        answer = client.post(f"{DIALOG}/verify", {"csrf": csrf, "code": offered.code()})
        assert answer.location == "/security?said=nothing-changed"
    house.clock.forward(MINUTE)
    assert not takes(owner, offered.code())
    assert takes(owner, owner.phone.code())


def test_ac_51_a_key_that_the_visitor_brings_is_not_taken(house: House, owner: Owner) -> None:
    """AC-51: it is made here, whatever fields are sent; the old key's code does not confirm it."""
    client = owner.give_code(owner.browser())
    csrf = client.get("/").form("/sign-out").fields["csrf"]
    brought = {"key": "A" * 32, "secret": "A" * 32, "seed": "A" * 32}
    client.post(f"{DIALOG}/new-key", {"csrf": csrf} | brought)
    page = client.get(DIALOG)
    offered = phone_from(page, house.clock)
    assert offered.key != bytes(20)
    house.clock.forward(MINUTE)
    wrong = client.submit(page, f"{DIALOG}/verify", code=owner.phone.code(), **brought)
    assert wrong.status == 403
    assert takes(owner, owner.phone.code())
    done = client.submit(page, f"{DIALOG}/verify", code=offered.code(), **brought)
    assert done.location == SET_UP_DONE


def test_ac_51_an_offer_that_waited_too_long_is_gone(house: House, owner: Owner) -> None:
    """AC-51: half an hour; the old key goes on."""
    client = owner.give_code(owner.browser())
    page = begin_new_key(client)
    offered = phone_from(page, house.clock)
    house.clock.forward(30 * MINUTE)
    late = client.submit(page, f"{DIALOG}/verify", code=offered.code())
    assert late.location == "/security?said=nothing-changed"
    assert not takes(owner, offered.code())
    assert takes(owner, owner.phone.code())


@pytest.mark.both_databases
def test_r_34_replaced_given_up_and_replaced_again_one_key_works_at_each_moment(
    house: House, owner: Owner
) -> None:
    """R-34, AC-51: the old one is dead exactly at the first right code of the new one, and a key
    that was shown and given up is never good.
    """
    client = owner.give_code(owner.browser())
    keys = [owner.phone]
    given_up = phone_from(begin_new_key(client), house.clock)
    client.submit(client.get("/security"), DIALOG)
    for _ in range(2):
        replace_key(owner, client)
        keys.append(owner.phone)
        house.clock.forward(MINUTE)
        working = [takes(owner, phone.code()) for phone in keys]
        assert working == [False] * (len(keys) - 1) + [True]
        assert not takes(owner, given_up.code())
        house.clock.forward(30 * SECOND)
    assert len({phone.key for phone in [*keys, given_up]}) == 4


def test_r_34_a_wrong_code_at_verify_and_save_leaves_the_old_key_alone(
    house: House, owner: Owner
) -> None:
    """R-34: and the offer too, so that the same QR code is good for the next try."""
    client = owner.give_code(owner.browser())
    page = begin_new_key(client)
    offered = phone_from(page, house.clock)
    wrong = client.submit(page, f"{DIALOG}/verify", code=offered.wrong_code())
    assert wrong.status == 403
    assert phone_from(wrong, house.clock).key == offered.key
    house.clock.forward(MINUTE)
    assert takes(owner, owner.phone.code())
    done = client.submit(wrong, f"{DIALOG}/verify", code=offered.code())
    assert done.location == SET_UP_DONE
    sign_out(client)
