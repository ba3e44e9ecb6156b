"""AC-05: the back button, the form sent again, the double click: one sign-in gives one session."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select

from tests.helpers.at_once import at_once
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, House, enrolled, phone_from, sign_in
from tests.helpers.places import suspect
from twostep.crypto.secret import Secret
from twostep.flows.codes import CodesPaused
from twostep.flows.mint import Minted
from twostep.flows.password_changes import Changed, change_in_sign_in
from twostep.flows.second_step import Elsewhere
from twostep.flows.sessions import Person
from twostep.flows.set_up import Outcome, SetUpDone, verify_and_save_in_session
from twostep.storage import tables
from twostep.web.cookies import SESSION

pytestmark = pytest.mark.usefixtures("invariants_hold")


def sessions_of(house: House) -> int:
    counting = select(func.count()).select_from(tables.sessions)
    return house.installation.database.read(lambda c: c.execute(counting).scalar_one())


def test_ac_05_two_hundred_times_the_same_form_is_one_session(house: House) -> None:
    """AC-05: one pending sign-in, the right code, two hundred requests at once.

    And it costs the person nothing: whoever double-clicks is not one try nearer to a pause.
    """
    phone = with_app(house)
    before = sessions_of(house)
    guest = Guest(house)
    guest.sign_in()
    waiting, code = guest.waiting(), phone.code()
    assert waiting is not None
    answers = at_once([partial(guest.answer, waiting, code)] * 200)
    assert sum(isinstance(answer, Minted) for answer in answers) == 1
    assert all(isinstance(answer, Minted | Elsewhere | CodesPaused) for answer in answers)
    assert sessions_of(house) == before + 1
    again = Guest(house)
    again.sign_in()
    house.clock.forward(60_000)
    for _ in range(4):
        assert not isinstance(again.code(phone.wrong_code()), CodesPaused)
    assert isinstance(again.code(phone.code()), Minted)


def test_ac_05_over_the_wire_every_answer_leads_back_to_the_one_session(house: House) -> None:
    """AC-05: the same by forms; no answer is an error, and one of them has the cookie."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    form = client.get("/sign-in/code").form()
    fields = form.fields | {"code": phone.code()}
    twins = [client.twin() for _ in range(20)]
    answers = at_once([partial(twin.post, "/sign-in/code", fields) for twin in twins])
    assert {answer.status for answer in answers} == {303}
    lucky = [twin for twin in twins if SESSION in twin.cookies]
    assert len(lucky) == 1
    # The back button, later: the page is gone, and the person is still signed in.
    late = lucky[0].post("/sign-in/code", fields)
    assert late.location == "/sign-in?said=start-again"
    assert lucky[0].get(late.location).location == "/"
    assert lucky[0].get("/").status == 200


def test_ac_05_the_first_form_sent_again_by_somebody_signed_in_makes_no_session(
    house: House,
) -> None:
    """AC-05: the back button to the password, and Sign in once more."""
    house.add()
    client = house.client()
    page = client.get("/sign-in")
    client.submit(page, "/sign-in", user_name="ann", password="seven tall herons waiting")
    kept = client.cookies[SESSION]
    again = client.submit(page, "/sign-in", user_name="ann", password="seven tall herons waiting")
    assert (again.status, again.location) == (303, "/")
    assert client.cookies[SESSION] == kept
    assert sessions_of(house) == 1


def test_ac_05_set_up_confirmed_many_times_at_once_is_one_key_and_one_session(
    house: House,
) -> None:
    """AC-05 and AC-51: in a sign-in, with the right code."""
    house.add("bo", house.northside)
    client = house.client(house.northside)
    sign_in(client, "bo")
    page = client.get("/sign-in/set-up")
    fields = page.form("/sign-in/set-up").fields
    fields = fields | {"code": phone_from(page, house.clock).code()}
    twins = [client.twin() for _ in range(20)]
    answers = at_once([partial(twin.post, "/sign-in/set-up", fields) for twin in twins])
    assert {answer.status for answer in answers} <= {303, 403}
    assert sum(SESSION in twin.cookies for twin in twins) == 1
    assert sessions_of(house) == 1


def test_ac_05_set_up_in_a_session_confirmed_many_times_at_once(house: House) -> None:
    """AC-05 and AC-51: the session is exchanged once."""
    house.add()
    guest = Guest(house)
    guest.sign_in()
    code, session = guest.configure().code(), guest.session
    twins = [Guest(house, session=session, session_id=guest.session_id) for _ in range(20)]
    people = [twin.me() for twin in twins]
    assert len({person.session.id for person in people}) == 1

    def save(twin: Guest, person: Person) -> Outcome:
        return verify_and_save_in_session(
            house.installation, person, typed=code, browser=twin.browser_in_session
        )

    outcomes = at_once(
        [partial(save, twin, person) for twin, person in zip(twins, people, strict=True)]
    )
    assert sum(isinstance(outcome, SetUpDone) for outcome in outcomes) == 1
    assert sessions_of(house) == 2


def test_ac_05_a_new_password_chosen_many_times_at_once_is_one_session(house: House) -> None:
    """AC-05: at the last step of a sign-in that asks for a new password."""
    suspect(house, house.add())
    guest = Guest(house)
    guest.sign_in()
    waiting = guest.waiting()
    assert waiting is not None

    def change() -> object:
        return change_in_sign_in(
            house.installation,
            house.harbour,
            waiting,
            new=Secret(OTHER_PASSWORD),
            browser=guest.browser,
        )

    outcomes = at_once([change] * 4)
    assert sum(isinstance(outcome, Changed) for outcome in outcomes) == 1
    assert sessions_of(house) == 1
