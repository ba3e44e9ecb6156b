"""What became of messages: found by a name or by an address, and told without what was in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests.helpers.clocks import SECOND, HandClock
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import (
    ADDRESS,
    Writers,
    add_environment,
    make_writers,
    outgoing_to,
    relay_of,
)
from twostep.core.messages import GaveUp, MessageState, Route, Try
from twostep.flows import message_lists
from twostep.flows.message_lists import Filter, Shown, Whose, find, name_of, one, page
from twostep.flows.messages import address_hash
from twostep.flows.tries import Outgoing
from twostep.storage.database import Database

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


def shown(writers: Writers, message_id: bytes) -> Shown:
    found = one(writers.installation, writers.environment.id, message_id)
    assert found is not None
    return found


def test_pages_follow_each_other_and_each_says_whether_there_is_another(writers: Writers) -> None:
    queued = []
    for _ in range(5):
        queued.append(writers.queue())
        writers.clock.forward(1)
    here = (writers.installation, writers.environment.id, Filter())
    first = page(*here, most=2)
    second = page(*here, before=first.older, most=2)
    last = page(*here, before=second.older, most=2)
    seen = [message.id for each in (first, second, last) for message in each.messages]
    assert seen == queued[::-1]
    assert last.older is None
    assert page(*here, most=5).older is None, "a page that holds all of them has none after it"


def test_each_message_is_told_with_whose_it_is_and_when_it_is_tried(
    writers: Writers, office: PostOffice
) -> None:
    office.on_recipient = lambda number, _: "451 4.7.1 Later" if number == 1 else "250 Ok"
    message = writers.queue()
    new = shown(writers, message)
    assert (new.user_name, new.masked, new.words) == ("ann", "a•••@northside.example", "")
    assert (new.state, new.next_try_at, new.tries) == (MessageState.QUEUED, writers.clock(), ())
    writers.send_all_due(outgoing_to(relay_of(office)))
    later = shown(writers, message)
    assert later.next_try_at == writers.clock() + 5 * SECOND
    assert [(tried.ended, tried.words) for tried in later.tries] == [
        (Try.PUT_OFF, "451 4.7.1 Later")
    ]
    writers.clock.forward(5 * SECOND)
    writers.send_all_due(outgoing_to(relay_of(office)))
    done = shown(writers, message)
    assert (done.state, done.next_try_at) == (MessageState.ACCEPTED, None)
    assert done.words == office.said()[-2]
    assert [tried.at for tried in done.tries] == [new.made_at, new.made_at + 5 * SECOND]


def test_why_it_was_given_up_is_told(writers: Writers) -> None:
    message = writers.queue()
    writers.send_all_due(Outgoing())
    found = shown(writers, message)
    assert (found.state, found.reason) == (MessageState.GIVEN_UP, GaveUp.NO_ROUTE)


def test_ac_67_there_is_no_room_for_what_was_sent() -> None:
    """AC-67."""
    names = {field.name for field in fields(Shown)}
    assert not names & {"sealed", "address", "address_hash", "to", "code", "content", "data"}


def test_another_environment_s_message_is_not_there(writers: Writers) -> None:
    elsewhere = add_environment(
        writers.installation, writers.clock, "Harbour", user_id=writers.user_id
    )
    message = elsewhere.queue()
    assert one(writers.installation, writers.environment.id, message) is None
    assert page(writers.installation, writers.environment.id, Filter()).messages == []


@pytest.mark.parametrize("typed", ["ann", " ANN ", "Ann"])
def test_a_user_is_found_by_any_spelling_of_the_name(writers: Writers, typed: str) -> None:
    place = (writers.installation, writers.environment.id)
    assert find(*place, typed) == Whose(user_id=writers.user_id)
    assert name_of(*place, writers.user_id) == "ann"
    assert name_of(*place, bytes(16)) is None


@pytest.mark.parametrize(
    ("typed", "stored", "route"),
    [
        (" Ann@Northside.Example ", ADDRESS, Route.MAIL),
        ("2125552368@txt.att.net", "2125552368@txt.att.net", Route.TEXT_GATEWAY),
        ("+1 (212) 555-2368", "+12125552368", Route.TEXT_PROVIDER),
    ],
)
def test_messages_are_found_by_their_whole_address(
    writers: Writers, typed: str, stored: str, route: Route
) -> None:
    """The one that a dead gateway got before it died is found as well."""
    message = writers.queue(to=stored, route=route)
    writers.queue(to="someone@else.example")
    whose = find(writers.installation, writers.environment.id, typed)
    assert whose == Whose(address_hash=address_hash(writers.installation, stored))
    wanted = Filter(address_hash=whose.address_hash)
    found = page(writers.installation, writers.environment.id, wanted).messages
    assert [each.id for each in found] == [message]


@pytest.mark.parametrize("typed", ["nobody", "an", "12", "\x00", "ann northside"])
def test_what_is_neither_a_name_nor_an_address_finds_nothing(writers: Writers, typed: str) -> None:
    assert find(writers.installation, writers.environment.id, typed) is None


def test_a_page_is_as_long_as_somebody_reads() -> None:
    assert 20 <= message_lists.PAGE <= 100
