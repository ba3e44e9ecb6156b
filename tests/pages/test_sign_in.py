"""Signing in through the pages, on both databases."""

from __future__ import annotations

from tests.helpers.house import House, enrolled, phone_from, set_up, sign_in


def test_a_password_alone_lets_in_where_two_step_is_optional_and_not_set_up(house: House) -> None:
    house.add()
    client = house.client()
    answer = sign_in(client)
    assert (answer.status, answer.location) == (303, "/")
    page = client.get("/")
    assert page.status == 200
    assert "You are ann at Harbour Clinic" in page.text


def test_a_wrong_password_keeps_the_name_and_says_so(house: House) -> None:
    house.add()
    client = house.client()
    answer = sign_in(client, password="not the right password")
    assert answer.status == 403
    assert 'value="ann"' in answer.text
    assert "do not match" in answer.text
    assert client.get("/").status == 303


def test_the_code_is_asked_once_an_app_is_set_up_and_works_once(house: House) -> None:
    phone = enrolled(house)
    client = house.client()
    assert sign_in(client).location == "/sign-in/code"
    page = client.get("/sign-in/code")
    assert "Enter your code" in page.text
    wrong = client.submit(page, "/sign-in/code", code=phone.wrong_code())
    assert wrong.status == 403
    assert "did not match" in wrong.text
    code = phone.code()
    right = client.submit(wrong, "/sign-in/code", code=f"{code[:3]} {code[3:]}")
    assert right.location == "/"
    assert client.get("/").status == 200
    second = house.client()
    sign_in(second)
    again = second.submit(second.get("/sign-in/code"), "/sign-in/code", code=code)
    assert again.status == 403
    assert "already used" in again.text


def test_required_holds_a_person_at_set_up_before_anything_else_opens(house: House) -> None:
    house.add("bo", house.northside)
    client = house.client(house.northside)
    assert sign_in(client, "bo").location == "/sign-in/set-up"
    assert client.get("/").location == "/sign-in"
    assert client.get("/security").status == 303


def test_going_to_is_kept_through_both_steps(house: House) -> None:
    phone = enrolled(house)
    client = house.client()
    start = client.get("/security")
    page = client.follow(start)
    client.submit(page, "/sign-in", user_name="ann", password="seven tall herons waiting")
    answer = client.submit(client.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert answer.location == "/security"


def test_a_second_offer_after_a_clock_hint_is_made(house: House) -> None:
    """What a hint spent of an offered key goes with the key."""
    house.add()
    client = house.client()
    sign_in(client)
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    phone = phone_from(page, house.clock)
    hint = client.submit(page, "/security/two-step/verify", code=phone.code(steps=-5))
    assert "slow" in hint.text
    other = house.client()
    sign_in(other)
    again = other.submit(other.get("/security"), "/security/two-step")
    assert again.location == "/security/two-step"


def test_setting_up_ends_the_other_sessions(house: House) -> None:
    house.add()
    here, there = house.client(), house.client()
    sign_in(here)
    sign_in(there)
    assert there.get("/").status == 200
    set_up(house, here)
    assert here.get("/").status == 200
    assert there.get("/").status == 303
