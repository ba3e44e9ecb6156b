"""What the tests of a restore share: a database in use, a backup of it, and what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, select, text

from tests.helpers.clocks import SECOND, START
from tests.helpers.filled import APP, ENVIRONMENT, fill
from twostep.storage import authenticators as apps
from twostep.storage.backups import backup
from twostep.storage.database import Database, open_database
from twostep.storage.tables import (
    people,
)
from twostep.storage.upgrades import create_schema

ROOT = Path(__file__).parents[2]
NOW = START + 10 * SECOND
STEP = NOW // (30 * SECOND)
MEBIBYTE = 2**20


def live_path(tmp_path: Path) -> Path:
    """A database with the newest schema in a folder of its own."""
    path = tmp_path / "live" / "twostep.db"
    path.parent.mkdir()
    create_schema(str(path))
    return path


def live_database(path: Path) -> Iterator[Database]:
    """That database in use, with somebody signed in."""
    opened = open_database(str(path), patience_ms=2_000)
    fill(opened, now=START)
    yield opened
    opened.close()


def backup_of(path: Path, tmp_path: Path) -> Path:
    """A backup of it, made now."""
    source = tmp_path / "backup.db"
    backup(path, source)
    return source


def note(database: Database, content: str) -> None:
    row = insert(people).values(environment_id=ENVIRONMENT, id=os.urandom(16), content=content)
    database.write(lambda c: c.execute(row).close())


def notes(database: Database) -> set[str]:
    found = select(people.c.content)
    return set(database.read(lambda c: c.execute(found).scalars().all()))


def use_code(database: Database, step: int) -> bool:
    return database.write(lambda c: apps.use_up(c, ENVIRONMENT, APP[30], step=step))


def values(database: Database, *columns: object) -> list[tuple[object, ...]]:
    asked = select(*columns)  # type: ignore[call-overload]
    return database.read(lambda c: [tuple(row) for row in c.execute(asked)])


def is_whole(database: Database) -> bool:
    check = text("PRAGMA integrity_check")
    return list(database.read(lambda c: c.execute(check).scalars().all())) == ["ok"]
