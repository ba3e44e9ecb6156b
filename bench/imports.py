"""A list of new users, imported, against the same rows inserted with nothing looked at.

* read and checked: each line parsed, its address read, sealed and hashed, its name compared with
  all others and with the users that there are;
* switched: every user and every address made, in one transaction, for which others who write wait;
* finished: the words by which each is found, and an invitation for one line of ten;
* bare: the rows of users, addresses and words alone, made before, by executemany in batches.

Usage: python -m bench.imports [--lines N] [--database URL]

A SQLite file in a throw-away folder is used unless another empty database is named.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Table, insert

from tests.helpers.clocks import HandClock
from tests.helpers.house import House, make_installation_in
from twostep.core.search_terms import terms_of
from twostep.core.user_lists import Import
from twostep.core.users import name_key
from twostep.crypto.identifiers import new_id
from twostep.flows.import_lists import Switched, finish, switch
from twostep.flows.user_imports import BATCH, Reading
from twostep.storage.database import open_database
from twostep.storage.tables import contacts, search_terms, users
from twostep.storage.upgrades import create_schema

PIECE = 64 * 1024
"""Bytes, as they come from a browser."""

FIRST = ("Ann", "Bo", "Chidi", "Dolores", "Émilie", "Fatima", "Gustav", "Hinata", "Inés", "Jun")
LAST = ("Lee", "Müller", "Okafor", "García", "Nguyen", "Smith", "Kowalski", "Haddad", "Sato")


def the_list(lines: int) -> bytes:
    """A list as another program writes one."""
    rows = (
        f"{name(n)},{full_name(n)},{name(n)}@harbour.example,{'yes' if n % 10 == 0 else 'no'}"
        for n in range(lines)
    )
    return "\n".join(("user_name,full_name,email,invite", *rows)).encode()


def name(number: int) -> str:
    return f"{LAST[number % len(LAST)].lower()}.{number}"


def full_name(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def bare(house: House, lines: int) -> float:
    """The same rows by executemany, made before the clock begins to run, in another environment."""
    environment_id, now = house.northside.id, house.clock()
    batches = list(_rows(environment_id, lines, now))
    database = house.installation.database

    def put() -> None:
        for people, addresses, words in batches:
            for table, rows in ((users, people), (contacts, addresses), (search_terms, words)):
                database.write(partial(_put, table=table, rows=rows))

    return timed(put)


Rows = list[dict[str, object]]


def _rows(environment_id: bytes, lines: int, now: int) -> Iterator[tuple[Rows, Rows, Rows]]:
    for begin in range(0, lines, BATCH):
        numbers = [(n, new_id()) for n in range(begin, min(begin + BATCH, lines))]
        whose = {"environment_id": environment_id}
        yield (
            [
                whose
                | {"id": id_, "name": name(n), "name_key": name_key(name(n)), "made_at": now}
                | {"full_name": full_name(n), "password_generation": 1}
                | {"second_step_generation": 1, "email_reach": "unconfirmed"}
                for n, id_ in numbers
            ],
            [
                whose
                | {"id": new_id(), "user_id": id_, "kind": "email", "state": "counting"}
                | {"entered_by": "administrator", "sealed": bytes(60), "key_version": 1}
                | {"masked": "a•••@harbour.example", "address_hash": new_id() * 2}
                | {"language": "en", "changed_at": now, "code_tries": 0}
                for _, id_ in numbers
            ],
            [
                whose | {"term": term, "name_key": name_key(name(n)), "user_id": id_}
                for n, id_ in numbers
                for term in terms_of(name(n), full_name(n))
            ],
        )


def _put(connection: Connection, *, table: Table, rows: Rows) -> None:
    connection.execute(insert(table), rows)


def imported(house: House, data: bytes) -> dict[str, float]:
    """Seconds of each part."""
    installation, place = house.installation, house.harbour
    reading = Reading(installation, place, made_by=None, language="en")
    found: list[Import] = []

    def read() -> None:
        for begin in range(0, len(data), PIECE):
            reading.feed(data[begin : begin + PIECE])
        found.append(reading.finish())

    def make() -> None:
        outcome = switch(installation, place.id, reading.id, person=None)
        assert isinstance(outcome, Switched), outcome
        found.append(outcome.found)

    took = {"read and checked": timed(read), "switched": timed(make)}
    assert found[0].bad == 0
    took["finished"] = timed(lambda: finish(installation, found[1]))
    return took


def measure(house: House, lines: int) -> None:
    """Bare first, then imported, and the ratio."""
    without = bare(house, lines)
    took = imported(house, the_list(lines))
    whole = sum(took.values())
    print(f"{lines:,} lines")
    for what, seconds in ({"bare inserts": without} | took | {"imported, in all": whole}).items():
        print(f"  {what:<20} {seconds:7.1f} s   {lines / seconds:10,.0f} a second")
    print(f"  users a second, imported / bare: {without / whole:.2f} x")
    print(f"  the one transaction / bare:      {took['switched'] / without:.2f} x")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'twostep.db'}"
        create_schema(url)
        database = open_database(url)
        clock = HandClock()
        installation = make_installation_in(database, Path(folder), clock=clock)
        measure(House(installation, clock, 8000), given.lines)
        installation.hashing.close()
        database.close()


if __name__ == "__main__":
    main()
