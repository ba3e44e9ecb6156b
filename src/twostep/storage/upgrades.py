"""Making the schema, and bringing an older one to the newest version.

Both run in one transaction, which either database undoes as a whole, tables included: a machine
that stops half-way has the old schema at its next start. Two that start at once make it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict

from twostep.storage import migrations
from twostep.storage.backups import backup, faults_told
from twostep.storage.database import Connection, open_database
from twostep.storage.database_url import PostgresqlUrl, SqliteUrl, read_database_url
from twostep.storage.faults import DatabaseAway
from twostep.storage.postgresql import changing
from twostep.storage.schema import (
    NEWEST,
    Current,
    Empty,
    Older,
    SchemaState,
    schema_found,
    schema_state,
)
from twostep.storage.sqlite_file import SqliteFile

_PATIENCE_MS = 10_000

Record = Callable[[Connection, str, str], None]
"""Writes down an upgrade from one version to another, as the last statement of its transaction."""


class WrongSchema(Exception):
    """What was asked cannot be done to a database in this state. It was not touched."""

    def __init__(self, state: SchemaState) -> None:
        super().__init__(repr(state))
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """From which version to which, and the backup made before it: None on PostgreSQL, or where
    nothing was to do.
    """

    found: str
    made: str
    backup: Path | None


def create_schema(url: str) -> None:
    """Makes the tables, and on SQLite the file (for its owner only) in a folder that exists.

    Nothing happens where another process has just done so. Raises WrongSchema for a database with
    anything else in it, DatabaseAway, DatabaseBusy, WrongDatabaseUrl.
    """
    address = read_database_url(url)
    if isinstance(address, SqliteUrl):
        with faults_told(), suppress(FileExistsError):
            # Never opened when it is there: closing it again would take away the locks that
            # SQLite has on it, if this process serves it.
            address.path.touch(mode=0o600, exist_ok=False)
    _migrate(address, Empty, None)


def upgrade(url: str, *, now: int, record: Record | None = None) -> Upgraded:
    """Brings an older schema to the newest version; on SQLite into a backup beside the database
    first.

    On PostgreSQL whoever asks has made a backup (``dump_command``). ``record`` writes the event of
    it in the same transaction. Raises WrongSchema for an empty, newer or foreign database,
    DatabaseAway, DatabaseBusy, TargetExists for the backup, WrongDatabaseUrl.
    """
    address = read_database_url(url)
    with closing(open_database(url, patience_ms=_PATIENCE_MS)) as database:
        state = schema_state(database)
    if isinstance(state, Current):
        return Upgraded(found=NEWEST, made=NEWEST, backup=None)
    if not isinstance(state, Older):
        raise WrongSchema(state)
    kept = None
    if isinstance(address, SqliteUrl):
        kept = _backup_beside(address.path, state.found, now)
        backup(address.path, kept)
    _migrate(address, Older, record)
    return Upgraded(found=state.found, made=NEWEST, backup=kept)


def dump_command(url: str, *, now: int) -> list[str]:
    """The command that makes a backup of a PostgreSQL database. It never holds the password.

    Raises WrongDatabaseUrl; ValueError for SQLite.
    """
    address = read_database_url(url)
    if not isinstance(address, PostgresqlUrl):
        raise ValueError("a SQLite database is backed up by Twostep itself")
    parts = conninfo_to_dict(address.conninfo)
    words = ["pg_dump", "--format=custom", f"--file=twostep-{_stamp(now)}.dump"]
    options = {"host": "--host", "port": "--port", "user": "--username", "dbname": "--dbname"}
    return words + [f"{options[name]}={parts[name]}" for name in options if parts.get(name)]


def _backup_beside(path: Path, version: str, now: int) -> Path:
    return path.with_name(f"{path.name}.{version}-{_stamp(now)}.backup")


def _stamp(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _migrate(
    address: SqliteUrl | PostgresqlUrl, expected: type[Empty | Older], record: Record | None
) -> None:
    with _changing(address) as connection:
        # Asked again under the lock: another process may have been faster.
        state = schema_found(connection)
        if isinstance(state, Current):
            return
        if not isinstance(state, expected):
            raise WrongSchema(state)
        config = Config()
        folder = str(Path(migrations.__file__).parent)
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, NEWEST)
        if record is not None and isinstance(state, Older):
            record(connection, state.found, NEWEST)


def _changing(address: SqliteUrl | PostgresqlUrl) -> AbstractContextManager[Connection]:
    match address:
        case SqliteUrl(path=path):
            return _changing_sqlite(path)
        case PostgresqlUrl(conninfo=conninfo):
            return changing(conninfo, patience_ms=_PATIENCE_MS)
        case _:
            assert_never(address)


@contextmanager
def _changing_sqlite(path: Path) -> Iterator[Connection]:
    """A transaction that may change tables, kept when the block ends without an exception."""
    with faults_told(), closing(SqliteFile(path, patience_ms=_PATIENCE_MS).open_writer()) as link:
        # SQLite changes a column by making its table anew. With foreign keys on, dropping the old
        # one would delete what refers to it.
        link.driver.execute("PRAGMA foreign_keys = OFF")
        link.driver.execute("BEGIN IMMEDIATE")
        yield link.connection
        if link.driver.execute("PRAGMA foreign_key_check").fetchone():
            raise DatabaseAway("rows would refer to nothing after the change")
        link.driver.commit()
