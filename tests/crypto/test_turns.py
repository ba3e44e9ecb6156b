"""Few threads, a queue with an end, and work that is finished once it has begun."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from typing_extensions import override

from twostep.crypto.turns import NICENESS, NoPlace, Turns

LONG_MS = 60_000
"""Longer than any test waits: what is to come comes much sooner, or the test fails."""


@contextmanager
def turns_of(*, threads: int = 1, places: int = 100) -> Iterator[Turns]:
    turns = Turns(name="test", threads=threads, places=places)
    try:
        yield turns
    finally:
        turns.close()


class Caller(threading.Thread):
    """Somebody who takes a place, has an act performed, and gives the place back."""

    def __init__(self, turns: Turns, act: Callable[[], object], *, wait_ms: int = LONG_MS) -> None:
        super().__init__()
        self.turns, self.act, self.wait_ms = turns, act, wait_ms
        self.answer: object = None
        self.start()

    @override
    def run(self) -> None:
        self.turns.take_place()
        try:
            self.answer = self.turns.perform(self.act, wait_ms=self.wait_ms)
        except (NoPlace, ZeroDivisionError) as error:
            self.answer = error
        finally:
            self.turns.give_back()


class Gate:
    """An act that says when it has begun, and ends when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.go.wait(LONG_MS / 1000)
        return "done"


def wait_until_queued(turns: Turns, count: int) -> None:
    with turns._changed:
        assert turns._changed.wait_for(lambda: len(turns._waiting) == count, LONG_MS / 1000)


def test_an_act_is_performed_and_its_answer_given() -> None:
    with turns_of() as turns:
        turns.take_place()
        assert turns.perform(lambda: 6 * 7, wait_ms=LONG_MS) == 42
        assert turns.done == 1


def test_an_error_comes_out_where_the_answer_is_asked_for_and_the_thread_goes_on() -> None:
    """R-31: an act that failed has no answer."""
    with turns_of() as turns:
        turns.take_place()
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                turns.perform(lambda: 1 // 0, wait_ms=LONG_MS)
        assert turns.perform(lambda: "still here", wait_ms=LONG_MS) == "still here"


def test_no_more_acts_run_at_once_than_there_are_threads() -> None:
    """AC-68: memory is bounded by the threads, however many ask."""
    lock, running, most = threading.Lock(), 0, 0
    both_run = threading.Barrier(2)

    def act() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both_run.wait(LONG_MS / 1000)
        with lock:
            running -= 1

    with turns_of(threads=2) as turns:
        callers = [Caller(turns, act) for _ in range(20)]
        for caller in callers:
            caller.join()
        assert [caller.answer for caller in callers] == [None] * 20
    assert most == 2


def test_who_finds_all_places_taken_is_told_so_at_once() -> None:
    """AC-68."""
    gate = Gate()
    with turns_of(places=2) as turns:
        working = Caller(turns, gate)
        assert gate.begun.wait(LONG_MS / 1000)
        waiting = Caller(turns, lambda: "after")
        wait_until_queued(turns, 1)
        with pytest.raises(NoPlace):
            turns.take_place()
        gate.go.set()
        working.join()
        waiting.join()
        assert (working.answer, waiting.answer) == ("done", "after")
        turns.take_place()
        turns.give_back()


def test_who_waits_too_long_is_sent_away_and_the_act_is_never_begun() -> None:
    gate, begun = Gate(), []
    with turns_of() as turns:
        working = Caller(turns, gate)
        assert gate.begun.wait(LONG_MS / 1000)
        impatient = Caller(turns, lambda: begun.append(1), wait_ms=1)
        impatient.join()
        assert isinstance(impatient.answer, NoPlace)
        gate.go.set()
        working.join()
        Caller(turns, lambda: "next").join()
        assert begun == []


def begun_within(turns: Turns, *, wait_ms: int) -> tuple[Caller, Gate]:
    """A caller who hardly waits for a turn, and got one. A busy machine may need several tries."""
    while True:
        gate = Gate()
        caller = Caller(turns, gate, wait_ms=wait_ms)
        while caller.is_alive():
            if gate.begun.wait(0.01):
                return caller, gate


def test_work_that_has_begun_is_waited_for_beyond_the_time_allowed_for_its_turn() -> None:
    with turns_of() as turns:
        caller, gate = begun_within(turns, wait_ms=5)
        later = Caller(turns, lambda: "never", wait_ms=50)
        later.join()
        assert isinstance(later.answer, NoPlace)
        assert caller.is_alive()
        gate.go.set()
        caller.join()
        assert caller.answer == "done"


def test_a_client_that_goes_away_gives_no_place_back_before_its_work_is_done() -> None:
    """AC-68: else one who always goes away could have any number of hashes running."""
    gate = Gate()

    async def go_away(turns: Turns) -> Caller:
        caller = Caller(turns, gate)
        task = asyncio.create_task(asyncio.to_thread(caller.join))
        await asyncio.to_thread(gate.begun.wait, LONG_MS / 1000)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(NoPlace):
            turns.take_place()
        gate.go.set()
        return caller

    with turns_of(places=1) as turns:
        caller = asyncio.run(go_away(turns))
        caller.join()
        assert caller.answer == "done"
        turns.take_place()


def test_closing_finishes_what_has_begun_and_sends_the_others_away() -> None:
    gate = Gate()
    turns = Turns(name="test", threads=1, places=10)
    working = Caller(turns, gate)
    assert gate.begun.wait(LONG_MS / 1000)
    waiting = Caller(turns, lambda: "never")
    wait_until_queued(turns, 1)
    closing = threading.Thread(target=turns.close)
    closing.start()
    waiting.join()
    gate.go.set()
    working.join()
    closing.join()
    assert working.answer == "done"
    assert isinstance(waiting.answer, NoPlace)
    with pytest.raises(NoPlace):
        turns.take_place()
    with pytest.raises(NoPlace):
        turns.perform(lambda: "never", wait_ms=LONG_MS)


def test_no_thread_runs_before_the_first_place_is_taken() -> None:
    def running() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name.startswith("lazy")]

    turns = Turns(name="lazy", threads=2, places=10)
    assert running() == []
    turns.take_place()
    assert sorted(running()) == ["lazy-0", "lazy-1"]
    turns.close()
    assert running() == []


def test_a_forked_process_has_threads_of_its_own() -> None:
    """The server forks its workers, and a thread does not come along."""
    with turns_of() as turns:
        turns.take_place()
        assert turns.perform(os.getpid, wait_ms=LONG_MS) == os.getpid()
        child = os.fork()
        if child == 0:
            turns.take_place()
            right = turns.perform(os.getpid, wait_ms=LONG_MS) == os.getpid()
            os._exit(0 if right else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_work_is_done_at_low_priority_and_nothing_else_is() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    with turns_of() as turns:
        turns.take_place()
        assert turns.perform(priority, wait_ms=LONG_MS) == max(NICENESS, before)
    assert priority() == before
