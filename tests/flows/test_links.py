"""The one-time link of an environment's first administrator."""

import threading

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.permissions import ALL
from twostep.crypto.secret import Secret
from twostep.flows import links, users
from twostep.flows.links import LinkOver, Made, NameUnusable, PasswordUnusable
from twostep.flows.visitors import Browser

pytestmark = pytest.mark.sqlite_alone

BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Firefox on Mac"))


def invited(house: House) -> str:
    link = links.invite_first_administrator(house.installation, house.harbour)
    assert link is not None
    address, token = link.reveal().rsplit("/", 1)
    assert address == f"{house.harbour.primary}/welcome"
    return token


def welcome(
    house: House, token: str, *, name: str = "morgan", password: str = PASSWORD
) -> Made | LinkOver | NameUnusable | PasswordUnusable:
    return links.welcome(
        house.installation,
        house.harbour,
        token=token,
        name=name,
        password=Secret(password),
        browser=BROWSER,
    )


def is_open(house: House, token: str) -> bool:
    return links.is_open(house.installation, house.harbour, token=token)


@pytest.mark.both_databases
def test_the_link_makes_one_administrator_with_every_permission(house: House) -> None:
    token = invited(house)
    assert is_open(house, token)
    assert isinstance(welcome(house, token), Made)
    (listed,) = users.listing(house.installation, house.harbour)
    assert listed.permissions == ALL
    assert sign_in(house.client(), "morgan").status == 303
    events = recorded(house.installation, house.harbour)
    kinds = {event.kind for event in events}
    assert {EventKind.FIRST_ADMINISTRATOR_INVITED, EventKind.FIRST_ADMINISTRATOR_MADE} <= kinds
    assert token not in str(events)


@pytest.mark.both_databases
def test_the_link_works_once(house: House) -> None:
    token = invited(house)
    assert isinstance(welcome(house, token), Made)
    assert not is_open(house, token)
    assert welcome(house, token, name="mallory", password=OTHER_PASSWORD) == LinkOver()
    assert users.find(house.installation, house.harbour, "mallory") is None


def test_the_link_is_good_for_half_an_hour(house: House) -> None:
    token = invited(house)
    house.clock.forward(30 * MINUTE - 1)
    assert is_open(house, token)
    house.clock.forward(1)
    assert not is_open(house, token)
    assert welcome(house, token) == LinkOver()
    assert not users.has_any(house.installation, house.harbour)


def test_a_new_link_makes_the_earlier_one_void(house: House) -> None:
    first, second = invited(house), invited(house)
    assert not is_open(house, first)
    assert welcome(house, first) == LinkOver()
    assert isinstance(welcome(house, second), Made)


def test_a_link_is_worth_nothing_in_another_environment(house: House) -> None:
    token = invited(house)
    assert not links.is_open(house.installation, house.northside, token=token)


def test_an_environment_with_a_user_invites_nobody(house: House) -> None:
    token = invited(house)
    house.add("ann")
    assert links.invite_first_administrator(house.installation, house.harbour) is None
    assert not is_open(house, token)
    assert welcome(house, token) == LinkOver()


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "../../etc/passwd"])
def test_a_text_that_is_no_link_costs_no_hash(house: House, token: str) -> None:
    invited(house)
    before = house.installation.hashing.performed
    assert welcome(house, token) == LinkOver()
    assert house.installation.hashing.performed == before


def test_a_name_or_password_that_cannot_be_used_leaves_the_link_as_it_was(house: House) -> None:
    token = invited(house)
    assert welcome(house, token, name=" ") == NameUnusable()
    refused = welcome(house, token, password="short")
    assert isinstance(refused, PasswordUnusable)
    assert refused.problems
    assert is_open(house, token)
    assert isinstance(welcome(house, token), Made)


@pytest.mark.both_databases
def test_of_many_with_the_same_link_at_once_one_becomes_administrator(house: House) -> None:
    """The double click, and the two people whom the link was sent to."""
    token = invited(house)
    outcomes: list[object] = []

    def want(number: int) -> None:
        outcomes.append(welcome(house, token, name=f"morgan{number}"))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Made) for outcome in outcomes) == 1
    assert outcomes.count(LinkOver()) == 5
    assert len(list(users.listing(house.installation, house.harbour))) == 1
