"""What an administrator does to a user, tried by hand: with a valid session and a valid token, by
somebody without the permission, on oneself, on somebody who holds more, and on an id of another
environment.

AC-70, R-21 (object-level checks on every id), R-35 (permission by effect, whatever the verb).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.desk import desk, give, path_of, words_of
from tests.helpers.house import PASSWORD, House
from tests.helpers.http import Answer, Client
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name
from tests.helpers.sealed_rows import everything_in
from twostep.admin.user_menu import NEEDED
from twostep.core.contacts import ContactKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import users
from twostep.flows.caller_checks import MAY_CHECK
from twostep.flows.contact_entries import set_for_user
from twostep.flows.user_details import target_of

MANAGE = {Permission.MANAGE_USERS}

ACTS: dict[str, tuple[set[Permission], dict[str, str]]] = {
    "unlock": (MANAGE, {}),
    "end-sessions": (MANAGE, {}),
    "forget-devices": (MANAGE, {}),
    "disable": (MANAGE, {}),
    "enable": (MANAGE, {}),
    "edit": (MANAGE, {"user_name": "somebody.else", "full_name": "Somebody Else"}),
    "addresses/email": (MANAGE, {"address": "mallory@evil.example"}),
    "addresses/email/remove": (MANAGE, {}),
    "check-caller": (set(MAY_CHECK), {"address": "email"}),
    "check-caller/read-back": (set(MAY_CHECK), {"read_back": "123456"}),
}
"""Each act with the permissions of which any opens it, and what a page of ours would send."""

every_act = pytest.mark.parametrize("act", ACTS)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def somebody(house: House) -> User:
    name = a_name()
    user = house.add(name)
    email = ContactKind.EMAIL
    set_for_user(house.installation, user, email, f"{name}@northside.example", language="en")
    return user


def by_hand(client: Client, user: User | bytes, act: str, /, **typed: str) -> Answer:
    """The form that a page of ours would send, with a token that is good."""
    csrf = client.get("/").form().fields["csrf"]
    fields = {"csrf": csrf} | ACTS[act][1] | typed
    return client.post(path_of(user, act), fields)


def test_every_act_here_is_one_of_the_menu(one: House) -> None:
    """So that an act that comes to the menu comes to a matrix too: the others have their own."""
    mine = {act.split("/")[0] for act in ACTS} - {"addresses"}
    assert mine <= set(NEEDED)
    for act in mine:
        assert set(NEEDED[act]) == ACTS[act][0]


@every_act
def test_r_35_without_the_permission_nothing_can_be_done_by_hand(act: str, one: House) -> None:
    """With every other permission, and with none; before any proof is compared."""
    ann = somebody(one)
    opens = ACTS[act][0]
    nothing: frozenset[Permission] = frozenset()
    for held in (ALL - opens, nothing):
        client = desk(one, *held, name=a_name())
        one.clock.forward(6 * MINUTE)
        client.get("/")
        before = everything_in(one.installation.database)
        for typed in ({}, {"password": PASSWORD}, {"password": "not the right one"}):
            answer = by_hand(client, ann, act, **typed)
            assert answer.status == 403
            assert "not your current password" not in words_of(answer)
        assert client.get(path_of(ann, act)).status == 403
        assert everything_in(one.installation.database) == before


@every_act
def test_nobody_does_it_to_themselves_by_hand(act: str, one: House) -> None:
    name = a_name()
    client = desk(one, *ALL, name=name)
    kim = users.find(one.installation, one.harbour, name)
    assert kim is not None
    before = everything_in(one.installation.database)
    assert by_hand(client, kim, act).status == 403
    assert client.get(path_of(kim, act)).status == 403
    assert everything_in(one.installation.database) == before


@every_act
def test_ac_36_nobody_does_it_to_somebody_who_holds_what_they_lack(act: str, one: House) -> None:
    ann = somebody(one)
    give(one, ann, [Permission.AUDIT])
    client = desk(one, *(ALL - {Permission.AUDIT}), name=a_name())
    before = everything_in(one.installation.database)
    assert by_hand(client, ann, act).status == 403
    assert client.get(path_of(ann, act)).status == 403
    assert everything_in(one.installation.database) == before


@every_act
def test_ac_70_an_id_of_another_environment_is_unknown_like_any_other(act: str, one: House) -> None:
    """AC-70, R-21: the same page for what there is elsewhere and for what there is nowhere."""
    name = a_name()
    elsewhere = one.add(name, one.northside)
    client = desk(one, *ALL, name=a_name())
    before = everything_in(one.installation.database)
    pages = [
        answer
        for id_ in (elsewhere.id, b"x" * 16)
        for answer in (by_hand(client, id_, act), client.get(path_of(id_, act)))
    ]
    assert {answer.status for answer in pages} == {404}
    assert len({words_of(answer).split("Reference")[0] for answer in pages}) == 1
    assert everything_in(one.installation.database) == before


@every_act
def test_without_the_token_of_a_page_nothing_is_done(act: str, one: House) -> None:
    ann = somebody(one)
    client = desk(one, *ALL, name=a_name())
    before = everything_in(one.installation.database)
    assert by_hand(client, ann, act, csrf="made up").status == 403
    assert everything_in(one.installation.database) == before


@every_act
def test_an_old_proof_is_asked_again_and_nothing_is_done(act: str, one: House) -> None:
    ann = somebody(one)
    client = desk(one, *ALL, name=a_name())
    one.clock.forward(6 * MINUTE)
    client.get("/")
    before = everything_in(one.installation.database)
    answer = by_hand(client, ann, act)
    assert answer.status == 422 or (answer.location or "").endswith("check-over")
    assert everything_in(one.installation.database) == before


def test_r_21_an_address_is_of_the_user_of_the_path_and_of_nobody_else(one: House) -> None:
    """R-21: no field of a form names another user than the path does."""
    ann, bo = somebody(one), somebody(one)
    client = desk(one, *MANAGE, name=a_name())
    typed = {"id": bo.id.hex(), "user": bo.id.hex(), "user_id": bo.id.hex()}
    done = by_hand(client, ann, "disable", **typed)
    assert done.location == f"{path_of(ann)}?said=user-disabled"
    found = target_of(one.installation, one.harbour.id, bo.id)
    assert found is not None
    assert found.user.disabled_at is None
