"""Fixtures: a whole installation on each kind of database, served in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clocks import HandClock
from tests.helpers.databases import (
    database,
    database_url,
    empty_url,
    own_cluster,
    postgres_cluster,
    sqlite_url,
)
from tests.helpers.house import NO_LIMITS, House, make_installation_in
from tests.helpers.serving import served
from twostep.core.lockouts import LIMITS
from twostep.storage.database import Database

__all__ = [
    "clock",
    "database",
    "database_url",
    "empty_url",
    "house",
    "own_cluster",
    "postgres_cluster",
    "sqlite_url",
    "unlimited_house",
]


@pytest.fixture
def clock() -> HandClock:
    """A clock that only the test moves."""
    return HandClock()


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[House]:
    """An installation with its pages served, once on SQLite and once on PostgreSQL."""
    yield from _house(database, tmp_path, clock)


@pytest.fixture
def unlimited_house(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[House]:
    """The same with the counters of wrong tries out of the way."""
    yield from _house(database, tmp_path, clock, unlimited=True)


def _house(
    database: Database, folder: Path, clock: HandClock, *, unlimited: bool = False
) -> Iterator[House]:
    limits = NO_LIMITS if unlimited else LIMITS
    installation = make_installation_in(database, folder, clock=clock, limits=limits)
    with served(installation) as port:
        yield House(installation, clock, port)
    installation.hashing.close()
