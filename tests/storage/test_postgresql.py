"""PostgreSQL goes away, comes back, breaks lines and deadlocks: a real server, stopped and
started."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from tests.helpers.clocks import DAY, MINUTE, ClockFile
from tests.helpers.postgres import PASSWORD, Cluster
from tests.storage.things import add, ids, make_things, side_by_side, things
from tests.storage.waiting import until
from twostep.clock import offset_clock, system_clock
from twostep.storage.database import (
    Connection,
    Database,
    DatabaseAway,
    DatabaseBusy,
    Unit,
    open_database,
)
from twostep.storage.schema import Empty, schema_state

pytestmark = pytest.mark.postgresql

OTHERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid")
OUR_PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def url(postgres_cluster: Cluster) -> str:
    return postgres_cluster.create_empty_database()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, connections=2, patience_ms=500)
    make_things(opened)
    yield opened
    opened.close()


def test_a_server_that_stops_is_away_and_is_found_again_when_it_is_back(
    own_cluster: Cluster,
) -> None:
    database = open_database(own_cluster.create_empty_database(), patience_ms=2_000)
    make_things(database)
    database.write(add(1))
    own_cluster.stop()
    for act in (lambda: database.read(ids), lambda: database.write(add(2))):
        with pytest.raises(DatabaseAway):
            act()
    own_cluster.start()
    assert database.write(add(3)) == 3
    assert database.read(ids) == [1, 3]
    database.close()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_between_two_calls_is_not_even_noticed(own_cluster: Cluster, mode: str) -> None:
    database = open_database(own_cluster.create_empty_database(), patience_ms=2_000)
    make_things(database)
    own_cluster.stop(mode)
    own_cluster.start()
    assert database.write(add(1)) == 1
    own_cluster.stop(mode)
    own_cluster.start()
    assert database.read(ids) == [1]
    database.close()


class Tries:
    """A unit that fails in some way the first times, and how often it was run."""

    def __init__(self, fail: Callable[[Connection], object], *, times: int) -> None:
        self.count = 0
        self._fail = fail
        self._times = times

    def __call__(self, connection: Connection) -> int:
        self.count += 1
        add(1)(connection)
        if self.count <= self._times:
            self._fail(connection)
        return add(2)(connection)


def lose_the_line(connection: Connection) -> None:
    pid = connection.execute(OUR_PID).scalar_one()
    connection.execute(OTHERS, {"pid": pid})


def raise_state(state: str) -> Callable[[Connection], object]:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '{state}'; END $$"
    return lambda connection: connection.execute(text(raising))


SERIALIZATION_FAILURE = raise_state("40001")
# What a server says that was the primary until a moment ago.
READ_ONLY_TRANSACTION = raise_state("25006")


@pytest.mark.parametrize("fail", [lose_the_line, SERIALIZATION_FAILURE, READ_ONLY_TRANSACTION])
def test_a_unit_whose_transaction_was_lost_runs_again_and_is_done_once(
    database: Database, fail: Callable[[Connection], object]
) -> None:
    unit = Tries(fail, times=1)
    assert database.write(unit) == 2
    assert unit.count == 2
    assert database.read(ids) == [1, 2]


@pytest.mark.parametrize("fail", [lose_the_line, SERIALIZATION_FAILURE, READ_ONLY_TRANSACTION])
def test_a_unit_that_is_lost_every_time_is_given_up(
    database: Database, fail: Callable[[Connection], object]
) -> None:
    unit = Tries(fail, times=1_000)
    with pytest.raises((DatabaseAway, DatabaseBusy)):
        database.write(unit)
    assert 2 <= unit.count <= 10
    assert database.read(ids) == []


def test_a_line_lost_during_the_commit_is_not_tried_again(database: Database) -> None:
    # A deferred trigger runs inside COMMIT, and takes the line away there.
    function = text(
        "CREATE FUNCTION lose_it() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    trigger = text(
        "CREATE CONSTRAINT TRIGGER lose_it AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION lose_it()"
    )
    database.write(lambda c: c.execute(function).close())
    database.write(lambda c: c.execute(trigger).close())
    unit = Tries(lambda _connection: None, times=0)
    with pytest.raises(DatabaseAway):
        database.write(unit)
    assert unit.count == 1
    assert database.read(ids) == []


def raised_in_a_thread(act: Callable[[], object]) -> object:
    """For an act that a unit's own thread could not begin."""
    (outcome,) = side_by_side([act])
    return outcome


