"""Adding, listing, unlocking and disabling users."""

import threading

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import PASSWORD, House, enrolled, sign_in
from tests.helpers.owners import an_owner
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.passwords import ProblemKind
from twostep.core.permissions import ALL
from twostep.core.users import NotAName, User
from twostep.crypto.secret import Secret
from twostep.flows import users
from twostep.flows.passwords import BadPassword
from twostep.flows.users import UserNameTaken
from twostep.storage import passwords

pytestmark = pytest.mark.sqlite_alone


def test_a_user_signs_in_with_the_password_that_was_given(house: House) -> None:
    user = house.add("Ann Lee")
    assert sign_in(house.client(), "ann  LEE").status == 303
    assert users.find(house.installation, house.harbour, "ANN lee") == user
    (event,) = recorded(house.installation, house.harbour, EventKind.USER_ADDED)
    assert event.has_target
    assert event.about == {"administrator": False}
    assert "Ann" not in str(event)


def test_the_password_lies_sealed_in_the_database(house: House) -> None:
    user = house.add()
    stored = house.installation.database.read(
        lambda connection: passwords.of_user(connection, house.harbour.id, user.id)
    )
    assert stored is not None
    assert b"argon2" not in stored.sealed


def test_a_user_of_one_environment_is_nobody_in_another(house: House) -> None:
    house.add("ann", house.harbour)
    assert users.find(house.installation, house.northside, "ann") is None
    assert isinstance(house.add("ann", house.northside), User)


def test_an_administrator_has_every_permission_and_an_event_for_each(house: House) -> None:
    house.add("morgan", administrator=True)
    (listed,) = users.listing(house.installation, house.harbour)
    assert listed.permissions == ALL
    granted = recorded(house.installation, house.harbour, EventKind.PERMISSION_GRANTED)
    assert {event.about["permission"] for event in granted} == set(ALL)


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "ａnn"])
def test_a_name_that_a_person_would_take_for_another_is_taken(house: House, name: str) -> None:
    house.add("ann")
    again = users.add(house.installation, house.harbour, name=name, password=Secret(PASSWORD))
    assert again == UserNameTaken()


@pytest.mark.both_databases
def test_of_many_who_add_one_name_at_once_one_succeeds(house: House) -> None:
    results: list[object] = []

    def want() -> None:
        results.append(
            users.add(house.installation, house.harbour, name="ann", password=Secret(PASSWORD))
        )

    threads = [threading.Thread(target=want) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, User) for result in results) == 1
    assert results.count(UserNameTaken()) == 5
    assert len(recorded(house.installation, house.harbour, EventKind.USER_ADDED)) == 1


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("short", ProblemKind.TOO_SHORT),
        ("harbour clinic harbour clinic", ProblemKind.CONTEXT_WORD),
        ("passwordpassword", ProblemKind.COMMON),
    ],
)
def test_a_bad_password_adds_nobody(house: House, password: str, kind: ProblemKind) -> None:
    added = users.add(house.installation, house.harbour, name="ann", password=Secret(password))
    assert isinstance(added, BadPassword)
    assert added.problems[0].kind in {kind, ProblemKind.PATTERN}
    assert not users.has_any(house.installation, house.harbour)


@pytest.mark.parametrize("name", ["", " ", "x" * 151, "a\u202eb"])
def test_a_name_that_cannot_be_read_adds_nobody(house: House, name: str) -> None:
    with pytest.raises(NotAName):
        users.add(house.installation, house.harbour, name=name, password=Secret(PASSWORD))
    assert not users.has_any(house.installation, house.harbour)


def test_the_list_goes_on_behind_its_first_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "PAGE", 2)
    for name in ("cleo", "ann", "bo", "dan", "Eve"):
        house.add(name)
    names = [each.user.name for each in users.listing(house.installation, house.harbour)]
    assert names == ["ann", "bo", "cleo", "dan", "Eve"]


def test_the_list_tells_who_has_a_second_step(house: House) -> None:
    enrolled(house, "ann")
    house.add("bo")
    listed = {each.user.name: each for each in users.listing(house.installation, house.harbour)}
    assert listed["ann"].second_step
    assert not listed["bo"].second_step


def test_unlocking_lets_a_user_try_again_who_was_paused(house: House) -> None:
    user = house.add("ann")
    for _ in range(5):
        assert sign_in(house.client(), "ann", "a wrong password of some length").status != 303
    (listed,) = users.listing(house.installation, house.harbour)
    assert listed.paused_until is not None
    assert sign_in(house.client(), "ann").status != 303

    users.unlock(house.installation, house.harbour, user)

    (listed,) = users.listing(house.installation, house.harbour)
    assert listed.paused_until is None
    house.clock.forward(1)
    assert sign_in(house.client(), "ann").status == 303
    assert recorded(house.installation, house.harbour, EventKind.USER_UNLOCKED)


def test_unlocking_clears_the_counters_of_the_users_own_devices_and_nobody_elses(
    house: House,
) -> None:
    """AC-22: a browser that the account knows has a counter of its own."""
    ann, bo = an_owner(house), an_owner(house)
    anns, bos = ann.remembered(), bo.remembered()
    for owner, client in ((ann, anns), (bo, bos)):
        for _ in range(5):
            sign_in(client, owner.name, "a wrong password of some length")
        assert owner.first_step(client).status == 403
        assert owner.asked(owner.browser()), "a browser that nobody knows is not paused by it"
    user = users.find(house.installation, house.harbour, ann.name)
    assert user is not None

    users.unlock(house.installation, house.harbour, user)

    house.clock.forward(1)
    assert not ann.asked(anns)
    assert bo.first_step(bos).status == 403


@pytest.mark.both_databases
def test_a_disabled_user_is_out_at_once_and_stays_out(house: House) -> None:
    user = house.add("ann")
    inside = house.client()
    assert sign_in(inside, "ann").status == 303
    assert inside.get("/security").status == 200

    assert users.disable(house.installation, house.harbour, user)

    assert inside.get("/security").status == 303
    assert sign_in(house.client(), "ann").status != 303
    assert not users.disable(house.installation, house.harbour, user)
    assert len(recorded(house.installation, house.harbour, EventKind.USER_DISABLED)) == 1


def test_what_was_ended_by_disabling_does_not_come_back_with_enabling(house: House) -> None:
    user = house.add("ann")
    phone = enrolled(house, "bo")
    inside, halfway = house.client(), house.client()
    sign_in(inside, "ann")
    page = halfway.follow(sign_in(halfway, "bo"))
    other = users.find(house.installation, house.harbour, "bo")
    assert other is not None
    for each in (user, other):
        users.disable(house.installation, house.harbour, each)
        assert users.enable(house.installation, house.harbour, each)

    assert inside.get("/security").status == 303
    answer = halfway.submit(page, code=phone.code())
    assert "__Host-sess" not in halfway.cookies, answer.text
    house.clock.forward(MINUTE)
    assert sign_in(house.client(), "ann").status == 303
    assert not users.enable(house.installation, house.harbour, user)
    assert len(recorded(house.installation, house.harbour, EventKind.USER_ENABLED)) == 2
