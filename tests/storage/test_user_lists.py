"""Lists of users: everybody who fits, once, in one order, and never more rows read than allowed."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.many_users import (
    ELSEWHERE,
    HERE,
    NOW,
    add_environment,
    add_environments,
    add_users,
    id_of,
    put_rows,
    user_row,
)
from tests.helpers.statements import plans, statements
from twostep.core.lockouts import DAY
from twostep.core.search_terms import terms_of
from twostep.core.user_filters import UserState, Wanted
from twostep.core.users import SecondStep
from twostep.storage import user_lists, user_marks
from twostep.storage.database import Connection, Database
from twostep.storage.user_lists import Found, Place

COUNT = 700
ROWS = {id_of(number): user_row(number) for number in range(COUNT)}

ANYTHING = frozenset(SecondStep) - {SecondStep.NONE}
NONE, APP = frozenset({SecondStep.NONE}), frozenset({SecondStep.APP})

ONE_THING = {
    "everybody": Wanted(),
    "a word": Wanted(words=("lee",)),
    "a letter": Wanted(words=("a",)),
    "nobody's word": Wanted(words=("zz",)),
    "nothing set up": Wanted(second_steps=NONE),
    "anything set up": Wanted(second_steps=ANYTHING),
    "locked": Wanted(state=UserState.LOCKED),
    "paused": Wanted(state=UserState.PAUSED),
    "disabled": Wanted(state=UserState.DISABLED),
    "never signed in": Wanted(never_signed_in=True),
    "signed in lately": Wanted(signed_in_from=NOW - 7 * DAY),
    "long away": Wanted(signed_in_before=NOW - 90 * DAY),
}
SEVERAL_THINGS = {
    "two words": Wanted(words=("ann", "lee")),
    "a word and a step": Wanted(words=("lee",), second_steps=APP),
    "a rare word and a step": Wanted(words=("ann.lee",), second_steps=NONE),
    "a letter and locked": Wanted(words=("a",), state=UserState.LOCKED),
    "disabled with an app": Wanted(state=UserState.DISABLED, second_steps=APP),
    "never with anything": Wanted(never_signed_in=True, second_steps=ANYTHING),
    "lately without anything": Wanted(signed_in_from=NOW - 30 * DAY, second_steps=NONE),
    "lately and disabled": Wanted(signed_in_from=NOW - 300 * DAY, state=UserState.DISABLED),
    "long away and a word": Wanted(words=("s",), signed_in_before=NOW - 30 * DAY),
    "all at once": Wanted(
        words=("m",),
        state=UserState.DISABLED,
        second_steps=ANYTHING,
        signed_in_before=NOW - DAY,
    ),
    "a user who fits": Wanted(user_id=id_of(3), second_steps=APP),
    "a user who does not": Wanted(user_id=id_of(3), state=UserState.DISABLED),
}
LISTS = {**ONE_THING, **SEVERAL_THINGS}


@pytest.fixture
def full(database: Database) -> Database:
    """So many users here, and some of the same names elsewhere."""
    add_environments(database)
    add_users(database, COUNT)
    elsewhere = [user_row(number, environment=ELSEWHERE) for number in range(900, 960)]
    database.write(lambda connection: put_rows(elsewhere, connection))
    return database


def fits(row: dict[str, Any], wanted: Wanted) -> bool:
    """The same, asked of one row by itself."""
    terms = terms_of(row["name"], row["full_name"])
    last = row["last_sign_in_at"]
    states = {
        None: True,
        UserState.LOCKED: (row["locked_until"] or 0) > NOW,
        UserState.PAUSED: (row["two_step_paused_until"] or 0) > NOW,
        UserState.DISABLED: row["disabled_at"] is not None,
    }
    return all(
        (
            all(any(term.startswith(word) for term in terms) for word in wanted.words),
            not wanted.second_steps or row["second_step"] in wanted.second_steps,
            states[wanted.state],
            not wanted.never_signed_in or last is None,
            wanted.signed_in_from is None or (last or 0) >= wanted.signed_in_from,
            wanted.signed_in_before is None or (last or NOW) < wanted.signed_in_before,
            wanted.user_id in (None, row["id"]),
        )
    )


def sort_key(row: dict[str, Any], wanted: Wanted) -> tuple[Any, ...]:
    if wanted.words:
        word = wanted.words[-1]
        found = (t for t in terms_of(row["name"], row["full_name"]) if t.startswith(word))
        return (min(found), row["name_key"])
    if wanted.signed_in_from is not None or wanted.signed_in_before is not None:
        return (row["last_sign_in_at"], row["name_key"])
    return (row["name_key"],)


def expected(wanted: Wanted, rows: dict[bytes, dict[str, Any]] = ROWS) -> list[str]:
    """The names that the list is to show, in its order."""
    found = [row for row in rows.values() if fits(row, wanted)]
    newest_first = not wanted.words and wanted.signed_in_from is not None
    found.sort(key=lambda row: sort_key(row, wanted), reverse=newest_first)
    return [row["name"] for row in found]


def page(database: Database, wanted: Wanted, **more: Any) -> Found:
    most = more.pop("most", 40)
    return database.read(lambda c: user_lists.page(c, HERE, wanted, now=NOW, most=most, **more))


def all_pages(database: Database, wanted: Wanted, *, most: int = 40) -> list[str]:
    """Page after page, as far as there are any."""
    names: list[str] = []
    place: Place | None = None
    while True:
        found = page(database, wanted, place=place, most=most)
        names += [row.user.name for row in found.rows]
        if found.stopped is not None:
            place = found.stopped
        elif len(found.rows) == most:
            place = user_lists.place_of(wanted, found.rows[-1])
        else:
            return names


def test_page_after_page_shows_everyone_who_fits_once_and_in_order(full: Database) -> None:
    for name, wanted in LISTS.items():
        assert all_pages(full, wanted) == expected(wanted), name
    assert len(expected(Wanted())) == COUNT


def test_most_of_these_lists_have_somebody(full: Database) -> None:
    empty = {name for name, wanted in LISTS.items() if not expected(wanted)}
    assert empty == {"nobody's word", "a user who does not"}


@pytest.mark.parametrize(("few", "at_most"), [(0, 90), (0, 1_000), (30, 60)])
def test_however_it_is_read_the_list_is_the_same(
    full: Database, monkeypatch: pytest.MonkeyPatch, few: int, at_most: int
) -> None:
    """With nobody rare the list is walked; and a page that has looked at as many as it may says
    where it stopped."""
    monkeypatch.setattr(user_lists, "FEW", few)
    monkeypatch.setattr(user_lists, "MOST_LOOKED_AT", at_most)
    for name, wanted in SEVERAL_THINGS.items():
        assert all_pages(full, wanted, most=7) == expected(wanted), name


def test_a_page_that_finds_nobody_in_time_says_where_to_go_on(
    full: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_lists, "FEW", 0)
    monkeypatch.setattr(user_lists, "MOST_LOOKED_AT", 50)
    nobody = Wanted(never_signed_in=True, signed_in_from=NOW - 400 * DAY)
    looked_at = sum(1 for row in ROWS.values() if row["last_sign_in_at"] is not None)
    for backwards in (False, True):
        stops, place = 0, None if not backwards else _the_last_of_all()
        while (found := page(full, nobody, place=place, backwards=backwards)).stopped is not None:
            assert found.rows == []
            place, stops = found.stopped, stops + 1
        assert stops == (looked_at - backwards) // 50


def _the_last_of_all() -> Place:
    """The user who has been away longest."""
    been = [row for row in ROWS.values() if row["last_sign_in_at"] is not None]
    last = min(been, key=lambda row: (row["last_sign_in_at"], row["name_key"]))
    return Place(user_id=last["id"], signed_in_at=last["last_sign_in_at"])


def test_backwards_are_the_same_pages(full: Database) -> None:
    for name, wanted in LISTS.items():
        names = expected(wanted)
        if len(names) < 5:
            continue
        middle = len(names) // 2
        there = page(full, wanted, most=middle + 1).rows[-1]
        place = user_lists.place_of(wanted, there)
        before = page(full, wanted, place=place, backwards=True, most=COUNT)
        assert [row.user.name for row in before.rows] == names[:middle][::-1], name


def test_one_environment_s_users_are_in_no_list_of_another(full: Database) -> None:
    for wanted in LISTS.values():
        assert not set(all_pages(full, wanted)) & {
            user_row(number)["name"] for number in range(900, 960)
        }


def test_a_place_that_is_nowhere_any_more_is_before_everybody(full: Database) -> None:
    gone = Place(user_id=bytes(16))
    assert page(full, Wanted(), place=gone) == page(full, Wanted())
    assert page(full, Wanted(words=("lee",)), place=gone) == page(full, Wanted(words=("lee",)))
    assert page(full, Wanted(), place=gone, backwards=True).rows == ()
    called_otherwise = Place(user_id=id_of(next(n for n in range(COUNT) if not _is_lee(n))))
    assert page(full, Wanted(words=("lee",)), place=called_otherwise).rows


def _is_lee(number: int) -> bool:
    return fits(ROWS[id_of(number)], Wanted(words=("lee",)))


def test_the_place_in_a_list_by_sign_in_stays_where_it_was_when_its_user_signs_in(
    full: Database,
) -> None:
    wanted = Wanted(signed_in_before=NOW - 30 * DAY)
    first = page(full, wanted, most=5)
    place = user_lists.place_of(wanted, first.rows[-1])
    full.write(lambda c: user_marks.note_sign_in(c, HERE, place.user_id, now=NOW))
    rest = page(full, wanted, place=place, most=COUNT)
    assert [row.user.name for row in rest.rows] == expected(wanted)[5:]


USES: dict[str, tuple[Wanted, str]] = {
    "everybody": (Wanted(), "uq_users_name_key"),
    "a word": (Wanted(words=("lee",)), "search_terms"),
    "nothing set up": (Wanted(second_steps=NONE), "ix_users_second_step"),
    "anything set up": (Wanted(second_steps=ANYTHING), "ix_users_second_step"),
    "locked": (Wanted(state=UserState.LOCKED), "ix_users_locked"),
    "paused": (Wanted(state=UserState.PAUSED), "ix_users_paused"),
    "disabled": (Wanted(state=UserState.DISABLED), "ix_users_disabled"),
    "never signed in": (Wanted(never_signed_in=True), "ix_users_last_sign_in"),
    "lately": (Wanted(signed_in_from=NOW - 7 * DAY), "ix_users_last_sign_in"),
    "long away": (Wanted(signed_in_before=NOW - 90 * DAY), "ix_users_last_sign_in"),
}


@pytest.fixture
def many(database: Database) -> Database:
    """As many as it takes until PostgreSQL prefers an index, with what it knows of them."""
    add_environments(database)
    add_users(database, 6_000)
    if database.kind == "postgresql":
        database.write(lambda c: c.exec_driver_sql("ANALYZE users, search_terms").close())
    return database


def plan_of(database: Database, wanted: Wanted, **more: Any) -> str:
    def unit(connection: Connection) -> object:
        return user_lists.page(connection, HERE, wanted, now=NOW, most=51, **more)

    return "\n".join(plans(database, unit))


def reads_all(plan: str) -> bool:
    """Whether a table is read from its beginning to its end."""
    return bool(re.search(r"Seq Scan on|SCAN (users|search_terms)\b(?! USING)", plan))


def test_one_thing_is_read_from_its_index_in_order_and_nothing_is_sorted(many: Database) -> None:
    for name, (wanted, index) in USES.items():
        first = page(many, wanted, most=2).rows[0]
        place = user_lists.place_of(wanted, first)
        for more in ({}, {"place": place}, {"place": place, "backwards": True}):
            plan = plan_of(many, wanted, **more)
            assert index in plan, (name, plan)
            if name != "anything set up":
                assert not reads_all(plan), (name, plan)


def test_no_page_counts_or_skips(many: Database) -> None:
    """Neither OFFSET nor a count of everybody: each count stops at a few."""
    for wanted in LISTS.values():
        with statements() as heard:
            page(many, wanted)
        for text in heard:
            # For SQLite SQLAlchemy always writes one, of nothing.
            assert "OFFSET" not in text.upper() or many.kind == "sqlite"
            assert "count(" not in text or "LIMIT" in text


def test_several_things_read_a_table_from_end_to_end_nowhere(many: Database) -> None:
    for name, wanted in SEVERAL_THINGS.items():
        plan = plan_of(many, wanted)
        assert not re.search(r"SCAN (users|search_terms)\b(?! USING)", plan), (name, plan)
        if many.kind == "sqlite":
            # Nothing but a small table of ids is read without its index.
            assert "AUTOMATIC" not in plan, (name, plan)


AT_FIRST = 60

ADDED = st.lists(
    st.tuples(st.integers(0, 10), st.integers(AT_FIRST, AT_FIRST + 400)),
    max_size=25,
    unique_by=lambda each: each[1],
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(added=ADDED, most=st.integers(1, 9), which=st.sampled_from(sorted(LISTS)))
def test_pages_show_everyone_exactly_once_whatever_is_added_in_between(
    database: Database, added: list[tuple[int, int]], most: int, which: str
) -> None:
    """Whoever was there from the beginning is on exactly one page; whoever came in between is on
    one at the most."""
    place_of_test, wanted = secrets.token_bytes(16), LISTS[which]
    add_environment(database, place_of_test)
    put(database, place_of_test, range(AT_FIRST))
    from_the_beginning = {id_of(number): user_row(number) for number in range(AT_FIRST)}
    seen: list[str] = []
    place: Place | None = None
    for number_of_page in itertools.count():
        put(database, place_of_test, [who for when, who in added if when == number_of_page])
        found = database.read(
            lambda c, place=place: user_lists.page(  # type: ignore[misc]
                c, place_of_test, wanted, now=NOW, place=place, most=most
            )
        )
        seen += [row.user.name for row in found.rows]
        if len(found.rows) < most:
            break
        place = user_lists.place_of(wanted, found.rows[-1])
    assert len(seen) == len(set(seen))
    there = set(expected(wanted, from_the_beginning))
    everybody = from_the_beginning | {id_of(who): user_row(who) for _, who in added}
    assert there <= set(seen) <= set(expected(wanted, everybody))


def put(database: Database, environment: bytes, numbers: Iterable[int]) -> None:
    rows = [user_row(number, environment=environment) for number in numbers]
    if rows:
        database.write(lambda connection: put_rows(rows, connection))
