"""``/sign-in/sent-code``: a code by email or text message as the second step (CS-1 to CS-3)."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.codes_by_mail import (
    ADDRESS,
    GATEWAY,
    MASKED,
    SEND,
    SENT,
    allow,
    ask,
    enter,
    get_in,
    sent,
    somebody,
    type_in,
)
from tests.helpers.house import House, set_up, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import another_code, letters
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind


def again(client: Client, page: Answer, to: str = "email") -> Answer:
    """**Send again**, or another way."""
    csrf = page.form(SENT).fields["csrf"]
    return client.post(SEND, {"csrf": csrf, "to": to})


def test_the_password_sends_a_code_and_the_code_lets_in(house: House) -> None:
    """CS-1: by itself, with nothing to set up, to the address that an administrator entered."""
    somebody(house)
    client, page = ask(house)
    assert f"A 6-digit code is on its way to {MASKED}." in page.text
    assert ADDRESS not in page.text
    (letter,) = letters(house.installation, MessageKind.CODE)
    assert letter.to == ADDRESS
    assert sent(house) not in page.text
    done = type_in(client, page, f" {sent(house)[:3]}-{sent(house)[3:]} ")
    assert done.location == "/"
    assert client.get("/").status == 200


def test_a_wrong_code_says_how_many_tries_are_left(house: House) -> None:
    somebody(house)
    client, page = ask(house)
    wrong = type_in(client, page, another_code(sent(house)))
    assert wrong.status == 403
    assert "That is not the code of our newest message." in wrong.text
    assert "4 tries left before a pause" in wrong.text
    assert type_in(client, wrong, sent(house)).location == "/"


def test_what_cannot_be_a_code_costs_no_try(house: House) -> None:
    somebody(house)
    client, page = ask(house)
    for typed in ("", "  ", "12345", "1234567890123", "abcdef"):
        page = type_in(client, page, typed)
        assert page.status in (403, 422), typed
    assert "4 tries left" in type_in(client, page, another_code(sent(house))).text


def test_a_code_is_dead_after_its_minutes_and_the_sign_in_outlives_it(house: House) -> None:
    """CS-3: **TFA Code Expiration Minutes**; the sign-in waits for fifteen."""
    somebody(house)
    house.set(house.northside, "tfa_code_minutes", "2")
    client, page = ask(house)
    house.clock.forward(2 * MINUTE)
    late = type_in(client, page, sent(house))
    assert late.status == 403
    assert "no longer good" in late.text
    page = client.follow(again(client, late))
    assert type_in(client, page, sent(house)).location == "/"


def test_a_code_is_as_long_as_the_property_says(house: House) -> None:
    """CS-3: **TFA Code Length**."""
    somebody(house)
    house.set(house.northside, "tfa_code_length", "9")
    client, page = ask(house)
    assert "A 9-digit code" in page.text
    assert 'data-digits="9"' in page.text
    assert len(sent(house)) == 9
    assert "9 digits" in type_in(client, page, "12345").text
    assert type_in(client, page, sent(house)).location == "/"


def test_another_one_replaces_the_one_before_and_can_be_asked_for_after_half_a_minute(
    house: House,
) -> None:
    """AC-11: what was sent before is worth nothing any more."""
    somebody(house)
    client, page = ask(house)
    first = sent(house)
    early = again(client, page)
    assert early.status == 429
    assert "in 30 seconds" in early.text
    assert len(letters(house.installation, MessageKind.CODE)) == 1
    house.clock.forward(30 * SECOND)
    answer = again(client, page)
    assert answer.location == f"{SENT}?to=email&said=code-sent-again"
    page = client.follow(answer)
    assert "Only the newest one works." in page.text
    if sent(house) != first:
        assert type_in(client, page, first).status == 403
    assert type_in(client, page, sent(house)).location == "/"


def test_after_two_that_did_not_come_the_other_ways_come_first(house: House) -> None:
    """CS-7."""
    user = somebody(house)
    enter(house, user, GATEWAY, ContactKind.SMS_EMAIL)
    client, page = ask(house)
    assert "Send a code by email" not in page.text
    house.clock.forward(30 * SECOND)
    page = client.follow(again(client, page, "sms_email"))
    assert "Still nothing? Look in junk mail" in page.text
    assert f"Send a code by email to {MASKED}" in page.text


def test_the_text_goes_first_and_the_email_is_the_other_way(house: House) -> None:
    """CS-2: to the gateway where there is one; the choice is remembered for that browser."""
    user = somebody(house)
    enter(house, user, GATEWAY, ContactKind.SMS_EMAIL)
    client, page = ask(house)
    assert letters(house.installation, MessageKind.CODE)[-1].to == GATEWAY
    ways = client.get("/sign-in/another-way")
    assert f"Send a code by email to {MASKED}" in ways.text
    house.clock.forward(30 * SECOND)
    page = client.follow(again(client, page, "email"))
    assert letters(house.installation, MessageKind.CODE)[-1].to == ADDRESS
    assert type_in(client, page, sent(house)).location == "/"
    client.submit(client.get("/"), "/sign-out")
    house.clock.forward(10 * MINUTE)
    client, page = ask(house, client=client)
    assert letters(house.installation, MessageKind.CODE)[-1].to == ADDRESS
    ask(house)
    assert letters(house.installation, MessageKind.CODE)[-1].to == GATEWAY


def test_a_get_sends_nothing(house: House) -> None:
    user = somebody(house)
    enter(house, user, GATEWAY, ContactKind.SMS_EMAIL)
    client, _ = ask(house)
    for to in ("email", "sms_email", "phone", "authenticator", "nonsense"):
        client.get(f"{SENT}?to={to}")
    assert len(letters(house.installation, MessageKind.CODE)) == 1
    page = client.get(f"{SENT}?to=email")
    assert "We can send a code by email to" in page.text


def test_somebody_with_an_app_is_asked_for_the_app_and_is_sent_nothing(house: House) -> None:
    """What is weaker never comes to stand beside an app by itself."""
    user = somebody(house)
    client = get_in(house)
    set_up(house, client)
    house.clock.forward(10 * MINUTE)
    before = len(letters(house.installation, MessageKind.CODE))
    fresh = house.client(house.northside)
    assert sign_in(fresh).location == "/sign-in/code"
    assert SENT not in fresh.get("/sign-in/another-way").text
    assert fresh.get(f"{SENT}?to=email").location == "/sign-in/code"
    assert len(letters(house.installation, MessageKind.CODE)) == before
    assert user.id


def test_codes_are_not_sent_where_they_are_not_allowed(house: House) -> None:
    """From the start an environment allows the app and recovery codes."""
    user = house.add("ann", house.northside)
    enter(house, user)
    assert sign_in(house.client(house.northside)).location == "/sign-in/set-up"
    allow(house, house.northside, "text")
    assert sign_in(house.client(house.northside)).location == "/sign-in/set-up"
    assert letters(house.installation, MessageKind.CODE) == []


def test_nothing_is_sent_before_the_password_is_right(house: House) -> None:
    """AC-20, AC-53."""
    somebody(house)
    client = house.client(house.northside)
    sign_in(client, password="another password altogether")
    assert client.get(SENT).status == 303
    client.post(SEND, {"csrf": "x", "to": "email"})
    assert letters(house.installation) == []


def test_a_remembered_device_is_not_asked(house: House) -> None:
    """CS-4: the tick beside the code, like beside the app's."""
    somebody(house)
    client = get_in(house, remember="1")
    client.submit(client.get("/"), "/sign-out")
    house.clock.forward(10 * MINUTE)
    assert sign_in(client).location == "/"


@pytest.mark.parametrize("way", ["phone", "nonsense", "authenticator", ""])
def test_a_way_that_the_person_does_not_have_is_refused(house: House, way: str) -> None:
    somebody(house)
    client, page = ask(house)
    answer = again(client, page, way)
    assert answer.location == SENT
    assert len(letters(house.installation, MessageKind.CODE)) == 1


def test_wrong_codes_pause_the_account_whichever_way_they_came(house: House) -> None:
    """SECURITY section 5.4: all code methods together."""
    somebody(house)
    client, page = ask(house)
    for _ in range(5):
        page = client.follow(type_in(client, page, another_code(sent(house))))
    assert client.get(SENT).location == "/sign-in/code"
    assert client.get("/sign-in/code").status == 403
