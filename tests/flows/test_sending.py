"""The sender against a real SMTP server: what is claimed here is compared with what it heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.helpers.clocks import MINUTE, SECOND, HandClock
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import (
    ADDRESS,
    Writers,
    add_environment,
    make_writers,
    outgoing_to,
    relay_of,
)
from tests.helpers.text_provider import text_provider
from tests.storage.waiting import until
from twostep.clock import Clock
from twostep.core.audit import EventKind
from twostep.core.messages import GaveUp, MessageKind, MessageState, Route, Try
from twostep.delivery.mail_form import Mail
from twostep.delivery.outcomes import Outcome
from twostep.delivery.texts import Provider
from twostep.flows import sending as sending_module
from twostep.flows.sending import Sender, wait_after
from twostep.flows.tries import Outgoing
from twostep.storage.database import Database, DatabaseAway, Unit
from twostep.storage.tables import events
from twostep.storage.tables import messages as table
from twostep.storage.units import T

ACCEPTED = MessageState.ACCEPTED


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@contextmanager
def sending(writers: Writers, outgoing: Outgoing) -> Iterator[Sender]:
    sender = Sender(writers.installation, outgoing)
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def codes(office: PostOffice) -> list[str]:
    """In the order in which the server took them."""
    return [str(mail.message["Subject"]).rpartition(" ")[2] for mail in office.mails]


def test_a_message_is_sent_right_after_its_act(writers: Writers, office: PostOffice) -> None:
    with sending(writers, outgoing_to(relay_of(office))):
        message = writers.queue("918273")
        writers.wait_for(message, ACCEPTED)
    (mail,) = office.mails
    assert mail.recipients == (ADDRESS,)
    assert mail.message["Subject"] == "Your Northside code is 918273"
    assert mail.message["Message-ID"] == f"<{message.hex()}@login.example>"
    row = writers.listed(message)
    assert row.words == office.said()[-2] == "250 2.0.0 Ok: queued as 1"
    assert (row.attempts, row.tried_at, row.settled_at) == (1, writers.clock(), writers.clock())
    assert [tried.ended for tried in row.history] == [Try.ACCEPTED]


def test_what_is_sent_is_gone_from_the_row(writers: Writers, office: PostOffice) -> None:
    message = writers.queue()
    writers.send_all_due(outgoing_to(relay_of(office)))
    sealed = writers.database.read(
        lambda c: c.execute(select(table.c.sealed).where(table.c.id == message)).scalar_one()
    )
    assert sealed is None


def test_a_sender_that_is_stopped_sends_what_is_due_first(
    writers: Writers, office: PostOffice
) -> None:
    queued = [writers.queue(f"{number:06}") for number in range(11)]
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert {writers.state(message) for message in queued} == {ACCEPTED}
    assert sorted(codes(office)) == [f"{number:06}" for number in range(11)]


def test_a_greylisted_message_goes_with_the_same_content_later(
    writers: Writers, office: PostOffice
) -> None:
    office.on_recipient = lambda number, _: "451 4.7.1 Greylisted" if number < 3 else "250 Ok"
    outgoing = outgoing_to(relay_of(office))
    message = writers.queue("918273")
    writers.send_all_due(outgoing)
    row = writers.listed(message)
    assert (row.state, row.words) == (MessageState.QUEUED, "451 4.7.1 Greylisted")
    assert row.due_at == writers.clock() + 5 * SECOND
    writers.send_all_due(outgoing)
    assert office.recipients_asked == 1, "it is not due yet"
    writers.clock.forward(5 * SECOND)
    writers.send_all_due(outgoing)
    writers.clock.forward(10 * SECOND)
    writers.send_all_due(outgoing)
    row = writers.listed(message)
    assert (row.state, row.attempts) == (ACCEPTED, 3)
    assert [tried.ended for tried in row.history] == [Try.PUT_OFF, Try.PUT_OFF, Try.ACCEPTED]
    assert codes(office) == ["918273"]


def test_a_refusal_is_final_and_quoted_without_address_and_code(
    writers: Writers, office: PostOffice
) -> None:
    """AC-67: servers quote the recipient, and filters the subject."""
    office.on_content = lambda _number, _content: f"554 <{ADDRESS}>: 'code is 918273' is spam"
    message = writers.queue("918273")
    writers.send_all_due(outgoing_to(relay_of(office)))
    row = writers.listed(message)
    assert row.state is MessageState.REFUSED
    assert row.words == "554 <a•••@northside.example>: 'code is ••••••' is spam"
    assert row.history[0].words == row.words
    writers.clock.forward(5 * MINUTE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert office.contents_asked == 1


def test_a_connection_that_breaks_in_the_content_is_tried_again_and_says_so(
    writers: Writers, office: PostOffice
) -> None:
    office.on_content = lambda number, _: None if number == 1 else "250 Ok"
    message = writers.queue("918273")
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert [tried.ended for tried in writers.listed(message).history] == [Try.BROKEN_OFF]
    writers.clock.forward(5 * SECOND)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.state(message) is ACCEPTED
    assert codes(office) == ["918273"]


def test_a_code_is_given_up_when_its_time_is_over_with_the_last_words(
    writers: Writers, office: PostOffice
) -> None:
    office.on_recipient = lambda _number, _address: "451 4.3.0 Not now"
    message = writers.queue(lasts=MINUTE)
    for _ in range(20):
        writers.send_all_due(outgoing_to(relay_of(office)))
        writers.clock.forward(5 * SECOND)
    row = writers.listed(message)
    assert (row.state, row.reason) == (MessageState.GIVEN_UP, GaveUp.TIME_OVER)
    assert row.words == "451 4.3.0 Not now"
    assert office.recipients_asked == row.attempts == 4
    assert row.history[-1].at <= row.made_at + MINUTE


def test_a_message_whose_time_is_over_before_it_is_tried_is_not_sent(
    writers: Writers, office: PostOffice
) -> None:
    message = writers.queue(lasts=MINUTE)
    writers.clock.forward(MINUTE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.listed(message).reason is GaveUp.TIME_OVER
    assert office.dialogue == []


def test_without_a_way_out_a_message_is_given_up_with_that_reason(writers: Writers) -> None:
    by_mail = writers.queue()
    by_text = writers.queue(to="+15552345678", route=Route.TEXT_PROVIDER)
    writers.send_all_due(Outgoing())
    for message in (by_mail, by_text):
        row = writers.listed(message)
        assert (row.state, row.reason) == (MessageState.GIVEN_UP, GaveUp.NO_ROUTE)


def test_a_box_that_was_tampered_with_is_given_up_and_keeps_nobody_waiting(
    writers: Writers, office: PostOffice
) -> None:
    bad, good = writers.queue("111111"), writers.queue("222222")
    writers.database.write(
        lambda c: c.execute(update(table).where(table.c.id == bad).values(sealed=b"x")).close()
    )
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.listed(bad).reason is GaveUp.UNREADABLE
    assert writers.state(good) is ACCEPTED
    assert codes(office) == ["222222"]


def test_a_code_never_waits_behind_notices(writers: Writers, office: PostOffice) -> None:
    """Half of the places are never theirs, so a code goes while notices hang."""
    let_go = asyncio.Event()
    waiting: list[int] = []

    async def hang() -> None:
        if len(waiting) < 2:
            waiting.append(1)
            await let_go.wait()

    office.waits = hang
    notices = [writers.queue(kind=MessageKind.TEST) for _ in range(8)]
    with writers_kind(writers, notices), sending(writers, outgoing_to(relay_of(office))):
        until(lambda: len(waiting) == 2)
        code = writers.queue("918273")
        writers.wait_for(code, ACCEPTED)
        assert codes(office)[0] == "918273"
        assert all(writers.state(notice) is not ACCEPTED for notice in notices)
        office._loop.call_soon_threadsafe(let_go.set)
        for notice in notices:
            writers.wait_for(notice, ACCEPTED)


@contextmanager
def writers_kind(writers: Writers, notices: list[bytes]) -> Iterator[None]:
    """Test messages as notices: the templates of real ones come with their acts."""
    writers.database.write(
        lambda c: c.execute(update(table).where(table.c.id.in_(notices)).values(priority=1)).close()
    )
    yield


def test_the_relay_s_rate_is_kept_and_codes_have_a_share_of_it(
    writers: Writers, office: PostOffice
) -> None:
    outgoing = outgoing_to(relay_of(office), rate=6)
    notices = [writers.queue(kind=MessageKind.TEST) for _ in range(8)]
    with writers_kind(writers, notices):
        writers.send_all_due(outgoing)
        assert len(office.mails) == 4
        queued = [writers.queue(f"{number:06}") for number in range(4)]
        writers.send_all_due(outgoing)
        assert len(office.mails) == 6
        assert sum(writers.state(message) is ACCEPTED for message in queued) == 2
        writers.clock.forward(MINUTE)
        writers.send_all_due(outgoing)
        assert len(office.mails) == 10
        assert {writers.state(message) for message in queued} == {ACCEPTED}


def test_two_senders_send_each_message_once(writers: Writers, office: PostOffice) -> None:
    outgoing = outgoing_to(relay_of(office))
    with sending(writers, outgoing), sending(writers, outgoing):
        queued = [writers.queue(f"{number:06}") for number in range(40)]
        for message in queued:
            writers.wait_for(message, ACCEPTED)
    assert sorted(codes(office)) == [f"{number:06}" for number in range(40)]


def test_a_message_whose_sender_hangs_is_the_next_one_s(
    writers: Writers, office: PostOffice
) -> None:
    """It may come twice, and both say the same. The first sender's outcome counts no more."""
    let_go = asyncio.Event()
    message = writers.queue("918273")
    office.waits = let_go.wait
    with sending(writers, outgoing_to(relay_of(office), most_at_once=1)):
        until(lambda: office.contents_asked == 1)
        office.waits = None
        outgoing = outgoing_to(relay_of(office))
        writers.send_all_due(outgoing)
        assert writers.state(message) is MessageState.SENDING
        writers.clock.forward(MINUTE)
        writers.send_all_due(outgoing)
        row = writers.listed(message)
        assert (row.state, row.attempts) == (ACCEPTED, 2)
        assert [tried.ended for tried in row.history] == [Try.INTERRUPTED, Try.ACCEPTED]
        assert codes(office) == ["918273"]
        office._loop.call_soon_threadsafe(let_go.set)
    assert writers.listed(message) == row
    first, second = office.mails
    assert first.content == second.content


