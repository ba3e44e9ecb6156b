"""Events are counted by the day while they are sealed: each once, whoever seals and whatever ends
it (B-10).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.helpers.audit_logs import AuditLog, make_log
from tests.helpers.clocks import DAY, HOUR
from tests.helpers.databases import new_sqlite
from tests.helpers.kills import killed_at
from tests.helpers.postgres import Cluster
from tests.storage.things import side_by_side
from twostep.core.audit import EventKind, data_from_text
from twostep.core.sessions import Level
from twostep.crypto.key_files import KeyFile
from twostep.flows import sealing
from twostep.storage.database import Database, open_database
from twostep.storage.tables import event_counts, events

Numbers = Mapping[tuple[int, str, str], int]


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


def counted(log: AuditLog) -> Numbers:
    """What was added up."""
    here = event_counts.c.environment_id == log.environment_id
    return {
        (row.day, row.kind, row.detail): row.number
        for row in log.rows(select(event_counts).where(here))
    }


def by_hand(log: AuditLog) -> Numbers:
    """The same from the sealed events themselves."""
    here = (events.c.environment_id == log.environment_id, events.c.number.is_not(None))
    return Counter(
        (row.happened_at // DAY, row.kind, str(data_from_text(row.data).get("level", "")))
        for row in log.rows(select(events).where(*here))
    )


def sign_in(log: AuditLog, level: Level = Level.SECOND_STEP) -> None:
    log.record(EventKind.SIGN_IN_COMPLETED, level=level.value)


def test_what_waits_is_not_counted_and_what_is_sealed_is(log: AuditLog) -> None:
    sign_in(log)
    log.record(EventKind.CODE_REFUSED)
    assert counted(log) == {}
    log.seal()
    day = log.clock() // DAY
    assert counted(log) == {
        (day, "sign_in:sign_in:completed", "2"): 1,
        (day, "sign_in:code:refused", ""): 1,
    }
    log.seal()
    assert counted(log) == by_hand(log)


def test_each_environment_is_counted_for_itself(log: AuditLog) -> None:
    other = log.elsewhere()
    log.record_many(2)
    other.record_many(3)
    log.seal()
    assert [sum(counted(each).values()) for each in (log, other)] == [2, 3]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditLog]:
    """One log for all examples, to which each adds."""
    folder = tmp_path_factory.mktemp("log")
    with closing(open_database(new_sqlite(folder / "twostep.db"))) as database:
        yield make_log(database, folder)


ACTS = st.lists(
    st.one_of(
        st.sampled_from(Level),
        st.sampled_from([EventKind.PASSWORD_REFUSED, EventKind.CODE_REFUSED]),
        st.integers(-30 * HOUR, 30 * HOUR),
        st.none(),
    ),
    max_size=12,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, batch=st.integers(1, 4))
def test_the_counts_are_those_of_the_events_in_whatever_order_and_batches(
    lasting: AuditLog, acts: list[Level | EventKind | int | None], batch: int
) -> None:
    """Sign-ins, refusals, a clock that goes forward and back, and rounds of sealing between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "BATCH", batch)
        for act in acts:
            match act:
                case Level():
                    sign_in(lasting, act)
                case EventKind():
                    lasting.record(act)
                case int():
                    lasting.clock.forward(act)
                case None:
                    lasting.seal()
        lasting.seal()
    assert counted(lasting) == by_hand(lasting)


@pytest.mark.postgresql
def test_two_nodes_that_seal_at_once_count_no_event_twice(
    postgres_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 5)
    url = postgres_cluster.create_database()
    with closing(open_database(url)) as database, closing(open_database(url)) as second:
        log = make_log(database, tmp_path)
        other = log.on(second)
        done = threading.Event()

        def write() -> None:
            try:
                for _ in range(60):
                    sign_in(log)
            finally:
                done.set()

        def keep_sealing(node: AuditLog) -> None:
            while not done.is_set():
                node.seal()

        ended = side_by_side([write, lambda: keep_sealing(log), lambda: keep_sealing(other)])
        assert ended == [None] * 3
        log.seal()
        assert counted(log) == by_hand(log)
        assert sum(counted(log).values()) == 60


def test_a_sealer_killed_anywhere_has_counted_what_it_sealed_and_no_more(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = KeyFile(tmp_path / "twostep.key")
    with closing(open_database(sqlite_url)) as database:
        log = make_log(database, tmp_path)
        sign_in(log)

    def seal(database: Database) -> None:
        replace(log, key_file=file).on(database).seal()

    number = 1
    while killed_at(number, sqlite_url, seal):
        with closing(open_database(sqlite_url)) as database:
            node = log.on(database)
            assert counted(node) == by_hand(node)
            sign_in(node)
        number += 1
    assert number >= 3, "before, in and after the write"
    with closing(open_database(sqlite_url)) as database:
        node = log.on(database)
        node.seal()
        assert counted(node) == by_hand(node)
        assert sum(counted(node).values()) == number
