"""Break-glass: the way in of an administrator whom nobody can let in any more (AC-76)."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.guests import Guest
from tests.helpers.holders import holder
from tests.helpers.house import (
    OTHER_PASSWORD,
    PASSWORD,
    House,
    enrolled,
    phone_from,
    sign_in,
)
from tests.helpers.letters import letters
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import break_glass, notice_expansion, permissions, users
from twostep.flows.break_glass import LASTS_MINUTES, Made, NotForThem, OthersCan
from twostep.flows.contact_entries import set_for_user
from twostep.flows.user_links import Choosing, LinkOver, PasswordChosen, PasswordUnusable

KINDS = (EventKind.BREAK_GLASS_MADE, EventKind.BREAK_GLASS_USED)


def manager(house: House, name: str = "kim", environment: Environment | None = None) -> User:
    """Somebody with an app who can manage users."""
    place = environment or house.harbour
    enrolled(house, name, place)
    user = users.find(house.installation, place, name)
    assert user is not None
    permissions.grant_all(house.installation, place, user, ALL)
    return user


def made(house: House, user: User, *, even_if_others: bool = False) -> str:
    """The token of a new link."""
    place = house.northside if user.environment_id == house.northside.id else house.harbour
    link = break_glass.make(house.installation, place, user, even_if_others=even_if_others)
    assert isinstance(link, Made), link
    start, _, token = link.address.reveal().rpartition("/")
    assert start == f"{place.primary}/break-glass"
    return token


def uses(house: House, token: str, new: str = OTHER_PASSWORD) -> Choosing:
    return break_glass.use(
        house.installation,
        house.harbour,
        token=token,
        new=Secret(new),
        browser=Guest(house).browser,
    )


def test_ac_76_with_the_link_the_administrator_gets_in_with_a_new_password(house: House) -> None:
    """AC-76: the app, the old password and the old sessions are worth nothing any more."""
    kim = manager(house)
    before = house.client()
    sign_in(before, "kim")
    token = made(house, kim)
    assert uses(house, token) == PasswordChosen()
    house.clock.forward(SECOND)
    assert sign_in(house.client(), "kim").location is None, "the old password is refused"
    assert sign_in(house.client(), "kim", OTHER_PASSWORD).location == "/"


def test_ac_76_where_a_second_step_is_required_it_is_set_up_anew(house: House) -> None:
    """AC-76: without a set-up code, which nobody could give: the link has shown who it is."""
    kim = manager(house, environment=house.northside)
    client = house.client(house.northside)
    page = client.get(f"/break-glass/{made(house, kim)}")
    assert "get in" in page.text or "gets in" in page.text
    done = client.submit(page, new_password=OTHER_PASSWORD)
    assert done.location == "/sign-in?said=break-glass-used"
    assert "__Host-sess" not in client.cookies, "nobody is signed in by it"
    answer = sign_in(client, "kim", OTHER_PASSWORD)
    assert answer.location == "/sign-in/set-up"
    page = client.get("/sign-in/set-up")
    phone = phone_from(page, house.clock)
    client.follow(client.submit(page, "/sign-in/set-up", code=phone.code()))
    assert client.get("/admin/permissions").status == 200


def test_pauses_are_lifted(house: House) -> None:
    kim = manager(house)
    guest = Guest(house)
    for _ in range(40):
        guest.sign_in("kim", "not the password at all")
    token = made(house, kim)
    assert uses(house, token) == PasswordChosen()
    assert sign_in(house.client(), "kim", OTHER_PASSWORD).location == "/"


def test_the_link_works_once_and_for_fifteen_minutes(house: House) -> None:
    kim = manager(house)
    token = made(house, kim)
    house.clock.forward(LASTS_MINUTES * MINUTE)
    assert uses(house, token) == LinkOver()
    token = made(house, kim)
    house.clock.forward(LASTS_MINUTES * MINUTE - SECOND)
    assert uses(house, token) == PasswordChosen()
    assert uses(house, token, PASSWORD) == LinkOver()


def test_a_newer_link_makes_the_earlier_one_void(house: House) -> None:
    kim = manager(house)
    first, second = made(house, kim), made(house, kim)
    assert uses(house, first) == LinkOver()
    assert uses(house, second) == PasswordChosen()


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_what_is_no_link_opens_nothing(house: House, token: str) -> None:
    assert uses(house, token) == LinkOver()
    assert house.client().get(f"/break-glass/{token or 'y'}").status == 410


def test_a_password_that_does_not_meet_the_rules_spends_nothing(house: House) -> None:
    token = made(house, manager(house))
    assert isinstance(uses(house, token, "short"), PasswordUnusable)
    assert uses(house, token) == PasswordChosen()


def test_a_look_spends_nothing(house: House) -> None:
    """Mail programs and chat windows open links before people do."""
    token = made(house, manager(house))
    for _ in range(3):
        assert house.client().get(f"/break-glass/{token}").status == 200
    assert uses(house, token) == PasswordChosen()


def test_a_link_is_of_its_environment(house: House) -> None:
    token = made(house, manager(house, environment=house.northside))
    assert uses(house, token) == LinkOver()


def test_it_makes_nobody_an_administrator_who_is_none(house: House) -> None:
    """Nor one who was, and is none any more when the link is opened."""
    ann = holder(house, "ann", ALL - {Permission.MANAGE_USERS}).user
    make = break_glass.make
    refused = make(house.installation, house.harbour, ann, even_if_others=True)
    assert refused == NotForThem(disabled=False)
    kim = manager(house)
    token = made(house, kim)
    permissions.revoke(house.installation, house.harbour, kim, Permission.MANAGE_USERS)
    assert uses(house, token) == LinkOver()


def test_whoever_is_disabled_is_enabled_first(house: House) -> None:
    kim = manager(house)
    token = made(house, kim)
    users.disable(house.installation, house.harbour, kim, even_if_last=True)
    assert uses(house, token) == LinkOver()
    refused = break_glass.make(house.installation, house.harbour, kim, even_if_others=True)
    assert refused == NotForThem(disabled=True)
    users.enable(house.installation, house.harbour, kim)
    assert uses(house, token) == LinkOver(), "what was void stays void"


def test_where_others_can_let_them_in_the_operator_is_told_who(house: House) -> None:
    kim = manager(house)
    holder(house, "lou", {Permission.MANAGE_USERS})
    refused = break_glass.make(house.installation, house.harbour, kim, even_if_others=False)
    assert refused == OthersCan(("lou",))
    assert uses(house, made(house, kim, even_if_others=True)) == PasswordChosen()


def test_ac_76_it_is_loud(house: House) -> None:
    """AC-76: an event when it is made and when it is used, and each time a mail to everybody who
    manages users, those included whom it lets in.
    """
    kim, lou = manager(house), holder(house, "lou", {Permission.MANAGE_USERS}).user
    for user in (kim, lou):
        address = f"{user.name}@harbour.example"
        set_for_user(house.installation, user, ContactKind.EMAIL, address, language="en")
    house.clock.forward(SECOND)
    assert uses(house, made(house, kim, even_if_others=True)) == PasswordChosen()
    events = recorded(house.installation, house.harbour, *KINDS)
    assert sorted(event.kind for event in events) == sorted(KINDS)
    assert all(event.has_target for event in events)
    notice_expansion.expand(house.installation, now=house.clock(), most=50)
    told = [(each.to, each.data["used"], each.data["name"])
            for each in letters(house.installation, MessageKind.BREAK_GLASS)]  # fmt: skip
    assert sorted(told) == [
        (f"{name}@harbour.example", used, "kim") for name in ("kim", "lou") for used in (0, 1)
    ]
