"""Reports that come back: matched by the address they came to, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.helpers.clocks import HandClock
from tests.helpers.delivery_reports import report
from tests.helpers.post_office import PostOffice
from tests.helpers.sealed_rows import everything_in
from tests.helpers.senders import ADDRESS, Writers, make_writers, outgoing_to, relay_of
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageState, Route, Try
from twostep.core.users import User
from twostep.delivery.reports import read_report
from twostep.flows.bounces import Taken, take_report
from twostep.flows.contact_entries import set_for_user
from twostep.flows.looks import set_look
from twostep.storage.database import Database
from twostep.storage.tables import contacts, events

pytestmark = pytest.mark.sqlite_alone

BOUNCES = "bounces@login.example"


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


def sent(writers: Writers, office: PostOffice, **more: object) -> tuple[bytes, str]:
    """A message that the server has accepted, and the address from which it came."""
    message = writers.queue("918273", **more)  # type: ignore[arg-type]  # as queue has them
    writers.send_all_due(outgoing_to(relay_of(office), envelope_sender=BOUNCES))
    assert writers.state(message) is MessageState.ACCEPTED
    return message, office.mails[-1].sender


def take(writers: Writers, content: bytes) -> Taken:
    read = read_report(content)
    assert read is not None
    return take_report(writers.installation, read)


def failed_of(writers: Writers) -> list[str | None]:
    return list(writers.database.read(lambda c: c.execute(select(contacts.c.failed)).scalars()))


def test_each_message_comes_from_an_address_of_its_own(
    writers: Writers, office: PostOffice
) -> None:
    """The header says the sender, whom a person may answer."""
    _, first = sent(writers, office)
    _, second = sent(writers, office)
    _, gateway = sent(writers, office, to="5552345678@text.example", route=Route.TEXT_GATEWAY)
    assert len({first, second, gateway}) == 3
    for address in (first, second, gateway):
        assert address.startswith("bounces+")
        assert address.endswith("@login.example")
    assert all(mail.message["From"].endswith("codes@login.example>") for mail in office.mails[:2])


def test_without_an_address_for_them_the_sender_is_the_sender(
    writers: Writers, office: PostOffice
) -> None:
    writers.queue()
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert office.mails[-1].sender == "codes@login.example"


def test_an_environment_may_have_an_address_for_them_of_its_own(
    writers: Writers, office: PostOffice
) -> None:
    set_look(writers.installation, writers.environment, {"bounces": "b@northside.example"})
    message, address = sent(writers, office)
    assert address.startswith("b+")
    assert address.endswith("@northside.example")
    assert take(writers, report(address)) is Taken.BOUNCED
    assert writers.state(message) is MessageState.BOUNCED


@pytest.mark.both_databases
def test_a_message_that_came_back_is_bounced_with_the_server_s_words(
    writers: Writers, office: PostOffice
) -> None:
    message, address = sent(writers, office)
    other, _ = sent(writers, office)
    writers.clock.forward(5_000)
    assert take(writers, report(address)) is Taken.BOUNCED
    row = writers.listed(message)
    assert row.state is MessageState.BOUNCED
    assert row.words == "5.1.1 550 5.1.1 <a•••@northside.example>: unknown, code ••••••"
    assert [tried.ended for tried in row.history] == [Try.ACCEPTED, Try.BOUNCED]
    assert row.history[-1].at == writers.clock()
    assert writers.state(other) is MessageState.ACCEPTED
    told = writers.database.read(
        lambda c: c.execute(
            select(events.c.data).where(events.c.kind == EventKind.MESSAGE_SETTLED.value)
        ).scalars().all()
    )  # fmt: skip
    assert sum('"result":"bounced"' in data for data in told) == 1


@pytest.mark.both_databases
def test_a_report_of_delay_is_noted_and_the_message_stays_accepted(
    writers: Writers, office: PostOffice
) -> None:
    message, address = sent(writers, office)
    late = report(address, action="delayed", status="4.4.1", diagnosis="smtp; 451 later")
    assert take(writers, late) is Taken.LATE
    row = writers.listed(message)
    assert (row.state, row.words) == (MessageState.ACCEPTED, "4.4.1 451 later")
    assert row.history[-1].ended is Try.DELAYED
    assert take(writers, report(address)) is Taken.BOUNCED


@pytest.mark.parametrize(
    ("status", "marked"), [("5.1.1", "bounced"), ("5.1.10", "bounced"), ("5.2.2", None), ("", None)]
)
def test_an_address_that_is_none_is_marked_and_one_whose_mailbox_is_full_is_not(
    writers: Writers, office: PostOffice, status: str, marked: str | None
) -> None:
    enter(writers, ADDRESS)
    _, address = sent(writers, office)
    assert failed_of(writers) == [None]
    assert take(writers, report(address, status=status)) is Taken.BOUNCED
    assert failed_of(writers) == [marked]


def enter(writers: Writers, address: str) -> None:
    ann = User(
        id=writers.user_id,
        environment_id=writers.environment.id,
        name="ann",
        made_at=writers.clock(),
        password_generation=1,
        second_step_generation=1,
    )
    set_for_user(writers.installation, ann, ContactKind.EMAIL, address, language="en")


def test_what_was_not_accepted_does_not_come_back(writers: Writers, office: PostOffice) -> None:
    """Refused already, or bounced already: a second report changes nothing."""
    _, address = sent(writers, office)
    assert take(writers, report(address)) is Taken.BOUNCED
    before = everything_in(writers.database)
    assert take(writers, report(address, diagnosis="smtp; 550 again")) is Taken.NOT_OURS
    assert everything_in(writers.database) == before


def test_a_report_is_believed_for_the_address_it_came_to_alone(
    writers: Writers, office: PostOffice
) -> None:
    """Not for what stands in the mail that it returns, nor for a Message-ID, nor for two at
    once.
    """
    message, address = sent(writers, office)
    _, other = sent(writers, office)
    before = everything_in(writers.database)
    name, _, domain = address.partition("@")
    forged = f"{name[:-3]}abc@{domain}"
    original = f"Message-ID: <{message.hex()}@login.example>\nReturn-Path: <{address}>"
    for to in (BOUNCES, forged, f"bounces+{message.hex()}@{domain}", f"{address}, {other}"):
        assert take(writers, report(to, original=original)) is Taken.NOT_OURS
    assert everything_in(writers.database) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=42, max_size=42))
def test_no_forged_address_changes_anything(writers: Writers, reference: str) -> None:
    before = everything_in(writers.database)
    forged = f"bounces+{reference}@login.example"
    assert take(writers, report(forged)) is Taken.NOT_OURS
    assert everything_in(writers.database) == before
