"""A small installation in a real database: environments, users, sealed passwords and
authenticators."""

from __future__ import annotations

import sqlite3
import weakref
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select

from tests.helpers.clocks import START, HandClock
from tests.helpers.quick_hashes import QUICK
from twostep.core.environments import Environment, parse_origin
from twostep.core.lockouts import LIMITS
from twostep.core.users import User
from twostep.crypto.boxes import Context
from twostep.crypto.key_files import KeySource
from twostep.crypto.keys import KeyRing
from twostep.crypto.passwords import Hashing
from twostep.crypto.secret import Secret
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring, make_installation_keys
from twostep.flows.resealing import context_of
from twostep.storage import authenticators, environments, passwords, users
from twostep.storage import keys as stored_keys
from twostep.storage.authenticators import StoredAuthenticator
from twostep.storage.database import Connection, Database
from twostep.storage.keys import SealedKind, SealedRow
from twostep.storage.passwords import SealedPassword
from twostep.storage.sqlite import SqliteDatabase
from twostep.storage.tables import metadata

Contents = dict[tuple[SealedKind, bytes, bytes], bytes]
"""What was sealed, by kind, environment and id."""


def installation_on(
    database: Database, source: KeySource, clock: HandClock | None = None
) -> Installation:
    """As one process has it."""
    clock = clock or HandClock()
    return Installation(
        database=database,
        keys=load_ring(database, source, clock=clock),
        hashing=Hashing(QUICK, threads=1, clock=clock),
        clock=clock,
        limits=LIMITS,
    )


@dataclass
class Filled:
    """A database with sealed rows, and what is in them."""

    environments: list[bytes] = field(default_factory=list)
    contents: Contents = field(default_factory=dict)


def fill(database: Database, source: KeySource, *, sizes: tuple[int, ...] = (5, 3)) -> Filled:
    """Makes the keys, and an environment with so many users for each of the sizes."""
    make_installation_keys(database, source, now=START)
    ring = load_ring(database, source, clock=HandClock())
    filled = Filled()
    for number, size in enumerate(sizes):
        environment_id = _id(f"environment {number}")
        filled.environments.append(environment_id)
        add_environment(database, ring, environment_id, name=f"environment{number}")
        for user in range(size):
            filled.contents |= add_user(database, ring, environment_id, name=f"user{user}")
    return filled


def add_environment(database: Database, ring: KeyRing, environment_id: bytes, *, name: str) -> None:
    made = ring.new_keys_for_environment(environment_id, now=START)
    environment = Environment(
        id=environment_id, name=name, primary=parse_origin(f"https://{name}.example")
    )

    def act(connection: Connection) -> None:
        environments.add(connection, environment, key=name, now=START)
        stored_keys.add(connection, made)

    database.write(act)


def add_user(database: Database, ring: KeyRing, environment_id: bytes, *, name: str) -> Contents:
    """A user with a password and an authenticator, and what is in their boxes."""
    user_id = _id(f"{environment_id.hex()} {name}")
    authenticator_id = _id(f"authenticator of {user_id.hex()}")
    user = User(
        id=user_id,
        environment_id=environment_id,
        name=name,
        made_at=START,
        password_generation=1,
        second_step_generation=1,
    )
    phc, seed = f"phc of {name}".encode(), _id(f"seed of {name}")
    box = ring.seal(
        Secret(seed),
        context=Context.of_authenticator(
            environment_id=environment_id, user_id=user_id, authenticator_id=authenticator_id
        ),
    )
    password = sealed_password(ring, environment_id, user_id, phc, changed_at=START)
    authenticator = StoredAuthenticator(
        id=authenticator_id,
        environment_id=environment_id,
        user_id=user_id,
        state="active",
        algorithm="SHA1",
        digits=6,
        period_seconds=30,
        sealed=box.blob,
        key_version=box.key_version,
        last_step=0,
        offered_to=None,
        offer_ends_at=None,
        made_at=START,
        confirmed_at=START,
    )

    def act(connection: Connection) -> None:
        users.add(connection, user, key=name)
        passwords.put(connection, environment_id, user_id, password)
        authenticators.add(connection, authenticator)

    database.write(act)
    return {
        (SealedKind.PASSWORD, environment_id, user_id): phc,
        (SealedKind.AUTHENTICATOR, environment_id, authenticator_id): seed,
    }


def sealed_password(
    ring: KeyRing, environment_id: bytes, user_id: bytes, phc: bytes, *, changed_at: int
) -> SealedPassword:
    box = ring.seal(
        Secret(phc),
        context=Context.of_password(
            environment_id=environment_id, user_id=user_id, changed_at=changed_at
        ),
    )
    return SealedPassword(sealed=box.blob, key_version=box.key_version, changed_at=changed_at)


def all_rows(database: Database, environment_ids: list[bytes]) -> list[SealedRow]:
    def look(connection: Connection) -> list[SealedRow]:
        return [
            row
            for environment_id in environment_ids
            for kind in SealedKind
            for row in stored_keys.sealed_before(
                connection, kind, environment_id, version=2**31 - 1, after=b"", limit=10_000
            )
        ]

    return database.read(look)


def open_everything(database: Database, ring: KeyRing, environment_ids: list[bytes]) -> Contents:
    """Raises when one of them does not open."""
    return {
        (row.kind, row.environment_id, row.id): ring.open_box(
            row.sealed, key_version=row.key_version, context=context_of(row)
        ).reveal()
        for row in all_rows(database, environment_ids)
    }


def everything_in(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table: what a test compares to show that nothing was written. Not to be
    changed by whoever asks: where nothing was, the same is given again.
    """
    seen = _SEEN.get(database)
    if seen is None:
        seen = _SEEN[database] = _Seen(database)
    return seen.everything_in(database)


class _Seen:
    """What a database held when it was last looked at.

    A table is read again only where another connection has committed since, as SQLite itself tells
    (``PRAGMA data_version``): hundreds of pages are looked at that write nothing.
    """

    def __init__(self, database: Database) -> None:
        self._tables: dict[str, list[tuple[object, ...]]] = {}
        self._version: int | None = None
        self._watch: sqlite3.Connection | None = None
        if isinstance(database, SqliteDatabase):
            self._watch = sqlite3.connect(database.path, check_same_thread=False)
            weakref.finalize(self, self._watch.close)

    def everything_in(self, database: Database) -> dict[str, list[tuple[object, ...]]]:
        # Asked before the tables are read: what is committed in between is found at the next look.
        version = self._version_now()
        if version is None or version != self._version:
            self._tables, self._version = database.read(_look), version
        return self._tables

    def _version_now(self) -> int | None:
        if self._watch is None:
            return None
        version: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return version


_SEEN: weakref.WeakKeyDictionary[Database, _Seen] = weakref.WeakKeyDictionary()


def _look(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
        for table in metadata.sorted_tables
    }


def _id(text: str) -> bytes:
    return sha256(text.encode()).digest()[:16]
