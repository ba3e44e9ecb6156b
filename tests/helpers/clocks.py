"""Clocks that stand still until a test moves them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import psycopg.sql

START = 1_767_225_600_000
"""1 January 2026, 00:00 UTC. Any moment would do; a fixed one makes failures repeatable."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class HandClock:
    """A clock for one process that only moves when it is told to."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, milliseconds: int) -> int:
        """Move on, and give the new time."""
        self.now += milliseconds
        return self.now


class ClockFile:
    """The machine's clock, moved for every process that reads this file (``offset_clock``)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self._database: str | None = None
        self._write()

    def take_along(self, database_url: str) -> None:
        """From now on this PostgreSQL database has the same time: whoever asks it is told ours.

        Without it a node that is moved by more than ten seconds finds, within half a minute, that
        its clock is off, and lets nobody in.
        """
        self._database = database_url
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA moved")
            # Not a table: a new installation wants a database in which there is none.
            connection.execute("CREATE SEQUENCE moved.clock MINVALUE -9000000000000 START 0")
            connection.execute(
                "CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql "
                "AS $$ SELECT pg_catalog.clock_timestamp() + last_value * interval '1 ms' "
                "FROM moved.clock $$"
            )
            name = psycopg.sql.Identifier(connection.info.dbname)
            connection.execute(
                psycopg.sql.SQL(
                    "ALTER DATABASE {} SET search_path = public, moved, pg_catalog"
                ).format(name)
            )

    def forward(self, milliseconds: int) -> None:
        """Move all processes on by so much."""
        self.offset += milliseconds
        if self._database is not None:
            with psycopg.connect(self._database, autocommit=True) as connection:
                connection.execute("SELECT setval('moved.clock', %s)", [self.offset])
        self._write()

    def _write(self) -> None:
        """In one step, so that no reader finds half a number."""
        aside = self.path.with_suffix(".new")
        aside.write_text(str(self.offset))
        aside.replace(self.path)
