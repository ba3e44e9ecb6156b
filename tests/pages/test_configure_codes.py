"""**Configure**: codes by email and text message, turned on and off by their own person (CS-1,
CT-7).
"""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import (
    MASKED,
    SENT,
    allow,
    confirmed,
    enter,
    get_in,
    sent,
    somebody,
    type_in,
)
from tests.helpers.house import House, phone_from, sign_in
from tests.helpers.http import Client
from tests.helpers.letters import letters
from twostep.core.messages import MessageKind

DIALOG = "/security/two-step"
CODES = f"{DIALOG}/codes"


def optional(house: House) -> Client:
    """Ann in *harbour* (Optional), which allows codes by email, with a confirmed address."""
    allow(house, house.harbour)
    confirmed(house, house.add())
    client = house.client()
    sign_in(client)
    return client


def press(client: Client, button: str) -> str:
    """A button of the dialog; where it leads."""
    return client.submit(client.get(CODES), f"{DIALOG}/{button}").location or ""


def turn_on(client: Client) -> None:
    page = client.follow(client.submit(client.get("/security"), DIALOG))
    assert 'id="key"' in page.text, "the app comes first"
    assert f'href="{CODES}"' in page.text
    page = client.get(CODES)
    assert "Turn on codes" in page.text
    assert "Set up an authenticator app" in page.text
    assert press(client, "codes") == "/security?said=codes-on"


def test_nobody_is_sent_a_code_where_it_is_optional_and_was_not_turned_on(house: House) -> None:
    client = optional(house)
    assert client.get("/").status == 200
    assert letters(house.installation, MessageKind.CODE) == []
    assert "your password is your only protection" in client.get("/security").text


def test_turned_on_a_code_is_asked_at_the_next_sign_in(house: House) -> None:
    client = optional(house)
    other = house.client()
    sign_in(other)
    turn_on(client)
    assert other.get("/").status == 303, "what was begun without it ends"
    assert f"a code is sent to {MASKED}" in client.get("/security").text
    assert "turned on" in client.get("/security").text
    fresh = house.client()
    assert sign_in(fresh).location == f"{SENT}?to=email"
    assert type_in(fresh, fresh.get(SENT), sent(house)).location == "/"


def test_it_asks_for_a_fresh_proof(house: House) -> None:
    client = optional(house)
    house.clock.forward(6 * MINUTE)
    assert press(client, "codes") == "/security/confirm?act=codes-on"


def test_an_address_that_nobody_confirmed_is_confirmed_first(house: House) -> None:
    """AC-79: nobody turns on what may never reach them."""
    allow(house, house.harbour)
    enter(house, house.add())
    client = house.client()
    sign_in(client)
    page = client.get(CODES)
    assert "must be confirmed first" in page.text
    csrf = page.form("/sign-out").fields["csrf"]
    answer = client.post(f"{DIALOG}/codes", {"csrf": csrf})
    assert answer.location == "/security/contacts?said=confirm-first"


def test_turned_off_the_password_is_enough_again_and_it_takes_a_code_to_do_it(house: House) -> None:
    client = optional(house)
    turn_on(client)
    client.submit(client.get("/"), "/sign-out")
    house.clock.forward(10 * MINUTE)
    assert sign_in(client).location == f"{SENT}?to=email"
    type_in(client, client.get(SENT), sent(house))
    house.clock.forward(6 * MINUTE)
    way = press(client, "codes/off")
    assert way == "/security/confirm?act=codes-off"
    page = client.follow(client.get(way))
    assert f"We can send a code by email to {MASKED}" in page.text
    assert "<title>Get a code" in page.text
    assert "You are about to have no more codes sent to you at sign-in." in page.text
    page = client.follow(client.submit(page, "/security/confirm/sent-code/send"))
    done = client.submit(page, "/security/confirm/sent-code", code=sent(house))
    assert done.location == CODES
    assert press(client, "codes/off") == "/security?said=codes-off"
    assert sign_in(house.client()).location == "/"


