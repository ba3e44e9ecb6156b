"""What is kept of a server's words, and of a server that does not say what it did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clocks import MINUTE, HandClock
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import ADDRESS, Writers, make_writers, outgoing_to, relay_of
from twostep.core.messages import MOST_BROKEN_OFF, GaveUp, MessageState, Route, Try
from twostep.delivery.outcomes import MOST_WORDS
from twostep.storage.database import Database

CODE = "918273"


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.mark.parametrize(
    "quoted",
    [
        "918 273",
        "918-273",
        "9 1 8 2 7 3",
        "918\x07273",
        "=?utf-8?B?VHUgY8OzZGlnbyA5MTgyNzM=?=",
        "=?utf-8?q?C=C3=B3digo_918273?=",
        "=?utf-8?B?VHUgY8OzZGlnbyA5MTgyNzM",
    ],
)
def test_a_code_that_is_quoted_in_another_form_is_not_kept(
    writers: Writers, office: PostOffice, quoted: str
) -> None:
    """AC-67."""
    office.on_content = lambda _number, _content: f"554 5.7.1 spam: {quoted} in it"
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    row = writers.listed(message)
    assert row.state is MessageState.REFUSED
    assert row.words == row.history[0].words == "554 5.7.1 spam: •••••• in it"


def test_a_code_over_two_lines_of_an_answer_is_not_kept(
    writers: Writers, office: PostOffice
) -> None:
    office.on_content = lambda _number, _content: "554-5.7.1 spam: 918\r\n554 273 in it"
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.listed(message).words == "554 5.7.1 spam: •••••• in it"


@pytest.mark.parametrize("before", range(MOST_WORDS - 10, MOST_WORDS))
def test_of_a_code_at_the_cut_of_a_long_answer_no_digit_is_kept(
    writers: Writers, office: PostOffice, before: int
) -> None:
    filler = "x" * (before - len("554 ") - 1)
    office.on_content = lambda _number, _content: f"554 {filler} {CODE} is spam"
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    row = writers.listed(message)
    assert row.words is not None
    assert len(row.words) <= MOST_WORDS
    assert not set(row.words.removeprefix("554")) & set(CODE)


def test_of_a_gateway_s_address_the_number_alone_is_not_kept(
    writers: Writers, office: PostOffice
) -> None:
    office.on_recipient = lambda _number, _address: "550 5.1.1 2125552368 is no subscriber"
    message = writers.queue(CODE, to="2125552368@gateway.example", route=Route.TEXT_GATEWAY)
    writers.send_all_due(outgoing_to(relay_of(office)))
    row = writers.listed(message)
    assert row.state is MessageState.REFUSED
    assert row.words is not None
    assert "2125552368" not in row.words
    assert row.words.endswith("is no subscriber")


def test_an_address_in_capitals_is_not_kept(writers: Writers, office: PostOffice) -> None:
    office.on_recipient = lambda _number, address: f"550 <{address.title()}> unknown"
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.listed(message).words == "550 <a•••@northside.example> unknown"
    assert office.heard()[2].endswith(f"<{ADDRESS}>")


def test_a_server_that_never_says_that_it_took_a_mail_does_not_get_it_without_end(
    writers: Writers, office: PostOffice
) -> None:
    """A filter behind it is slow: each of them may have been delivered."""
    office.on_content = lambda _number, _content: None
    message = writers.queue(CODE)
    for _ in range(2 * MOST_BROKEN_OFF):
        writers.send_all_due(outgoing_to(relay_of(office)))
        writers.clock.forward(MINUTE)
    row = writers.listed(message)
    assert (row.state, row.reason) == (MessageState.GIVEN_UP, GaveUp.BROKEN_OFF)
    assert [tried.ended for tried in row.history] == [Try.BROKEN_OFF] * MOST_BROKEN_OFF
    assert office.contents_asked == MOST_BROKEN_OFF


def test_a_server_that_was_away_before_and_after_is_still_tried(
    writers: Writers, office: PostOffice
) -> None:
    answers = {2: None, 4: None, 6: "250 Ok"}
    office.on_content = lambda number, _content: answers.get(number, "451 4.3.0 Not now")
    message = writers.queue(CODE)
    for _ in range(6):
        writers.send_all_due(outgoing_to(relay_of(office)))
        writers.clock.forward(MINUTE)
    assert writers.state(message) is MessageState.ACCEPTED


@pytest.mark.parametrize("answer", ["hello there", "250 " + "z" * 10_000])
def test_an_answer_that_cannot_be_read_is_no_refusal(
    writers: Writers, office: PostOffice, answer: str
) -> None:
    office.on_content = lambda number, _content: answer if number == 1 else "250 Ok"
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    first = writers.listed(message).history[0]
    assert first.ended is Try.BROKEN_OFF
    assert first.words.startswith("the mail server's answer cannot be read")
    writers.clock.forward(MINUTE)
    writers.send_all_due(outgoing_to(relay_of(office)))
    assert writers.state(message) is MessageState.ACCEPTED
    assert office.connections == 2


def test_a_template_of_the_operator_that_fails_is_not_told_as_a_server_that_was_away(
    writers: Writers, office: PostOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    (folder / "messages" / "code").mkdir(parents=True)
    (folder / "messages" / "code" / "text.txt").write_text("{{ data.code.kode }}")
    message = writers.queue(CODE)
    writers.send_all_due(outgoing_to(relay_of(office), templates_dir=folder))
    row = writers.listed(message)
    assert [tried.ended for tried in row.history] == [Try.NOT_BEGUN]
    assert office.connections == 0
