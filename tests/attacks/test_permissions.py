"""Permissions grow only by those who hold them, and the last one who manages users stays.

AC-75, AC-76, AC-71, R-35 (permission by effect, whatever the verb), I-16, I-17. The histories of
many acts in a row are in ``test_permission_histories``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from tests.helpers.at_once import at_once
from tests.helpers.crossings import Meanwhile
from tests.helpers.holders import Holder, holder
from tests.helpers.house import House
from tests.helpers.permission_pages import Desk, desk, path_of
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import permissions, user_acts, users
from twostep.flows.administration import MayNot
from twostep.flows.permissions import Done, LastHolder
from twostep.storage import permissions as stored

USERS, REMOVE, AUDIT = Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP, Permission.AUDIT
ROUNDS = 5
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def held(house: House, user: User) -> frozenset[Permission]:
    return permissions.held_by(house.installation, house.harbour, user)


# --- by hand, with a valid session and token


@pytest.mark.parametrize("act", ["grant", "revoke"])
def test_r_35_what_one_does_not_hold_is_refused_by_hand(shared_house: House, act: str) -> None:
    """R-35, AC-75: a raw request with a valid session and token, for every permission and by
    everybody who lacks it; before any proof is compared.
    """
    house = shared_house
    for permission in Permission:
        target = desk(house, f"{act}-target-of-{permission}")
        if act == "revoke":
            permissions.grant_all(house.installation, house.harbour, target.user, {permission})
        for name, theirs in (("nobody", frozenset()), ("all-others", ALL - {permission})):
            other = desk(house, f"{act}-{name}-{permission}", theirs)
            for to in (target.user, other.user):
                before = held(house, to)
                answer = other.send(act, to, permission.value, password="not theirs at all")
                assert answer.status == 403
                assert "not your current password" not in answer.text
                assert held(house, to) == before


def test_ac_75_nobody_grants_to_themselves(shared_house: House) -> None:
    """AC-75: nor one that they hold already, which would change who gave it."""
    boss = desk(shared_house, "selfish", ALL)
    lacks = desk(shared_house, "lacks", ALL - {AUDIT})
    for permission in Permission:
        assert boss.give(boss.user, permission).status == 403
    assert lacks.give(lacks.user, AUDIT).status == 403
    assert held(shared_house, lacks.user) == ALL - {AUDIT}


def test_r_35_no_verb_and_no_other_address_does_it(shared_house: House) -> None:
    """R-35: what is denied at one address is denied by effect at all."""
    house = shared_house
    nobody, target = desk(house, "verbose"), house.add("verbs-target")
    fields = f"csrf={nobody.csrf}&permission=audit".encode()
    usual = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": nobody.client.origin,
        "Sec-Fetch-Site": "same-origin",
    }
    for verb in VERBS:
        for path in (f"{path_of(target)}/grant", path_of(target), "/admin/permissions"):
            asked = f"{path}?permission=audit"
            answer = nobody.client.request(verb, asked, body=fields, headers=usual)
            assert answer.status in {403, 405}, (verb, path)
    assert held(house, target) == frozenset()


def test_a_form_without_its_token_grants_nothing(shared_house: House) -> None:
    boss, target = desk(shared_house, "tokenless", ALL), shared_house.add("tokenless-target")
    assert boss.send("grant", target, "audit", csrf="").status == 403
    stolen = desk(shared_house, "other-session").csrf
    assert boss.send("grant", target, "audit", csrf=stolen).status == 403
    assert held(shared_house, target) == frozenset()


def test_ac_71_an_administrator_of_one_environment_is_nobody_in_another(
    shared_house: House,
) -> None:
    """AC-71: they neither grant there nor see who holds what, whatever they hold here."""
    house = shared_house
    boss = desk(house, "boss-of-harbour", ALL)
    theirs = house.add("boss-of-northside", house.northside, administrator=True)
    for act in ("grant", "revoke"):
        assert boss.send(act, theirs, "audit").status == 404
    assert boss.client.get(path_of(theirs)).status == 404
    assert "boss-of-northside" not in boss.client.get("/admin/permissions").text
    # The same cookie at the other address is nobody's (AC-69).
    there = house.client(house.northside)
    there.cookies = dict(boss.client.cookies)
    assert there.get("/admin/permissions").status == 303
    everything = permissions.held_by(house.installation, house.northside, theirs)
    assert everything == ALL


def test_what_was_granted_ends_with_the_grant_and_not_with_the_session(
    shared_house: House,
) -> None:
    """AC-75, re-grant after revoke: a page that was open, and its token, are worth nothing."""
    house = shared_house
    boss, ann = desk(house, "taker", ALL), desk(house, "taken", {REMOVE})
    bo = house.add("third")
    page = ann.client.get(f"{path_of(bo)}/grant?permission=remove_two_step")
    assert page.status == 200
    assert boss.take(ann.user, REMOVE).status == 303
    assert ann.client.submit(page, f"{path_of(bo)}/grant").status == 403
    assert held(house, bo) == held(house, ann.user) == frozenset()


# --- the last one (AC-76)


_NUMBERS = count()


def two_managers(house: House) -> tuple[Holder, Holder]:
    """In an environment of their own."""
    number = next(_NUMBERS)
    place = house.environment(f"Round {number}", f"round{number}")
    one = holder(house, "kim", {USERS}, environment=place)
    return one, holder(house, "lou", {USERS}, environment=place)


Act = Callable[[House, Holder, Holder], object]


def revokes(_house: House, one: Holder, other: Holder) -> object:
    return one.revokes(other.user, USERS)


def gives_up(_house: House, one: Holder, _other: Holder) -> object:
    return one.revokes(one.user, USERS)


def disables(house: House, one: Holder, other: Holder) -> object:
    return user_acts.disable(
        house.installation, one.person, other.user.id, browser=one.guest.browser_in_session
    )


def by_command(house: House, _one: Holder, other: Holder) -> object:
    place = other.guest.where
    return permissions.revoke_all(house.installation, place, other.user, {USERS})


def disabled_by_command(house: House, _one: Holder, other: Holder) -> object:
    return users.disable(house.installation, other.guest.where, other.user)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (revokes, revokes),
        (disables, disables),
        (revokes, disables),
        (gives_up, gives_up),
        (gives_up, revokes),
        (by_command, by_command),
        (disabled_by_command, by_command),
        (by_command, gives_up),
    ],
)
def test_ac_76_of_two_who_remove_each_other_at_the_same_instant_one_remains(
    shared_house: House, first: Act, second: Act
) -> None:
    """AC-76, I-16: by threads of their own, on both databases."""
    for _ in range(ROUNDS):
        one, other = two_managers(shared_house)
        at_once(
            [partial(first, shared_house, one, other), partial(second, shared_house, other, one)]
        )
        assert able(shared_house, one, other) == 1


def able(house: House, *people: Holder) -> int:
    """How many of them could manage users now."""
    found = [users.find(house.installation, each.guest.where, each.user.name) for each in people]
    return sum(
        1
        for each, user in zip(people, found, strict=True)
        if user is not None and user.disabled_at is None and USERS in each.held
    )


def test_ac_76_whoever_acts_second_finds_what_the_first_has_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-76: the second begins after the first has counted, and before it has written. On SQLite
    there is no such moment: there it begins afterwards.
    """
    one, other = two_managers(house)
    if house.installation.database.kind == "sqlite":
        assert gives_up(house, one, other) == Done()
        assert gives_up(house, other, one) == LastHolder()
        return
    meanwhile = Meanwhile(house.installation.database, lambda: gives_up(house, other, one))
    plain = stored.last_holder

    def counted(*given: object) -> bool:
        monkeypatch.setattr(stored, "last_holder", plain)
        found = plain(*given)  # type: ignore[arg-type]
        meanwhile.begin()
        return found

    monkeypatch.setattr(stored, "last_holder", counted)
    assert gives_up(house, one, other) == Done()
    assert meanwhile.outcome() == LastHolder()
    assert able(house, one, other) == 1


