"""``/sign-in/sent-code``: what the page says of a message that does not come (CS-2, CS-7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.codes_by_mail import (
    ADDRESS,
    GATEWAY,
    MASKED,
    SEND,
    SENT,
    ask,
    enter,
    get_in,
    sent,
    somebody,
    type_in,
)
from tests.helpers.house import House
from tests.helpers.http import Answer, Client
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import outgoing_to, relay_of
from twostep.core.contacts import ContactKind
from twostep.core.messages import MOST_BROKEN_OFF
from twostep.flows.sending import Sender

WATCHES = {"Twostep-Watches": "1"}
LIVE = f'data-live="{SENT}?to='
CONFIRM = "/security/confirm/sent-code"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


def send_all(house: House, office: PostOffice) -> None:
    """Whatever is due."""
    sender = Sender(house.installation, outgoing_to(relay_of(office)))
    sender.start()
    sender.stop()


def with_a_text(house: House) -> tuple[Client, Answer]:
    """Ann, to whose gateway a code is on its way; she has an email address as well."""
    enter(house, somebody(house), GATEWAY, ContactKind.SMS_EMAIL)
    return ask(house)


def test_a_refused_message_is_told_with_the_other_ways_first(
    house: House, office: PostOffice
) -> None:
    office.on_recipient = lambda _number, _address: "550 5.1.1 nobody"
    client, page = with_a_text(house)
    assert LIVE in page.text
    assert f"Send a code by email to {MASKED}" not in page.text
    send_all(house, office)
    page = client.get(SENT)
    assert "could not be handed over: it will not come." in page.text
    assert "Choose another way below." in page.text
    assert f"Send a code by email to {MASKED}" in page.text
    assert LIVE not in page.text, "nothing more becomes of it"
    assert "junk mail" not in page.text
    assert "/sign-in/another-way" not in page.text


def test_a_message_that_a_server_took_without_saying_so_is_not_said_to_be_lost(
    house: House, office: PostOffice
) -> None:
    office.on_content = lambda _number, _content: None
    client, _ = with_a_text(house)
    for _ in range(MOST_BROKEN_OFF):
        send_all(house, office)
        house.clock.forward(MINUTE)
    page = client.get(SENT)
    assert "did not say that it took it. It may still come." in page.text
    assert "it will not come" not in page.text
    assert f"Send a code by email to {MASKED}" in page.text
    assert LIVE not in page.text
    house.clock.forward(10 * MINUTE)
    page = client.get(SENT)
    assert "is no longer good." in page.text
    assert "It may still come" not in page.text


def test_whoever_signs_in_anew_within_a_moment_is_told_when_a_code_can_come(house: House) -> None:
    """The code of the tab before is of no use here, and no new one could be sent."""
    somebody(house)
    client, page = ask(house)
    code = sent(house)
    house.clock.forward(10 * SECOND)
    _, again = ask(house, client=client)
    assert "The last code was sent only just now. Ask for another one in 20 seconds." in again.text
    typed = type_in(client, page, code)
    assert typed.status == 403
    assert "That code was for an earlier sign-in in this browser." in typed.text
    house.clock.forward(20 * SECOND)
    assert "only just now" not in client.get(SENT).text


def test_a_message_that_is_put_off_is_late_until_it_is_taken(
    house: House, office: PostOffice
) -> None:
    office.on_recipient = lambda number, _: "451 4.7.1 later" if number == 1 else "250 Ok"
    client, _ = with_a_text(house)
    send_all(house, office)
    page = client.get(SENT)
    assert "is late: it was not taken at the first try." in page.text
    assert f"Send a code by email to {MASKED}" in page.text
    assert LIVE in page.text
    house.clock.forward(5 * SECOND)
    send_all(house, office)
    page = client.get(SENT)
    assert "We sent a 6-digit code to" in page.text
    assert "late" not in page.text
    assert f"Send a code by email to {MASKED}" not in page.text
    assert LIVE not in page.text
    assert [mail.recipients for mail in office.mails] == [(GATEWAY,)]


def test_somebody_without_another_way_is_told_where_help_is(
    house: House, office: PostOffice
) -> None:
    house.set(house.northside, "support_contact", "it@northside.example")
    office.on_recipient = lambda _number, _address: "550 5.1.1 nobody"
    somebody(house)
    client, _ = ask(house)
    send_all(house, office)
    page = client.get(SENT)
    assert "Whom to ask stands below." in page.text
    assert "it@northside.example" in page.text
    assert "Choose another way" not in page.text


def test_a_page_that_answered_a_form_knows_where_it_is_found_again(house: House) -> None:
    """Its own address takes forms alone, or shows the last way, whichever was looked at."""
    client, page = with_a_text(house)
    early = client.post(SEND, {"csrf": page.form(SENT).fields["csrf"], "to": "sms_email"})
    assert early.status == 429
    assert f'{LIVE}sms_email"' in early.text
    assert client.get(SEND).status == 200
    wrong = client.submit(page, SENT, code="1")
    assert f'{LIVE}sms_email"' in wrong.text


def test_a_page_that_was_left_open_keeps_no_session_alive(house: House) -> None:
    """A fresh proof by a sent code: the page asks by itself, and that is nobody's use."""
    somebody(house)
    client = get_in(house)
    house.clock.forward(10 * MINUTE)
    asking = f"{CONFIRM}?act=contacts"
    page = client.follow(client.submit(client.get(asking), f"{CONFIRM}/send"))
    assert f'data-live="{CONFIRM}?act=contacts&amp;to=email"' in page.text
    answers = []
    for _ in range(6):
        house.clock.forward(10 * MINUTE)
        answers.append(client.get(asking, WATCHES).status)
    assert answers == [200] * 5 + [204]
    assert client.get("/security").status == 303
    assert ADDRESS not in page.text


def test_whoever_gets_in_by_a_sent_code_is_not_told_that_a_password_is_all_they_have(
    house: House,
) -> None:
    somebody(house)
    client = get_in(house)
    assert "Your password is your only protection" not in client.get("/").text