def test_texts_go_by_the_gateway_and_by_the_provider(writers: Writers, office: PostOffice) -> None:
    expected = "Northside: your code is 918273\n\n@login.northside.example #918273"
    with text_provider() as provider:
        outgoing = outgoing_to(relay_of(office), texts=Provider(provider.url))
        by_gateway = writers.queue("918273", to="5552345678@text.example", route=Route.TEXT_GATEWAY)
        by_provider = writers.queue("918273", to="+15552345678", route=Route.TEXT_PROVIDER)
        writers.send_all_due(outgoing)
        assert writers.state(by_gateway) is ACCEPTED
        assert writers.state(by_provider) is MessageState.SENT
        assert provider.texts == [("/texts/+15552345678", expected)]
    (mail,) = office.mails
    assert mail.message.get_content().replace("\r\n", "\n").strip() == expected
    assert mail.message["Subject"] == ""


def test_ac_53_a_provider_that_takes_nothing_is_asked_three_times(writers: Writers) -> None:
    """AC-53: it may have taken each, and each costs money."""
    with text_provider() as provider:
        provider.status = 500
        outgoing = Outgoing(texts=Provider(provider.url))
        message = writers.queue("918273", to="+15552345678", route=Route.TEXT_PROVIDER)
        for _ in range(6):
            writers.send_all_due(outgoing)
            writers.clock.forward(MINUTE)
        row = writers.listed(message)
        assert (row.state, row.reason) == (MessageState.GIVEN_UP, GaveUp.TRIED_ENOUGH)
        assert len(provider.texts) == row.attempts == 3
        assert "918273" not in str(row)
        assert "5552345678" not in str(row)


