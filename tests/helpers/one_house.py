"""A house that is made once for a whole file, for tests that each add users of their own: on SQLite
alone, where no database changes what is looked at, or on both kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.clocks import HandClock
from tests.helpers.databases import KINDS, new_sqlite
from tests.helpers.house import House, make_installation_in
from tests.helpers.postgres import Cluster
from tests.helpers.serving import served
from twostep.core.lockouts import LIMITS, Limits
from twostep.storage.database import open_database


@contextmanager
def house_on_sqlite(folder: Path, *, limits: Limits = LIMITS, **site: object) -> Iterator[House]:
    """An installation in that folder with its pages served; ``site`` as ``Site`` takes it."""
    with house_on(new_sqlite(folder / "twostep.db"), folder, limits=limits, **site) as made:
        yield made


@pytest.fixture(scope="module", params=KINDS)
def shared_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One house for all tests of a file, once on each kind of database."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        with house_on_sqlite(folder) as made:
            yield made
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database()
    with house_on(url, folder) as made:
        yield made
    cluster.drop(url)


@contextmanager
def house_on(url: str, folder: Path, *, limits: Limits = LIMITS, **site: object) -> Iterator[House]:
    """The same in a database that has the newest schema and nothing in it."""
    database = open_database(url)
    clock = HandClock()
    installation = make_installation_in(database, folder, clock=clock, limits=limits)
    try:
        with served(installation, **site) as port:
            yield House(installation, clock, port)
    finally:
        installation.hashing.close()
        database.close()
