"""Who may open and send the dialogs of removal, pause and help-desk codes: asked by hand, with a
valid session and a valid token, and a right proof where one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.administrators import (
    REASON,
    Administrator,
    administrator,
    path_of,
    user_of,
    with_app,
)
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, set_up, sign_in
from tests.helpers.http import Answer
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import permissions
from twostep.flows.help_desk_codes import codes_of

NEEDED = {
    "remove-two-step": Permission.REMOVE_TWO_STEP,
    "pause": Permission.REMOVE_TWO_STEP,
    "end-pause": Permission.REMOVE_TWO_STEP,
    "help-desk-code": Permission.HELP_DESK_CODES,
    f"help-desk-code/{'5b' * 16}/withdraw": Permission.HELP_DESK_CODES,
}
TYPED = REASON | {"end": "1", "purpose": "today", "minutes": "60", "uses": "1"}

every_dialog = pytest.mark.parametrize("word", NEEDED)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the whole matrix, in which each test has people of its own."""
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def somebody(house: House, *held: Permission) -> Administrator:
    return administrator(house, a_name(), app=False, held=held)


def a_target(house: House) -> User:
    return with_app(house, a_name())


def untouched(house: House, target: User) -> bool:
    """Whether nothing was done to that user: a code is asked, and the help desk made none."""
    asked = sign_in(house.client(), target.name).location == "/sign-in/code"
    return asked and not codes_of(house.installation, target.environment_id, target.id)


def both(who: Administrator, target: User, word: str) -> list[Answer]:
    """The dialog, and the form of it with the right proof."""
    return [who.get(target, word), who.send(target, word, **TYPED, **who.proof())]


@every_dialog
def test_r_35_without_the_permission_every_verb_is_refused_whatever_else_is_held(
    house: House, word: str
) -> None:
    """R-35: the permission is asked by effect. Who may manage users, or make codes, may by that
    neither remove nor pause; a pause takes what a removal takes.
    """
    who, target = somebody(house, *(ALL - {NEEDED[word]})), a_target(house)
    assert [answer.status for answer in both(who, target, word)] == [403, 403]
    for verb in ("PUT", "DELETE", "PATCH"):
        headers = {"Origin": who.client.origin, "Sec-Fetch-Site": "same-origin"}
        assert who.client.request(verb, path_of(target, word), headers=headers).status == 405
    assert untouched(house, target)


@every_dialog
def test_somebody_without_any_permission_gets_403(house: House, word: str) -> None:
    who, target = somebody(house), a_target(house)
    assert [answer.status for answer in both(who, target, word)] == [403, 403]
    assert untouched(house, target)


@every_dialog
def test_nobody_does_it_to_themselves(house: House, word: str) -> None:
    who = somebody(house, *ALL)
    answers = both(who, who.user, word)
    assert [answer.status for answer in answers] == [403, 403]


@every_dialog
def test_nobody_does_it_to_somebody_who_may_do_what_they_may_not(house: House, word: str) -> None:
    who, target = somebody(house, NEEDED[word]), a_target(house)
    permissions.grant(house.installation, house.harbour, target, Permission.MESSAGES)
    assert [answer.status for answer in both(who, target, word)] == [403, 403]
    assert untouched(house, target)
    permissions.grant(house.installation, house.harbour, who.user, Permission.MESSAGES)
    assert who.get(target, word).status == 200


@every_dialog
def test_users_of_other_environments_and_nobodys_ids_are_not_found(house: House, word: str) -> None:
    who = somebody(house, *ALL)
    there = house.add(a_name(), house.northside)
    assert [answer.status for answer in both(who, there, word)] == [404, 404]
    for name in ("f" * 32, "F" * 32, "0", "x" * 32, who.user.id.hex().upper()):
        path = f"/admin/users/{name}/{word}"
        assert who.client.get(path).status == 404
        assert who.client.post(path, {"csrf": who.csrf()} | TYPED | who.proof()).status == 404


@every_dialog
def test_signed_out_one_is_asked_to_sign_in_and_a_form_of_elsewhere_is_refused(
    house: House, word: str
) -> None:
    who, target = somebody(house, NEEDED[word]), a_target(house)
    path = path_of(target, word)
    stranger = house.client()
    assert (stranger.get(path).location or "").startswith("/sign-in?going_to=/admin/users/")
    assert (stranger.post(path, TYPED).location or "").startswith("/sign-in")
    for csrf in ({}, {"csrf": "a-token"}, {"csrf": somebody(house).csrf()}):
        assert who.client.post(path, TYPED | who.proof() | csrf).status == 403
    assert untouched(house, target)


@every_dialog
def test_no_proof_is_compared_for_whoever_may_not_do_it(house: House, word: str) -> None:
    """So a dialog is no place to try passwords at, and ends nobody's session."""
    who, target = somebody(house), a_target(house)
    for _ in range(6):
        assert who.send(target, word, **TYPED, password="not my password").status == 403
    assert who.client.get("/security").status == 200
    assert sign_in(house.client(), who.name).location == "/"


@every_dialog
def test_d_08_where_administrators_need_a_second_step_the_password_opens_nothing(
    house: House, word: str
) -> None:
    who, target = somebody(house, *ALL), a_target(house)
    house.set(house.harbour, "administrators_need_two_step", "yes")
    try:
        for answer in both(who, target, word):
            assert answer.status == 403
            assert "Set up your own second step first" in answer.text
        assert untouched(house, target)
        set_up(house, who.client)
        assert who.get(target, word).status == 200
    finally:
        house.set(house.harbour, "administrators_need_two_step", "no")


@every_dialog
def test_a_session_opened_by_a_help_desk_code_helps_nobody(house: House, word: str) -> None:
    """``1h``: it is for today's work of its own user, and changes nothing about sign-ins."""
    morgan = somebody(house, *ALL)
    name = a_name()
    helped = with_app(house, name)
    answer = morgan.send(helped, "help-desk-code", **TYPED, **morgan.proof())
    code = answer.text.split('id="shown-code">')[1].split("<")[0]
    for permission in ALL:
        permissions.grant(house.installation, house.harbour, helped, permission)
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    page = client.get("/sign-in/help-desk-code")
    done = client.submit(page, "/sign-in/help-desk-code", help_desk_code=code)
    assert done.location == "/"
    who, target = Administrator(house, name, client, house.harbour), a_target(house)
    house.clock.forward(MINUTE)
    assert [answer.status for answer in both(who, target, word)] == [403, 403]
    assert untouched(house, target)
    assert user_of(house, name) is not None
