"""What SQL is sent, heard where SQLAlchemy sends it, whichever thread does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


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
