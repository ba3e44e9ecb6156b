"""Where the database is. The value may hold a password, so it prints as its kind only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict

from twostep.storage.faults import UrlFault, WrongDatabaseUrl

Kind = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteUrl:
    """A file of this machine. ``path`` is absolute: a change of folder later moves nothing."""

    path: Path
    kind: Literal["sqlite"] = "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlUrl:
    """A server. ``conninfo`` is what libpq reads, with everything that libpq knows, and may hold a
    password.
    """

    conninfo: str = field(repr=False)
    kind: Literal["postgresql"] = "postgresql"


def read_database_url(url: str) -> SqliteUrl | PostgresqlUrl:
    """The parts of a plain path, ``sqlite:///path`` or ``postgresql://…``.

    Raises WrongDatabaseUrl, whose text names the setting and never repeats the value.
    """
    if not url.strip():
        raise WrongDatabaseUrl(UrlFault.EMPTY)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _sqlite(url)
    match scheme:
        case "sqlite":
            if not rest.startswith("/"):
                raise WrongDatabaseUrl(UrlFault.HOST_IN_SQLITE if rest else UrlFault.NO_FILE)
            return _sqlite(rest[1:])
        case "postgresql" | "postgres":
            return _postgresql(url)
        case _:
            raise WrongDatabaseUrl(UrlFault.UNKNOWN_KIND)


def _sqlite(path: str) -> SqliteUrl:
    if path == ":memory:":
        raise WrongDatabaseUrl(UrlFault.MEMORY)
    if not path or path.endswith("/") or "\0" in path:
        raise WrongDatabaseUrl(UrlFault.NO_FILE)
    return SqliteUrl(path=Path(path).absolute())


def _postgresql(url: str) -> PostgresqlUrl:
    try:
        conninfo_to_dict(url)
    except psycopg.Error:
        # libpq quotes the piece that it stumbled over, which may be a piece of the password.
        raise WrongDatabaseUrl(UrlFault.UNREADABLE) from None
    return PostgresqlUrl(conninfo=url)
