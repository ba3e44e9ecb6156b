"""A number for text messages: where it is asked for, what is taken, and what is refused by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import last_code, letters
from tests.helpers.serving import served
from twostep.core.contacts import UNUSED_FOR, ContactKind
from twostep.core.messages import WaysOut
from twostep.flows.contact_entries import EnteredForUser, set_for_user

PATH = "/security/contacts"
NUMBER, MASKED = "+12125552368", "•••• 68"


@pytest.fixture
def texting(house: House) -> Iterator[House]:
    """The same house with a provider of texts, at an environment that allows them to two
    countries."""
    with served(house.installation, ways=WaysOut(texts=True)) as port:
        house.port = port
        house.set(house.harbour, "allow_text_codes", "yes")
        house.set(house.harbour, "text_countries", "US ES")
        yield house


def signed_in(house: House) -> Client:
    house.add()
    client = Client(str(house.harbour.primary), connect_to=("127.0.0.1", house.port))
    sign_in(client)
    return client


def post(client: Client, path: str = "", **fields: str) -> Answer:
    csrf = client.get(PATH).form(PATH).fields["csrf"]
    return client.post(f"{PATH}{path}", {"csrf": csrf, "kind": "phone", **fields})


@pytest.mark.parametrize("typed", ["(212) 555-2368", "+1 212 555 2368"])
def test_a_number_is_confirmed_by_a_code_like_every_address(texting: House, typed: str) -> None:
    client = signed_in(texting)
    assert 'name="phone"' in client.get(PATH).text
    assert post(client, phone=typed).location == f"{PATH}?said=code-sent"
    (letter,) = letters(texting.installation)
    assert letter.to == NUMBER
    done = post(client, "/confirm", phone_code=last_code(texting.installation))
    assert done.location == f"{PATH}?said=address-confirmed"
    page = client.get(PATH).text
    assert MASKED in page
    assert NUMBER not in page
    assert MASKED in client.get("/security").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("12", "not a telephone number"),
        ("+1 900 555 2368", "Texts go to mobile numbers only"),
        ("+33 6 12 34 56 78", "No texts are sent to numbers of that country here"),
        ("", "Type the address"),
    ],
)
def test_ac_53_what_no_text_goes_to_is_refused_beside_the_field(
    texting: House, typed: str, words: str
) -> None:
    """AC-53."""
    client = signed_in(texting)
    answer = post(client, phone=typed)
    assert answer.status == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text
    assert letters(texting.installation) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("allow_text_codes", "no"), ("text_countries", ""), ("text_messages_a_day", "0")],
)
def test_where_no_text_is_sent_there_is_no_field_and_by_hand_it_is_refused(
    texting: House, name: str, value: str
) -> None:
    texting.set(texting.harbour, name, value)
    client = signed_in(texting)
    assert 'name="phone"' not in client.get(PATH).text
    answer = post(client, phone=NUMBER)
    assert answer.status == 422
    assert "No texts are sent to numbers here" in answer.text
    assert letters(texting.installation) == []


def test_without_a_provider_there_is_no_field_and_by_hand_it_is_refused(texting: House) -> None:
    user = texting.add("bo")
    set_for_user(texting.installation, user, ContactKind.PHONE, NUMBER, language="en")
    with served(texting.installation, ways=WaysOut(texts=False)) as port:
        client = Client(str(texting.harbour.primary), connect_to=("127.0.0.1", port))
        sign_in(client, "bo")
        page = client.get(PATH)
        assert 'name="phone"' not in page.text
        assert "Send a code to confirm it" not in page.text
        for path, fields in (("", {"phone": NUMBER}), ("/again", {})):
            assert post(client, path, **fields).status == 422
    assert letters(texting.installation) == []


def test_ac_53_the_budget_of_a_day_holds_for_texts_and_not_for_mails(
    texting: House,
) -> None:
    """AC-53: the second text waits for a day; mails do not."""
    texting.set(texting.harbour, "text_messages_a_day", "1")
    client = signed_in(texting)
    post(client, phone=NUMBER)
    texting.clock.forward(MINUTE)
    late = post(client, phone="+34612345678")
    assert late.status == 429
    assert "Enough messages were sent for now" in late.text
    sent = post(client, kind="email", email="ann@northside.example")
    assert sent.location == f"{PATH}?said=code-sent"
    texting.set(texting.harbour, "text_messages_a_day", "2")
    assert post(client, phone="+34612345678").location == f"{PATH}?said=code-sent"


def test_ac_79_what_was_not_used_for_half_a_year_is_asked_about(house: House) -> None:
    """AC-79: with one button, and by the code the question is answered."""
    user = house.add("bo")
    entered = set_for_user(
        house.installation, user, ContactKind.EMAIL, "bo@northside.example", language="en"
    )
    assert isinstance(entered, EnteredForUser)
    question = "Please confirm that this is still yours"
    client = house.client()
    sign_in(client, "bo")
    csrf = client.get(PATH).form(PATH).fields["csrf"]
    fields = {"csrf": csrf, "kind": "email"}
    client.post(f"{PATH}/again", fields)
    code = last_code(house.installation)
    client.post(f"{PATH}/confirm", {**fields, "email_code": code})
    assert question not in client.get(PATH).text
    house.clock.forward(UNUSED_FOR)
    client = house.client()
    sign_in(client, "bo")
    page = client.get(PATH)
    assert question in page.text
    fields = {"csrf": page.form(PATH).fields["csrf"], "kind": "email"}
    assert client.post(f"{PATH}/again", fields).location == f"{PATH}?said=code-sent"
    code = last_code(house.installation)
    client.post(f"{PATH}/confirm", {**fields, "email_code": code})
    assert question not in client.get(PATH).text
    house.clock.forward(MINUTE)
    again = client.post(f"{PATH}/again", fields)
    assert again.location == f"{PATH}?said=address-unchanged"
