"""A database that goes away and comes back, and a disk that is full: a clear page, nothing lost,
nobody let in, and no restart (issue 2, "Bad input"; R-31).
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.clocks import MINUTE, HandClock
from tests.helpers.house import House, make_installation_in, sign_in
from tests.helpers.http import Answer
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import Place, a_name, at_code, at_verify, signed_in
from tests.helpers.postgres import Cluster
from tests.helpers.sealed_rows import everything_in
from tests.helpers.serving import served
from twostep.storage.database import open_database


def says_so(answer: Answer, seconds: str) -> None:
    """A page in words, with the way out, for people and for machines; and it lets nobody in."""
    assert answer.status == 503
    assert answer.header("retry-after") == seconds
    assert "Not available at the moment" in answer.text
    assert "Nothing that was saved before is lost" in answer.text
    assert 'href="/"' in answer.text
    assert answer.header("set-cookie") is None
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-frame-options") == "DENY"


@pytest.fixture
def house(own_cluster: Cluster, tmp_path: Path) -> Iterator[House]:
    database = open_database(own_cluster.create_database(), connections=4)
    clock = HandClock()
    installation = make_installation_in(database, tmp_path, clock=clock)
    with served(installation) as port:
        yield House(installation, clock, port)
    installation.hashing.close()
    database.close()


@pytest.mark.postgresql
def test_while_postgresql_is_away_everything_waits_and_nothing_is_lost(
    house: House, own_cluster: Cluster
) -> None:
    """Stopped in good order, then crashed: the sign-in that waits at its code goes on afterwards,
    with the very code that was sent in vain."""
    client = signed_in(house)
    place = at_code(house)
    csrf = place.csrf
    fields = {"csrf": csrf} | dict(place.fields)
    page = house.client().get("/sign-in")
    for mode in ("fast", "immediate"):
        own_cluster.stop(mode)
        # Beyond the seconds for which an environment's address is believed.
        for wait in (0, 6_000):
            house.clock.forward(wait)
            says_so(place.client.get("/sign-in/code"), "5")
            says_so(place.client.post("/sign-in/code", fields), "5")
            says_so(client.get("/security"), "5")
            says_so(house.client().submit(page, "/sign-in", user_name="a", password="b"), "5")
            assert house.client().get("/healthz").status == 200
            assert house.client().get("/readyz").status == 503
        own_cluster.start()
        assert client.get("/security").status == 200
        assert place.client.get("/sign-in/code").status == 200
    assert place.client.post("/sign-in/code", fields).location == "/"


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    aside = path.with_suffix(".aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


@contextmanager
def disk_full(path: Path) -> Iterator[None]:
    """No file of this process grows beyond what SQLite's journal has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = path.with_name(f"{path.name}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[House]:
    with house_on_sqlite(tmp_path) as made:
        yield made


def test_while_the_sqlite_file_is_away_everything_waits_and_nothing_is_lost(
    on_sqlite: House, tmp_path: Path
) -> None:
    client = signed_in(on_sqlite)
    place = at_code(on_sqlite)
    fields = {"csrf": place.csrf} | dict(place.fields)
    with moved_away(tmp_path / "twostep.db"):
        says_so(place.client.get("/sign-in/code"), "5")
        says_so(place.client.post("/sign-in/code", fields), "5")
        says_so(client.get("/"), "5")
        assert on_sqlite.client().get("/readyz").status == 503
    assert client.get("/").status == 200
    assert place.client.post("/sign-in/code", fields).location == "/"


@pytest.mark.parametrize("make", [at_code, at_verify])
def test_on_a_full_disk_nobody_gets_in_and_nothing_is_lost(
    make: Callable[[House], Place], on_sqlite: House, tmp_path: Path
) -> None:
    """What only reads goes on; what would have to be written is refused before it is done, a wrong
    try too, which could otherwise not be counted (AC-13)."""
    name = a_name()
    client = signed_in(on_sqlite, name)
    place = make(on_sqlite)
    fields = {"csrf": place.csrf} | dict(place.fields)
    before = everything_in(on_sqlite.installation.database)
    with disk_full(tmp_path / "twostep.db"):
        says_so(place.client.post(place.path, fields), "5")
        says_so(place.client.post(place.path, fields | {"code": "123456"}), "5")
        says_so(sign_in(on_sqlite.client(), name), "5")
        says_so(sign_in(on_sqlite.client(), "nobody"), "5")
        on_sqlite.clock.forward(MINUTE)
        assert client.get("/security").status == 200
    assert everything_in(on_sqlite.installation.database) == before
    on_sqlite.clock.forward(-MINUTE)
    assert place.client.post(place.path, fields).status == 303
    assert sign_in(on_sqlite.client(), name).location == "/"
