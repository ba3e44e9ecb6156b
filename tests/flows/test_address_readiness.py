"""Who has no address, whose gateway ends, whose last message failed: asked before anything is
switched on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.helpers.clocks import DAY
from tests.helpers.house import House
from tests.helpers.properties import administrator, person_of
from tests.helpers.recorded import recorded
from twostep.core.address_readiness import Gap, SentBy
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind, ContactState
from twostep.flows import address_readiness, contact_entries, users
from twostep.flows.address_readiness import Count, Line
from twostep.flows.contact_entries import EnteredForUser

pytestmark = pytest.mark.sqlite_alone

EMAIL, SMS = ContactKind.EMAIL, ContactKind.SMS_EMAIL
LAST_DAY = int(datetime(2027, 3, 31, tzinfo=UTC).timestamp()) * 1000
"""Of Verizon's gateway."""


def add(house: House, name: str, *addresses: str) -> None:
    user = house.add(name)
    for address in addresses:
        kind = SMS if address.endswith(".com") else EMAIL
        entered = contact_entries.set_for_user(
            house.installation, user, kind, address, language="en"
        )
        assert isinstance(entered, EnteredForUser)


def lines(house: House, gap: Gap | None = None, way: SentBy = SentBy.EMAIL) -> list[Line]:
    found = address_readiness.page(
        house.installation, house.harbour.id, way, gap=gap, after="", most=50
    )
    assert found.last is None
    return list(found.lines)


def counts(house: House, way: SentBy = SentBy.EMAIL) -> dict[Gap, int]:
    found = address_readiness.counts(house.installation, house.harbour.id, way)
    return {gap: count.people for gap, count in found.items() if count.people}


@pytest.fixture
def people(house: House) -> House:
    house.clock.forward(int(datetime(2026, 4, 1, tzinfo=UTC).timestamp()) * 1000 - house.clock())
    add(house, "Ann")
    add(house, "bo", "bo@harbour.example")
    add(house, "cy", "2125550123@vtext.com")
    house.add("dee", house.northside)
    return house


@pytest.mark.both_databases
def test_everybody_who_lacks_something_is_listed_with_what_it_is(people: House) -> None:
    ann, bo, cy = lines(people)
    assert (ann.name, ann.gaps, ann.addresses) == ("Ann", (Gap.NO_ADDRESS,), ())
    assert bo.gaps == (Gap.UNCONFIRMED,)
    (address,) = bo.addresses
    assert (address.kind, address.state) == (EMAIL, ContactState.UNCONFIRMED)
    assert address.masked == "••@harbour.example".replace("••", "•••")
    assert cy.gaps == (Gap.DYING_GATEWAY, Gap.UNCONFIRMED)
    assert (cy.carrier, cy.ends_at) == ("Verizon", LAST_DAY)
    assert counts(people) == {Gap.NO_ADDRESS: 1, Gap.DYING_GATEWAY: 1, Gap.UNCONFIRMED: 2}


def test_one_gap_is_a_list_of_its_own(people: House) -> None:
    assert [line.name for line in lines(people, Gap.UNCONFIRMED)] == ["bo", "cy"]
    assert [line.name for line in lines(people, Gap.DYING_GATEWAY)] == ["cy"]
    assert lines(people, Gap.DEAD_GATEWAY) == []


def test_by_text_only_numbers_count_and_no_gateway_matters(people: House) -> None:
    assert counts(people, SentBy.TEXT) == {Gap.NO_ADDRESS: 3}
    assert {line.gaps for line in lines(people, way=SentBy.TEXT)} == {(Gap.NO_ADDRESS,)}


def test_a_gateway_that_dies_on_a_day_is_dead_from_that_day_on(people: House) -> None:
    people.clock.forward(LAST_DAY - 1 - people.clock())
    assert Gap.DYING_GATEWAY in counts(people)
    people.clock.forward(1)
    assert [line.name for line in lines(people, Gap.DEAD_GATEWAY)] == ["cy"]
    assert Gap.DYING_GATEWAY not in counts(people)


def test_who_is_disabled_or_has_left_no_list_is_not_asked_about(people: House) -> None:
    for name in ("Ann", "cy"):
        user = users.find(people.installation, people.harbour, name)
        assert user is not None
        users.disable(people.installation, people.harbour, user)
    assert [line.name for line in lines(people)] == ["bo"]


def test_pages_go_on_where_the_one_before_ended(people: House) -> None:
    place = (people.installation, people.harbour.id)
    first = address_readiness.page(*place, SentBy.EMAIL, gap=None, after="", most=2)
    assert [line.name for line in first.lines] == ["Ann", "bo"]
    assert first.last is not None
    after = address_readiness.place_of(*place, first.last.user_id)
    assert after == first.last.name_key == "bo"
    second = address_readiness.page(*place, SentBy.EMAIL, gap=None, after=after, most=2)
    assert [line.name for line in second.lines] == ["cy"]
    assert second.last is None
    assert address_readiness.place_of(*place, b"nobody") == ""


def test_beyond_the_greatest_count_it_says_more(
    people: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_readiness, "MOST_COUNTED", 1)
    found = address_readiness.counts(people.installation, people.harbour.id, SentBy.EMAIL)
    assert found[Gap.UNCONFIRMED] == Count(people=1, with_app=0, more=True)
    assert found[Gap.NO_ADDRESS] == Count(people=1, with_app=0)


def test_who_takes_the_list_away_stands_in_the_log(people: House) -> None:
    person = person_of(people, administrator(people, "boss"))
    people.clock.forward(DAY // 100)
    address_readiness.note_download(
        people.installation,
        person,
        gap=None,
        way=SentBy.EMAIL,
        visitor=Visitor(address="192.0.2.1", browser="Firefox on Linux"),
    )
    kind = EventKind.ADDRESS_READINESS_DOWNLOADED
    (event,) = recorded(people.installation, people.harbour, kind)
    assert event.about == {"lacks": "any", "by": "email"}
