"""AC-20: before the password is right nobody learns whether an account has an address, which, or
whether codes are sent to it; and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import update

from tests.attacks.test_enumeration import WRONG, send, told
from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.codes_by_mail import SEND, SENT, allow, enter
from tests.helpers.house import House, set_up, sign_in
from tests.helpers.letters import letters
from tests.helpers.sealed_rows import everything_in
from tests.helpers.statements import statements
from twostep.core.audit import Visitor
from twostep.core.contacts import ContactKind
from twostep.core.users import User
from twostep.flows import contacts
from twostep.flows.contact_codes import CodeSent
from twostep.flows.sessions import Person, who
from twostep.flows.visitors import Browser
from twostep.storage.tables import contacts as table
from twostep.storage.tables import users
from twostep.web.cookies import SESSION

pytestmark = pytest.mark.sqlite_alone

VISITOR = Visitor(address="192.0.2.7", browser="Firefox")


def mail(name: str) -> str:
    return f"{name}@northside.example"


def with_email(house: House, user: User) -> None:
    enter(house, user, mail(user.name))


def confirmed(house: House, user: User) -> None:
    with_email(house, user)
    _change(house, update(table).where(table.c.user_id == user.id).values(confirmed_at=1))


def unused_for_long(house: House, user: User) -> None:
    confirmed(house, user)
    old = house.clock() - 200 * DAY
    _change(
        house,
        update(table)
        .where(table.c.user_id == user.id)
        .values(confirmed_at=old, changed_at=old, used_at=None),
    )


def with_gateway(house: House, user: User) -> None:
    enter(house, user, f"21255523{user.name[-2:]}@gateway.example", ContactKind.SMS_EMAIL)


def with_phone(house: House, user: User) -> None:
    enter(house, user, "+12125552368", ContactKind.PHONE)


def with_everything(house: House, user: User) -> None:
    """An app too, codes that were turned on, and an address that waits to be confirmed."""
    client = house.client(house.northside)
    sign_in(client, user.name)
    client.submit(client.get("/sign-in/set-up"), "/sign-in/cancel")
    with_email(house, user)
    with_phone(house, user)
    _change(house, update(users).where(users.c.id == user.id).values(codes_wanted_at=1))


def with_one_that_waits(house: House, user: User) -> None:
    house.set(house.northside, "two_step_verification", "optional")
    client = house.client(house.northside)
    assert sign_in(client, user.name).location == "/"
    person = who(house.installation, house.northside, client.cookies[SESSION])
    assert isinstance(person, Person)
    begun = contacts.change_own(
        house.installation,
        person,
        ContactKind.EMAIL,
        mail(user.name),
        language="en",
        browser=Browser(id=bytes(32), visitor=VISITOR),
    )
    assert isinstance(begun, CodeSent)
    set_up(house, client)
    house.set(house.northside, "two_step_verification", "required")


def _change(house: House, statement: object) -> None:
    house.installation.database.write(lambda c: c.execute(statement))  # type: ignore[call-overload]


STATES: Mapping[str, Callable[[House, User], None]] = {
    "user11": lambda _house, _user: None,
    "user12": with_email,
    "user13": confirmed,
    "user14": unused_for_long,
    "user15": with_gateway,
    "user16": with_phone,
    "user17": with_one_that_waits,
    "user18": with_everything,
}
NOBODY = "user10"


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    allow(shared_house, shared_house.northside, "email", "text")
    shared_house.set(shared_house.northside, "text_countries", "US")
    for name, make in STATES.items():
        make(shared_house, shared_house.add(name, shared_house.northside))
    shared_house.clock.forward(5 * MINUTE)
    return shared_house


def test_ac_20_a_wrong_password_is_answered_alike_whatever_addresses_there_are(
    house: House,
) -> None:
    """AC-20, AC-19, AC-21: the bytes, the work, and what is queued."""
    before = letters(house.installation)
    send(house.client(house.northside), "warm-up", WRONG)
    seen = {}
    for name in (NOBODY, *STATES):
        client = house.client(house.northside)
        page = client.get("/sign-in")
        with statements() as heard:
            answer = client.submit(page, "/sign-in", user_name=name, password=WRONG)
        seen[name] = told(answer, name), heard, sorted(client.cookies)
    assert seen[NOBODY][0][0] == 403
    assert {name for name, found in seen.items() if found != seen[NOBODY]} == set()
    assert letters(house.installation) == before, "no send before the password is right"
    house.clock.forward(DAY)


def test_ac_20_the_pages_of_sent_codes_tell_nothing_before_the_password(house: House) -> None:
    """AC-20: looked at, and sent a form, by a browser that has just been refused."""
    rows = {}
    for name in (NOBODY, *STATES):
        client = house.client(house.northside)
        refused = send(client, name, WRONG)
        csrf = refused.form("/sign-in").fields["csrf"]
        quiet = everything_in(house.installation.database)
        answers = [client.get(path) for path in (SENT, f"{SENT}?to=email", "/sign-in/another-way")]
        answers += [
            client.post(path, {"csrf": csrf, "to": way, "code": "000000", "user_name": name})
            for path in (SENT, SEND)
            for way in ("email", "sms_email", "phone")
        ]
        rows[name] = [told(answer, name) for answer in answers]
        assert everything_in(house.installation.database) == quiet
    assert {name for name, found in rows.items() if found != rows[NOBODY]} == set()
    house.clock.forward(DAY)


@pytest.mark.parametrize(
    ("name", "masked"), [("user12", "u•••@northside.example"), ("user16", "•••• 68")]
)
def test_ac_20_afterwards_an_address_is_shown_masked(house: House, name: str, masked: str) -> None:
    """AC-20: that one test of the bytes above could fail. The address itself is on no page."""
    client = house.client(house.northside)
    answer = sign_in(client, name)
    page = client.follow(answer)
    assert (answer.location or "").startswith(SENT)
    assert masked in page.text, page.text
    for text in (page.text, client.get("/sign-in/another-way").text):
        assert mail(name) not in text
        assert "2125552368" not in text.replace(" ", "")
