"""Whether a node can serve: its database, its schema, its clock."""

from dataclasses import replace

import pytest

from tests.helpers.clocks import SECOND, HandClock
from tests.helpers.house import House
from tests.helpers.postgres import Cluster
from tests.helpers.recorded import recorded
from twostep.clock import system_clock
from twostep.core.audit import EventKind
from twostep.flows.installation import Installation
from twostep.flows.readiness import ClockWatch, Unready, readiness
from twostep.storage.database import Database, open_database


def by(database: Database, clock: object, house: House) -> Installation:
    return replace(house.installation, database=database, clock=clock)  # type: ignore[arg-type]


@pytest.mark.sqlite_alone
def test_a_node_with_a_current_database_of_the_same_time_is_ready(house: House) -> None:
    found = readiness(by(house.installation.database, system_clock, house))
    assert found.ready
    assert found.because == ()


def test_a_database_that_cannot_be_reached_makes_it_unready(
    house: House, own_cluster: Cluster
) -> None:
    database = open_database(own_cluster.create_database(), patience_ms=500)
    installation = by(database, system_clock, house)
    assert readiness(installation).ready
    own_cluster.stop()
    assert readiness(installation).because == (Unready.DATABASE_AWAY,)
    own_cluster.start()
    assert readiness(installation).ready
    database.close()


@pytest.mark.sqlite_alone
def test_a_database_without_our_schema_makes_it_unready(house: House, empty_url: str) -> None:
    database = open_database(empty_url)
    assert Unready.WRONG_SCHEMA in readiness(by(database, system_clock, house)).because
    database.close()


def test_a_clock_more_than_ten_seconds_off_makes_it_unready(
    house: House, own_cluster: Cluster
) -> None:
    """AC-59: such a node would let in what the others refuse."""
    database = open_database(own_cluster.create_database())
    for off, ready in ((9, True), (-9, True), (12, False), (-12, False)):
        clock = HandClock(system_clock() + off * SECOND)
        found = readiness(by(database, clock, house))
        assert found.ready is ready, off
        assert ready or found.because == (Unready.CLOCK_SKEWED,)
    database.close()


def test_the_watch_raises_one_alarm_and_takes_it_back(house: House) -> None:
    database = house.installation.database
    if database.kind == "sqlite":
        pytest.skip("SQLite has no clock of its own to differ from")
    clock = HandClock(system_clock())
    installation = by(database, clock, house)
    watch = ClockWatch(installation)
    watch.look()
    assert watch.sound
    clock.forward(60 * SECOND)
    for _ in range(3):
        watch.look()
        assert not watch.sound
    assert len(recorded(installation, house.harbour, EventKind.CLOCK_ALARM)) == 1
    clock.now = system_clock()
    watch.look()
    assert watch.sound
