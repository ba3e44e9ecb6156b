"""Importing a list: all of it or nobody, whatever stops the process, and nobody invited twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.helpers.clocks import DAY, HandClock
from tests.helpers.house import House, make_installation_in
from tests.helpers.kills import killed_at
from tests.helpers.letters import letters
from tests.helpers.quick_hashes import QUICK
from twostep.core.environments import Environment, Origin
from twostep.core.lockouts import LIMITS
from twostep.core.messages import MessageKind
from twostep.core.user_lists import Import, ImportState
from twostep.crypto.key_files import KeyFile
from twostep.crypto.passwords import Hashing
from twostep.flows import environments, import_lists, user_imports, users
from twostep.flows.import_lists import NotImported, Switched, go_on, switch
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring
from twostep.flows.tidying import tidy
from twostep.flows.user_imports import Reading, find
from twostep.storage import tables
from twostep.storage.database import Connection, Database, open_database

PEOPLE = 12


def the_list(count: int = PEOPLE) -> bytes:
    lines = [f"user{n},Name {n},user{n}@harbour.example,yes" for n in range(count)]
    return "\n".join(["user_name,full_name,email,invite", *lines]).encode()


def read(installation: Installation, place: Environment, data: bytes) -> Import:
    reading = Reading(installation, place, made_by=None, language="en")
    for begin in range(0, len(data), 100):
        reading.feed(data[begin : begin + 100])
    return reading.finish()


def counted(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.users)).scalar_one()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_lists, "PIECE", 5)
    monkeypatch.setattr(user_imports, "BATCH", 5)


def test_killed_at_every_boundary_all_are_there_or_nobody(
    tmp_path: Path, database_url: str, small_pieces: None
) -> None:
    """I-12: and what follows from the import is taken up again by the next process."""
    clock = HandClock()
    database = open_database(database_url)
    installation = make_installation_in(database, tmp_path, clock=clock)
    place = environments.add(
        installation, name="Harbour Clinic", primary=Origin("http", "harbour.localhost", 1)
    )
    assert isinstance(place, Environment)
    database.close()

    def whole_import(counted_database: Database) -> None:
        there = reopened(counted_database, tmp_path, clock)
        found = read(there, place, the_list())
        outcome = switch(there, place.id, found.id, person=None)
        if isinstance(outcome, Switched):
            import_lists.finish(there, outcome.found)

    seen, number, was_killed = set(), 0, True
    while was_killed:
        number += 1
        was_killed = killed_at(number, database_url, whole_import)
        database = open_database(database_url)
        seen.add(database.read(counted))
        database.close()
    assert seen == {0, PEOPLE}
    assert number > 15
    database = open_database(database_url)
    there = reopened(database, tmp_path, clock)
    while go_on(there):
        pass
    assert sorted(letter.to for letter in letters(there, MessageKind.INVITATION)) == sorted(
        f"user{n}@harbour.example" for n in range(PEOPLE)
    )
    terms = database.read(
        lambda c: c.execute(
            select(func.count(tables.search_terms.c.user_id.distinct()))
        ).scalar_one()
    )
    assert terms == PEOPLE
    database.close()


def reopened(database: Database, folder: Path, clock: HandClock) -> Installation:
    return Installation(
        database=database,
        keys=load_ring(database, KeyFile(folder / "twostep.key"), clock=clock),
        hashing=Hashing(QUICK, threads=1, clock=clock),
        clock=clock,
        limits=LIMITS,
    )


def test_of_two_who_press_the_button_one_imports_and_nobody_is_invited_twice(
    house: House, small_pieces: None
) -> None:
    found = read(house.installation, house.harbour, the_list(40))
    outcomes: list[object] = []

    def act() -> None:
        outcomes.append(switch(house.installation, house.harbour.id, found.id, person=None))
        for _ in range(30):
            go_on(house.installation)

    threads = [threading.Thread(target=act) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Switched) for outcome in outcomes) == 1
    assert outcomes.count(NotImported()) == 2
    while go_on(house.installation):
        pass
    after = find(house.installation, house.harbour.id, found.id)
    assert after is not None
    assert (after.state, after.finished) == (ImportState.DONE, 40)
    assert len(letters(house.installation, MessageKind.INVITATION)) == 40


def test_ac_80_a_name_taken_while_the_button_is_pressed_makes_nobody(house: House) -> None:
    found = read(house.installation, house.harbour, the_list())
    house.add("USER7")
    outcome = switch(house.installation, house.harbour.id, found.id, person=None)
    assert outcome == NotImported()
    after = find(house.installation, house.harbour.id, found.id)
    assert after is not None
    assert (after.state, after.bad) == (ImportState.CHECKED, 1)
    [line] = user_imports.bad_lines(house.installation, after)
    assert (line.number, line.name, line.problem) == (9, "user7", "taken")
    assert users.find(house.installation, house.harbour, "user1") is None


def test_ac_80_names_are_told_apart_as_a_person_would(house: House) -> None:
    """Capitals, other forms of the same letters, and what cannot be seen."""
    data = "user_name\nJosé\nJOSE\u0301\nStraße\nSTRASSE\nａnn\nAnn\n".encode()
    found = read(house.installation, house.harbour, data)
    wrong = user_imports.bad_lines(house.installation, found)
    assert [(line.number, line.problem, line.first) for line in wrong] == [
        (3, "twice", 2),
        (5, "twice", 4),
        (7, "twice", 6),
    ]


def test_addresses_are_sealed_as_soon_as_they_are_read(house: House) -> None:
    read(house.installation, house.harbour, the_list())
    rows = house.installation.database.read(
        lambda c: c.exec_driver_sql("select * from import_lines").all()
    )
    assert len(rows) == PEOPLE
    assert not any(
        "@harbour.example" in str(row).replace("•••@harbour.example", "") for row in rows
    )


def test_a_list_that_nobody_imports_is_gone_after_a_day_and_one_that_is_under_way_stays(
    house: House, small_pieces: None
) -> None:
    waits = read(house.installation, house.harbour, the_list())
    under_way = read(house.installation, house.northside, the_list())
    switch(house.installation, house.northside.id, under_way.id, person=None)
    house.clock.forward(DAY + 1)
    tidy(house.installation)
    left = house.installation.database.read(
        lambda c: c.execute(select(tables.import_lines.c.import_id).distinct()).scalars().all()
    )
    assert left == [under_way.id]
    assert waits.id != under_way.id
    while go_on(house.installation):
        pass
    assert users.find(house.installation, house.northside, "user1") is not None
