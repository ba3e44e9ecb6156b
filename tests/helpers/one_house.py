"""A house on SQLite alone, for tests of what no database changes: made once for a whole file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.clocks import HandClock
from tests.helpers.house import House, make_installation_in, served
from twostep.core.lockouts import LIMITS, Limits
from twostep.storage.database import open_database
from twostep.storage.upgrades import create_schema


@contextmanager
def house_on_sqlite(folder: Path, *, limits: Limits = LIMITS, **site: object) -> Iterator[House]:
    """An installation in that folder with its pages served; ``site`` as ``Site`` takes it."""
    url = f"sqlite:///{folder / 'twostep.db'}"
    create_schema(url)
    database = open_database(url)
    clock = HandClock()
    installation = make_installation_in(database, folder, clock=clock, limits=limits)
    try:
        with served(installation, **site) as port:
            yield House(installation, clock, port)
    finally:
        installation.hashing.close()
        database.close()
