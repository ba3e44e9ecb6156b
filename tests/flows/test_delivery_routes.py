"""An environment's own mail server, provider and sender, against real servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.helpers.clocks import MINUTE, HandClock
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import (
    Writers,
    add_environment,
    make_writers,
    outgoing_to,
    relay_of,
)
from tests.helpers.text_provider import text_provider
from tests.storage.waiting import until
from twostep.core.audit import EventKind
from twostep.core.looks import NO_LOOK, Look
from twostep.core.messages import DeliveryKind, MessageState, Route
from twostep.delivery.mail import Relay, Tls
from twostep.flows import keys
from twostep.flows.delivery_routes import (
    OwnDelivery,
    RouteUnusable,
    clear,
    own_delivery,
    set_mail,
    set_texts,
)
from twostep.flows.looks import set_look
from twostep.flows.sending import Sender
from twostep.flows.tries import Outgoing
from twostep.storage.database import Database
from twostep.storage.tables import delivery_routes as table
from twostep.storage.tables import events

pytestmark = pytest.mark.sqlite_alone

ACCEPTED = MessageState.ACCEPTED


@pytest.fixture
def ann(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    """Of Northside, which has nothing of its own."""
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


@pytest.fixture
def bob(ann: Writers, clock: HandClock) -> Writers:
    """Of Harbour."""
    return add_environment(ann.installation, clock, "Harbour")


@pytest.fixture
def ours() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.fixture
def theirs() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@contextmanager
def sending(writers: Writers, outgoing: Outgoing) -> Iterator[None]:
    sender = Sender(writers.installation, outgoing)
    sender.start()
    try:
        yield
    finally:
        sender.stop()


def codes(office: PostOffice) -> set[str]:
    return {str(mail.message["Subject"]).rpartition(" ")[2] for mail in office.mails}


def test_an_environment_s_own_server_and_sender_are_used_for_its_messages_alone(
    ann: Writers, bob: Writers, ours: PostOffice, theirs: PostOffice
) -> None:
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    look = {"sender": "hello@harbour.example", "sender_name": "The Harbour", "accent": "#7a1f5c"}
    set_look(bob.installation, bob.environment, look)
    ann.queue("111111")
    bob.queue("222222")
    bob.queue("333333", to="5552345678@text.example", route=Route.TEXT_GATEWAY)
    ann.send_all_due(outgoing_to(relay_of(ours)))
    assert codes(ours) == {"111111"}
    assert ours.mails[0].message["From"] == "Northside <codes@login.example>"
    assert {mail.sender for mail in theirs.mails} == {"hello@harbour.example"}
    (mail,) = (mail for mail in theirs.mails if mail.message["Subject"])
    assert mail.message["From"] == "The Harbour <hello@harbour.example>"
    html = mail.message.get_body(("html",))
    assert html is not None
    assert "#7a1f5c" in html.get_content()
    assert "#7a1f5c" not in ours.mails[0].content.decode()


def test_an_environment_has_its_own_server_where_the_installation_has_none(
    bob: Writers, theirs: PostOffice
) -> None:
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    bob.queue("222222")
    bob.send_all_due(Outgoing())
    assert codes(theirs) == {"222222"}


def test_what_an_environment_has_not_comes_from_the_installation(
    bob: Writers, ours: PostOffice
) -> None:
    set_look(bob.installation, bob.environment, {"sender": "hello@harbour.example"})
    bob.queue("222222")
    bob.send_all_due(outgoing_to(relay_of(ours)))
    assert ours.mails[0].message["From"] == "Harbour <hello@harbour.example>"


def test_a_server_of_one_environment_that_hangs_holds_up_nobody_else(
    ann: Writers, bob: Writers, ours: PostOffice, theirs: PostOffice
) -> None:
    """However many wait for it: more than there are places."""
    let_go = asyncio.Event()
    theirs.waits = let_go.wait
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    stuck = [bob.queue(f"{number:06}") for number in range(12)]
    with sending(ann, outgoing_to(relay_of(ours))):
        until(lambda: theirs.contents_asked == 4)
        for number in range(20):
            message = ann.queue(f"9{number:05}")
            ann.wait_for(message, ACCEPTED)
        assert theirs.contents_asked == 4
        assert {bob.state(message) for message in stuck} <= {
            MessageState.SENDING, MessageState.QUEUED,
        }  # fmt: skip
        theirs._loop.call_soon_threadsafe(let_go.set)
        for message in stuck:
            bob.wait_for(message, ACCEPTED)
    assert len(codes(ours)) == 20
    assert len(codes(theirs)) == 12


def test_a_provider_of_one_environment_that_hangs_holds_up_nobody_else(
    ann: Writers, bob: Writers, ours: PostOffice
) -> None:
    with text_provider() as provider, provider.hanging() as asked:
        set_texts(bob.installation, bob.environment, provider.url)
        stuck = [
            bob.queue(f"{number:06}", to="+15552345678", route=Route.TEXT_PROVIDER)
            for number in range(8)
        ]
        with sending(ann, outgoing_to(relay_of(ours))):
            until(lambda: asked.count == 4)
            for number in range(10):
                ann.wait_for(ann.queue(f"9{number:05}"), ACCEPTED)
            asked.let_go()
            for message in stuck:
                bob.wait_for(message, MessageState.SENT)
    assert len(provider.texts) == 8
    assert len(codes(ours)) == 10


def test_a_change_is_noticed_by_a_sender_that_runs(
    bob: Writers, ours: PostOffice, theirs: PostOffice
) -> None:
    with PostOffice() as another, sending(bob, outgoing_to(relay_of(ours))):
        bob.wait_for(bob.queue("111111"), ACCEPTED)
        set_mail(bob.installation, bob.environment, relay_of(theirs))
        bob.wait_for(bob.queue("222222"), ACCEPTED)
        set_mail(bob.installation, bob.environment, relay_of(another))
        bob.wait_for(bob.queue("333333"), ACCEPTED)
        assert clear(bob.installation, bob.environment, DeliveryKind.MAIL)
        assert not clear(bob.installation, bob.environment, DeliveryKind.MAIL)
        bob.wait_for(bob.queue("444444"), ACCEPTED)
        assert (codes(theirs), codes(another)) == ({"222222"}, {"333333"})
    assert codes(ours) == {"111111", "444444"}


def test_the_rate_of_an_own_server_is_its_own(
    ann: Writers, bob: Writers, ours: PostOffice, theirs: PostOffice
) -> None:
    set_mail(bob.installation, bob.environment, relay_of(theirs), rate=3)
    for number in range(5):
        ann.queue(f"1{number:05}")
        bob.queue(f"2{number:05}")
    outgoing = outgoing_to(relay_of(ours), rate=4)
    ann.send_all_due(outgoing)
    assert (len(ours.mails), len(theirs.mails)) == (4, 3)
    ann.clock.forward(MINUTE)
    ann.send_all_due(outgoing)
    assert (len(ours.mails), len(theirs.mails)) == (5, 5)


def test_an_environment_with_its_own_provider_still_shares_the_installation_s_rate_of_mails(
    ann: Writers, bob: Writers, ours: PostOffice
) -> None:
    set_texts(bob.installation, bob.environment, "json://127.0.0.1/{to}")
    for number in range(3):
        ann.queue(f"1{number:05}")
        bob.queue(f"2{number:05}")
    ann.send_all_due(outgoing_to(relay_of(ours), rate=4))
    assert len(ours.mails) == 4


@pytest.mark.parametrize("values", [{"sealed": b"x" * 60}, {"key_version": 99}], ids=str)
def test_a_route_that_somebody_changed_is_not_used_and_nothing_takes_its_place(
    bob: Writers, ours: PostOffice, theirs: PostOffice, values: dict[str, object]
) -> None:
    """Its messages wait until an operator has looked, as long as they may."""
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    bob.database.write(lambda c: c.execute(update(table).values(**values)).close())
    message = bob.queue("222222")
    with capture_logs() as logged:
        bob.send_all_due(outgoing_to(relay_of(ours)))
    assert [entry["event"] for entry in logged] == ["message_route_unusable"]
    assert "localhost" not in str(logged)
    assert (codes(ours), codes(theirs)) == (set(), set())
    assert bob.state(message) is MessageState.QUEUED
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    bob.clock.forward(MINUTE)
    bob.send_all_due(outgoing_to(relay_of(ours)))
    assert codes(theirs) == {"222222"}


def test_a_route_opens_in_no_other_environment_and_as_no_other_kind(
    ann: Writers, bob: Writers, theirs: PostOffice
) -> None:
    set_mail(bob.installation, bob.environment, relay_of(theirs))
    moves: list[dict[str, object]] = [{"environment_id": ann.environment.id}, {"kind": "text"}]
    for moved in moves:
        with pytest.raises(RouteUnusable):
            _moved(bob, moved)


def _moved(bob: Writers, values: dict[str, object]) -> None:
    before = {"environment_id": bob.environment.id, "kind": "mail"}
    bob.database.write(lambda c: c.execute(update(table).values(**values)).close())
    try:
        where = {**before, **values}["environment_id"]
        assert isinstance(where, bytes)
        own_delivery(bob.installation, where)
    finally:
        bob.database.write(lambda c: c.execute(update(table).values(**before)).close())


def test_what_is_set_is_read_again_and_its_password_is_nowhere_in_the_clear(bob: Writers) -> None:
    relay = Relay(
        host="mail.harbour.example", port=465, tls=Tls.WRAPPED, user="harbour", password="open-me"
    )
    set_mail(bob.installation, bob.environment, relay, rate=30)
    set_texts(bob.installation, bob.environment, "json://account:hidden@127.0.0.1/{to}")
    ways = own_delivery(bob.installation, bob.environment.id)
    assert ways.relay is not None
    assert ways.texts is not None
    assert (ways.relay.relay, ways.relay.rate) == (relay, 30)
    assert ways.texts.url == "json://account:hidden@127.0.0.1/{to}"
    assert "open-me" not in repr(ways)
    assert "hidden" not in repr(ways)
    rows = bob.database.read(lambda c: c.execute(select(table)).all())
    assert all(word not in repr(rows) for word in ("open-me", "hidden", "mail.harbour"))


def test_a_rotation_seals_it_anew(bob: Writers) -> None:
    set_mail(bob.installation, bob.environment, Relay(host="mail.harbour.example", port=587))
    rotation = keys.rotate(bob.installation, now=bob.clock(), progress=lambda _done, _total: None)
    assert rotation.resealed == 1
    version = bob.database.read(lambda c: c.execute(select(table.c.key_version)).scalar_one())
    assert version == 2
    ways = own_delivery(bob.installation, bob.environment.id)
    assert ways.relay is not None
    assert ways.relay.relay.host == "mail.harbour.example"


@pytest.mark.both_databases
def test_changes_are_events_without_secrets(bob: Writers) -> None:
    relay = Relay(host="mail.harbour.example", port=587, user="harbour", password="open-me")
    set_mail(bob.installation, bob.environment, relay)
    set_look(bob.installation, bob.environment, {"accent": "#0b6e6e"})
    set_look(bob.installation, bob.environment, {"accent": "#0b6e6e"})
    clear(bob.installation, bob.environment, DeliveryKind.MAIL)
    rows = bob.database.read(
        lambda c: c.execute(
            select(events.c.kind, events.c.data).where(
                events.c.kind.in_([EventKind.DELIVERY_CHANGED, EventKind.LOOK_CHANGED])
            )
        ).all()
    )
    assert sorted((row.kind, '"did":"set"' in row.data) for row in rows) == [
        (EventKind.DELIVERY_CHANGED.value, False),
        (EventKind.DELIVERY_CHANGED.value, True),
        (EventKind.LOOK_CHANGED.value, False),
    ]
    assert any("mail.harbour.example" in row.data for row in rows)
    assert "open-me" not in repr(rows)


def test_a_look_is_changed_part_by_part(bob: Writers) -> None:
    place = bob.environment
    set_look(bob.installation, place, {"accent": "#0b6e6e", "logo_name": "aa"}, logo=b"picture")
    look = set_look(bob.installation, place, {"sender_name": "The Harbour"})
    assert look == Look(accent="#0b6e6e", logo_name="aa", sender_name="The Harbour")
    assert own_delivery(bob.installation, place.id) == OwnDelivery(look=look)
    everything = dict.fromkeys(("accent", "logo_name", "sender_name"))
    assert set_look(bob.installation, place, everything) == NO_LOOK
    assert own_delivery(bob.installation, place.id) == OwnDelivery()
