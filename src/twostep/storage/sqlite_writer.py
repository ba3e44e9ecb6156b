"""The one thread that writes to SQLite.

SQLite lets one writer in at a time, and a commit that is to survive a power cut waits for the disk.
So the units that came in while the last commit was under way go into the next one together, each in
a savepoint of its own, and nobody is answered before it is done:

    queue ──► BEGIN IMMEDIATE ─► [SAVEPOINT unit RELEASE | ROLLBACK TO] … ─► COMMIT ──► answers

A unit that raises takes back its own savepoint only. A commit that fails, or a full disk that makes
SQLite give the whole transaction up, fails everybody in the batch. The thread outlives both: the
next batch begins again, on a new connection.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from twostep.storage.faults import DatabaseAway, DatabaseBusy, MisusedUnit
from twostep.storage.sqlite_file import Link, SqliteFile, in_our_words
from twostep.storage.units import T, Unit, run_unit

# What is waited for is the disk, and 128 small units take less than that. More in one transaction
# would make the first of them wait for the last, and other processes for all.
_LARGEST_BATCH = 128


@dataclass(slots=True, eq=False)
class _Job:
    unit: Unit[Any]
    answer: Future[Any]


@dataclass(frozen=True, slots=True)
class _Done:
    value: Any


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class SqliteWriter:
    """Takes units from any thread, and answers each after the commit that holds it."""

    def __init__(self, file: SqliteFile, *, queue: int) -> None:
        self._file = file
        self._limit = queue
        self._queue: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._link: Link | None = None

    def write(self, unit: Unit[T]) -> T:
        """The unit's answer, after the commit. Raises DatabaseAway, DatabaseBusy, or what the unit
        raised.
        """
        job = _Job(unit, Future())
        with self._changed:
            if self._closed:
                raise MisusedUnit("the database has been closed")
            if len(self._queue) >= self._limit:
                raise DatabaseBusy("too many writes are waiting")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="twostep-writer", daemon=True
                )
                self._thread.start()
            self._queue.append(job)
            self._changed.notify()
        answer: T = job.answer.result()
        return answer

    def close(self) -> None:
        """Takes nothing new, finishes what is queued, and waits for that."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while batch := self._next_batch():
            self._answer(batch)
        self._drop_link()

    def _next_batch(self) -> list[_Job]:
        """Waits for work. Empty only when the writer is closed and nothing is left."""
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            return [self._queue.popleft() for _ in range(min(len(self._queue), _LARGEST_BATCH))]

    def _answer(self, batch: list[_Job]) -> None:
        try:
            outcomes = self._commit(batch)
        except BaseException as error:  # noqa: BLE001 - every caller waits, so every caller is told
            self._drop_link()
            for job in batch:
                job.answer.set_exception(_of_the_batch(error))
            return
        for job, outcome in zip(batch, outcomes, strict=True):
            match outcome:
                case _Done(value=value):
                    job.answer.set_result(value)
                case _Failed(error=raised):
                    job.answer.set_exception(raised)

    def _commit(self, batch: list[_Job]) -> list[_Done | _Failed]:
        self._file.check()
        if self._link is None:
            self._link = self._file.open_writer()
        driver = self._link.driver
        # Not a deferred transaction: one that turns from reading to writing while another process
        # writes fails at once, whatever the time that it may wait.
        driver.execute("BEGIN IMMEDIATE")
        outcomes = [_run(self._link, job.unit) for job in batch]
        driver.commit()
        return outcomes

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


def _run(link: Link, unit: Unit[Any]) -> _Done | _Failed:
    """One unit in its savepoint. Raises when the transaction around it is lost."""
    driver = link.driver
    driver.execute("SAVEPOINT unit")
    try:
        value = run_unit(unit, link.connection)
    except BaseException as error:  # noqa: BLE001 - it belongs to the caller, and is raised there
        _check_transaction(link, error)
        driver.execute("ROLLBACK TO unit")
        driver.execute("RELEASE unit")
        return _Failed(in_our_words(error))
    _check_transaction(link, None)
    driver.execute("RELEASE unit")
    return _Done(value)


def _check_transaction(link: Link, error: BaseException | None) -> None:
    """Raises where the unit has taken the whole transaction along, and not only its savepoint."""
    if link.connection.invalidated or not link.driver.in_transaction:
        told = in_our_words(error) if error else None
        if isinstance(told, DatabaseAway):
            raise told
        raise DatabaseAway("SQLite gave the transaction up") from error
    transaction = link.connection.get_transaction()
    if transaction is not None and not transaction.is_active:
        raise MisusedUnit("a unit tried to end its transaction") from error
    if link.connection.in_nested_transaction():
        raise MisusedUnit("a unit left a savepoint open") from error


def _of_the_batch(error: BaseException) -> BaseException:
    """An exception for one caller of a failed batch: an object of its own, since raising one adds a
    traceback.
    """
    told = in_our_words(error)
    kind = type(told) if isinstance(told, DatabaseBusy | MisusedUnit) else DatabaseAway
    copy = kind(str(told))
    copy.__cause__ = told.__cause__ or told
    return copy
