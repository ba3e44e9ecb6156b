"""Security Settings, Email and text messages: what a person changes about where codes go."""

from __future__ import annotations

from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import another_code, last_code, letters
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows.contact_entries import EnteredForUser, set_for_user

PATH = "/security/contacts"
ADDRESS, MASKED = "ann@northside.example", "a•••@northside.example"


def at_page(house: House, name: str = "ann") -> tuple[Client, Answer, User]:
    """Somebody who has just signed in, with the page before them."""
    user = house.add(name)
    client = house.client()
    sign_in(client, name)
    return client, client.get(PATH), user


def post(client: Client, page: Answer, path: str = "", **fields: str) -> Answer:
    """A form of the page: several have one action, so the fields are said."""
    csrf = page.form(f"{PATH}{path}").fields["csrf"]
    return client.post(f"{PATH}{path}", {"csrf": csrf, **fields})


def add_email(house: House, client: Client, page: Answer, address: str = ADDRESS) -> Answer:
    """Typed and confirmed; the page afterwards."""
    page = client.follow(post(client, page, kind="email", email=address))
    done = post(client, page, "/confirm", kind="email", email_code=last_code(house.installation))
    return client.follow(done)


def test_an_address_is_typed_and_confirmed(house: House) -> None:
    client, page, _ = at_page(house)
    assert "None yet." in page.text
    sent = post(client, page, kind="email", email=f" {ADDRESS} ")
    assert sent.location == f"{PATH}?said=code-sent"
    page = client.follow(sent)
    assert "We sent a code to" in page.text
    assert "waits for its code" in client.get("/security").text
    code = last_code(house.installation)
    wrong = post(client, page, "/confirm", kind="email", email_code=another_code(code))
    assert wrong.status == 403
    assert "4 tries left" in wrong.text
    right = post(client, wrong, "/confirm", kind="email", email_code=code)
    assert right.location == f"{PATH}?said=address-confirmed"
    assert "confirmed on" in client.follow(right).text
    assert MASKED in client.get("/security").text
    assert ADDRESS not in client.get(PATH).text
    again = client.get("/security").text
    assert "A new address was confirmed" in again


def test_ac_31_a_change_asks_for_a_fresh_proof_and_the_code_does_not(house: House) -> None:
    """AC-31. A slow mailbox is no reason to type the password again."""
    client, page, _ = at_page(house)
    house.clock.forward(5 * MINUTE + 1)
    asked = post(client, page, kind="email", email=ADDRESS)
    assert asked.location == "/security/confirm?act=contacts"
    assert letters(house.installation) == []
    page = client.get(PATH)
    assert "Send code" not in page.text
    page = client.get("/security/confirm?act=contacts")
    assert "change where codes and notices go" in page.text
    proven = client.submit(page, "/security/confirm", password=PASSWORD)
    assert proven.location == PATH
    page = client.follow(post(client, client.follow(proven), kind="email", email=ADDRESS))
    house.clock.forward(6 * MINUTE)
    page = client.get(PATH)
    code = last_code(house.installation)
    done = post(client, page, "/confirm", kind="email", email_code=code)
    assert done.location == f"{PATH}?said=address-confirmed"
    csrf = page.form(f"{PATH}/confirm").fields["csrf"]
    removing = client.post(f"{PATH}/remove", {"csrf": csrf, "kind": "email"})
    assert removing.location == "/security/confirm?act=contacts"


def test_what_is_no_address_is_said_beside_the_field_and_stays_typed(house: House) -> None:
    client, page, _ = at_page(house)
    for typed, words in (
        ("ann@a.example, bo@a.example", "not one email address"),
        ("ann@a.example\r\nBcc: bo@a.example", "not one email address"),
        ("2125552368@txt.att.net", "AT&amp;T no longer turns email into text messages"),
        ("", "Type the address"),
    ):
        answer = post(client, page, kind="email", email=typed)
        assert answer.status == 422
        assert words in answer.text
    assert "bo@a.example" in post(client, page, kind="email", email="ann,bo@a.example").text
    assert letters(house.installation) == []