def test_ac_72_each_environment_writes_in_its_own_name(
    writers: Writers, office: PostOffice
) -> None:
    """AC-72: with equal user ids and addresses, whoever sends them together."""
    other = add_environment(writers.installation, writers.clock, "Harbour", user_id=writers.user_id)
    writers.queue("111111")
    other.queue("222222")
    writers.queue("333333", to="5552345678@text.example", route=Route.TEXT_GATEWAY)
    other.queue("444444", to="5552345678@text.example", route=Route.TEXT_GATEWAY)
    writers.send_all_due(outgoing_to(relay_of(office)))
    told = {
        (str(mail.message["From"]), mail.message.as_string().count("Harbour") > 0)
        for mail in office.mails
        if mail.message["Subject"]
    }
    assert told == {
        ("Northside <codes@login.example>", False),
        ("Harbour <codes@login.example>", True),
    }
    texts = [mail.message.get_content() for mail in office.mails if not mail.message["Subject"]]
    assert sorted(text.splitlines()[-1] for text in texts) == [
        "@login.harbour.example #444444",
        "@login.northside.example #333333",
    ]


class SometimesAway:
    """A database that is away at some of its writes, counted from 1."""

    def __init__(self, inner: Database, away_at: set[int]) -> None:
        self._inner, self._away_at, self.writes = inner, away_at, 0

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        return self._inner.kind

    def write(self, unit: Unit[T]) -> T:
        self.writes += 1
        if self.writes in self._away_at:
            raise DatabaseAway("it is away")
        return self._inner.write(unit)

    def read(self, unit: Unit[T]) -> T:
        return self._inner.read(unit)

    def clock_skew(self, clock: Clock) -> int:
        return self._inner.clock_skew(clock)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("away_at", [{1}, {2}, {2, 3, 4}], ids=str)
