"""The simple acts of an administrator on another user: what each ends, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.desk import give
from tests.helpers.house import House, enrolled, sign_in
from tests.helpers.http import Client
from tests.helpers.properties import person_of
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import user_acts, users
from twostep.flows.administration import MayNot
from twostep.flows.sessions import Person
from twostep.flows.user_acts import Done, NothingToDo, Outcome
from twostep.flows.user_details import Open, open_of
from twostep.flows.visitors import Browser
from twostep.storage import permissions

BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Windows"))
ACTS = (
    user_acts.unlock,
    user_acts.end_sessions,
    user_acts.forget_devices,
    user_acts.disable,
    user_acts.enable,
)


@dataclass
class Desk:
    """Kim, who manages users, and Ann, who is signed in."""

    house: House
    kim: Person
    ann: User
    browser: Client

    def do(self, act: Callable[..., Outcome], by: Person | None = None) -> Outcome:
        return act(self.house.installation, by or self.kim, self.ann.id, browser=BROWSER)

    def colleague(self, name: str, *held: Permission) -> Person:
        user = self.house.add(name)
        give(self.house, user, held)
        client = self.house.client()
        assert sign_in(client, name).location == "/"
        return person_of(self.house, client)

    def open(self) -> Open:
        return open_of(self.house.installation, self.ann)

    def events(self, *kinds: EventKind) -> list[dict[str, object]]:
        found = recorded(self.house.installation, self.house.harbour, *kinds)
        return [event.about for event in found]


@pytest.fixture
def desk(house: House) -> Desk:
    ann = house.add("ann")
    client = house.client()
    assert sign_in(client, "ann").location == "/"
    made = Desk(house, kim=None, ann=ann, browser=client)  # type: ignore[arg-type]
    made.kim = made.colleague("kim", Permission.MANAGE_USERS)
    return made


def test_ending_sessions_signs_the_user_out_everywhere_and_keeps_their_devices(desk: Desk) -> None:
    assert desk.open() == Open(sessions=1, devices=1)
    assert desk.do(user_acts.end_sessions) == Done()
    assert desk.open() == Open(sessions=0, devices=1)
    assert (desk.browser.get("/security").location or "").startswith("/sign-in")
    assert desk.do(user_acts.end_sessions) == NothingToDo()
    assert desk.events(EventKind.SESSIONS_ENDED_FOR_USER) == [{"sessions": 1}]


def test_forgetting_devices_ends_the_sessions_on_them(desk: Desk) -> None:
    assert desk.do(user_acts.forget_devices) == Done()
    assert desk.open() == Open(sessions=0, devices=0)
    assert desk.do(user_acts.forget_devices) == NothingToDo()
    assert desk.events(EventKind.DEVICES_FORGOTTEN_FOR_USER) == [{"devices": 1}]


def test_who_is_locked_can_try_again_at_once(desk: Desk) -> None:
    client = desk.house.client()
    for _ in range(5):
        sign_in(client, "ann", "not the right password")
    assert sign_in(client, "ann").status == 403
    assert desk.do(user_acts.unlock) == Done()
    assert sign_in(client, "ann").location == "/"


def test_who_is_disabled_is_shut_out_until_they_are_enabled(desk: Desk) -> None:
    assert desk.do(user_acts.disable) == Done()
    assert desk.do(user_acts.disable) == NothingToDo()
    assert desk.open() == Open(sessions=0, devices=0)
    assert sign_in(desk.house.client(), "ann").status == 403
    assert desk.do(user_acts.enable) == Done()
    assert desk.do(user_acts.enable) == NothingToDo()
    assert sign_in(desk.house.client(), "ann").location == "/"
    assert len(desk.events(EventKind.USER_DISABLED, EventKind.USER_ENABLED)) == 2


@pytest.mark.parametrize("act", ACTS)
def test_whoever_does_not_manage_users_does_none_of_it(
    act: Callable[..., Outcome], desk: Desk
) -> None:
    bo = desk.colleague("bo", *(ALL - {Permission.MANAGE_USERS}))
    assert desk.do(act, bo) is MayNot.NOT_HELD
    desk.house.clock.forward(5 * MINUTE + 1)
    assert desk.do(act) is MayNot.PROVE_AGAIN
    assert desk.open() == Open(sessions=1, devices=1)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_themselves_or_on_somebody_who_holds_more(
    act: Callable[..., Outcome], desk: Desk
) -> None:
    own = act(desk.house.installation, desk.kim, desk.kim.user.id, browser=BROWSER)
    assert own is MayNot.ONESELF
    give(desk.house, desk.ann, [Permission.AUDIT])
    assert desk.do(act) is MayNot.HOLDS_MORE
    nobody = act(desk.house.installation, desk.kim, b"x" * 16, browser=BROWSER)
    assert nobody is MayNot.NOBODY


def test_ac_70_an_id_of_another_environment_is_nobodys(desk: Desk) -> None:
    elsewhere = desk.house.add("cy", desk.house.northside)
    for act in ACTS:
        found = act(desk.house.installation, desk.kim, elsewhere.id, browser=BROWSER)
        assert found is MayNot.NOBODY


def test_ac_76_whoever_disables_the_others_remains_and_cannot_disable_themselves(
    desk: Desk,
) -> None:
    give(desk.house, desk.ann, [Permission.MANAGE_USERS])
    assert desk.do(user_acts.disable) == Done()
    own = user_acts.disable(desk.house.installation, desk.kim, desk.kim.user.id, browser=BROWSER)
    assert own is MayNot.ONESELF
    left = permissions.last_holder, desk.house.harbour.id, desk.kim.user.id
    assert desk.house.installation.database.write(
        lambda connection: left[0](connection, *left[1:], Permission.MANAGE_USERS)
    )


def test_of_two_who_disable_each_other_at_once_one_remains(desk: Desk) -> None:
    """On both databases: one comes first, and the other is signed out by then."""
    bo = desk.colleague("bo", Permission.MANAGE_USERS)
    install, kim = desk.house.installation, desk.kim
    ended = at_once(
        [
            lambda: user_acts.disable(install, kim, bo.user.id, browser=BROWSER),
            lambda: user_acts.disable(install, bo, kim.user.id, browser=BROWSER),
        ]
    )
    assert ended.count(Done()) == 1
    assert sorted(str(each) for each in ended if each != Done()) == [str(MayNot.SIGNED_OUT)]
    assert len(desk.events(EventKind.USER_DISABLED)) == 1


def test_an_act_that_comes_with_a_second_step_is_the_same(house: House) -> None:
    """The administrator has an app, and its code of a moment ago is the proof."""
    phone = enrolled(house, "kim")
    kim = users.find(house.installation, house.harbour, "kim")
    assert kim is not None
    give(house, kim, [Permission.MANAGE_USERS])
    ann, client = house.add("ann"), house.client()
    sign_in(client, "kim")
    client.submit(client.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    person = person_of(house, client)
    done = user_acts.disable(house.installation, person, ann.id, browser=BROWSER)
    assert done == Done()
