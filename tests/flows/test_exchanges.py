"""*At once*: a live session that no longer suffices becomes a sign-in that goes on where it was."""

from __future__ import annotations

from sqlalchemy import select

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.house import SET_UP_DONE, House, Phone, enrolled, phone_from, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.properties import PATH, administrator, save
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.reasons import Code
from twostep.storage.tables import devices, proofs, sessions

REMEMBERED_DAYS = 30


def require_at_once(house: House, name: str = "boss") -> Client:
    """By an administrator, who is held to it as everybody is."""
    client = administrator(house, name)
    answer = save(client, two_step_verification="required", required_at_once_at="on")
    assert answer.location == f"{PATH}?said=saved", answer.text
    house.clock.forward(1)
    return client


def with_a_code(house: House, phone: Phone, *, remember: bool = False) -> Client:
    client = house.client()
    sign_in(client)
    typed = {"code": phone.code()} | ({"remember": "1"} if remember else {})
    answer = client.submit(client.get("/sign-in/code"), "/sign-in/code", **typed)
    assert answer.location == "/", answer.text
    return client


def on_a_remembered_device(house: House, phone: Phone) -> Client:
    """Signed in with a password alone, because a code was right here before."""
    client = with_a_code(house, phone, remember=True)
    client.submit(client.get("/"), "/sign-out")
    house.clock.forward(6 * MINUTE)
    assert sign_in(client).location == "/"
    return client


def count(house: House, table: object) -> int:
    return len(
        house.installation.database.read(
            lambda connection: connection.execute(select(table)).all()  # type: ignore[call-overload]
        )
    )


def test_a_session_without_a_second_step_goes_on_in_set_up_and_comes_back(house: House) -> None:
    """CT-12, AC-28: held at the next request, wherever that leads."""
    house.add()
    client = house.client()
    sign_in(client)
    require_at_once(house)
    held = client.get("/security")
    assert held.location == "/sign-in/set-up?said=required-at-once"
    assert "__Host-sess" not in client.cookies
    page = client.follow(held)
    assert "also for people who are signed in" in page.text
    assert client.get("/security").location == "/sign-in?going_to=/security&said=sign-in-first"
    phone = phone_from(page, house.clock)
    done = client.submit(page, "/sign-in/set-up", code=phone.code())
    assert done.location == SET_UP_DONE
    assert client.get("/security").status == 200


def test_a_session_of_a_remembered_device_is_asked_for_a_code_and_stays_one_device(
    house: House,
) -> None:
    """AC-28: a remembered device is no second step that was shown in this session."""
    phone = enrolled(house)
    client = on_a_remembered_device(house, phone)
    before = count(house, devices)
    require_at_once(house)
    before += 1  # the administrator's
    held = client.get("/security")
    assert held.location == "/sign-in/code?said=required-at-once"
    page = client.follow(held)
    assert "became required while you were signed in" in page.text
    house.clock.forward(MINUTE)
    done = client.submit(page, "/sign-in/code", code=phone.code())
    assert done.location == "/security"
    assert client.get("/security").status == 200
    assert count(house, devices) == before


def test_a_session_with_a_code_and_one_that_began_later_are_left_alone(house: House) -> None:
    phone = enrolled(house)
    client = with_a_code(house, phone, remember=True)
    require_at_once(house)
    assert client.get("/").status == 200
    client.submit(client.get("/"), "/sign-out")
    assert sign_in(client).location == "/", "remembered, as the policy allows"
    assert client.get("/").status == 200


def test_without_the_tick_live_sessions_finish(house: House) -> None:
    """CT-12."""
    house.add()
    client = house.client()
    sign_in(client)
    boss = administrator(house, "boss")
    save(boss, two_step_verification="required")
    house.clock.forward(1)
    assert client.get("/").status == 200
    assert boss.get("/").status == 200
    again = house.client()
    assert sign_in(again).location == "/sign-in/set-up"