def lock_both(first: int, second: int, barrier: threading.Barrier) -> Unit[None]:
    """Locks two rows, one after the other; everybody has the first before anybody asks for the
    second."""
    tries = 0

    def unit(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        for id_ in (first, second):
            row = update(things).where(things.c.id == id_)
            connection.execute(row.values(used_at=things.c.used_at + 1))
            if tries == 1 and id_ == first:
                barrier.wait()

    return unit


def test_a_deadlock_is_resolved_and_both_units_are_done(url: str) -> None:
    database = open_database(url)
    make_things(database)
    for id_ in (1, 2):
        database.write(add(id_))
    database.write(lambda c: c.execute(update(things).values(used_at=0)).close())
    barrier = threading.Barrier(2)
    acts = [lock_both(1, 2, barrier), lock_both(2, 1, barrier)]
    outcomes = side_by_side([lambda unit=unit: database.write(unit) for unit in acts])  # type: ignore[misc]
    assert outcomes == [None, None]
    counted = select(things.c.used_at)
    assert database.read(lambda c: c.execute(counted).scalars().all()) == [2, 2]
    database.close()


def test_a_lock_that_somebody_keeps_is_waited_for_and_not_for_ever(
    database: Database, url: str
) -> None:
    database.write(add(1))
    use = update(things).values(used_at=1)
    other = open_database(url)

    def holding(connection: Connection) -> object:
        connection.execute(use)
        return raised_in_a_thread(lambda: database.write(lambda c: c.execute(use).close()))

    assert isinstance(other.write(holding), DatabaseBusy)
    other.close()
    database.write(lambda c: c.execute(use).close())


def test_a_pool_that_is_all_in_use_says_so(database: Database) -> None:
    both_in = threading.Barrier(3)
    go = threading.Event()

    def hold(_connection: Connection) -> None:
        both_in.wait()
        go.wait()

    holders = [threading.Thread(target=database.read, args=(hold,)) for _ in range(2)]
    for holder in holders:
        holder.start()
    both_in.wait()
    with pytest.raises(DatabaseBusy):
        database.read(ids)
    go.set()
    for holder in holders:
        holder.join()
    assert database.read(ids) == []


def test_a_statement_that_takes_far_too_long_is_stopped(database: Database) -> None:
    with pytest.raises(DatabaseBusy):
        database.read(lambda c: c.execute(text("SELECT pg_sleep(60)")).close())


def test_the_password_is_in_no_error_and_no_log(
    own_cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = own_cluster.create_empty_database()
    own_cluster.stop()
    database = open_database(url, patience_ms=500)
    with pytest.raises(DatabaseAway) as error:
        database.read(ids)
    seen: list[str] = [caplog.text, repr(database), repr(vars(database))]
    link: BaseException | None = error.value
    while link is not None:
        seen += [str(link), repr(link)]
        link = link.__cause__ or link.__context__
    secret = PASSWORD[:5]
    assert secret in PASSWORD
    assert not [text for text in seen if secret in text or url.split("@")[0] in text]


def test_a_wrong_host_is_away_too() -> None:
    database = open_database("postgresql://nobody:secret@127.0.0.1:1/none", patience_ms=500)
    with pytest.raises(DatabaseAway) as error:
        database.read(ids)
    assert "secret" not in str(error.value)
    database.close()


def test_settings_in_the_address_win_over_ours(url: str) -> None:
    database = open_database(f"{url}?application_name=mine&options=-c%20statement_timeout%3D1234")
    asked = {
        name: database.read(lambda c, n=name: c.execute(text(f"SHOW {n}")).scalar())  # type: ignore[misc]
        for name in ("application_name", "statement_timeout", "lock_timeout")
    }
    assert asked == {"application_name": "mine", "statement_timeout": "1234ms", "lock_timeout": "0"}
    database.close()


def test_closing_gives_the_connections_back(database: Database, url: str) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    watcher = open_database(url)
    assert watcher.read(lambda c: c.execute(others).scalar_one()) == 1
    database.close()
    until(lambda: watcher.read(lambda c: c.execute(others).scalar_one()) == 0)
    watcher.close()


def test_a_clock_that_is_moved_for_a_test_takes_the_databases_along(
    tmp_path: Path, url: str
) -> None:
    """What the journeys rest on: a server whose clock alone is moved lets nobody in."""
    file = ClockFile(tmp_path / "clock")
    file.take_along(url)
    file.forward(DAY)
    opened = open_database(url)
    assert isinstance(schema_state(opened), Empty), "a new installation may begin in it"
    assert abs(opened.clock_skew(offset_clock(file.path))) < MINUTE
    assert abs(opened.clock_skew(system_clock) - DAY) < MINUTE
    opened.close()
