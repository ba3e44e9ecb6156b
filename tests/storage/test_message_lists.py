"""The list of messages: newest first, page by page, one environment's, and without content."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

import pytest
from sqlalchemy import update

from tests.helpers.many_messages import (
    ANN,
    BO,
    ELSEWHERE,
    HERE,
    NOW,
    add_old_ones,
    add_people,
    id_of,
    message,
)
from tests.helpers.statements import plans, statements
from tests.storage.test_messages import add
from twostep.core.messages import FAILED, WAITING, MessageKind, MessageState, Route
from twostep.storage import message_lists
from twostep.storage.database import Connection, Database
from twostep.storage.message_lists import Filter, Listed
from twostep.storage.tables import messages as table

ALL = Filter()


@pytest.fixture(autouse=True)
def _some(database: Database) -> None:
    add_people(database)
    add(
        database,
        *[message(number, made_at=NOW + number // 3) for number in range(1, 10)],
        message(20, MessageKind.LOCKOUT, user=BO, made_at=NOW - 5, route=Route.TEXT_GATEWAY),
        message(21, environment=ELSEWHERE),
    )

    def settle(connection: Connection) -> None:
        for number, state in ((4, "accepted"), (5, "refused"), (6, "given_up")):
            connection.execute(update(table).where(table.c.id == id_of(number)).values(state=state))

    database.write(settle)


def page(
    database: Database,
    wanted: Filter = ALL,
    *,
    before: tuple[int, bytes] | None = None,
    most: int = 50,
) -> list[int]:
    found = database.read(lambda c: message_lists.page(c, HERE, wanted, before=before, most=most))
    return [int.from_bytes(one.id, "big") for one in found]


def test_the_newest_stand_first_and_only_this_environment_s(database: Database) -> None:
    assert page(database) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 20]


@pytest.mark.parametrize("most", [1, 2, 3, 4, 50])
def test_page_after_page_shows_each_message_once(database: Database, most: int) -> None:
    seen: list[int] = []
    before = None
    while found := database.read(
        lambda c, before=before: message_lists.page(c, HERE, ALL, before=before, most=most)  # type: ignore[misc]
    ):
        seen += [int.from_bytes(one.id, "big") for one in found]
        before = (found[-1].made_at, found[-1].id)
    assert seen == page(database)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(user_id=BO), [20]),
        (Filter(user_id=ANN, states=frozenset({MessageState.ACCEPTED})), [4]),
        (Filter(states=FAILED), [6, 5]),
        (Filter(states=frozenset({MessageState.REFUSED})), [5]),
        (Filter(kinds=frozenset({MessageKind.LOCKOUT})), [20]),
        (Filter(routes=frozenset({Route.TEXT_GATEWAY, Route.TEXT_PROVIDER})), [20]),
        (Filter(user_id=BO, states=FAILED), []),
        (Filter(states=WAITING), [9, 8, 7, 3, 2, 1, 20]),
        (Filter(states=frozenset({MessageState.QUEUED}), user_id=BO), [20]),
        (Filter(states=frozenset({MessageState.SENT})), []),
        (Filter(made_from=NOW + 2), [9, 8, 7, 6]),
        (Filter(made_from=NOW + 2, states=FAILED), [6]),
        (Filter(address_hash=bytes(32)), [9, 8, 7, 6, 5, 4, 3, 2, 1, 20]),
        (Filter(address_hash=b"x" * 32), []),
    ],
)
def test_what_is_looked_for_is_shown(database: Database, wanted: Filter, found: list[int]) -> None:
    assert page(database, wanted) == found


def test_one_message_by_its_id_and_never_another_environment_s(database: Database) -> None:
    found = database.read(lambda c: message_lists.by_id(c, HERE, id_of(5)))
    assert found is not None
    assert (found.state, found.masked) == (MessageState.REFUSED, "a•••@northside.example")
    assert database.read(lambda c: message_lists.by_id(c, HERE, id_of(21))) is None


def test_ac_67_a_list_has_no_room_for_a_content() -> None:
    """AC-67: neither the code, nor the address, nor the box in which they lie."""
    names = {field.name for field in fields(Listed)}
    assert not names & {"sealed", "address", "address_hash", "to", "code", "content", "text"}


def test_names_are_those_of_the_users_of_the_environment(database: Database) -> None:
    found = database.read(lambda c: message_lists.names_of(c, HERE, {ANN, b"nobody.........."}))
    assert found == {ANN: "ann"}


def test_what_was_sent_is_not_even_read(database: Database) -> None:
    """AC-67: neither the box nor the hash of the address leaves the database."""
    with statements() as heard:
        page(database)
        database.read(lambda c: message_lists.by_id(c, HERE, id_of(5)))
    read = [text.partition(" FROM ")[0] for text in heard if "FROM messages" in text]
    assert len(read) == 2
    assert not [text for text in read if "sealed" in text or "address_hash" in text]


SENT = frozenset({MessageState.SENT})
LOCKOUT = frozenset({MessageKind.LOCKOUT})
CODE = frozenset({MessageKind.CODE})
TEXT = frozenset({Route.TEXT_PROVIDER})

FOUND_BY = [
    ("ix_messages_listed", Filter()),
    ("ix_messages_listed", Filter(made_from=NOW - 1)),
    ("ix_messages_state", Filter(states=FAILED)),
    ("ix_messages_state", Filter(states=WAITING)),
    ("ix_messages_state", Filter(states=SENT)),
    ("ix_messages_state", Filter(states=FAILED, kinds=CODE, made_from=NOW - 1)),
    ("ix_messages_kind", Filter(kinds=LOCKOUT)),
    ("ix_messages_kind", Filter(kinds=LOCKOUT, states=frozenset({MessageState.ACCEPTED}))),
    ("ix_messages_route", Filter(routes=TEXT)),
    ("ix_messages_route", Filter(routes=TEXT, kinds=CODE)),
    ("ix_messages_user", Filter(user_id=BO)),
    ("ix_messages_user", Filter(user_id=BO, states=FAILED, kinds=LOCKOUT)),
    ("ix_messages_to", Filter(address_hash=b"x" * 32)),
    ("ix_messages_to", Filter(address_hash=b"x" * 32, states=WAITING)),
]


@pytest.mark.parametrize("counted", [True, False], ids=["counted", "not counted"])
def test_whatever_is_looked_for_is_found_by_an_index(database: Database, counted: bool) -> None:
    """CS-7, with a million messages: no page of the list reads them all.

    Whether the database has counted its rows or not: nobody asks SQLite to.
    """
    add_old_ones(database, 3_000)
    if counted:
        database.write(lambda c: c.exec_driver_sql("ANALYZE").close())
    for index, wanted in FOUND_BY:
        for place in (None, (NOW, id_of(3))):
            look = partial(
                message_lists.page,
                environment_id=HERE,
                wanted=wanted,
                before=place,
                most=51,
            )
            for plan in plans(database, look):
                assert "Seq Scan" not in plan, wanted
                if counted or database.kind == "sqlite":
                    assert index in plan, wanted
                    assert "TEMP B-TREE" not in plan, wanted