def test_a_database_that_goes_away_for_a_moment_loses_nothing_and_sends_nothing_twice(
    writers: Writers, office: PostOffice, away_at: set[int]
) -> None:
    """The first write is the claim, the second one is what became of it."""
    message = writers.queue("918273")
    database = SometimesAway(writers.database, away_at)
    moved = replace(writers, installation=replace(writers.installation, database=database))
    with capture_logs() as logged, sending(moved, outgoing_to(relay_of(office))):
        writers.wait_for(message, ACCEPTED)
    assert [entry["event"] for entry in logged] == ["messages_wait_for_database"] * len(away_at)
    assert codes(office) == ["918273"]


def test_the_waits_for_a_database_grow_to_half_a_minute() -> None:
    assert [wait_after(failures) for failures in (0, 1, 2, 5, 9_999)] == [1, 2, 4, 30, 30]


def test_a_text_that_an_operator_s_template_makes_too_long_is_given_up_with_that_reason(
    writers: Writers, office: PostOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "templates" / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "sms.txt").write_text("{{ data.code }} " + "and so on " * 20)
    outgoing = replace(outgoing_to(relay_of(office)), templates_dir=tmp_path / "templates")
    message = writers.queue(to="5552345678@text.example", route=Route.TEXT_GATEWAY)
    writers.send_all_due(outgoing)
    assert writers.listed(message).reason is GaveUp.TOO_LONG
    assert office.mails == []


def test_what_became_of_a_message_is_an_event(writers: Writers, office: PostOffice) -> None:
    """SECURITY §5.8: a code sent, by which route, with which result; and never the code."""
    writers.queue("918273")
    writers.send_all_due(outgoing_to(relay_of(office)))
    found = writers.database.read(
        lambda c: c.execute(
            select(events).where(events.c.kind == EventKind.MESSAGE_SETTLED.value)
        ).all()
    )
    assert [row.target_id for row in found] == [writers.user_id]
    assert '"result":"accepted"' in found[0].data
    assert "918273" not in found[0].data


