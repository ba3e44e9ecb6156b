"""A process that writes: ``python -m tests.storage.writing_process URL ACT NUMBER``.

``count NUMBER`` raises a counter that often. ``acknowledge NUMBER`` adds things from NUMBER on,
with eight threads and until it is killed, and prints the id of each when the database has promised
to keep it. ``serve NUMBER`` does the same with one thread, and reads after each.
"""

from __future__ import annotations

import itertools
import os
import sys

from sqlalchemy import update

from tests.storage.things import add, ids, side_by_side, things
from twostep.storage.database import Connection, Database, open_database

THREADS = 8


def count_up(connection: Connection) -> None:
    connection.execute(update(things).where(things.c.id == 1).values(used_at=things.c.used_at + 1))


def acknowledge(database: Database, first: int) -> None:
    numbers = itertools.count(first)

    def keep_adding() -> None:
        for number in numbers:
            database.write(add(number, f"thing {number}"))
            os.write(1, f"{number}\n".encode())

    side_by_side([keep_adding] * THREADS)


def serve(database: Database, first: int) -> None:
    for number in itertools.count(first):
        database.write(add(number))
        assert number in database.read(ids)
        os.write(1, f"{number}\n".encode())


def main(url: str, act: str, number: int) -> None:
    database = open_database(url)
    if act == "count":
        for _ in range(number):
            database.write(count_up)
    elif act == "serve":
        serve(database, number)
    else:
        acknowledge(database, number)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
