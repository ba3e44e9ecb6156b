"""Notices in SQL: one row for a happening, and one who takes it."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import delete, insert, select, update

from tests.helpers.at_once import at_once
from tests.helpers.many_messages import (
    ANN,
    BO,
    ELSEWHERE,
    HERE,
    NOW,
    add_people,
    id_of,
    message,
)
from twostep.core.messages import MessageKind
from twostep.storage import messages, notices
from twostep.storage.database import Connection, Database
from twostep.storage.notices import Notice
from twostep.storage.tables import attempts, sign_ins, users
from twostep.storage.tables import notices as table

BROWSER, OTHER = b"b" * 32, b"o" * 32
CODES = "second_step"


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database)


def notice(number: int = 1, *, made_at: int = NOW, user: bytes = ANN) -> Notice:
    return Notice(
        environment_id=HERE,
        id=id_of(number),
        user_id=user,
        kind="lockout",
        data='{"browser": ""}',
        made_at=made_at,
    )


def add(database: Database, *new: Notice) -> None:
    def unit(connection: Connection) -> None:
        for one in new:
            notices.add(connection, one)

    database.write(unit)


def waiting(database: Database, most: int = 9) -> list[Notice]:
    return list(database.read(lambda connection: notices.oldest(connection, most=most)))


def test_what_was_written_waits_as_it_was_the_oldest_first(database: Database) -> None:
    new = [notice(number, made_at=NOW - number) for number in range(1, 4)]
    add(database, *new)
    assert waiting(database) == new[::-1]
    assert waiting(database, most=2) == [new[2], new[1]]


def test_of_many_who_take_a_notice_one_gets_it(database: Database) -> None:
    add(database, notice(1), notice(2))
    take = partial(database.write, lambda connection: notices.take(connection, notice(1)))
    assert sorted(at_once([take] * 8)) == [False] * 7 + [True]
    assert waiting(database) == [notice(2)]


def test_a_taking_that_is_rolled_back_leaves_the_notice(database: Database) -> None:
    def act(connection: Connection) -> None:
        assert notices.take(connection, notice())
        raise ArithmeticError

    add(database, notice())
    with pytest.raises(ArithmeticError):
        database.write(act)
    assert waiting(database) == [notice()]


def test_nobody_is_told_who_is_no_user_any_more(database: Database) -> None:
    add(database, notice(1), notice(2, user=BO))
    database.write(
        lambda c: c.execute(
            delete(users).where(users.c.environment_id == HERE, users.c.id == ANN)
        ).close()
    )
    assert waiting(database) == [notice(2, user=BO)]


def test_what_was_told_is_known_from_its_messages(database: Database) -> None:
    def unit(connection: Connection) -> None:
        kind, other = MessageKind.LOCKOUT, MessageKind.SET_UP
        for one in (
            message(1, kind, made_at=NOW),
            message(2, kind, made_at=NOW),
            message(3, kind, made_at=NOW - 5),
            message(4, kind, made_at=NOW - 10),
            message(5, other, made_at=NOW),
            message(6, kind, user=BO),
            message(7, kind, environment=ELSEWHERE),
        ):
            messages.add(connection, one)

    database.write(unit)
    told = database.read(lambda c: notices.told(c, HERE, ANN, "lockout", since=NOW - 10))
    assert list(told) == [NOW - 5, NOW]


def test_all_are_dropped_by_a_restore(database: Database) -> None:
    add(database, notice(1), notice(2, user=BO))
    database.write(notices.drop_all)
    assert database.read(lambda c: c.execute(select(table.c.id)).all()) == []


def tried(connection: Connection, number: int, **more: object) -> None:
    of = {
        "environment_id": HERE, "id": id_of(number), "subject": ANN, "purpose": CODES,
        "state": "failed", "browser_id": BROWSER, "network": bytes(8), "wider_network": bytes(8),
        "started_at": NOW,
    }  # fmt: skip
    connection.execute(insert(attempts).values(of | more))


def begin(connection: Connection, at: int, number: int = 1, browser: bytes = BROWSER) -> None:
    connection.execute(
        insert(sign_ins).values(
            environment_id=HERE, id=id_of(number), user_id=ANN, state="pending", extensions=0,
            token_hash=id_of(number) * 2, browser_id=browser, started_at=at, waits_until=at + 1,
            device_is_good=False, wants_remembering=False, installation_generation=1,
            password_generation=1, second_step_generation=1,
        )
    )  # fmt: skip


def wrong(database: Database) -> int:
    return database.read(lambda c: notices.wrong_in_sign_in(c, HERE, ANN, BROWSER, purpose=CODES))


def test_wrong_tries_of_this_sign_in_are_counted_and_no_others(database: Database) -> None:
    def unit(connection: Connection) -> None:
        begin(connection, NOW)
        begin(connection, NOW + 9, 2, browser=OTHER)
        tried(connection, 1)
        tried(connection, 2, started_at=NOW + 1)
        tried(connection, 3, started_at=NOW - 1)
        tried(connection, 4, browser_id=OTHER)
        tried(connection, 5, purpose="password")
        tried(connection, 6, state="forgiven")
        tried(connection, 7, state="open")
        tried(connection, 8, subject=BO)
        tried(connection, 9, environment_id=ELSEWHERE)

    database.write(unit)
    assert wrong(database) == 2


def test_without_a_sign_in_that_waits_those_of_the_browser_are_counted(database: Database) -> None:
    def unit(connection: Connection) -> None:
        begin(connection, NOW)
        connection.execute(update(sign_ins).values(ended_at=NOW, token_hash=None))
        tried(connection, 1, started_at=NOW - 1)
        tried(connection, 2)

    database.write(unit)
    assert wrong(database) == 2