def test_the_gateways_address_is_built_from_number_and_carrier(house: House) -> None:
    client, page, _ = at_page(house)
    number = {"kind": "sms_email", "number": "(212) 555-2368"}
    unknown = post(client, page, **number, carrier="")
    assert unknown.status == 422
    assert "Choose your carrier" in unknown.text
    assert 'value="(212) 555-2368"' in unknown.text
    assert post(client, page, **number | {"number": "12"}, carrier="verizon").status == 422
    assert post(client, page, **number, carrier="verizon").location
    page = client.get(PATH)
    assert "Verizon ends these messages on" in page.text
    (letter,) = letters(house.installation)
    assert letter.to == "2125552368@vtext.com"
    code = last_code(house.installation)
    post(client, page, "/confirm", kind="sms_email", sms_email_code=code)
    assert "•••• 68@vtext.com" in client.get("/security").text


def test_a_code_can_be_sent_again_after_half_a_minute(house: House) -> None:
    client, page, _ = at_page(house)
    page = client.follow(post(client, page, kind="email", email=ADDRESS))
    first = last_code(house.installation)
    soon = post(client, page, "/again", kind="email")
    assert soon.status == 429
    assert "Enough messages were sent for now" in soon.text
    house.clock.forward(MINUTE)
    assert post(client, page, "/again", kind="email").location == f"{PATH}?said=code-sent"
    assert last_code(house.installation) != first
    page = client.get(PATH)
    for _ in range(5):
        page = post(client, page, "/confirm", kind="email", email_code="12")
        assert page.status == 403
    for _ in range(4):
        page = post(client, page, "/confirm", kind="email", email_code=first)
    dead = post(client, page, "/confirm", kind="email", email_code=first)
    assert "no longer good" in dead.text


def test_an_address_that_waits_is_forgotten_and_one_that_counts_removed(house: House) -> None:
    client, page, _ = at_page(house)
    page = add_email(house, client, page)
    house.clock.forward(MINUTE)
    page = client.follow(post(client, page, kind="email", email="ann@elsewhere.example"))
    assert post(client, page, "/cancel", kind="email").location == f"{PATH}?said=change-cancelled"
    assert post(client, page, "/cancel", kind="email").location == f"{PATH}?said=nothing-waits"
    gone = post(client, page, "/confirm", kind="email", email_code="123456")
    assert gone.location == f"{PATH}?said=nothing-waits"
    same = post(client, page, kind="email", email=ADDRESS)
    assert same.location == f"{PATH}?said=address-unchanged"
    removed = post(client, client.get(PATH), "/remove", kind="email")
    assert removed.location == f"{PATH}?said=address-removed"
    assert MASKED not in client.follow(removed).text
    told = letters(house.installation, MessageKind.ADDRESS_CHANGED)
    assert [letter.to for letter in told] == [ADDRESS, ADDRESS]
    assert post(client, page, "/remove", kind="email").location == PATH
    assert post(client, page, "/again", kind="email").location == f"{PATH}?said=nothing-waits"


def test_an_administrators_entry_is_shown_as_not_confirmed(house: House) -> None:
    client, _, user = at_page(house)
    for kind, typed in ((ContactKind.EMAIL, ADDRESS), (ContactKind.PHONE, "+12125552368")):
        entered = set_for_user(house.installation, user, kind, typed, language="en")
        assert isinstance(entered, EnteredForUser)
    page = client.get(PATH)
    assert "entered by an administrator" in page.text
    assert "Number for text messages" in page.text
    assert "not confirmed yet" in client.get("/security").text
    assert post(client, page, "/again", kind="email").location == f"{PATH}?said=code-sent"


def test_a_kind_that_no_form_sends_is_refused(house: House) -> None:
    client, page, _ = at_page(house)
    for act in ("", "/confirm", "/again", "/cancel", "/remove"):
        csrf = page.form(PATH).fields["csrf"]
        assert client.post(f"{PATH}{act}", {"csrf": csrf, "kind": "fax"}).status == 400


def test_nobody_changes_the_address_of_another(house: House) -> None:
    client, page, _ = at_page(house)
    add_email(house, client, page)
    bo, page, _ = at_page(house, "bo")
    assert MASKED not in page.text
    csrf = page.form(PATH).fields["csrf"]
    bo.post(f"{PATH}/remove", {"csrf": csrf, "kind": "email"})
    assert MASKED in client.get(PATH).text