def test_ac_67_no_log_holds_a_code_or_an_address(
    writers: Writers, office: PostOffice, tmp_path: Path
) -> None:
    """AC-67, also where a template fails."""
    folder = tmp_path / "templates" / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ data.code.missing }}")
    outgoing = outgoing_to(relay_of(office))
    with capture_logs() as logged:
        writers.queue("918273")
        writers.send_all_due(replace(outgoing, templates_dir=tmp_path / "templates"))
        office.on_recipient = lambda _number, _address: "550 5.1.1 No"
        writers.queue("918273")
        writers.send_all_due(outgoing)
    assert [entry["event"] for entry in logged] == ["message_template_wrong"]
    assert "918273" not in str(logged)
    assert ADDRESS not in str(logged)


def test_a_row_that_nobody_understands_does_not_end_the_sender(
    writers: Writers, office: PostOffice
) -> None:
    """Tampered with, or of a later version. It is logged, and mended it goes."""
    message = writers.queue("918273")

    def rename(kind: str) -> None:
        changed = update(table).where(table.c.id == message).values(kind=kind)
        writers.database.write(lambda c: c.execute(changed).close())

    rename("telegram")
    with capture_logs() as logged, sending(writers, outgoing_to(relay_of(office))):
        until(lambda: any(entry["event"] == "messages_not_read" for entry in logged))
        rename("code")
        writers.installation.messages_wait.set()
        writers.wait_for(message, ACCEPTED)
    assert codes(office) == ["918273"]


def test_a_sender_that_waits_for_a_database_is_stopped_at_once(
    writers: Writers, office: PostOffice
) -> None:
    """It would wait for seconds; nothing here does."""
    writers.queue("918273")
    database = SometimesAway(writers.database, set(range(1, 100)))
    moved = replace(writers.installation, database=database)
    sender = Sender(moved, outgoing_to(relay_of(office)))
    with capture_logs() as logged:
        sender.start()
        until(lambda: len(logged) >= 2)
        sender.stop()
    assert office.dialogue == []


def test_a_sender_that_is_stopped_does_not_wait_for_a_server_that_hangs(
    writers: Writers, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves is claimed again, and goes with the same content."""
    monkeypatch.setattr(sending_module, "LAST_ROUND_SECONDS", 0.1)
    hangs = asyncio.Event()
    office.waits = hangs.wait
    message = writers.queue("918273")
    with capture_logs() as logged, sending(writers, outgoing_to(relay_of(office))):
        until(lambda: writers.state(message) is MessageState.SENDING)
    assert [entry["event"] for entry in logged] == ["messages_left"]
    assert writers.state(message) is MessageState.SENDING
    office.waits = None
    writers.clock.forward(MINUTE)
    monkeypatch.undo()
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.state(message) is ACCEPTED
    assert set(codes(office)) == {"918273"}


class Broken:
    """A door with a mistake in it."""

    async def send(self, mail: Mail) -> Outcome:
        raise ArithmeticError(f"a mistake that quotes {mail.subject}")

    async def close(self) -> None:
        """Nothing is open."""


def test_a_mistake_of_ours_costs_one_try_and_is_logged_by_its_kind_alone(
    writers: Writers, office: PostOffice
) -> None:
    message = writers.queue("918273")
    with capture_logs() as logged:
        writers.send_all_due(Outgoing(open_mail=Broken))
    assert [(entry["event"], entry["error"]) for entry in logged] == [
        ("message_failed", "ArithmeticError")
    ]
    assert "918273" not in str(logged)
    writers.clock.forward(MINUTE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    row = writers.listed(message)
    assert (row.state, row.history[0].ended) == (ACCEPTED, Try.INTERRUPTED)


def test_a_way_out_that_cannot_be_opened_is_logged_and_ends_nothing_else(writers: Writers) -> None:
    def cannot() -> Broken:
        raise OSError("no such file of authorities")

    message = writers.queue()
    with capture_logs() as logged:
        writers.send_all_due(Outgoing(open_mail=cannot))
    assert [entry["event"] for entry in logged] == ["sender_failed"]
    assert writers.state(message) is MessageState.QUEUED
