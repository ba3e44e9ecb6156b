"""**Send test message**: to whom, by which way, how often, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE, SECOND, HandClock
from tests.helpers.house import House, sign_in
from tests.helpers.letters import letters
from tests.helpers.post_office import PostOffice
from tests.helpers.properties import person_of
from tests.helpers.recorded import recorded
from tests.helpers.senders import outgoing_to, relay_of
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind, MessageState, Route
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import contacts, permissions
from twostep.flows.audit import recent_for_user
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.flows.message_lists import Shown, one
from twostep.flows.sending import Sender
from twostep.flows.sessions import Person
from twostep.flows.try_messages import (
    TEST_LASTS,
    EnoughForNow,
    MayNot,
    NoAddress,
    NoSuchUser,
    Outcome,
    Queued,
    kind_for,
    send_test,
)
from twostep.flows.visitors import Browser

pytestmark = pytest.mark.sqlite_alone

EMAIL, SMS_EMAIL, PHONE = ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE
BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Windows"))


@dataclass
class Desk:
    """Kim of the help desk, and Ann, who has a mail address."""

    house: House
    kim: Person
    ann: User

    def give(self, kind: ContactKind, text: str, user: User | None = None) -> None:
        installation = self.house.installation
        done = set_for_user(installation, user or self.ann, kind, text, language="es")
        assert isinstance(done, EnteredForUser)

    def send(self, name: str = "ann", kind: ContactKind = EMAIL) -> Outcome:
        return send_test(self.house.installation, self.kim, name, kind, browser=BROWSER)

    def sent(self, outcome: Outcome) -> Shown:
        assert isinstance(outcome, Queued), outcome
        found = one(self.house.installation, self.house.harbour.id, outcome.message_id)
        assert found is not None
        return found


@pytest.fixture
def desk(house: House) -> Desk:
    kim, ann = house.add("kim"), house.add("ann")
    permissions.grant(house.installation, house.harbour, kim, Permission.MESSAGES)
    client = house.client()
    sign_in(client, "kim")
    made = Desk(house, person_of(house, client), ann)
    made.give(EMAIL, "ann@northside.example")
    return made


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


@pytest.mark.both_databases
def test_a_test_message_goes_to_the_address_of_the_profile(desk: Desk) -> None:
    found = desk.sent(desk.send(" ANN "))
    assert (found.kind, found.route, found.user_name) == (MessageKind.TEST, Route.MAIL, "ann")
    assert found.masked == "a•••@northside.example"
    assert found.expires_at == found.made_at + TEST_LASTS
    (letter,) = letters(desk.house.installation, MessageKind.TEST)
    assert (letter.to, letter.language, letter.data) == ("ann@northside.example", "es", {})


@pytest.mark.parametrize(
    ("kind", "typed", "route"),
    [
        (SMS_EMAIL, "2125552368@sms.northside.example", Route.TEXT_GATEWAY),
        (PHONE, "+12125552368", Route.TEXT_PROVIDER),
    ],
)
def test_each_address_is_tried_by_its_own_way(
    desk: Desk, kind: ContactKind, typed: str, route: Route
) -> None:
    desk.give(kind, typed)
    assert desk.sent(desk.send(kind=kind)).route is route
    assert kind_for(route) is kind
    assert letters(desk.house.installation, MessageKind.TEST)[0].to == typed


@pytest.mark.both_databases
def test_it_is_in_the_log_who_asked_for_it_and_for_whom(desk: Desk) -> None:
    found = desk.sent(desk.send())
    recent = desk.house.installation.database.read(
        lambda c: recent_for_user(c, desk.house.harbour.id, desk.ann.id, 9)
    )
    (event,) = [each for each in recent if each.kind is EventKind.TEST_MESSAGE_ASKED]
    assert event.visitor is None, "where Kim was is not shown to Ann"
    assert (event.actor, event.target) == (desk.kim.user.id, desk.ann.id)
    assert event.data == {
        "message": found.id.hex(),
        "route": "mail",
        "masked": "a•••@northside.example",
    }


def test_nobody_gets_one_who_is_not_there_or_has_no_such_address(desk: Desk) -> None:
    desk.house.add("ann", desk.house.northside)
    desk.house.add("nora", desk.house.northside)
    assert desk.send("nora") == NoSuchUser()
    assert desk.send("kim") == NoAddress()
    assert desk.send(kind=PHONE) == NoAddress()
    assert letters(desk.house.installation) == []


@pytest.mark.both_databases
def test_an_address_that_waits_for_its_code_is_none_yet(desk: Desk, clock: HandClock) -> None:
    kim, words = desk.kim, "kim@northside.example"
    contacts.change_own(desk.house.installation, kim, EMAIL, words, language="en", browser=BROWSER)
    clock.forward(MINUTE)
    assert desk.send("kim") == NoAddress()


def test_tests_count_like_codes_for_the_address_and_for_the_user(
    desk: Desk, clock: HandClock
) -> None:
    """SECURITY §5.4: 1 in 30 seconds to an address, 5 an hour for a user."""
    desk.sent(desk.send())
    assert desk.send() == EnoughForNow(clock() + 30 * SECOND)
    first = clock()
    for _ in range(4):
        clock.forward(30 * SECOND)
        desk.sent(desk.send())
    clock.forward(30 * SECOND)
    assert desk.send() == EnoughForNow(first + 60 * MINUTE)
    assert len(letters(desk.house.installation)) == 5


@pytest.mark.both_databases
def test_of_many_at_once_one_is_sent(desk: Desk) -> None:
    outcomes = at_once([desk.send] * 8)
    assert sum(isinstance(outcome, Queued) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, EnoughForNow) for outcome in outcomes) == 7
    assert len(letters(desk.house.installation)) == 1


def test_whose_permission_was_taken_away_sends_none(desk: Desk) -> None:
    house = desk.house
    permissions.revoke(house.installation, house.harbour, desk.kim.user, Permission.MESSAGES)
    assert desk.send() == MayNot()
    assert letters(house.installation) == []
    assert recorded(house.installation, house.harbour, EventKind.TEST_MESSAGE_ASKED) == []


def test_it_arrives_and_the_server_s_log_says_the_same(desk: Desk, office: PostOffice) -> None:
    outcome = desk.send()
    sender = Sender(desk.house.installation, outgoing_to(relay_of(office)))
    sender.start()
    sender.stop()
    found = desk.sent(outcome)
    assert (found.state, found.words) == (MessageState.ACCEPTED, office.said()[-2])
    (mail,) = office.mails
    assert mail.recipients == ("ann@northside.example",)
    assert mail.message["Subject"] == "Mensaje de prueba de Harbour Clinic"
