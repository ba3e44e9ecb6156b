"""Fixtures: a database of each kind, real, with the newest schema, for one test.

``from tests.helpers.databases import database, database_url, postgres_cluster`` in a conftest.py
makes them known. A test that takes ``database`` runs twice, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.postgres import Cluster
from twostep.storage.database import Database, open_database
from twostep.storage.upgrades import create_schema

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


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


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file with the newest schema."""
    url = f"sqlite:///{tmp_path / 'twostep.db'}"
    create_schema(url)
    return url


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
    opened = open_database(database_url)
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
