"""R-09: which address a try comes from, and whose success clears what."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import House
from tests.helpers.keepers import Keeper
from tests.helpers.one_house import house_on_sqlite
from twostep.core.networks import NETWORK
from twostep.flows.codes import CodeRefused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.sign_in import NotLetIn, Pending
from twostep.storage import lockouts, tables

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]

SPOOFED = (
    {"X-Forwarded-For": "198.51.100.7"},
    {"X-Forwarded-For": "10.0.0.1, 198.51.100.7, 127.0.0.1"},
    {"X-Forwarded-For": "::1"},
    {"X-Forwarded-For": "not an address"},
    {"X-Real-IP": "198.51.100.7"},
    {"Forwarded": "for=198.51.100.7"},
    {"X-Client-IP": "198.51.100.7", "True-Client-IP": "198.51.100.8"},
)


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[House]:
    """A house that believes the proxies of 127.0.0.0/8, where tests come from."""
    with house_on_sqlite(tmp_path, trusted_proxies=[ipaddress.ip_network("127.0.0.0/8")]) as house:
        yield house


def wrong_password(house: House, headers: dict[str, str]) -> None:
    client = house.client()
    fields = client.get("/sign-in").form().fields | {"user_name": "ann", "password": "wrong one"}
    assert client.post("/sign-in", fields, headers).status == 403


def blocks(house: House) -> list[bytes]:
    """The blocks of addresses of all tries, in order."""
    return list(
        house.installation.database.read(
            lambda connection: connection.execute(select(tables.attempts.c.network)).scalars().all()
        )
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_r_09_without_a_proxy_no_header_moves_anybody(house: House) -> None:
    """R-09, AC-56: the address is the connection's."""
    wrong_password(house, {})
    for headers in SPOOFED:
        wrong_password(house, headers)
    assert len(set(blocks(house))) == 1


def test_r_09_behind_a_proxy_only_what_the_proxy_added_counts(behind_a_proxy: House) -> None:
    """R-09, AC-56: read from the right, so what a visitor put there before is not looked at."""
    house = behind_a_proxy
    lines = (
        "203.0.113.5",
        "198.51.100.7, 203.0.113.5",
        "198.51.100.8,198.51.100.9 , 203.0.113.5",
        "not an address, 203.0.113.5",
        "203.0.113.5, 127.0.0.9",
    )
    for line in lines:
        wrong_password(house, {"X-Forwarded-For": line, "X-Forwarded-Proto": "http"})
    assert len(set(blocks(house))) == 1
    wrong_password(house, {"X-Forwarded-For": "203.0.113.6"})
    assert len(set(blocks(house))) == 2


def failures_of_the_network(house: House) -> int:
    """Of the block that a guest's tries came from."""
    now, block = house.clock(), blocks(house)[0]
    (failures, _), _ = house.installation.database.read(
        lambda connection: lockouts.network_failures(
            connection, block, block, since=now - NETWORK.window, most=NETWORK.refuse_from
        )
    )
    return failures


def test_r_09_one_accounts_success_does_not_clear_the_others_failures(house: House) -> None:
    """R-09: a sprayer with one account of his own does not launder his address."""
    house.add("mallory")
    sprayer = Guest(house)
    for number in range(12):
        sprayer.sign_in(f"victim{number}", "a common password")
    sprayer.sign_in("mallory", "not his own")
    assert failures_of_the_network(house) == 13
    assert isinstance(sprayer.sign_in("mallory"), Minted)
    assert failures_of_the_network(house) == 12, "his own typo is forgiven, and nothing else"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_r_09_a_spraying_address_is_slowed_and_nobody_is_locked(house: House) -> None:
    """R-09 and §5.4: from a hundred failures on, from this address; and from it alone."""
    ann = house.add()
    for number in range(NETWORK.slow_from):
        assert isinstance(Guest(house).sign_in(f"name{number}", "a common password"), NotLetIn)
    assert isinstance(Guest(house).sign_in(), NetworkPaused)
    assert isinstance(Guest(house, address="198.51.100.1").sign_in(), Minted)
    house.clock.forward(SECOND)
    guest = Guest(house)
    assert isinstance(guest.sign_in(), Minted)
    assert guest.me().user.id == ann.id


def test_r_09_a_browser_that_the_account_knows_is_not_held_back_with_its_network(
    house: House,
) -> None:
    """R-09 and §5.4: passwords and codes; what fails in it counts against the network all the same,
    and for any other account it is a browser like all others.
    """
    phone = with_app(house)
    house.add("bo")
    known = Keeper(house)
    known.sign_in()
    assert isinstance(known.code_and_tick(phone.code(), tick=False), Minted)
    house.clock.forward(6 * MINUTE)
    for number in range(NETWORK.slow_from):
        assert isinstance(Guest(house).sign_in(f"name{number}", "a common password"), NotLetIn)
    failed = failures_of_the_network(house)
    assert isinstance(Guest(house).sign_in(), NetworkPaused)
    assert isinstance(known.sign_in(password="not the password"), NotLetIn)
    assert failures_of_the_network(house) == failed + 1
    assert isinstance(known.sign_in("bo"), NetworkPaused)
    assert isinstance(known.sign_in(), Pending)
    assert isinstance(known.code_and_tick(phone.wrong_code(), tick=False), CodeRefused)
    assert isinstance(known.code_and_tick(phone.code(), tick=False), Minted)


def test_a_failure_on_a_node_whose_clock_is_ahead_keeps_nobody_out(house: House) -> None:
    """R-09 and AC-59: nodes may differ by ten seconds, and requests by the moment that they wait.

    One wrong password is no pause, for the account or for the address, also where it lies a little
    in the future.
    """
    house.add()
    house.clock.forward(9 * SECOND)
    assert isinstance(Guest(house).sign_in(password="not the password"), NotLetIn)
    house.clock.forward(-9 * SECOND)
    assert isinstance(Guest(house).sign_in(), Minted)


def test_a_clock_that_was_set_back_far_frees_nobody(house: House) -> None:
    """AC-58: a failure that lies an hour ahead tells of a clock that was set back."""
    house.add()
    for _ in range(5):
        Guest(house).sign_in(password="not the password")
    house.clock.forward(-3600 * SECOND)
    assert not isinstance(Guest(house).sign_in(), Minted)
    house.clock.forward(3600 * SECOND)
