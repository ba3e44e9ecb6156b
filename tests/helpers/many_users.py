"""Users by the thousand, as an organisation has them: each with a name, most with a second step,
some who never came, a few who are locked, paused or disabled. The same ones every time.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from sqlalchemy import insert

from twostep.core.lockouts import DAY, HOUR
from twostep.core.search_terms import terms_of
from twostep.core.users import name_key
from twostep.storage import search_terms
from twostep.storage.database import Connection, Database
from twostep.storage.search_terms import Findable
from twostep.storage.tables import environments, users

HERE, ELSEWHERE = b"environment.....", b"environment.2..."
NOW = 1_767_225_600_000

FIRST = (
    "Ann", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kaia", "Leo", "Mara",
    "Nils", "Oda", "Piet", "Quin", "Rosa", "Sven", "Tess", "Ulla", "Vera", "Wim", "Xenia", "Yara",
)  # fmt: skip
LAST = (
    "Lee", "Leeds", "Leeson", "Ashby", "Brandt", "Castro", "Dahl", "Eriksen", "Fonseca", "Garcia",
    "Hale", "Ito", "Jansen", "Keller", "Lindqvist", "Marlow", "Nyberg", "Okoro", "Pereira", "Quist",
    "Rossi", "Sato", "Tanaka", "Ueda", "Vogel", "Weiss", "Young", "Zamora", "Olsen", "Marsh",
)  # fmt: skip

RARE_EVERY = 10_000
"""One in so many has both an app and codes."""


def id_of(number: int) -> bytes:
    """As random as an id is: users do not lie in the order of their names."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()[:16]


def user_row(number: int, *, environment: bytes = HERE) -> dict[str, Any]:
    """The row of one user."""
    full = f"{FIRST[number % len(FIRST)]} {LAST[number // 7 % len(LAST)]}"
    name = f"{full.replace(' ', '.').lower()}{number}"
    dice = number * 7919 % 1000
    step = "none" if dice < 550 else "app" if dice < 850 else "codes"
    return {
        "environment_id": environment,
        "id": id_of(number),
        "name": name,
        "name_key": name_key(name),
        "full_name": full,
        "password_generation": 1,
        "second_step_generation": 1,
        "second_step": "app_and_codes" if number % RARE_EVERY == 5 else step,
        "codes_wanted_at": NOW if step == "codes" else None,
        "last_sign_in_at": None if number % 5 == 4 else NOW - number * 104_729_000 % (400 * DAY),
        "locked_until": NOW + HOUR if number % 250 == 100 else None,
        "two_step_paused_at": NOW - HOUR if number % 350 == 70 else None,
        "two_step_paused_until": NOW + DAY if number % 350 == 70 else None,
        "disabled_at": NOW - DAY if number % 97 == 90 else None,
        "made_at": NOW - 400 * DAY,
    }


def add_environments(database: Database) -> None:
    """Two, without anybody."""
    add_environment(database, HERE)
    add_environment(database, ELSEWHERE)


def add_environment(database: Database, environment: bytes) -> None:
    """One, without anybody."""
    row = {
        "id": environment,
        "name": environment.hex(),
        "name_key": environment.hex(),
        "made_at": NOW,
        "remembering_generation": 1,
        "off_generation": 1,
    }
    database.write(lambda connection: connection.execute(insert(environments), [row]).close())


def add_users(database: Database, count: int, *, start: int = 0, batch: int = 5_000) -> None:
    """So many users, in pieces, from this number on."""
    for first in range(start, start + count, batch):
        rows = [user_row(number) for number in range(first, min(first + batch, start + count))]
        database.write(partial(put_rows, rows))


def put_rows(rows: list[dict[str, Any]], connection: Connection) -> None:
    """These users, and the words that find them."""
    connection.execute(insert(users), rows)
    by_environment: dict[bytes, list[Findable]] = {}
    for row in rows:
        by_environment.setdefault(row["environment_id"], []).append(_findable(row))
    for environment, people in by_environment.items():
        search_terms.put_new(connection, environment, people)


def _findable(row: dict[str, Any]) -> Findable:
    terms = terms_of(row["name"], row["full_name"])
    return Findable(user_id=row["id"], name_key=row["name_key"], terms=terms)
