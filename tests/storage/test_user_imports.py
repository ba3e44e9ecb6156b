"""Lists of new users: checked as quickly in a table that was filled a moment ago as ever."""

from __future__ import annotations

from contextlib import closing

from tests.helpers.many_users import HERE, NOW, add_environments
from twostep.core.user_lists import Import, ImportState
from twostep.storage import user_imports
from twostep.storage.database import Connection, open_database

LINES = 10_000
LIST = b"list".ljust(16, b"\0")
PATIENCE_MS = 2_000
"""PostgreSQL gives a statement up after twice as long. Where each line is compared with each other
one, that is over long before the fifty millionth comparison.
"""


def line(number: int) -> dict[str, object]:
    name = f"user{max(number, 3)}"
    return {
        "id": number.to_bytes(16),
        "number": number,
        "user_id": number.to_bytes(16),
        "name": name,
        "name_key": name,
        "full_name": "",
        "invite": False,
        "problem": None,
    }


def begin(connection: Connection) -> None:
    new = Import(
        environment_id=HERE,
        id=LIST,
        made_by=None,
        state=ImportState.READING,
        lines=0,
        bad=0,
        invited=0,
        finished=0,
        language="en",
        made_at=NOW,
        changed_at=NOW,
    )
    user_imports.begin(connection, new)


def fill(connection: Connection) -> None:
    begin(connection)
    user_imports.add_lines(connection, HERE, LIST, [line(n) for n in range(2, LINES + 2)], now=NOW)


def test_a_long_list_is_checked_before_the_database_knows_that_it_is_long(
    database_url: str,
) -> None:
    with closing(open_database(database_url, patience_ms=PATIENCE_MS)) as database:
        add_environments(database)
        database.write(fill)
        found = database.write(lambda c: user_imports.check(c, HERE, LIST, now=NOW))
        bad = database.read(lambda c: user_imports.bad_lines(c, HERE, LIST, after=0, most=200))
    assert found is not None
    assert (found.lines, found.bad) == (LINES, 1)
    assert [(each.number, each.problem, each.first) for each in bad] == [(3, "twice", 2)]


def test_a_list_of_one_name_is_that_of_one_user(database_url: str) -> None:
    """More such lines than one statement names."""
    same = [line(number) | {"name": "ann", "name_key": "ann"} for number in range(2, 2_502)]
    with closing(open_database(database_url)) as database:
        add_environments(database)
        database.write(begin)
        database.write(lambda c: user_imports.add_lines(c, HERE, LIST, same, now=NOW))
        found = database.write(lambda c: user_imports.check(c, HERE, LIST, now=NOW))
        bad = database.read(lambda c: user_imports.bad_lines(c, HERE, LIST, after=2_400, most=200))
    assert found is not None
    assert (found.lines, found.bad) == (2_500, 2_499)
    assert {(each.problem, each.first) for each in bad} == {("twice", 2)}
    assert [each.number for each in bad] == list(range(2_401, 2_502))
