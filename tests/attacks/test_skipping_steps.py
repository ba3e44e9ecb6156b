"""Around the second step: by another address, another browser, another order."""

from __future__ import annotations

import pytest

from tests.helpers.house import PASSWORD, House, enrolled, set_up, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.recorded import recorded
from tests.helpers.serving import front_of
from twostep.app import routes
from twostep.core.audit import EventKind
from twostep.web.cookies import PENDING, SESSION, VISITOR

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    # What pages answer is no matter of the database.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

OPEN_TO_A_PENDING_SIGN_IN = {"/sign-in/code", "/sign-in/another-way"}
"""What a pending sign-in may look at, besides what any stranger may."""


def requests_of_every_route(house: House) -> set[tuple[str, str]]:
    """Method and path of everything that is served."""
    site = front_of(house.installation)._site
    return {
        (method, route.path.replace("{token}", "x" * 43).replace("{name}", "app.css"))
        for route in routes(site)
        for method in route.methods or ()
    }


def ask(client: Client, method: str, path: str, csrf: str) -> Answer:
    if method == "POST":
        return client.twin().post(path, {"csrf": csrf})
    return client.twin().request(method, path)


def lets_in(answer: Answer) -> bool:
    """Whether the answer is a page, or a cookie, that a person gets who is signed in."""
    given = [line.split("=")[0] for line in answer.all_headers("set-cookie")]
    return 200 <= answer.status < 300 or SESSION in given


def test_ac_01_no_address_opens_to_a_pending_sign_in(house: House) -> None:
    """AC-01: every route, with the cookies of a sign-in whose second step is still to come."""
    enrolled(house)
    waiting, stranger = house.client(), house.client()
    assert sign_in(waiting).location == "/sign-in/code"
    assert PENDING in waiting.cookies
    csrf = waiting.get("/sign-in/code").form().fields["csrf"]
    everything = requests_of_every_route(house)
    assert {"/", "/security", "/security/password", "/security/two-step"} <= {
        path for _, path in everything
    }
    for method, path in sorted(everything):
        if path in {"/sign-in/cancel", "/sign-in/more-time"}:
            continue  # They may be pressed: what they do is another test's.
        answer = ask(waiting, method, path, csrf)
        if path in OPEN_TO_A_PENDING_SIGN_IN:
            assert answer.status in {200, 422}, (method, path, answer.status)
        elif lets_in(answer):
            assert lets_in(ask(stranger, method, path, csrf)), (method, path, answer.status)
        assert SESSION not in answer.text


def test_ac_01_a_pending_token_is_no_session_and_a_session_is_no_pending_one(house: House) -> None:
    """AC-01: the values of the cookies, each under every name."""
    phone = enrolled(house)
    waiting, person = house.client(), house.client()
    sign_in(waiting)
    sign_in(person)
    person.submit(person.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert person.get("/").status == 200
    values = {waiting.cookies[PENDING], waiting.cookies[VISITOR], person.cookies[SESSION]}
    for value in values:
        thief = house.client()
        thief.cookies = {SESSION: value, PENDING: value, VISITOR: value}
        opened = thief.twin().get("/").status == 200
        assert opened == (value == person.cookies[SESSION])
        assert thief.twin().get("/sign-in/code").status == 303


def test_ac_01_set_up_is_open_to_nobody_who_has_a_second_step(house: House) -> None:
    """AC-01 and R-20: a pending sign-in can only answer, choose or cancel."""
    enrolled(house)
    waiting = house.client()
    sign_in(waiting)
    page = waiting.get("/sign-in/code")
    assert waiting.twin().get("/sign-in/set-up").location == "/sign-in/code"
    sent = {"csrf": page.form().fields["csrf"], "code": "123456"}
    assert waiting.twin().post("/sign-in/set-up", sent).location == "/sign-in/code"
    sent = {"csrf": page.form().fields["csrf"], "new_password": "a wholly new password"}
    assert waiting.twin().post("/sign-in/new-password", sent).location == "/sign-in/code"


def test_ac_02_a_planted_pending_sign_in_is_worth_nothing_in_another_browser(house: House) -> None:
    """AC-02: the attacker's cookie in the victim's browser; the victim types a code."""
    enrolled(house, "mallory")
    phone = enrolled(house, "victim")
    attacker, victim = house.client(), house.client()
    sign_in(attacker, "mallory")
    sign_in(victim, "victim")
    page = victim.get("/sign-in/code")
    victim.cookies[PENDING] = attacker.cookies[PENDING]
    answer = victim.submit(page, "/sign-in/code", code=phone.code())
    assert answer.location == "/sign-in?said=start-again"
    assert SESSION not in victim.cookies
    assert attacker.get("/").status == 303
    told = recorded(house.installation, house.harbour, EventKind.PENDING_USER_MISMATCH)
    assert len(told) == 1
    # The attacker's own sign-in goes on as if nothing had been, and the victim's was not spent.
    assert attacker.get("/sign-in/code").status == 200


def test_ac_02_the_way_back_is_as_closed(house: House) -> None:
    """AC-02: the victim's pending cookie in the attacker's browser, with the right code."""
    phone = enrolled(house, "victim")
    victim, thief = house.client(), house.client()
    sign_in(victim, "victim")
    thief.get("/sign-in")
    thief.cookies[PENDING] = victim.cookies[PENDING]
    assert thief.twin().get("/sign-in/code").status == 303
    csrf = house.client().follow(thief.twin().get("/sign-in")).form().fields["csrf"]
    answer = thief.post("/sign-in/code", {"csrf": csrf, "code": phone.code()})
    assert answer.location == "/sign-in?said=start-again"
    assert SESSION not in thief.cookies
    right = victim.submit(victim.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert right.location == "/", "the code was spent by the thief"


def test_ac_02_the_new_session_goes_to_the_browser_that_showed_both(house: House) -> None:
    """AC-02: a session that was planted before the sign-in is not the one that comes out of it."""
    phone = enrolled(house)
    victim = house.client()
    sign_in(victim)
    planted = "A" * 66
    victim.cookies[SESSION] = planted
    victim.submit(victim.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert victim.cookies[SESSION] != planted
    assert victim.get("/").status == 200
    assert not {PENDING, VISITOR} & set(victim.cookies)


def test_r_28_the_right_code_does_not_make_up_for_a_wrong_password(house: House) -> None:
    """R-28: with a second step set up, the password is checked all the same."""
    phone = enrolled(house)
    client = house.client()
    page = client.get("/sign-in")
    answer = client.submit(
        page, "/sign-in", user_name="ann", password="not the password", code=phone.code()
    )
    assert answer.status == 403
    assert not {PENDING, SESSION} & set(client.cookies)
    csrf = page.form("/sign-in").fields["csrf"]
    answer = client.post("/sign-in/code", {"csrf": csrf, "code": phone.code()})
    assert answer.location == "/sign-in?said=start-again"
    assert SESSION not in client.cookies


def test_r_28_a_code_that_was_set_up_after_the_password_still_needs_both(house: House) -> None:
    """R-28 the other way: the password alone was enough when it was typed, but not any more."""
    house.add()
    early = house.client()
    page = early.get("/sign-in")
    owner = house.client()
    sign_in(owner)
    set_up(house, owner)
    answer = early.submit(page, "/sign-in", user_name="ann", password=PASSWORD)
    assert answer.location == "/sign-in/code"
    assert SESSION not in early.cookies
    assert early.get("/").status == 303
