"""A fresh proof before a sensitive act, and the acts behind it: a new key, turning off."""

from __future__ import annotations

from tests.helpers.clocks import MINUTE
from tests.helpers.house import (
    OTHER_PASSWORD,
    PASSWORD,
    SET_UP_DONE,
    House,
    Phone,
    enrolled,
    phone_from,
    set_up,
    sign_in,
)
from tests.helpers.http import Answer, Client

DIALOG = "/security/two-step"


def signed_in_with_code(house: House, phone: Phone) -> Client:
    client = house.client()
    sign_in(client)
    answer = client.submit(client.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert answer.location == "/"
    return client


def press(client: Client, button: str) -> Answer:
    """One of the two buttons of the dialog."""
    return client.submit(client.get(DIALOG), f"{DIALOG}/{button}")


def test_configure_asks_for_the_password_again_after_five_minutes(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    house.clock.forward(5 * MINUTE + 1)
    answer = client.submit(client.get("/security"), DIALOG)
    assert answer.location == "/security/confirm?act=set-up"
    assert client.get(DIALOG).location == "/security"
    page = client.follow(answer)
    wrong = client.submit(page, "/security/confirm", password=OTHER_PASSWORD)
    assert wrong.status == 403
    assert "not your current password" in wrong.text
    right = client.submit(wrong, "/security/confirm", password=PASSWORD)
    assert right.location == DIALOG
    assert "Scan" in client.get(DIALOG).text or "scan" in client.get(DIALOG).text


def test_configure_asks_nothing_within_five_minutes_of_the_sign_in(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    house.clock.forward(5 * MINUTE)
    assert client.submit(client.get("/security"), DIALOG).location == DIALOG


def test_a_proof_gives_the_browser_a_new_token_and_the_old_one_is_worth_nothing(
    house: House,
) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    house.clock.forward(6 * MINUTE)
    old = client.twin()
    page = client.follow(client.submit(client.get("/security"), DIALOG))
    client.submit(page, "/security/confirm", password=PASSWORD)
    assert client.get("/").status == 200
    assert old.get("/").status == 303


def test_five_wrong_passwords_end_the_session(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    house.clock.forward(6 * MINUTE)
    page = client.follow(client.submit(client.get("/security"), DIALOG))
    for _ in range(4):
        page = client.submit(page, "/security/confirm", password=OTHER_PASSWORD)
        assert page.status == 403
    last = client.submit(page, "/security/confirm", password=OTHER_PASSWORD)
    assert last.location == "/sign-in?said=session-ended"
    assert client.get("/").status == 303


def test_the_code_of_the_sign_in_is_not_taken_as_a_fresh_proof(house: House) -> None:
    """AC-08: a code works once, also where another page asks for it."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    code = phone.code()
    client.submit(client.get("/sign-in/code"), "/sign-in/code", code=code)
    phone_now = Phone(phone.key, house.clock)
    house.clock.forward(5 * MINUTE + 1)
    page = client.follow(press(client, "turn-off"))
    again = client.submit(page, "/security/confirm", code=code)
    assert again.status == 403
    fresh = client.submit(again, "/security/confirm", code=phone_now.code())
    assert fresh.location == DIALOG


def test_a_new_key_counts_from_verify_and_save_and_the_old_one_until_then(house: House) -> None:
    """CT-6, R-34: the old key is dead exactly at the moment of the new one's first right code."""
    old_phone = enrolled(house)
    client = signed_in_with_code(house, old_phone)
    other = house.client()
    house.clock.forward(MINUTE)
    sign_in(other)
    other.submit(other.get("/sign-in/code"), "/sign-in/code", code=old_phone.code())
    page = client.follow(press(client, "new-key"))
    new_phone = phone_from(page, house.clock)
    assert new_phone.key != old_phone.key
    house.clock.forward(MINUTE)
    third = house.client()
    sign_in(third)
    by_old = third.submit(third.get("/sign-in/code"), "/sign-in/code", code=old_phone.code())
    assert by_old.location == "/"
    done = client.submit(page, f"{DIALOG}/verify", code=new_phone.code())
    assert done.location == SET_UP_DONE
    assert client.get("/").status == 200
    assert (other.get("/").status, third.get("/").status) == (303, 303)
    house.clock.forward(MINUTE)
    late = house.client()
    sign_in(late)
    refused = late.submit(late.get("/sign-in/code"), "/sign-in/code", code=old_phone.code())
    assert refused.status == 403
    taken = late.submit(refused, "/sign-in/code", code=new_phone.code())
    assert taken.location == "/"


def test_a_new_key_that_is_given_up_changes_nothing(house: House) -> None:
    phone = enrolled(house)
    client = signed_in_with_code(house, phone)
    client.follow(press(client, "new-key"))
    state = client.follow(client.submit(client.get("/security"), DIALOG))
    assert "Generate a New Key" in state.text
    house.clock.forward(MINUTE)
    assert signed_in_with_code(house, phone).get("/").status == 200


def test_turn_off_ends_the_asking_and_every_other_session(house: House) -> None:
    """CT-7."""
    phone = enrolled(house)
    other = signed_in_with_code(house, phone)
    house.clock.forward(MINUTE)
    client = signed_in_with_code(house, phone)
    answer = press(client, "turn-off")
    assert answer.location == "/security?said=turned-off"
    assert client.get("/").status == 200
    assert other.get("/").status == 303
    assert sign_in(house.client()).location == "/"


def test_turn_off_is_not_offered_and_refused_where_it_is_required(house: House) -> None:
    """CT-7, AC-32: refused by hand as well."""
    house.set(house.northside, "two_step_verification", "optional")
    house.add("bo", house.northside)
    client = house.client(house.northside)
    sign_in(client, "bo")
    set_up(house, client)
    house.set(house.northside, "two_step_verification", "required")
    page = client.get(DIALOG)
    assert "Turn Off" not in page.text
    assert "Generate a New Key" in page.text
    form = page.form(f"{DIALOG}/new-key")
    answer = client.post(f"{DIALOG}/turn-off", form.fields)
    assert answer.status == 403
    assert "stays on" in answer.text
    assert "2-Step Verification" in client.get("/security").text


def test_somebody_with_a_second_step_shows_it_before_changing_the_password(house: House) -> None:
    phone = enrolled(house)
    client = signed_in_with_code(house, phone)
    house.clock.forward(6 * MINUTE)
    answer = client.get("/security/password")
    assert answer.location == "/security/confirm?act=password"
    done = client.submit(client.follow(answer), "/security/confirm", code=phone.code())
    assert done.location == "/security/password"
    changed = client.submit(
        client.get("/security/password"),
        "/security/password",
        current_password=PASSWORD,
        new_password=OTHER_PASSWORD,
    )
    assert changed.location == "/security?said=password-saved"
