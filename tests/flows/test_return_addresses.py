"""Addresses that name a message, and that nobody else can make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.clocks import HandClock
from tests.helpers.house import make_installation_in
from twostep.crypto.identifiers import new_id
from twostep.delivery.mail_form import NotAnAddress, demand_address
from twostep.flows import keys
from twostep.flows.installation import Installation
from twostep.flows.return_addresses import (
    MOST_LOCAL,
    demand_room_for_reference,
    message_of,
    return_address,
)
from twostep.storage.database import Database

pytestmark = pytest.mark.sqlite_alone

LONGEST = f"{'b' * MOST_LOCAL}@login.example"


@pytest.fixture
def installation(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Installation]:
    made = make_installation_in(database, tmp_path, clock=clock)
    yield made
    made.hashing.close()


def test_it_names_its_message_and_is_one_address(installation: Installation) -> None:
    message = new_id()
    made = return_address(installation, LONGEST, message)
    assert demand_address(made) == made
    assert len(made.rpartition("@")[0]) == 64
    for spelling in (made, made.upper(), f"<{made}>", f" {made}\r\n"):
        assert message_of(installation, spelling) == message
    assert made == return_address(installation, LONGEST, message), "the same at each try"


def test_one_that_was_made_before_a_rotation_still_does(installation: Installation) -> None:
    message = new_id()
    made = return_address(installation, LONGEST, message)
    keys.rotate(installation, now=installation.clock(), progress=lambda _done, _total: None)
    assert message_of(installation, made) == message
    assert message_of(installation, return_address(installation, LONGEST, message)) == message


def test_no_other_address_names_a_message(installation: Installation) -> None:
    made = return_address(installation, LONGEST, new_id())
    name, _, domain = made.partition("@")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    # The last letter carries two bits more than there are: those that change nothing are the same.
    for place in range(len(name) - 42, len(name) - 1):
        other = letters[(letters.index(name[place]) + 1) % 32]
        changed = f"{name[:place]}{other}{name[place + 1 :]}@{domain}"
        assert message_of(installation, changed) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.from_regex(r"b\+[a-z2-7]{40,44}@c\.example", fullmatch=True))
def test_whatever_the_text_is_it_names_none(installation: Installation, text: str) -> None:
    assert message_of(installation, text) is None


@pytest.mark.parametrize("name", ["b" * (MOST_LOCAL + 1), "a+b"])
def test_an_address_must_have_room_for_it(name: str) -> None:
    with pytest.raises(NotAnAddress):
        demand_room_for_reference(f"{name}@login.example")
    assert demand_room_for_reference(LONGEST) == LONGEST
