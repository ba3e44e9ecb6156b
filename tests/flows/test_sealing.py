"""Events are sealed within a second, each exactly once, whoever does it: I-14, SECURITY §5.7."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import delete, event, insert, select, update
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.helpers.audit_logs import AuditLog, make_log
from tests.helpers.clocks import SECOND
from tests.helpers.kills import killed_at
from tests.helpers.postgres import Cluster
from tests.helpers.sealed_rows import everything_in
from tests.storage.things import side_by_side
from tests.storage.waiting import until
from twostep.clock import Clock
from twostep.core.audit_chain import Intact
from twostep.core.keys import INSTALLATION_ID, KeyPurpose
from twostep.crypto.identifiers import new_id
from twostep.crypto.key_files import KeyFile
from twostep.crypto.wrapping import new_key
from twostep.flows import sealing
from twostep.flows.checkpoints import Checkpoints, file_lines, read_lines
from twostep.flows.sealing import EVERY_MS, LONGEST_WAIT_MS, Sealer, seal, seal_all, wait_after
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, Database, DatabaseAway, Unit, open_database
from twostep.storage.tables import environments, events, keys, seals
from twostep.storage.units import T

WRITERS = 8
EACH = 25


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


@contextmanager
def another_node(log: AuditLog, url: str) -> Iterator[AuditLog]:
    """On PostgreSQL with connections of its own; SQLite has one serving process."""
    if log.database.kind == "sqlite":
        yield log.on(log.database)
        return
    with closing(open_database(url)) as database:
        yield log.on(database)


class Interrupted:
    """A database in whose next write something else happens just before a certain statement."""

    def __init__(self, inner: Database, before: str, act: Callable[[], object]) -> None:
        self._inner, self._before, self._act = inner, before, act
        self.happened = False

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        return self._inner.kind

    def clock_skew(self, clock: Clock) -> int:
        return self._inner.clock_skew(clock)

    def close(self) -> None:
        self._inner.close()

    def write(self, unit: Unit[T]) -> T:
        def interrupted(connection: Connection) -> T:
            event.listen(connection, "before_cursor_execute", self._look)
            return unit(connection)

        return self._inner.write(interrupted)

    def read(self, unit: Unit[T]) -> T:
        return self._inner.read(unit)

    def _look(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(self._before) and not self.happened:
            self.happened = True
            assert side_by_side([self._act]) == [None], "in a thread of its own: no unit in a unit"


def all_sealed_once(log: AuditLog, count: int) -> None:
    assert log.numbers() == list(range(1, count + 1))
    verification = log.verify()
    assert verification.in_order
    assert verification.checked == count
    assert verification.unsealed == 0


def test_new_events_are_numbered_from_one_in_the_order_of_their_times(log: AuditLog) -> None:
    log.record(purpose="second")
    log.clock.forward(-5 * SECOND)
    log.record(purpose="first")
    assert log.seal() == 2
    rows = log.rows(select(events.c.data).order_by(events.c.number))
    assert [row.data for row in rows] == ['{"purpose":"first"}', '{"purpose":"second"}']
    all_sealed_once(log, 2)


def test_an_event_that_comes_late_gets_a_later_number_whatever_its_time(log: AuditLog) -> None:
    log.record()
    log.seal()
    log.clock.forward(-5 * SECOND)
    log.record(purpose="late")
    assert log.seal() == 1
    newest = log.rows(select(events.c.data).where(events.c.number == 2))
    assert [row.data for row in newest] == ['{"purpose":"late"}']
    all_sealed_once(log, 2)


def test_what_is_sealed_is_sealed_and_an_empty_round_writes_nothing(log: AuditLog) -> None:
    log.record_many(3)
    assert log.seal() == 3
    before = everything_in(log.database)
    assert log.seal() == 0
    assert everything_in(log.database) == before


def test_more_than_a_batch_is_sealed_in_one_round(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    for count, heads in ((6, [3, 6]), (7, [3, 6, 9, 12, 13])):
        log.record_many(count)
        assert log.seal() == count
        numbers = log.rows(select(seals.c.number).order_by(seals.c.number))
        assert [row.number for row in numbers] == heads
    all_sealed_once(log, 13)


def test_each_environment_has_a_chain_and_a_key_of_its_own(log: AuditLog) -> None:
    other = log.elsewhere()
    log.record_many(2)
    other.record_many(3)
    done = seal_all(log.installation, now=log.clock())
    assert {one.environment_id: (one.events, one.head.number) for one in done} == {
        log.environment_id: (2, 2),
        other.environment_id: (3, 3),
    }
    assert log.verify().in_order
    assert other.verify().in_order


def test_events_of_the_installation_itself_are_sealed_too(log: AuditLog) -> None:
    have = log.rows(
        select(keys).where(
            keys.c.environment_id == INSTALLATION_ID, keys.c.purpose == KeyPurpose.AUDIT.value
        )
    )
    if not have:
        master = log.key_file.read().current
        row = new_key(KeyPurpose.AUDIT, master=master, now=log.clock())
        log.database.write(lambda connection: stored_keys.add(connection, [row]))
    own = replace(log, environment_id=INSTALLATION_ID)
    own.record(visitor=None)
    own.record(visitor=None)
    assert log.seal() == 2
    assert own.verify().in_order


def test_an_environment_whose_key_is_gone_does_not_keep_the_others_waiting(log: AuditLog) -> None:
    lost = replace(log, environment_id=new_id())
    numbers = {"remembering_generation": 1, "off_generation": 1}
    row = {"id": lost.environment_id, "name": "lost", "name_key": "lost", "made_at": 0} | numbers
    log.do(insert(environments).values(row))
    lost.record()
    log.record()
    with capture_logs() as logged:
        assert log.seal() == 1
    assert [entry["event"] for entry in logged] == ["audit_key_missing"]
    assert logged[0]["environment"] == lost.environment_id.hex()
    assert log.rows(select(events.c.number).where(events.c.number.is_(None))) != []


def test_a_number_that_somebody_took_is_an_error_in_the_log_and_stops_nothing_else(
    log: AuditLog,
) -> None:
    """Tampering ahead of the chain: nothing is sealed over it, and the check names the number."""
    other = log.elsewhere()
    log.record_many(2)
    log.seal()
    log.do(delete(seals).where(seals.c.environment_id == log.environment_id))
    log.record()
    other.record()
    with capture_logs() as logged:
        assert log.seal() == 1
    assert [entry["event"] for entry in logged] == ["events_not_sealed"]
    assert logged[0]["environment"] == log.environment_id.hex()
    assert other.verify().in_order
    assert not log.verify().in_order


def test_a_row_that_is_no_event_does_not_keep_the_others_waiting(log: AuditLog) -> None:
    log.record_many(3)
    log.do(update(events).where(events.c.data.contains("0001")).values(data="{"))
    assert log.seal() == 2
    assert log.verify().unsealed == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("before", ["SELECT events.id", "UPDATE events", "INSERT INTO seals"])
@pytest.mark.parametrize("more", [0, 1])
def test_of_two_nodes_at_the_same_events_the_later_one_looks_again(
    postgres_cluster: Cluster, tmp_path: Path, before: str, more: int
) -> None:
    """I-14: the other node comes between what this one has read and what it writes."""
    url = postgres_cluster.create_database()
    with closing(open_database(url)) as database, closing(open_database(url)) as second:
        log = make_log(database, tmp_path)
        other = log.on(second)
        log.record_many(3)

        counted = []

        def meanwhile() -> None:
            other.record_many(more)
            # Once this node has changed the rows, the other one would wait for its commit.
            if before != "INSERT INTO seals":
                counted.append(other.seal())

        interrupted = Interrupted(database, before, meanwhile)
        this_node = replace(log.installation, database=interrupted)
        counted.append(seal(this_node, now=log.clock()))
        assert interrupted.happened
        counted.append(log.seal())
        assert sum(counted) == 3 + more
        all_sealed_once(log, 3 + more)


def test_two_sealers_among_eight_writers_seal_each_event_exactly_once(
    log: AuditLog, database_url: str
) -> None:
    """I-14: every event has one number, no number is missing, and the chain verifies."""
    writing = threading.Event()
    counted = []

    def keep_sealing(node: AuditLog) -> Callable[[], None]:
        def act() -> None:
            while not writing.is_set():
                counted.append(node.seal())

        return act

    def write_all() -> None:
        try:
            outcomes = side_by_side([lambda: log.record_many(EACH)] * WRITERS)
            assert outcomes == [None] * WRITERS
        finally:
            writing.set()

    with another_node(log, database_url) as other:
        outcomes = side_by_side([write_all, keep_sealing(log), keep_sealing(other)])
        assert outcomes == [None] * 3
        counted.append(other.seal())
    assert sum(counted) == WRITERS * EACH
    all_sealed_once(log, WRITERS * EACH)


def test_a_sealer_killed_anywhere_leaves_a_chain_that_the_next_one_continues(
    database_url: str, tmp_path: Path
) -> None:
    """I-14, and the file: whatever was promised in it is in the database."""
    file = KeyFile(tmp_path / "twostep.key")
    path = tmp_path / "checkpoints"
    with closing(open_database(database_url)) as database:
        log = make_log(database, tmp_path)
        log.record_many(2)

    def seal_and_write(database: Database) -> None:
        node = replace(log, key_file=file).on(database)
        node.seal()
        checkpoints = Checkpoints(node.installation, path)
        checkpoints.write_due({}, now=log.clock(), at_the_end=True)

    number, sealed = 1, 0
    while killed_at(number, database_url, seal_and_write):
        with closing(open_database(database_url)) as database:
            node = log.on(database)
            lines = list(file_lines(path)) if path.exists() else []
            assert node.verify(lines).in_order
            node.record()
            log.clock.now = node.clock.now
        number, sealed = number + 1, sealed + 1
    assert sealed >= 5, "before, in and after the write, and around each fsync"
    with closing(open_database(database_url)) as database:
        node = log.on(database)
        all_sealed_once(node, 2 + sealed)
        lines = list(file_lines(path))
        assert node.verify(lines).in_order
        assert read_lines(node.installation.keys, log.environment_id, lines).torn == []


def test_the_thread_seals_what_waits_and_once_more_when_it_is_stopped(log: AuditLog) -> None:
    sealer = Sealer(log.installation)
    sealer.start()
    log.record_many(2)
    sealer.wake()
    until(lambda: log.verify().unsealed == 0)
    log.record_many(3)
    sealer.stop()
    all_sealed_once(log, 5)


def test_a_sealer_that_was_never_started_can_be_stopped(log: AuditLog) -> None:
    Sealer(log.installation).stop()


def test_a_stopped_thread_leaves_a_checkpoint_of_everything(log: AuditLog, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints"
    sealer = Sealer(log.installation, checkpoint_file=path)
    sealer.start()
    log.record_many(4)
    sealer.stop()
    verification = log.verify(file_lines(path))
    assert verification.in_order
    assert isinstance(verification.chain, Intact)
    lines = read_lines(log.installation.keys, log.environment_id, file_lines(path))
    assert lines.seals[-1] == verification.chain.head


def events_logged(logged: list[EventDict], name: str) -> int:
    return sum(entry["event"] == name for entry in list(logged))


@pytest.mark.postgresql
def test_the_thread_outlives_a_database_that_goes_away(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    with closing(open_database(own_cluster.create_database(), patience_ms=500)) as database:
        log = make_log(database, tmp_path)
        sealer = Sealer(log.installation, checkpoint_file=tmp_path / "checkpoints")
        log.record()
        with capture_logs() as logged:
            sealer.start()
            until(lambda: log.verify().unsealed == 0)
            own_cluster.stop("immediate")
            with pytest.raises(DatabaseAway):
                log.record()
            for failures in (1, 2):
                sealer.wake()
                until(lambda: events_logged(logged, "sealing_waits_for_database") >= failures)  # noqa: B023
            own_cluster.start()
            log.record()
            sealer.wake()
            until(lambda: events_logged(logged, "sealing_goes_on") > 0)
            sealer.stop()
        all_sealed_once(log, 2)
        away = [entry for entry in logged if entry["event"] == "sealing_waits_for_database"]
        assert [entry["failures"] for entry in away] == list(range(1, len(away) + 1))
        assert all(entry["log_level"] == "warning" for entry in away)


def test_the_thread_outlives_a_mistake_and_says_so(log: AuditLog) -> None:
    class Mistaken:
        kind = "sqlite"

        def read(self, unit: Unit[T]) -> T:
            if not mended.is_set():
                raise RuntimeError("a mistake")
            return log.database.read(unit)

        def write(self, unit: Unit[T]) -> T:
            return log.database.write(unit)

    mended = threading.Event()
    sealer = Sealer(replace(log.installation, database=Mistaken()))  # type: ignore[arg-type]
    log.record()
    with capture_logs() as logged:
        sealer.start()
        until(lambda: events_logged(logged, "sealing_failed") > 0)
        mended.set()
        sealer.stop()
    assert logged[0]["log_level"] == "error"
    assert log.verify().unsealed == 0


def test_the_waits_grow_and_end_at_half_a_minute() -> None:
    waits = [wait_after(failures) for failures in range(8)]
    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
    assert wait_after(10_000) == LONGEST_WAIT_MS
    assert wait_after(0) == EVERY_MS
