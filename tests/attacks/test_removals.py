"""AC-34, AC-35, AC-36, R-19: removing somebody's second step, by whoever should not."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import (
    REASON,
    Administrator,
    administrator,
    path_of,
    user_of,
    with_app,
    words_of,
    write_notices,
)
from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.help_desk import BROWSER
from tests.helpers.house import PASSWORD, House, enrolled, set_up, sign_in
from tests.helpers.http import Answer
from tests.helpers.letters import letters
from tests.helpers.owners import an_owner, sign_out
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.help_desk_codes import HelpReason
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.sessions import Level
from twostep.core.users import User
from twostep.flows import permissions, two_step_removals
from twostep.flows.administration import MayNot
from twostep.flows.sessions import Person, who
from twostep.flows.two_step_removals import Removed
from twostep.web import cookies

pytestmark = pytest.mark.usefixtures("invariants_hold")

WORD = "remove-two-step"
HELP = "/sign-in/help-desk-code"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What two transactions do to each other is in ``test_removals_at_once``."""
    return sqlite_url


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def still_has_one(house: House, user: User, environment: Environment | None = None) -> bool:
    client = house.client(environment)
    return sign_in(client, user.name).location == "/sign-in/code"


def person_of(of: Administrator) -> Person:
    found = who(of.house.installation, of.environment, of.client.cookies[cookies.SESSION])
    assert isinstance(found, Person)
    return found


def by_flow(of: Administrator, target: User) -> object:
    """The act itself, past every page."""
    return two_step_removals.remove(
        of.house.installation,
        person_of(of),
        target.id,
        reason=HelpReason.LOST_PHONE,
        note="",
        browser=BROWSER,
    )


def shown(answer: Answer) -> str:
    return answer.text.split('id="shown-code">')[1].split("<")[0]


def test_ac_34_whoever_knows_the_password_cannot_set_up_before_the_user(house: House) -> None:
    """AC-34: after a removal where a second step is required, the password alone leads to a page
    that says whom to ask; neither a guess nor another user's set-up code helps.
    """
    there = house.northside
    morgan = administrator(house, environment=there)
    ann, bo = (with_app(house, name, there) for name in ("ann", "bo"))
    anns, bos = (shown(morgan.remove(user)) for user in (ann, bo))
    thief = house.client(there)
    page = thief.follow(sign_in(thief, "ann"))
    assert "Ask whoever looks after this service" in words_of(page)
    for path in ("/sign-in/set-up", "/sign-in/code", "/", "/security"):
        assert "Scan this code" not in thief.follow(thief.get(path)).text
    for wrong in (bos, "0" * 20, anns[:-1] + ("0" if anns[-1] != "0" else "1")):
        tried = thief.submit(thief.get(HELP), HELP, help_desk_code=wrong)
        assert tried.location is None
    done = thief.submit(thief.get(HELP), HELP, help_desk_code=anns)
    assert done.location == "/sign-in/set-up"  # with the code it goes on, once:
    again = house.client(there)
    sign_in(again, "ann")
    page = again.follow(again.get(HELP))
    tried = again.submit(page, HELP, help_desk_code=anns)
    assert tried.location != "/sign-in/set-up"


def test_ac_35_who_removed_whose_and_why_is_kept_and_the_user_hears_of_it(house: House) -> None:
    """AC-35: no removal without a reason of the list; the user can object; the report has it."""
    morgan, ann = administrator(house), with_app(house)
    enter(house, ann)
    for reason in ("", "because", "LOST_PHONE"):
        assert morgan.remove(ann, reason=reason).status == 422
    assert still_has_one(house, ann)
    assert morgan.remove(ann, reason="app_broken").status == 303
    [event] = recorded(house.installation, house.harbour, EventKind.TWO_STEP_REMOVED)
    assert event.about["reason"] == "app_broken"
    assert event.has_target
    write_notices(house)
    [letter] = letters(house.installation, MessageKind.REMOVED)
    assert letter.data["by"] == "morgan"


