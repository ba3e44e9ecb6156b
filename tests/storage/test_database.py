"""What a unit may rely on, on SQLite and on PostgreSQL alike."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.context import ForkContext
from typing import NoReturn

import pytest
from sqlalchemy import insert, select, text, update

from tests.helpers.clocks import HandClock
from tests.storage.things import add, ids, make_things, parts, side_by_side, things
from twostep.clock import system_clock
from twostep.storage.database import (
    Connection,
    ConstraintBroken,
    Database,
    MisusedUnit,
    open_database,
)

READERS = 40


class Refusal(Exception):
    """A unit's own exception."""


@pytest.fixture(autouse=True)
def _things(database: Database) -> None:
    make_things(database)


def test_a_write_returns_what_its_unit_returned_and_a_read_sees_it(database: Database) -> None:
    assert database.write(add(7)) == 7
    assert database.read(ids) == [7]


def test_a_unit_that_raises_leaves_nothing_and_its_exception_arrives(database: Database) -> None:
    def unit(connection: Connection) -> NoReturn:
        add(1)(connection)
        raise Refusal

    with pytest.raises(Refusal):
        database.write(unit)
    assert database.read(ids) == []


def test_of_forty_units_at_once_each_is_kept_or_undone_by_itself(database: Database) -> None:
    def kept_or_not(id_: int) -> Callable[[], int]:
        def unit(connection: Connection) -> int:
            add(id_)(connection)
            if id_ % 2:
                raise Refusal(id_)
            return id_

        return lambda: database.write(unit)

    outcomes = side_by_side([kept_or_not(id_) for id_ in range(READERS)])
    for id_, outcome in enumerate(outcomes):
        if id_ % 2:
            assert isinstance(outcome, Refusal)
            assert outcome.args == (id_,)
        else:
            assert outcome == id_
    assert database.read(ids) == list(range(0, READERS, 2))


def test_a_read_sees_one_moment_whatever_is_written_meanwhile(database: Database) -> None:
    def unit(connection: Connection) -> tuple[list[int], list[int]]:
        before = ids(connection)
        side_by_side([lambda: database.write(add(1))])
        return before, ids(connection)

    assert database.read(unit) == ([], [])
    assert database.read(ids) == [1]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(MisusedUnit):
        database.read(add(1))
    assert database.read(ids) == []
    assert database.write(add(2)) == 2


def test_a_unit_inside_a_unit_is_refused_and_nothing_stands_still(database: Database) -> None:
    def inside(act: Callable[[Database], object]) -> Callable[[Connection], object]:
        return lambda _connection: act(database)

    for outer in (database.read, database.write):
        for inner in (lambda d: d.read(ids), lambda d: d.write(add(1))):
            with pytest.raises(MisusedUnit):
                outer(inside(inner))
    assert database.write(add(2)) == 2
    assert database.read(ids) == [2]


@pytest.mark.parametrize("end", [Connection.commit, Connection.rollback])
def test_a_unit_cannot_end_its_transaction(
    database: Database, end: Callable[[Connection], None]
) -> None:
    def unit(connection: Connection) -> None:
        add(1)(connection)
        end(connection)

    with pytest.raises(MisusedUnit):
        database.write(unit)
    assert database.read(ids) == []
    assert database.write(add(2)) == 2


def test_a_unit_may_use_savepoints_of_its_own(database: Database) -> None:
    def unit(connection: Connection) -> None:
        add(1)(connection)
        savepoint = connection.begin_nested()
        add(2)(connection)
        savepoint.rollback()
        add(3)(connection)

    database.write(unit)
    assert database.read(ids) == [1, 3]


def test_a_broken_constraint_is_told_in_our_words_and_without_the_values(
    database: Database,
) -> None:
    database.write(add(1, "a name that nobody may read in a log"))
    with pytest.raises(ConstraintBroken) as refusal:
        database.write(add(2, "a name that nobody may read in a log"))
    assert "name" in refusal.value.constraint
    assert "nobody" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    assert database.read(ids) == [1]


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(ConstraintBroken):
        database.write(lambda c: c.execute(insert(parts).values(id=1, thing_id=99)).close())