def test_the_administrator_who_ticks_is_held_too(house: House) -> None:
    boss = require_at_once(house)
    assert boss.get(PATH).location == "/sign-in/set-up?said=required-at-once"


def test_with_a_password_of_long_ago_it_is_asked_again_before_set_up(house: House) -> None:
    """Nobody enrols a phone of their own in a session that was left open, or stolen (R-20)."""
    house.add()
    client = house.client()
    sign_in(client)
    house.clock.forward(6 * MINUTE)
    require_at_once(house)
    held = client.get("/security")
    assert held.location == "/sign-in?going_to=/security&said=required-sign-in"
    assert "__Host-pend" not in client.cookies
    page = client.follow(held)
    assert "Please sign in again" in page.text
    answer = client.submit(page, "/sign-in", user_name="ann", password="seven tall herons waiting")
    assert answer.location == "/sign-in/set-up"


def test_a_form_that_was_sent_by_such_a_session_does_nothing(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    page = client.get("/security")
    require_at_once(house)
    answer = client.submit(page, "/security/two-step")
    assert answer.location == "/sign-in/set-up?said=required-at-once"
    assert not recorded(house.installation, house.harbour, EventKind.AUTHENTICATOR_OFFERED)[1:]


def test_the_old_cookie_is_worth_nothing_and_the_new_one_only_in_this_browser(
    house: House,
) -> None:
    """AC-02, AC-03."""
    phone = enrolled(house)
    client = on_a_remembered_device(house, phone)
    stolen = client.twin()
    require_at_once(house)
    page = client.follow(client.get("/"))
    assert "Enter your code" in page.text
    assert stolen.get("/").location == "/sign-in?said=session-ended"
    elsewhere = house.client()
    elsewhere.cookies["__Host-pend"] = client.cookies["__Host-pend"]
    assert elsewhere.get("/sign-in/code").location == "/sign-in?said=start-again"


def test_two_requests_at_once_make_one_sign_in(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    require_at_once(house)
    twins = [client.twin() for _ in range(6)]
    answers: list[Answer] = at_once([lambda twin=twin: twin.get("/") for twin in twins])  # type: ignore[misc]
    places = [(answer.location or "").split("?")[0] for answer in answers]
    assert places.count("/sign-in/set-up") == 1
    assert places.count("/sign-in") == 5
    assert len(recorded(house.installation, house.harbour, EventKind.SIGN_IN_FROM_SESSION)) == 1


def test_the_log_says_what_happened_and_why(house: House) -> None:
    """B-1, I-14: one event for the session that ended, one for the sign-in that began."""
    house.add()
    client = house.client()
    sign_in(client)
    require_at_once(house)
    client.get("/")
    (ended,) = recorded(house.installation, house.harbour, EventKind.SESSION_ENDED)
    assert ended.about["ended_by"] == "required_at_once"
    (begun,) = recorded(house.installation, house.harbour, EventKind.SIGN_IN_FROM_SESSION)
    codes = [reason["code"] for reason in begun.about["reasons"]]
    assert codes == [Code.REQUIRED_HERE.value, Code.NOT_SET_UP_YET.value]


def test_cancelling_such_a_sign_in_leaves_the_person_signed_out(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    require_at_once(house)
    page = client.follow(client.get("/"))
    assert client.submit(page, "/sign-in/cancel").location == "/sign-in?said=cancelled"
    assert client.get("/").status == 303


def test_signing_out_signs_out(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    page = client.get("/")
    require_at_once(house)
    answer = client.submit(page, "/sign-out")
    assert answer.location == "/sign-in?said=signed-out"
    assert "__Host-sess" not in client.cookies
    live = house.installation.database.read(
        lambda connection: connection.execute(
            select(sessions.c.id).where(sessions.c.ended_at.is_(None))
        ).all()
    )
    assert len(live) == 1, "the administrator's"


def test_the_proofs_of_the_session_go_along(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    require_at_once(house)
    before = count(house, proofs)
    client.get("/")
    assert count(house, proofs) == before + 1
