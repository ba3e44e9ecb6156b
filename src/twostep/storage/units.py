"""A transaction is a function: what holds for every unit, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, event

from twostep.storage.faults import MisusedUnit

T = TypeVar("T")
Unit = Callable[[Connection], T]


class _Inside(threading.local):
    unit = False


_inside = _Inside()


def run_unit(unit: Unit[T], connection: Connection) -> T:
    """The unit's own answer. While it runs, this thread may begin no other and may not end its
    transaction.
    """
    _inside.unit = True
    try:
        return unit(connection)
    finally:
        _inside.unit = False


def refuse_nesting() -> None:
    """Raises MisusedUnit inside a unit.

    A second unit would wait for the writer thread that is running the first, or take a second
    connection of a pool whose last one the first holds; and it would not see what the first has
    written.
    """
    if _inside.unit:
        raise MisusedUnit(
            "a unit may not call the database again: give it everything before it begins"
        )


def _refuse_ending(_connection: Connection) -> None:
    if _inside.unit:
        raise MisusedUnit("a unit may not commit or roll back: it returns, or it raises")


def guard_transactions(engine: Engine) -> None:
    """Lets only the database end a transaction. A unit that commits would publish half of what it
    does.
    """
    event.listen(engine, "commit", _refuse_ending)
    event.listen(engine, "rollback", _refuse_ending)
