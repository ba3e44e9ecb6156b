"""Choosing a password by a link, by several at once."""

from __future__ import annotations

import threading

from tests.helpers.codes_by_mail import confirmed
from tests.helpers.house import OTHER_PASSWORD, House, sign_in
from tests.helpers.recorded import recorded
from tests.helpers.resets import link_for
from twostep.core.audit import EventKind, Visitor
from twostep.crypto.secret import Secret
from twostep.flows.password_choices import choose
from twostep.flows.user_links import (
    Choosing,
    LinkOver,
    LinkPurpose,
    PasswordChosen,
    PasswordUnusable,
)
from twostep.flows.visitors import Browser

BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Firefox on Mac"))


def token_for(house: House, name: str) -> str:
    return link_for(house, name).rsplit("/", 1)[1]


def chosen(house: House, token: str, password: str = OTHER_PASSWORD) -> Choosing:
    return choose(
        house.installation,
        house.harbour,
        LinkPurpose.RESET,
        token=token,
        new=Secret(password),
        browser=BROWSER,
    )


def test_r_25_of_many_with_two_links_at_once_one_chooses(house: House) -> None:
    """The double click, and whoever has read the mailbox too."""
    confirmed(house, house.add("ann"), "ann@harbour.example")
    tokens = [token_for(house, "ann"), token_for(house, "ann")]
    outcomes: list[Choosing] = []

    def want(number: int) -> None:
        outcomes.append(chosen(house, tokens[number % 2], f"{OTHER_PASSWORD} {number}"))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(PasswordChosen()) == 1
    assert outcomes.count(LinkOver()) == 5
    assert len(recorded(house.installation, house.harbour, EventKind.PASSWORD_RESET)) == 1


def test_a_password_that_cannot_be_used_leaves_the_link_as_it_was(house: House) -> None:
    confirmed(house, house.add("ann"), "ann@harbour.example")
    token = token_for(house, "ann")
    hashes = house.installation.hashing.performed
    assert isinstance(chosen(house, token, "short"), PasswordUnusable)
    assert chosen(house, "x" * 43) == LinkOver()
    assert house.installation.hashing.performed == hashes
    assert chosen(house, token) == PasswordChosen()
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"
