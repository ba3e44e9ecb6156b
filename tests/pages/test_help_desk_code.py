"""Signing in by a code of the help desk: today's work, set-up, and what neither may do."""

from __future__ import annotations

from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.help_desk import BROWSER, help_desk
from tests.helpers.house import PASSWORD, House, Phone, enrolled, phone_from, set_up, sign_in
from tests.helpers.http import Answer, Client
from twostep.core.environments import Environment
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.flows import help_desk_codes
from twostep.flows.help_desk_codes import Withdrawn

ENTER = "/sign-in/help-desk-code"
SET_UP = HelpDeskPurpose.SET_UP


def at_code(house: House, environment: Environment | None = None, going_to: str = "/") -> Client:
    """A browser whose password was right."""
    client = house.client(environment)
    page = client.follow(client.get(going_to))
    client.submit(page, "/sign-in", user_name="ann", password=PASSWORD)
    return client


def give(client: Client, code: str) -> Answer:
    return client.submit(client.get(ENTER), ENTER, help_desk_code=code)


def test_without_a_code_of_the_help_desk_there_is_no_such_way(house: House) -> None:
    enrolled(house)
    client = at_code(house)
    assert ENTER not in client.get("/sign-in/another-way").text
    assert client.get(ENTER).location == "/sign-in/code"
    fields = client.get("/sign-in/code").form("/sign-in/code").fields
    assert client.post(ENTER, fields | {"help_desk_code": "4XKQ-9TDM"}).location == "/sign-in/code"


def test_a_code_for_today_signs_in_and_the_session_says_so_and_ends_with_it(house: House) -> None:
    """B-4, level 1h."""
    enrolled(house)
    code = help_desk(house).code(minutes=30)
    client = at_code(house, going_to="/security")
    assert "A code from your help desk" in client.get("/sign-in/another-way").text
    answer = give(client, code.lower().replace("-", " "))
    assert answer.location == "/security"
    page = client.follow(answer)
    assert "signed in by a code from your help desk" in page.text
    house.clock.forward(30 * MINUTE)
    assert (client.get("/security").location or "").startswith("/sign-in?")


def test_a_code_is_good_as_often_as_it_was_made_for(house: House) -> None:
    enrolled(house)
    code = help_desk(house).code(uses=2)
    waiting = [at_code(house) for _ in range(3)]
    pages = [client.get(ENTER) for client in waiting]
    answers = [
        client.submit(page, ENTER, help_desk_code=code)
        for client, page in zip(waiting, pages, strict=True)
    ]
    assert [answer.location for answer in answers] == ["/", "/", "/sign-in/code"]


def test_a_wrong_code_keeps_the_page_and_five_of_them_pause_it(house: House) -> None:
    enrolled(house)
    code = help_desk(house).code()
    client = at_code(house)
    for left in (4, 3, 2, 1):
        answer = give(client, "0000-0000")
        assert answer.status == 403
        assert f"{left} tr" in answer.text
    assert "checked again from" in give(client, "0000-0000").text
    assert "checked again from" in give(client, code).text
    assert give(client, "too short").status == 403
    assert client.submit(client.get(ENTER), ENTER).status == 422
    house.clock.forward(HOUR)
    again = at_code(house)
    assert give(again, help_desk(house, name="robin").code()).location == "/"


def test_a_code_of_somebody_else_is_a_wrong_one(house: House) -> None:
    """R-16: codes are looked up for their user alone."""
    enrolled(house)
    enrolled(house, "bo")
    desk = help_desk(house)
    desk.code("ann")
    assert give(at_code(house), desk.code("bo")).status == 403


def test_a_withdrawn_code_is_over_and_so_is_its_session(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    code = desk.code(uses=2)
    client = at_code(house)
    give(client, code)
    assert client.get("/security").status == 200
    ann = desk.user("ann")
    row = help_desk_codes.codes_of(house.installation, ann.environment_id, ann.id)[0]
    done = help_desk_codes.withdraw(
        house.installation, desk.person, ann.id, row.code.id, browser=BROWSER
    )
    assert isinstance(done, Withdrawn)
    assert (client.get("/security").location or "").startswith("/sign-in?")


def test_in_a_session_for_today_nobody_changes_how_they_sign_in(house: House) -> None:
    """R-19, R-37: what helps somebody in never raises what they may do."""
    enrolled(house, environment=house.northside)
    desk = help_desk(house, house.northside)
    client = at_code(house, house.northside)
    give(client, desk.code())
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    answer = client.submit(page, "/security/two-step/new-key")
    assert answer.location == "/security/confirm?act=new-key"
    assert "Open your authenticator app" in client.follow(answer).text


def test_a_code_for_set_up_leads_to_a_new_phone_and_ends_the_old_one(house: House) -> None:
    """The calls "lost phone" and "new phone"."""
    old = enrolled(house, environment=house.northside)
    code = help_desk(house, house.northside).code(purpose=SET_UP)
    client = at_code(house, house.northside)
    answer = give(client, code)
    assert answer.location == "/sign-in/set-up"
    page = client.get("/sign-in/set-up")
    assert "The set-up code was right" in page.text
    new = phone_from(page, house.clock)
    done = client.submit(page, "/sign-in/set-up", code=new.code())
    assert client.follow(done).status == 200
    house.clock.forward(10 * MINUTE)
    assert gets_in(house, new)
    assert not gets_in(house, old)


def gets_in(house: House, phone: Phone) -> bool:
    client = at_code(house, house.northside)
    page = client.get("/sign-in/code")
    return client.submit(page, "/sign-in/code", code=phone.code()).location == "/"


def test_after_a_removal_where_required_the_set_up_code_is_asked(house: House) -> None:
    """CT-13, AC-34: the password alone opens nothing, not even the dialog."""
    enrolled(house, environment=house.northside)
    desk = help_desk(house, house.northside)
    removed = desk.remove()
    assert removed.set_up_code is not None
    client = house.client(house.northside)
    assert sign_in(client).location == ENTER
    assert "set-up code" in client.get(ENTER).text
    assert client.get("/sign-in/set-up").location == ENTER
    assert give(client, removed.set_up_code.reveal()).location == "/sign-in/set-up"
    page = client.get("/sign-in/set-up")
    phone = phone_from(page, house.clock)
    client.submit(page, "/sign-in/set-up", code=phone.code())
    assert client.get("/").status == 200
    house.clock.forward(10 * MINUTE)
    assert gets_in(house, phone)


def test_a_property_switches_the_set_up_code_off(house: House) -> None:
    enrolled(house, environment=house.northside)
    house.set(house.northside, "set_up_code_after_removal", "no")
    assert help_desk(house, house.northside).remove().set_up_code is None
    assert sign_in(house.client(house.northside)).location == "/sign-in/set-up"


def test_after_a_removal_where_optional_the_password_lets_in(house: House) -> None:
    enrolled(house)
    assert help_desk(house).remove().set_up_code is None
    client = house.client()
    assert sign_in(client).location == "/"
    set_up(house, client)


def test_whoever_is_held_at_set_up_can_work_today_by_a_code(house: House) -> None:
    """A new colleague without a phone of theirs."""
    house.add("ann", house.northside)
    desk = help_desk(house, house.northside)
    client = at_code(house, house.northside)
    assert ENTER not in client.get("/sign-in/set-up").text
    code = desk.code()
    assert ENTER in client.get("/sign-in/set-up").text
    assert give(client, code).location == "/"
    dialog = client.submit(client.get("/security"), "/security/two-step")
    assert "said=not-in-this-session" in (dialog.location or "")
