"""Staying signed in: what a person wishes, and what overrules it (CS-5)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import House, sign_in
from tests.helpers.http import Client
from tests.helpers.properties import person_of
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.properties import find
from twostep.flows import properties, sessions
from twostep.flows.mint import Minted
from twostep.flows.sessions import Overruled, Person, who
from twostep.flows.stay_signed_in import Over, Wish, save, wish_of
from twostep.flows.visitors import Browser
from twostep.storage.tables import revocations
from twostep.storage.tables import sessions as rows

pytestmark = pytest.mark.sqlite_alone

BROWSER = Browser(id=bytes(32), visitor=Visitor(address="192.0.2.7", browser="Firefox on Linux"))
MODE, FROM = "two_step_verification", "two_step_required_from"


def signed_in(house: House, name: str = "ann") -> tuple[Client, Person]:
    client = house.client()
    assert sign_in(client, name).location == "/"
    return client, person_of(house, client)


def wish(house: House, person: Person, *, stays: bool = True) -> Person:
    """Save it; the person under the session's new token."""
    minted = save(house.installation, person, stays=stays, browser=BROWSER)
    assert isinstance(minted, Minted)
    found = who(house.installation, house.harbour, minted.token.text.reveal())
    assert isinstance(found, Person)
    return found


def floor(house: House, value: str, name: str = MODE) -> None:
    properties.set_floor(house.installation, find(name), value)


def stands(house: House, person: Person) -> Wish:
    return wish_of(house.installation, person)


@pytest.mark.both_databases
def test_it_counts_for_this_session_at_once_and_from_the_next_sign_in_on(house: House) -> None:
    house.add()
    client, person = signed_in(house)
    began = person.session.started_at
    assert person.session.lasts_until is None
    house.clock.forward(MINUTE)
    person = wish(house, person)
    assert person.session.lasts_until == began + 12 * HOUR
    assert person.session.started_at == began
    assert stands(house, person).stays
    assert who(house.installation, house.harbour, client.cookies["__Host-sess"]) is None
    later = house.clock()
    assert signed_in(house)[1].session.lasts_until == later + 12 * HOUR


def test_taken_back_it_counts_as_soon(house: House) -> None:
    house.add()
    person = wish(house, signed_in(house)[1])
    person = wish(house, person, stays=False)
    assert person.session.lasts_until is None
    assert not stands(house, person).stays
    assert signed_in(house)[1].session.lasts_until is None


def test_each_person_has_a_wish_of_their_own_and_each_change_is_an_event(house: House) -> None:
    house.add()
    house.add("bo")
    person = wish(house, signed_in(house)[1])
    house.clock.forward(1)
    wish(house, person, stays=False)
    assert signed_in(house, "bo")[1].session.lasts_until is None
    saved = recorded(house.installation, house.harbour, EventKind.STAY_SIGNED_IN_SET)
    assert [event.about["stays"] for event in saved] == [True, False]
    assert all(event.has_target for event in saved)


def test_nothing_is_saved_for_a_session_that_is_over(house: House) -> None:
    house.add()
    _, person = signed_in(house)
    sessions.sign_out(house.installation, person)
    assert save(house.installation, person, stays=True, browser=BROWSER) == Over()
    assert not stands(house, signed_in(house)[1]).stays


def test_a_proof_of_more_keeps_what_the_session_is(house: House) -> None:
    """Another token, the same end: also of its cookie."""
    house.add()
    person = wish(house, signed_in(house)[1])
    until = person.session.lasts_until
    house.clock.forward(HOUR // 2)
    assert wish(house, person).session.lasts_until == until


def test_the_switch_ends_what_outlasts_a_browser_and_nothing_else(house: House) -> None:
    """CS-5: in every environment; who has a session that goes with the browser finishes."""
    house.add()
    plain, _ = signed_in(house)
    _, person = signed_in(house)
    cookie = save(house.installation, person, stays=True, browser=BROWSER)
    assert isinstance(cookie, Minted)
    token = cookie.token.text.reveal()
    floor(house, "required")
    assert who(house.installation, house.harbour, token) == Overruled()
    assert isinstance(person_of(house, plain), Person)
    ended = recorded(house.installation, house.harbour, EventKind.SESSION_ENDED)
    assert {"ended_by": "installation", "sessions": 1} in [event.about for event in ended]
    revoked = house.installation.database.read(
        lambda connection: connection.execute(select(revocations.c.session_id)).scalars().all()
    )
    assert cookie.session.id in revoked


def test_an_environment_that_requires_by_itself_ends_nothing(house: House) -> None:
    house.add()
    person = wish(house, signed_in(house)[1])
    house.set(house.harbour, MODE, "required")
    assert not stands(house, person).overruled
    assert wish(house, person).session.lasts_until is not None


def test_under_the_switch_the_wish_is_kept_and_has_no_effect(house: House) -> None:
    house.add()
    wish(house, signed_in(house)[1])
    floor(house, "required", MODE)
    floor(house, "optional", MODE)
    _, person = signed_in(house)
    assert person.session.lasts_until is not None, "the wish came back with the switch"
    wish(house, person, stays=False)
    _, person = signed_in(house)
    floor(house, "required", MODE)
    person = wish(house, person)
    assert person.session.lasts_until is None
    assert stands(house, person).stays
    assert stands(house, person).overruled


def test_no_session_comes_back_when_the_switch_is_taken_away(house: House) -> None:
    """Also where it began by a day that came, with no act of anybody."""
    house.add()
    day = (house.clock() // DAY + 1) * DAY
    floor(house, str(day), FROM)
    floor(house, "required")
    house.clock.forward(day - 1 - house.clock())
    minted = save(house.installation, signed_in(house)[1], stays=True, browser=BROWSER)
    assert isinstance(minted, Minted)
    token = minted.token.text.reveal()
    assert isinstance(who(house.installation, house.harbour, token), Person)
    house.clock.forward(1)
    assert who(house.installation, house.harbour, token) == Overruled()
    floor(house, "optional")
    assert who(house.installation, house.harbour, token) is None
    ended = house.installation.database.read(
        lambda connection: connection.execute(
            select(rows.c.ended_by).where(rows.c.id == minted.session.id)
        ).scalar_one()
    )
    assert ended == "installation"
