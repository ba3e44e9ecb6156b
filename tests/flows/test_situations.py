"""What the facts say of a browser that throws our cookie away: only to its owner, only when asked.

The rule is in core/devices.py; here are its facts, on both databases.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.clocks import DAY
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, House, Phone
from tests.helpers.statements import statements
from twostep.core.audit import EventKind
from twostep.core.reasons import Code
from twostep.flows.audit import Happened, recent_for_user
from twostep.flows.mint import Minted
from twostep.flows.pending import look
from twostep.flows.second_step import second_step
from twostep.flows.sign_in import NotLetIn, Pending
from twostep.flows.visitors import Browser

pytestmark = pytest.mark.sqlite_alone

NOT_KEPT = Code.DEVICE_COOKIE_NOT_KEPT


def remembered(house: House, phone: Phone, *, times: int, address: str = "203.0.113.7") -> None:
    """So many sign-ins, a day apart, in a private window: the tick is set and no cookie is kept."""
    for _ in range(times):
        guest = Guest(house, address=address)
        assert isinstance(guest.sign_in(), Pending)
        waiting = guest.waiting()
        assert waiting is not None
        done = second_step(
            house.installation,
            waiting,
            typed=phone.code(),
            browser=guest.browser,
            remember=True,
        )
        assert isinstance(done, Minted)
        house.clock.forward(DAY)


def why(guest: Guest, name: str = "ann") -> set[Code]:
    """The reasons for which a code is asked in this browser; both places give the same."""
    answer = guest.sign_in(name)
    assert isinstance(answer, Pending)
    waiting = guest.waiting()
    assert waiting is not None
    assert waiting.step == answer.step
    return {reason.code for reason in answer.step.reasons}


def newest(house: House, user_id: bytes) -> Happened:
    return house.installation.database.read(
        lambda connection: recent_for_user(connection, house.harbour.id, user_id, 1)
    )[0]


@pytest.mark.both_databases
def test_the_third_sign_in_of_a_private_window_says_why_it_is_asked_again(house: House) -> None:
    phone = with_app(house)
    remembered(house, phone, times=1)
    assert NOT_KEPT not in why(Guest(house))
    remembered(house, phone, times=1)
    guest = Guest(house)
    assert NOT_KEPT in why(guest)
    waiting = guest.waiting()
    assert waiting is not None
    event = newest(house, waiting.user.id)
    assert event.kind is EventKind.PASSWORD_ACCEPTED
    assert NOT_KEPT in {reason.code for reason in event.reasons}
    house.clock.forward(30 * DAY)
    assert NOT_KEPT not in why(Guest(house)), "nobody would be remembered that long"


@pytest.mark.parametrize(
    ("address", "told"),
    [("203.0.113.200", True), ("203.0.114.7", False), ("2001:db8::7", False)],
)
def test_it_must_be_the_same_network(house: House, address: str, told: bool) -> None:
    """A provider gives the same house another address now and then, mostly out of one block."""
    remembered(house, with_app(house), times=2)
    assert (NOT_KEPT in why(Guest(house, address=address))) is told


def test_it_must_be_the_same_person_and_a_browser_of_the_same_name(house: House) -> None:
    remembered(house, with_app(house), times=2)
    with_app(house, "bo")
    assert NOT_KEPT not in why(Guest(house), "bo")
    guest = Guest(house)
    guest.sign_in()
    assert guest.pending is not None
    other = replace(guest.browser, visitor=replace(guest.browser.visitor, browser="Safari"))
    waiting = look(house.installation, guest.where, guest.pending, other)
    assert waiting is not None
    assert NOT_KEPT not in {reason.code for reason in waiting.step.reasons}


def test_a_browser_that_shows_the_cookie_of_anybody_keeps_cookies(house: House) -> None:
    remembered(house, with_app(house), times=2)
    guest = Guest(house)
    guest.sign_in()
    assert guest.pending is not None
    keeps = Browser(
        id=guest.browser.id, visitor=guest.browser.visitor, devices={"__Host-dev-01234567": "x"}
    )
    waiting = look(house.installation, guest.where, guest.pending, keeps)
    assert waiting is not None
    assert NOT_KEPT not in {reason.code for reason in waiting.step.reasons}


def test_it_costs_one_statement_and_only_where_a_code_is_asked(house: House) -> None:
    """And nobody learns from it, or from its time, who has not given the password."""
    phone = with_app(house)
    house.add("bo")
    remembered(house, phone, times=2)

    def looks(sent: list[str]) -> int:
        return sum("devices.browser = " in text for text in sent)

    with statements() as sent:
        assert isinstance(Guest(house).sign_in(password=OTHER_PASSWORD), NotLetIn)
        assert isinstance(Guest(house).sign_in("nobody"), NotLetIn)
        assert isinstance(Guest(house).sign_in("bo"), Minted)
    assert looks(sent) == 0
    guest = Guest(house)
    with statements() as sent:
        guest.sign_in()
    assert looks(sent) == 1
    waiting = guest.waiting()
    assert waiting is not None
    with statements() as sent:
        assert isinstance(guest.answer(waiting, phone.code()), Minted)
    assert looks(sent) == 0