def test_ac_09_a_code_for_signing_in_is_no_fresh_proof_and_the_other_way_round(
    house: House,
) -> None:
    """AC-09: each code for its own purpose."""
    client = optional(house)
    turn_on(client)
    house.clock.forward(6 * MINUTE)
    there = house.client()
    sign_in(there)
    at_sign_in = sent(house)
    house.clock.forward(MINUTE)
    page = client.follow(client.get("/security/confirm?act=codes-off"))
    page = client.follow(client.submit(page, "/security/confirm/sent-code/send"))
    for_proof = sent(house)
    if at_sign_in != for_proof:
        crossed = client.submit(page, "/security/confirm/sent-code", code=at_sign_in)
        assert crossed.status == 403
        assert type_in(there, there.get(SENT), for_proof).status == 403
    assert type_in(there, there.get(SENT), at_sign_in).location == "/"


def test_beside_an_app_the_app_is_asked_first_and_codes_are_another_way(house: House) -> None:
    client = optional(house)
    turn_on(client)
    house.clock.forward(6 * MINUTE)
    client.submit(client.get("/"), "/sign-out")
    sign_in(client)
    type_in(client, client.get(SENT), sent(house))
    page = client.follow(client.submit(client.get(CODES), f"{DIALOG}/app"))
    phone = phone_from(page, house.clock)
    client.submit(page, f"{DIALOG}/verify", code=phone.code())
    house.clock.forward(MINUTE)
    fresh = house.client()
    before = len(letters(house.installation, MessageKind.CODE))
    assert sign_in(fresh).location == "/sign-in/code"
    assert len(letters(house.installation, MessageKind.CODE)) == before
    ways = fresh.get("/sign-in/another-way")
    assert f"Send a code by email to {MASKED}" in ways.text
    page = fresh.follow(fresh.submit(ways, f"{SENT}/send"))
    assert type_in(fresh, page, sent(house)).location == "/"
    page = fresh.get(DIALOG)
    assert "Turn off codes" in page.text
    assert phone.code() not in page.text


def test_where_it_is_required_codes_are_not_turned_off_by_whoever_has_nothing_else(
    house: House,
) -> None:
    """CT-7."""
    somebody(house)
    client = get_in(house)
    page = client.get(CODES)
    assert "requires 2-Step Verification, so a code is sent" in page.text
    assert "Turn Off" not in page.text
    csrf = page.form("/sign-out").fields["csrf"]
    assert client.post(f"{DIALOG}/codes/off", {"csrf": csrf}).location == (
        "/security?said=nothing-changed"
    )


@pytest.mark.parametrize("act", ["password", "recovery-codes", "contacts"])
def test_somebody_with_codes_alone_gives_one_before_a_sensitive_act(house: House, act: str) -> None:
    somebody(house)
    client = get_in(house)
    house.clock.forward(6 * MINUTE)
    page = client.follow(client.get(f"/security/confirm?act={act}"))
    page = client.follow(client.submit(page, "/security/confirm/sent-code/send"))
    done = client.submit(page, "/security/confirm/sent-code", code=sent(house))
    assert done.location in ("/security/password", "/security/recovery-codes", "/security/contacts")


def test_the_last_address_stays_while_codes_go_there(house: House) -> None:
    """Removing it must not turn the second step off by the back door."""
    client = optional(house)
    turn_on(client)
    client.submit(client.get("/"), "/sign-out")
    house.clock.forward(10 * MINUTE)
    sign_in(client)
    type_in(client, client.get(SENT), sent(house))
    csrf = client.get("/security").form("/sign-out").fields["csrf"]
    answer = client.post("/security/contacts/remove", {"csrf": csrf, "kind": "email"})
    assert answer.location == "/security/contacts?said=last-address"
    assert press(client, "codes/off") == "/security?said=codes-off"
    csrf = client.get("/security").form("/sign-out").fields["csrf"]
    answer = client.post("/security/contacts/remove", {"csrf": csrf, "kind": "email"})
    assert answer.location == "/security/contacts?said=address-removed"