class TestAC36:
    """AC-36: one fresh proof of the administrator's own is one removal."""

    def test_ac_36_without_a_proof(self, house: House) -> None:
        morgan, ann = administrator(house), with_app(house)
        house.clock.forward(10 * MINUTE)
        assert morgan.send(ann, WORD, **REASON).status == 422
        assert by_flow(morgan, ann) is MayNot.PROVE_AGAIN
        assert still_has_one(house, ann)

    def test_r_19_ac_36_with_a_session_of_a_remembered_device(self, house: House) -> None:
        """R-19: a session that showed the password alone takes away no second step."""
        morgan, ann = administrator(house), with_app(house)
        sign_out(morgan.client)
        assert sign_in(morgan.client, "morgan").location == "/"
        assert person_of(morgan).session.level is Level.REMEMBERED
        assert by_flow(morgan, ann) is MayNot.PROVE_AGAIN
        assert "Your own code" in morgan.get(ann, WORD).text
        for typed in ({}, {"password": PASSWORD}, {"code": PASSWORD}):
            assert morgan.send(ann, WORD, **REASON, **typed).status == 422
        assert still_has_one(house, ann)

    def test_ac_36_with_the_code_that_signed_in(self, house: House) -> None:
        ann, phone = with_app(house), enrolled(house, "morgan")
        for permission in ALL:
            permissions.grant(
                house.installation, house.harbour, user_of(house, "morgan"), permission
            )
        client = house.client()
        sign_in(client, "morgan")
        code = phone.code()
        assert client.submit(client.get("/sign-in/code"), "/sign-in/code", code=code).status == 303
        morgan = Administrator(house, "morgan", client, house.harbour, phone)
        answer = morgan.send(ann, WORD, **REASON, code=code)
        assert answer.status == 422
        assert "That code was already used." in answer.text
        assert still_has_one(house, ann)

    def test_ac_36_by_password_where_the_administrator_has_a_second_step(
        self, house: House
    ) -> None:
        morgan, ann = administrator(house), with_app(house)
        house.clock.forward(10 * MINUTE)
        assert morgan.send(ann, WORD, **REASON, password=PASSWORD).status == 422
        assert still_has_one(house, ann)

    def test_ac_36_by_a_recovery_code_or_a_code_by_message_that_was_not_sent(
        self, house: House
    ) -> None:
        morgan, ann = administrator(house), with_app(house)
        page = morgan.client.get("/security/recovery-codes")
        made = morgan.client.submit(page, "/security/recovery-codes")
        code = made.text.split("<li>")[1].split("</li>")[0]
        assert morgan.send(ann, WORD, **REASON, code=code).status == 422
        for way in ("email", "help_desk_code", "nothing"):
            assert morgan.send(ann, WORD, **REASON, to=way, code="123456").status == 422
            assert morgan.send(ann, WORD, **REASON, send_code=way).status == 422
        assert letters(house.installation, MessageKind.CODE) == []
        assert still_has_one(house, ann)

    def test_ac_36_oneself_by_this_road(self, house: House) -> None:
        morgan = administrator(house)
        assert morgan.remove(morgan.user).status == 403
        assert by_flow(morgan, morgan.user) is MayNot.ONESELF

    def test_ac_36_somebody_who_may_do_more(self, house: House) -> None:
        boss = with_app(house, "boss")
        for permission in ALL:
            permissions.grant(house.installation, house.harbour, boss, permission)
        morgan = administrator(house, held={Permission.REMOVE_TWO_STEP})
        assert morgan.remove(boss).status == 403
        assert by_flow(morgan, boss) is MayNot.HOLDS_MORE
        assert still_has_one(house, boss)

    def test_ac_36_somebody_of_another_environment(self, house: House) -> None:
        morgan, ann = administrator(house), with_app(house, "ann", house.northside)
        assert morgan.remove(ann).status == 404
        assert by_flow(morgan, ann) is MayNot.NOBODY
        twin = house.client(house.northside)
        twin.cookies.update(morgan.client.cookies)
        path = path_of(ann, WORD)
        moved = twin.post(path, REASON | {"csrf": morgan.csrf()} | morgan.proof())
        assert (moved.location or "").startswith("/sign-in")
        assert still_has_one(house, ann, house.northside)

    def test_ac_36_a_proof_that_was_used_is_used_in_the_flow_as_well(self, house: House) -> None:
        """Past the pages: the proof of a moment ago, and the one of the sign-in, and no third."""
        morgan = administrator(house)
        users = [with_app(house, name) for name in ("ann", "bo")]
        house.clock.forward(6 * MINUTE)  # the proof of the sign-in is too old
        morgan.client.get("/security")
        typed = {"act": "users"} | morgan.proof()
        page = morgan.client.get("/security/confirm?act=users")
        done = morgan.client.submit(page, "/security/confirm", **typed)
        assert done.location == "/admin/users"
        outcomes = [by_flow(morgan, user) for user in users]
        assert isinstance(outcomes[0], Removed)
        assert outcomes[1] is MayNot.PROVE_AGAIN
        assert still_has_one(house, users[1])


def test_ac_26_a_device_that_was_remembered_before_a_removal_passes_no_new_second_step(
    house: House,
) -> None:
    """AC-26: also where the user sets up again, in another browser."""
    morgan, ann = administrator(house), an_owner(house)
    device = ann.remembered()
    assert not ann.asked(device)
    assert morgan.remove(user_of(house, ann.name)).status == 303
    other = house.client()
    assert sign_in(other, ann.name).location == "/"
    ann.phone = set_up(house, other)
    assert ann.asked(device)


def test_ac_26_the_pass_of_five_minutes_ends_with_a_removal(house: House) -> None:
    """AC-26: nor does a browser that was asked only just now."""
    morgan, ann = administrator(house), an_owner(house)
    browser = ann.give_code(ann.browser())
    sign_out(browser)
    assert morgan.send(user_of(house, ann.name), WORD, **REASON, **morgan.proof()).status == 303
    other = house.client()
    sign_in(other, ann.name)
    ann.phone = set_up(house, other)
    assert ann.asked(browser)
