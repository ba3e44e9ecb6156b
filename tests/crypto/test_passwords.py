"""The queue in front of the hash (AC-21, AC-68)."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.helpers.clocks import HOUR, HandClock
from twostep.crypto.password_hashes import (
    HostileParameters,
    Parameters,
    PasswordTooLong,
    UnknownHash,
)
from twostep.crypto.passwords import Busy, Hashing, Ticket, WrongPassword, hashing_threads
from twostep.crypto.secret import Secret

PASSWORD = Secret("correct horse battery staple")
WRONG = Secret("wrong horse battery staple")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hashing(clock: HandClock) -> Iterator[Hashing]:
    made = Hashing(Parameters(), threads=1, clock=clock, queue=2)
    yield made
    made.close()


@pytest.fixture
def ticket(hashing: Hashing) -> Iterator[Ticket]:
    with hashing.admit() as held:
        yield held


class HeldUp:
    """The one hashing thread, at work on something until it is let go."""

    def __init__(self, hashing: Hashing) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.hold, args=(hashing,))
        self.thread.start()
        assert self.begun.wait(60)

    def hold(self, hashing: Hashing) -> None:
        while not self.begun.is_set():
            # On a busy machine the turn may come later than the shortest wait that a test allows.
            with suppress(Busy), hashing.admit():
                hashing.take_turn(self.work, asked_at=None)

    def work(self) -> None:
        self.begun.set()
        self.go.wait(60)

    def let_go(self) -> None:
        self.go.set()
        self.thread.join()


def test_a_password_is_verified_against_its_hash(ticket: Ticket) -> None:
    phc = ticket.hash(PASSWORD)
    ticket.verify(phc, PASSWORD)
    with pytest.raises(WrongPassword):
        ticket.verify(phc, WRONG)


def test_an_unknown_user_costs_the_same_hash_as_a_wrong_password(
    hashing: Hashing, ticket: Ticket
) -> None:
    """AC-21: hashes are counted, because time in a test proves nothing."""
    phc = ticket.hash(PASSWORD)
    made = hashing.performed
    ticket.verify(phc, PASSWORD)
    right = hashing.performed
    with pytest.raises(WrongPassword):
        ticket.verify(phc, WRONG)
    wrong = hashing.performed
    with pytest.raises(WrongPassword):
        ticket.verify_nothing(PASSWORD)
    unknown = hashing.performed
    assert [right - made, wrong - right, unknown - wrong] == [1, 1, 1]


def test_nothing_is_verified_for_an_unknown_user(ticket: Ticket) -> None:
    for password in (PASSWORD, Secret(""), Secret("\0")):
        with pytest.raises(WrongPassword):
            ticket.verify_nothing(password)


def test_too_long_and_hostile_input_is_refused_before_any_work(
    hashing: Hashing, ticket: Ticket
) -> None:
    """AC-68."""
    long = Secret("a" * 1025)
    phc = ticket.hash(PASSWORD)
    hostile = Secret(phc.reveal().replace(b"m=19456", b"m=999999999"))
    before = hashing.performed
    with pytest.raises(PasswordTooLong):
        ticket.verify(phc, long)
    with pytest.raises(PasswordTooLong):
        ticket.verify_nothing(long)
    with pytest.raises(PasswordTooLong):
        ticket.hash(long)
    with pytest.raises(HostileParameters):
        ticket.verify(hostile, PASSWORD)
    with pytest.raises(UnknownHash):
        ticket.verify(Secret(b"*"), PASSWORD)
    assert hashing.performed == before


def test_who_comes_to_a_full_queue_is_told_at_once_when_to_come_again(hashing: Hashing) -> None:
    """AC-68: one at work and two waiting, and the fourth is not kept waiting for an answer."""
    tickets = [hashing.admit() for _ in range(3)]
    with pytest.raises(Busy) as caught:
        hashing.admit()
    assert caught.value.retry_after_seconds > 0
    with tickets[0]:
        pass
    with hashing.admit() as ticket:
        ticket.verify(ticket.hash(PASSWORD), PASSWORD)


def test_a_ticket_is_given_back_once(hashing: Hashing) -> None:
    ticket = hashing.admit()
    with ticket, ticket:
        pass
    held = [hashing.admit() for _ in range(3)]
    with pytest.raises(Busy):
        hashing.admit()
    with pytest.raises(RuntimeError):
        ticket.hash(PASSWORD)
    assert len(held) == 3


def test_an_error_gives_the_place_back(hashing: Hashing) -> None:
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), hashing.admit():
            raise ZeroDivisionError


@pytest.mark.parametrize(("waits", "passed"), [(HOUR, HOUR), (1, -HOUR)])
def test_the_wait_is_counted_from_admission_and_a_clock_set_back_makes_it_no_longer(
    clock: HandClock, waits: int, passed: int
) -> None:
    """A try is reserved in between; what the database takes for it is not added to the wait."""
    hashing = Hashing(Parameters(), threads=1, clock=clock, wait_ms=waits)
    held_up = HeldUp(hashing)
    # Were the wait an hour, the turn would come after all, and no test hang for it.
    rescue = threading.Timer(5, held_up.go.set)
    rescue.start()
    with hashing.admit() as ticket:
        clock.forward(passed)
        with pytest.raises(Busy):
            ticket.hash(PASSWORD)
    rescue.cancel()
    held_up.let_go()
    hashing.close()


def test_after_closing_everybody_is_sent_away(hashing: Hashing) -> None:
    ticket = hashing.admit()
    hashing.close()
    with pytest.raises(Busy):
        hashing.admit()
    with ticket, pytest.raises(Busy):
        ticket.hash(PASSWORD)


@pytest.mark.parametrize(
    ("cores", "workers", "threads"),
    [(1, 1, 1), (2, 1, 2), (4, 1, 4), (64, 1, 4), (64, 2, 2), (4, 3, 1), (2, 8, 1)],
)
def test_hashing_takes_four_cores_at_the_most(cores: int, workers: int, threads: int) -> None:
    assert hashing_threads(cores=cores, workers=workers) == threads


FLOOD = """
import re, threading
from contextlib import suppress
from pathlib import Path
from twostep.crypto.password_hashes import Parameters
from twostep.crypto.passwords import Busy, Hashing, WrongPassword
from twostep.crypto.secret import Secret

def peak_kib():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

hashing = Hashing(Parameters(), threads=2, clock=lambda: 0, queue=8)
answers = []

def try_one():
    try:
        with hashing.admit() as ticket:
            ticket.verify_nothing(Secret("password"))
    except (Busy, WrongPassword) as answer:
        answers.append(type(answer).__name__)

def flood(count):
    threads = [threading.Thread(target=try_one) for _ in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

threading.stack_size(256 * 1024)
before = peak_kib()
flood(40)
print(peak_kib() - before, len(answers), answers.count("Busy"))
"""


def test_a_flood_of_passwords_takes_no_more_memory_than_the_hashing_threads_have() -> None:
    """AC-68: forty at once on two threads take two hashes' memory, not forty's."""
    ran = subprocess.run(
        [sys.executable, "-c", FLOOD], capture_output=True, text=True, check=True, timeout=120
    )
    grown_kib, answered, _busy = map(int, ran.stdout.split())
    assert answered == 40
    assert 19 * 1024 < grown_kib < (2 * 19 + 15) * 1024
