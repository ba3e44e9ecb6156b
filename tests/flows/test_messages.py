"""Messages are written with their act, sealed, counted, and never shown."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.helpers.clocks import HOUR, SECOND, HandClock
from tests.helpers.sealed_rows import everything_in
from tests.helpers.senders import ADDRESS, Writers, make_writers
from twostep.core.messages import (
    LEASE,
    NOTICES_LAST,
    MessageKind,
    MessageState,
    Priority,
    Route,
)
from twostep.crypto.boxes import BoxDamaged
from twostep.flows import messages
from twostep.flows.keys import rotate
from twostep.storage import messages as stored
from twostep.storage.database import Connection, Database
from twostep.storage.messages import Claimed, NewMessage
from twostep.storage.tables import messages as table

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


def claim(writers: Writers) -> Claimed:
    now = writers.clock()
    (claimed,) = writers.database.write(
        lambda c: stored.claim(
            c,
            priority=Priority.SOMEBODY_WAITS,
            claim_id=bytes(16),
            now=now,
            until=now + LEASE,
            most=1,
        )
    )
    return claimed


def test_a_message_is_queued_with_its_act_and_rolled_back_with_it(writers: Writers) -> None:
    written = messages.write(
        writers.installation,
        MessageKind.CODE,
        writers.recipient(),
        {"code": "123456"},
        now=writers.clock(),
        expires_at=writers.clock() + HOUR,
    )

    def act(connection: Connection) -> None:
        messages.queue(connection, written)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        writers.database.write(act)
    assert writers.states() == set()
    message = writers.listed(writers.queue())
    assert (message.state, message.masked) == (MessageState.QUEUED, "a•••@northside.example")


def test_ac_67_neither_the_code_nor_the_address_lies_in_the_database(writers: Writers) -> None:
    """AC-67. In the box they do, until they are sent."""
    writers.queue("918273")
    rows = pickle.dumps(everything_in(writers.database))
    assert b"918273" not in rows
    assert ADDRESS.encode() not in rows
    content = messages.open_content(writers.installation, claim(writers))
    assert (content.to, content.data["code"]) == (ADDRESS, "918273")
    assert "918273" not in repr(content)
    assert ADDRESS not in repr(content)


def test_a_box_of_another_message_does_not_open(writers: Writers) -> None:
    first, second = writers.queue("111111"), writers.queue("222222")

    def swap(connection: Connection) -> None:
        box = connection.execute(select(table.c.sealed).where(table.c.id == first)).scalar_one()
        connection.execute(update(table).where(table.c.id == second).values(sealed=box))
        connection.execute(update(table).where(table.c.id == first).values(state="accepted"))

    writers.database.write(swap)
    with pytest.raises(BoxDamaged):
        messages.open_content(writers.installation, claim(writers))


def test_a_message_that_waits_outlives_a_rotation_of_the_keys(writers: Writers) -> None:
    writers.queue("918273")
    rotate(writers.installation, now=writers.clock())
    claimed = claim(writers)
    assert claimed.key_version == 2
    assert messages.open_content(writers.installation, claimed).data["code"] == "918273"


def test_a_notice_has_two_days_and_a_code_must_have_an_end(writers: Writers) -> None:
    def write(kind: MessageKind) -> NewMessage:
        return messages.write(
            writers.installation, kind, writers.recipient(), {}, now=writers.clock()
        )

    assert write(MessageKind.LOCKOUT).expires_at == writers.clock() + NOTICES_LAST
    with pytest.raises(ValueError, match="has an end"):
        write(MessageKind.CODE)


def test_ac_53_when_a_code_may_be_asked_for_again(writers: Writers) -> None:
    """AC-53: thirty seconds between two, five an hour, however the address is written."""

    def again_at(to: str = ADDRESS) -> int:
        return writers.database.read(
            lambda c: messages.may_ask_at(
                c, writers.installation, writers.recipient(to), now=writers.clock()
            )
        )

    begun = writers.clock()
    assert again_at() == begun
    writers.queue()
    assert again_at() == begun + 30 * SECOND
    assert again_at(" Ann@Northside.EXAMPLE ") == begun + 30 * SECOND
    assert again_at("other@northside.example") == begun
    for _ in range(4):
        writers.clock.forward(60 * SECOND)
        writers.queue()
    assert again_at("other@northside.example") == begun + HOUR
    writers.clock.forward(HOUR)
    assert again_at() == writers.clock()


@pytest.mark.parametrize(
    ("route", "to", "masked"),
    [
        (Route.MAIL, "ann@northside.example", "a•••@northside.example"),
        (Route.TEXT_GATEWAY, "5552345678@text.example", "•••• 78@text.example"),
        (Route.TEXT_PROVIDER, "+15552345678", "•••• 78"),
    ],
)
def test_an_address_is_shown_masked(route: Route, to: str, masked: str) -> None:
    assert messages.masked(route, to) == masked
