"""AC-04: a pending sign-in is one user's, one environment's, one browser's, and of this moment.

What a change half-way does to it stands in test_changes_between_steps.py; that any other generation
ends it, as a property, in tests/core/test_generations.py.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.helpers.changes import new_password, scene
from tests.helpers.clocks import MINUTE
from tests.helpers.crossings import Meanwhile
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, enrolled, sign_in
from twostep.core.sign_in import AskSecondStep, Refused, SetUp
from twostep.crypto.secret import Secret
from twostep.flows.mint import Minted
from twostep.flows.password_changes import Overtaken, change_own
from twostep.flows.pending import look, wait_longer
from twostep.flows.set_up import NothingOffered, SetUpDone
from twostep.flows.sign_in import NotLetIn, Pending
from twostep.storage import authenticators
from twostep.web.cookies import SESSION

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]

NAMES = ("ann", "bo")


def test_ac_04_a_pending_sign_in_is_its_own_users_browsers_and_environments(
    unlimited_house: House,
) -> None:
    """AC-04: two users of equal names in two environments; every token in every browser, at every
    environment, with the code of every phone.
    """
    house = unlimited_house
    everywhere = list(itertools.product((house.harbour, house.northside), NAMES))
    phones = [with_app(house, name, environment) for environment, name in everywhere]
    guests = [Guest(house, environment) for environment, _ in everywhere]
    for guest, (_, name) in zip(guests, everywhere, strict=True):
        guest.sign_in(name)
    for one, other, place in itertools.product(guests, repeat=3):
        assert one.pending is not None
        found = look(house.installation, place.where, one.pending, other.browser)
        assert (found is not None) == (one is other and one.where is place.where)
    for (i, guest), (j, phone) in itertools.product(enumerate(guests), enumerate(phones)):
        if i != j:
            assert not isinstance(guest.code(phone.code()), Minted)
    for guest, phone in zip(guests, phones, strict=True):
        assert isinstance(guest.code(phone.code()), Minted)


@pytest.mark.parametrize("late", [False, True])
def test_ac_04_a_pending_sign_in_lasts_a_quarter_of_an_hour(house: House, late: bool) -> None:
    """AC-04: to the millisecond, by the server's clock; the cookie's age is not asked."""
    phone = with_app(house)
    guest = Guest(house)
    guest.sign_in()
    house.clock.forward(15 * MINUTE - (0 if late else 1))
    waiting = guest.waiting()
    assert waiting is not None
    assert isinstance(waiting.step, Refused if late else AskSecondStep)
    assert isinstance(guest.code(phone.code()), Minted) is not late


@pytest.mark.both_databases
@pytest.mark.parametrize("late", [False, True])
def test_ac_04_one_that_waits_for_set_up_lasts_half_an_hour(house: House, late: bool) -> None:
    """AC-04: because somebody installs an app meanwhile."""
    house.add("bo", house.northside)
    guest = Guest(house, house.northside)
    guest.sign_in("bo")
    phone = guest.phone_in_sign_in()
    house.clock.forward(30 * MINUTE - (0 if late else 1))
    waiting = guest.waiting()
    assert waiting is not None
    assert isinstance(waiting.step, Refused if late else SetUp)
    outcome = guest.verify_and_save_in_sign_in(phone.code())
    assert isinstance(outcome, NothingOffered) == late
    assert (guest.session is None) == late


def test_ac_04_what_has_waited_too_long_cannot_be_given_more_time(house: House) -> None:
    """AC-04: the button of a page that was left open does not bring it back to life."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    page = client.get("/sign-in/code")
    house.clock.forward(15 * MINUTE)
    answer = client.twin().post("/sign-in/more-time", {"csrf": page.form().fields["csrf"]})
    assert answer.location == "/sign-in?said=waited-too-long"
    answer = client.submit(page, "/sign-in/code", code=phone.code())
    assert answer.location == "/sign-in?said=waited-too-long"
    assert SESSION not in client.cookies


@pytest.mark.both_databases
def test_ac_04_nor_does_more_time_that_was_asked_for_a_moment_before(house: House) -> None:
    """AC-04: the deadline is asked in the transaction that would move it."""
    with_app(house)
    guest = Guest(house)
    guest.sign_in()
    house.clock.forward(15 * MINUTE - 1)
    waiting = guest.waiting()
    assert waiting is not None
    house.clock.forward(1)
    assert not wait_longer(house.installation, waiting)
    house.clock.forward(-1)
    assert wait_longer(house.installation, waiting)


def test_ac_04_more_time_has_an_end(house: House) -> None:
    """AC-04 and WCAG 2.2.1: ten times a quarter of an hour, and no more."""
    enrolled(house)
    client = house.client()
    sign_in(client)
    csrf = client.get("/sign-in/code").form().fields["csrf"]
    said = []
    for _ in range(13):
        house.clock.forward(15 * MINUTE - 1)
        answer = client.post("/sign-in/more-time", {"csrf": csrf})
        said.append((answer.location or "").rsplit("=", 1)[-1])
    assert said[:10] == ["more-time"] * 10
    assert said[-1] != "more-time"
    assert client.get("/sign-in/code").status == 303


def test_ac_04_only_the_five_newest_wait(house: House) -> None:
    """AC-04: a sixth drops the first, and its token is worth nothing at once."""
    phone = with_app(house)
    guests = [Guest(house) for _ in range(6)]
    for guest in guests:
        house.clock.forward(1)
        assert isinstance(guest.sign_in(), Pending)
    assert [guest.waiting() is not None for guest in guests] == [False] + [True] * 5
    assert isinstance(guests[1].code(phone.code()), Minted)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_ac_04_setting_up_does_not_carry_an_older_password_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-04: the owner changes the password while somebody who knows the old one sets an app up.

    Between the look at the facts and the raise of the generation PostgreSQL would let the change
    through, and the thief's key would be the second step of the new password. The two wait for each
    other instead: the key was first, so the change finds the session in which it was made ended.
    SQLite runs one act after the other anyway.
    """
    house.add()
    owner, thief = Guest(house), Guest(house)
    owner.sign_in()
    house.set(house.harbour, "two_step_verification", "required")
    assert isinstance(thief.sign_in(), Pending)
    phone = thief.phone_in_sign_in()
    plain = authenticators.confirm

    person = owner.me()
    changing = Meanwhile(
        house.installation.database,
        lambda: change_own(
            house.installation,
            house.harbour,
            person,
            current=Secret(PASSWORD),
            new=Secret(OTHER_PASSWORD),
            browser=owner.browser_in_session,
        ),
    )

    def meanwhile(*given: Any, **named: Any) -> bool:
        monkeypatch.setattr(authenticators, "confirm", plain)
        changing.begin()
        return plain(*given, **named)

    monkeypatch.setattr(authenticators, "confirm", meanwhile)
    assert isinstance(thief.verify_and_save_in_sign_in(phone.code()), SetUpDone)
    assert isinstance(changing.outcome(), Overtaken)
    assert isinstance(Guest(house).sign_in(password=OTHER_PASSWORD), NotLetIn)


def test_ac_04_a_password_that_was_changed_ends_what_the_old_one_began(house: House) -> None:
    """AC-04: and the code that was typed too late stays good for its owner."""
    it = scene(house)
    new_password(it)
    assert not isinstance(it.guest.code(it.phone.code()), Minted)
    again = Guest(house)
    again.sign_in(password=OTHER_PASSWORD)
    assert isinstance(again.code(it.phone.code()), Minted)
