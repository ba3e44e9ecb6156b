"""Fixtures: a database of each kind, real, with the newest schema, for one test.

``from tests.helpers.databases import database, database_url, postgres_cluster`` in a conftest.py
makes them known. A test that takes ``database`` runs twice, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.helpers.postgres import Cluster
from twostep.storage.database import Database, open_database
from twostep.storage.upgrades import create_schema

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


PATIENCE_MS = 60_000
"""No test says how quick a machine is: forty threads that wait for ten connections wait longer on a
busy one. Tests of the patience itself open databases of their own."""


@cache
def _cluster() -> Cluster:
    """One for each process, however many conftest.py files ask for it."""
    cluster = Cluster()
    cluster.start()
    return cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """The server that this process's tests share. A test that stops it takes ``own_cluster``."""
    yield _cluster()
    _cluster().remove()


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server for one test alone, which may stop it."""
    cluster = Cluster()
    cluster.start()
    yield cluster
    cluster.remove()


@cache
def _sqlite_template() -> bytes:
    """A SQLite file with the newest schema, made once for each process: hundreds of tests begin
    with one, and making it takes longer than most of them.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        create_schema(f"sqlite:///{path}")
        assert [each.name for each in path.parent.iterdir()] == [path.name], "all of it is here"
        return path.read_bytes()


def new_sqlite(path: Path) -> str:
    """The address of a new SQLite file with the newest schema, as ``create_schema`` makes it."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_sqlite_template())
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file with the newest schema."""
    return new_sqlite(tmp_path / "twostep.db")


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the newest schema and nothing in it: one of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database()
    yield url
    cluster.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = open_database(database_url, patience_ms=PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table: one of each kind. SQLite's file is not there
    yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.create_empty_database()