def test_a_wrong_statement_does_not_repeat_its_parameters(database: Database) -> None:
    wrong = text("SELECT no_such_column FROM things WHERE name = :name")
    with pytest.raises(Exception, match="no_such_column") as error:
        database.read(lambda c: c.execute(wrong, {"name": "a secret"}).close())
    assert "a secret" not in repr(error.value)
    assert "a secret" not in str(error.value)


def winners(database: Database, spend: Callable[[Database, threading.Barrier], bool]) -> int:
    """How many of forty, who all begin together, are told that they have spent the one thing."""
    database.write(add(1))
    barrier = threading.Barrier(READERS)
    return side_by_side([lambda: spend(database, barrier)] * READERS).count(True)


def test_of_forty_who_use_one_thing_up_exactly_one_wins(database: Database) -> None:
    def use_up(connection: Connection) -> bool:
        spent = (
            update(things)
            .where(things.c.id == 1, things.c.used_at.is_(None))
            .values(used_at=1)
            .returning(things.c.id)
        )
        return connection.execute(spent).first() is not None

    def spend(database: Database, barrier: threading.Barrier) -> bool:
        barrier.wait()
        return database.write(use_up)

    assert winners(database, spend) == 1


def test_the_same_forty_find_that_reading_and_then_writing_lets_many_win(
    database: Database,
) -> None:
    # This is what the test above would say of a careless implementation: it can fail.
    def unused(connection: Connection) -> bool:
        return connection.execute(select(things.c.used_at)).scalar_one() is None

    def mark(connection: Connection) -> None:
        connection.execute(update(things).values(used_at=1))

    def spend(database: Database, barrier: threading.Barrier) -> bool:
        is_unused = database.read(unused)
        barrier.wait()
        if is_unused:
            database.write(mark)
        return is_unused

    assert winners(database, spend) > 1


def _exit_code_of_a_fork(act: Callable[[], object], refused: int = 3) -> int | None:
    context = multiprocessing.get_context("fork")
    assert isinstance(context, ForkContext)

    def child() -> None:
        try:
            act()
        except MisusedUnit:
            os._exit(refused)
        os._exit(0)

    process = context.Process(target=child)
    process.start()
    process.join()
    return process.exitcode


def test_a_database_opened_before_a_fork_and_used_after_it_works(database_url: str) -> None:
    untouched = open_database(database_url)
    threads = threading.active_count()
    assert _exit_code_of_a_fork(lambda: untouched.write(add(1))) == 0
    assert threading.active_count() == threads
    assert untouched.read(ids) == [1]
    untouched.close()


def test_a_database_used_before_a_fork_refuses_the_child(database: Database) -> None:
    database.write(add(1))
    assert _exit_code_of_a_fork(lambda: database.read(ids)) == 3
    assert _exit_code_of_a_fork(lambda: database.write(add(2))) == 3
    assert _exit_code_of_a_fork(database.close) == 0
    assert database.write(add(3)) == 3


def test_a_closed_database_refuses_everything(database_url: str) -> None:
    database = open_database(database_url)
    database.write(add(1))
    database.close()
    database.close()
    with pytest.raises(MisusedUnit):
        database.read(ids)
    with pytest.raises(MisusedUnit):
        database.write(add(2))


def test_the_skew_is_how_far_the_clocks_are_apart_at_the_least(database: Database) -> None:
    assert database.clock_skew(system_clock) == 0, "one machine, one clock"
    for off in (-20_000, 20_000):
        clock = HandClock(system_clock() + off)
        skew = database.clock_skew(clock)
        assert skew == 0 if database.kind == "sqlite" else abs(skew + off) < 10_000


def test_a_slow_answer_is_no_skew(database: Database) -> None:
    """A machine that stood still for a minute in between must not let everybody stand outside."""
    told = iter([system_clock() - 30_000, system_clock() + 30_000])
    assert database.clock_skew(lambda: next(told)) == 0
