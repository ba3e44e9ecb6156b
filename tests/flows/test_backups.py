"""A restore and an upgrade leave their event in the database that they make."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.helpers.clocks import SECOND, START, HandClock
from tests.helpers.filled import APP, ENVIRONMENT, fill
from twostep.core.audit import EventKind
from twostep.flows.backups import restore_backup, upgrade_database
from twostep.storage import authenticators
from twostep.storage.backups import backup
from twostep.storage.database import Connection, Database, open_database
from twostep.storage.schema import NEWEST
from twostep.storage.tables import events
from twostep.storage.upgrades import create_schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_schema(str(tmp_path / "twostep.db"))
    return tmp_path / "twostep.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(open_database(str(path))) as opened:
        fill(opened, now=START)
        yield opened


def recorded(database: Database) -> list[tuple[bytes, int, str, object]]:
    def unit(connection: Connection) -> list[tuple[bytes, int, str, object]]:
        return [
            (row.environment_id, row.happened_at, row.kind, json.loads(row.data))
            for row in connection.execute(select(events))
        ]

    return database.read(unit)


def test_a_restore_is_written_down_and_people_with_an_app_get_in_at_the_next_code(
    path: Path, database: Database, tmp_path: Path
) -> None:
    backup(path, tmp_path / "backup.db")
    clock = SteppingClock([START + SECOND, START + 100 * SECOND])
    assert restore_backup(path, tmp_path / "backup.db", clock=clock).generation == 2
    assert recorded(database) == [
        (ENVIRONMENT, START + SECOND, EventKind.DATABASE_RESTORED, {"generation": 2})
    ]

    def use(step: int) -> Callable[[Connection], bool]:
        return lambda c: authenticators.use_up(c, ENVIRONMENT, APP[30], step=step)

    may_have_been_used = (START + 100 * SECOND) // (30 * SECOND) + 1
    assert not database.write(use(may_have_been_used))
    assert database.write(use(may_have_been_used + 1))


class SteppingClock:
    """Says one time after the other."""

    def __init__(self, times: list[int]) -> None:
        self._times = iter(times)

    def __call__(self) -> int:
        return next(self._times)


def test_an_upgrade_with_nothing_to_do_writes_nothing_down(path: Path, database: Database) -> None:
    assert upgrade_database(str(path), clock=HandClock()).made == NEWEST
    assert recorded(database) == []
