"""Turning codes towards oneself, and having others pay for them: AC-31, AC-53, from outside."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, enrolled, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import letters
from twostep.core.contacts import ContactKind, reset_by_mail_from
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.flows.contact_rows import rows_of

pytestmark = pytest.mark.sqlite_alone

PATH, CONFIRM = "/security/contacts", "/security/confirm?act=contacts"
HERS, MINE = "ann@northside.example", "thief@elsewhere.example"


def entered(house: House, user: User, address: str = HERS) -> None:
    outcome = set_for_user(house.installation, user, ContactKind.EMAIL, address, language="en")
    assert isinstance(outcome, EnteredForUser)


def send(client: Client, act: str, **fields: str) -> Answer:
    csrf = client.get("/security").form("/sign-out").fields["csrf"]
    return client.post(f"{PATH}{act}", {"csrf": csrf, "kind": "email", **fields})


def sent_to(house: House) -> set[str]:
    return {letter.to for letter in letters(house.installation)}


@pytest.mark.parametrize("with_app", [True, False])
def test_ac_31_a_stolen_session_turns_no_codes_to_the_thief(house: House, with_app: bool) -> None:
    """AC-31: its proof was fresh once, and is so no longer. By no form, and by none in a row."""
    if with_app:
        phone = enrolled(house)
        client = house.client()
        page = client.follow(sign_in(client))
        assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/"
    else:
        house.add()
        client = house.client()
        sign_in(client)
    thief = client.twin()
    house.clock.forward(5 * MINUTE + 1)
    for act, fields in (
        ("", {"email": MINE}),
        ("", {"kind": "sms_email", "sms_email": MINE}),
        ("", {"kind": "phone", "phone": "+12125552368"}),
        ("/again", {}),
        ("/confirm", {"email_code": "123456"}),
        ("", {"email": MINE}),
    ):
        answer = send(thief, act, **fields)
        asked = answer.location == CONFIRM
        assert asked or answer.location == f"{PATH}?said=nothing-waits", (act, answer.location)
    assert MINE not in sent_to(house)
    assert "thief" not in client.get(PATH).text


def test_ac_31_nor_with_a_wrong_proof_and_what_is_hers_stays(house: House) -> None:
    """AC-31: to guess at the proof is counted, and the address that she has can be neither
    replaced nor removed."""
    user = house.add()
    entered(house, user)
    client = house.client()
    sign_in(client)
    thief = client.twin()
    house.clock.forward(5 * MINUTE + 1)
    page = thief.get(CONFIRM)
    assert thief.submit(page, "/security/confirm", password=OTHER_PASSWORD).status == 403
    for act, fields in (("", {"email": MINE}), ("/remove", {})):
        assert send(thief, act, **fields).location == CONFIRM
    assert "a•••@northside.example" in client.get(PATH).text
    assert sent_to(house) == set()


@pytest.mark.both_databases
def test_ac_31_an_administrators_edit_is_told_at_the_old_address_and_waits_for_a_reset(
    house: House,
) -> None:
    """AC-31: until the reset exists, the rule by which it will wait."""
    user = house.add()
    entered(house, user)
    house.clock.forward(3 * DAY)
    entered(house, user, MINE)
    told = letters(house.installation, MessageKind.ADDRESS_CHANGED)
    assert [letter.to for letter in told] == [HERS]
    contacts = [row.contact for row in rows_of(house.installation, user)]
    assert reset_by_mail_from(contacts) == house.clock() + DAY


def test_ac_53_nothing_is_sent_before_the_password_was_right(house: House) -> None:
    """AC-53: whoever knows a name, and no password, sends nobody anything."""
    house.set(house.northside, "allow_email_codes", "yes")
    user = house.add("ann", house.northside)
    entered(house, user)
    client = house.client(house.northside)
    for password in (OTHER_PASSWORD, "", PASSWORD[:-1]):
        sign_in(client, "ann", password)
        form = client.get("/sign-in").form("/sign-in").fields
        for path in ("/sign-in/sent-code", "/sign-in/sent-code/send"):
            client.get(path)
            client.post(path, {**form, "to": "email"})
    assert letters(house.installation, MessageKind.CODE) == []
    page = client.follow(sign_in(client))
    forms = [form for form in page.forms() if form.fields.get("to") == "email"]
    if not letters(house.installation, MessageKind.CODE):
        client.post(forms[0].action, forms[0].fields)
    assert [letter.to for letter in letters(house.installation, MessageKind.CODE)] == [HERS]


def test_ac_53_a_number_of_a_country_that_nobody_names_any_more_gets_no_code(house: House) -> None:
    """AC-53: also where it was entered before, and whoever asks by hand."""
    house.set(house.northside, "allow_text_codes", "yes")
    house.set(house.northside, "text_countries", "US")
    user = house.add("ann", house.northside)
    set_for_user(house.installation, user, ContactKind.PHONE, "+12125552368", language="en")
    client = house.client(house.northside)
    begun = client.follow(sign_in(client))
    assert "•••• 68" in begun.text
    already = len(letters(house.installation, MessageKind.CODE))
    csrf = next(form.fields["csrf"] for form in begun.forms() if "csrf" in form.fields)
    house.set(house.northside, "text_countries", "GB")
    house.clock.forward(MINUTE)
    client.post("/sign-in/sent-code/send", {"csrf": csrf, "to": "phone"})
    assert len(letters(house.installation, MessageKind.CODE)) == already
    again = house.client(house.northside)
    assert sign_in(again).location == "/sign-in/set-up"