def test_ac_76_the_last_one_who_manages_users_stays(house: House) -> None:
    """AC-76: whatever they are asked to do, and whoever asks; unless the operator insists."""
    kim, lou = holder(house, "kim", {USERS}), holder(house, "lou", ALL - {USERS})
    place, database = house.harbour, house.installation
    assert gives_up(house, kim, lou) == LastHolder()
    assert lou.revokes(kim.user, USERS) is MayNot.NOT_HELD
    assert disables(house, lou, kim) is MayNot.NOT_HELD
    assert disables(house, kim, kim) is MayNot.ONESELF
    assert users.disable(database, place, kim.user) == LastHolder()
    assert permissions.revoke_all(database, place, kim.user, ALL) == LastHolder()
    assert able(house, kim) == 1
    assert users.disable(database, place, kim.user, even_if_last=True) is True
    assert able(house, kim) == 0


def test_ac_76_a_disabled_one_may_lose_it(house: House) -> None:
    """Nobody is locked out by it who was not already; and to be disabled twice is to be so once."""
    kim = holder(house, "kim", {USERS})
    users.disable(house.installation, house.harbour, kim.user, even_if_last=True)
    assert users.disable(house.installation, house.harbour, kim.user) is False


def test_r_18_a_desk_without_the_permission_has_no_entry_and_no_page(house: House) -> None:
    """CT-14: one without any is refused by hand at every address of permissions."""
    nobody: Desk = desk(house, "nobody")
    ann = house.add("ann")
    page = nobody.client.get("/")
    assert "System Admin" not in page.text
    for path in ("/admin/permissions", path_of(ann), f"{path_of(ann)}/grant?permission=audit"):
        assert nobody.client.get(path).status == 403
