"""What SQL is sent, heard where SQLAlchemy sends it, whichever thread does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from twostep.storage.database import Connection, Database


@contextmanager
def statements() -> Iterator[list[str]]:
    """The text of each statement that is sent while the block runs, without its values."""
    heard: list[str] = []

    def hear(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
        heard.append(" ".join(text.split()))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


@contextmanager
def transactions() -> Iterator[list[list[str]]]:
    """The same by transactions, each in the order in which its statements are sent."""
    heard: list[list[str]] = []

    def begin(connection: Connection) -> None:
        heard.append([])
        connection.info["heard"] = heard[-1]

    def hear(connection: Connection, _cursor: Any, text: str, *_more: Any) -> None:
        connection.info.get("heard", []).append(" ".join(text.split()))

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "begin", begin)
        event.remove(Engine, "before_cursor_execute", hear)


@contextmanager
def clauses() -> Iterator[list[Any]]:
    """Each statement that is executed while the block runs, as SQLAlchemy's own tree."""
    heard: list[Any] = []

    def hear(_c: Any, clause: Any, *_more: Any) -> None:
        heard.append(clause)

    event.listen(Engine, "before_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_execute", hear)


def plans(database: Database, unit: Callable[[Connection], object]) -> list[str]:
    """How the database would find the rows of each SELECT of a unit."""

    def explained(connection: Connection) -> list[str]:
        seen: list[tuple[str, object]] = []

        def note(
            _connection: object, _cursor: object, statement: str, parameters: object, *_: object
        ) -> None:
            if statement.startswith("SELECT"):
                seen.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        unit(connection)
        event.remove(connection, "before_cursor_execute", note)
        how = "EXPLAIN QUERY PLAN" if database.kind == "sqlite" else "EXPLAIN"
        return [
            "\n".join(map(str, connection.exec_driver_sql(f"{how} {statement}", parameters)))  # type: ignore[arg-type]
            for statement, parameters in seen
        ]

    return database.write(explained)
