"""Killing a process (SIGKILL) at a chosen point, without a clock: points are counted, not timed.

A point is before, inside (all SQL done, not committed) and after each write to the database, and
before and after each time that a file is brought to the disk or renamed.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from twostep.clock import Clock
from twostep.storage.database import Connection, Database, Unit, open_database
from twostep.storage.units import T

Point = Callable[[], None]


class CountedDatabase:
    """A database that passes a point before, inside and after each write."""

    def __init__(self, inner: Database, point: Point) -> None:
        self._inner, self._point = inner, point

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        return self._inner.kind

    def write(self, unit: Unit[T]) -> T:
        def counted(connection: Connection) -> T:
            answer = unit(connection)
            self._point()
            return answer

        self._point()
        answer = self._inner.write(counted)
        self._point()
        return answer

    def read(self, unit: Unit[T]) -> T:
        return self._inner.read(unit)

    def clock_skew(self, clock: Clock) -> int:
        return self._inner.clock_skew(clock)

    def close(self) -> None:
        self._inner.close()


def killed_at(number: int, database_url: str, act: Callable[[Database], object]) -> bool:
    """Does the act in a process of its own that is killed when it passes this point, counted from
    1.

    False when the act came to its end before that. The parent must have no thread running and no
    database open.
    """
    child = os.fork()
    if child == 0:
        _be_killed_at(number, database_url, act)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}, "the act failed by itself"
    return status != 0


def _be_killed_at(number: int, database_url: str, act: Callable[[Database], object]) -> None:
    passed = 0

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        _count_files(point)
        database = CountedDatabase(open_database(database_url), point)
        act(database)
        database.close()
    except Exception:  # noqa: BLE001  The child must end here, whatever it is, and say why.
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _count_files(point: Point) -> None:
    """In the child only, which ends before anybody else could notice."""
    fsync, replace = os.fsync, Path.replace

    def counted_fsync(handle: int) -> None:
        point()
        fsync(handle)
        point()

    def counted_replace(self: Path, target: Path) -> Path:
        point()
        answer = replace(self, target)
        point()
        return answer

    os.fsync = counted_fsync  # type: ignore[assignment]
    Path.replace = counted_replace  # type: ignore[method-assign, assignment]
