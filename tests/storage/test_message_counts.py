"""How many texts have left through a provider, which are paid for (AC-53)."""

from __future__ import annotations

import pytest

from tests.helpers.many_messages import ELSEWHERE, HERE, NOW, add_people, message
from twostep.core.messages import Route
from twostep.core.text_terms import BUDGET_LASTS
from twostep.storage import messages
from twostep.storage.database import Connection, Database
from twostep.storage.message_counts import texts_full_since


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database)


def full_since(database: Database, of: bytes | None, most: int) -> int | None:
    since = NOW - BUDGET_LASTS
    return database.read(lambda c: texts_full_since(c, of, since=since, most=most))


def test_a_budget_is_full_since_the_oldest_of_its_newest_texts(database: Database) -> None:
    """AC-53: of one environment, and of all; what goes by mail, and by a gateway, costs nothing."""
    text = Route.TEXT_PROVIDER
    made = [
        message(1, made_at=NOW - BUDGET_LASTS, route=text),
        message(2, made_at=NOW - 40, route=text),
        message(3, made_at=NOW - 30, route=text),
        message(4, made_at=NOW - 20, route=text, environment=ELSEWHERE),
        message(5, made_at=NOW - 10, route=Route.TEXT_GATEWAY),
        message(6, made_at=NOW - 5),
    ]

    def unit(connection: Connection) -> None:
        for one in made:
            messages.add(connection, one)

    database.write(unit)
    here = [full_since(database, HERE, most) for most in (1, 2, 3)]
    assert here == [NOW - 30, NOW - 40, None]
    assert full_since(database, ELSEWHERE, 1) == NOW - 20
    assert [full_since(database, None, most) for most in (1, 3, 4)] == [NOW - 20, NOW - 40, None]
