"""Remembered devices, against what bounds them.

* a sign-in on a remembered device per second, against the bare password hash per second of the same
  library with the same parameters in as many threads as hash here: no sign-in can be faster;
* ``next_step`` alone, in microseconds, for a remembered device;
* the same sign-in of a user with 20 devices, against one with 1.

Usage: python -m bench.devices [--rounds N] [--threads N]

A SQLite file in a throw-away folder is used, in this process and without HTTP.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from bench.sign_ins import rate, row, statements_of
from tests.core.situations import NOW, password_shown, shown, with_key
from tests.helpers.clocks import MINUTE, HandClock
from tests.helpers.house import NO_LIMITS, PASSWORD, House, Phone, make_installation_in
from tests.helpers.keepers import Keeper
from twostep.core.sign_in import SignedIn, next_step
from twostep.crypto.secret import Secret
from twostep.flows.mint import Minted
from twostep.flows.set_up import SetUpDone
from twostep.storage.database import open_database
from twostep.storage.upgrades import create_schema

LOOPS = 20_000
"""Decisions of one measurement."""

ALONE = 30
"""Sign-ins one after the other, with 1 device and with 20."""


def with_devices(house: House, name: str, number: int) -> Keeper:
    """A browser that is remembered, of a user with so many of them."""
    house.add(name)
    first = Keeper(house)
    first.sign_in(name)
    phone = first.configure()
    assert isinstance(first.verify_and_save(phone.code()), SetUpDone)
    return [_ticked(house, name, phone) for _ in range(number)][-1]


def _ticked(house: House, name: str, phone: Phone) -> Keeper:
    house.clock.forward(MINUTE)
    keeper = Keeper(house)
    keeper.sign_in(name)
    assert isinstance(keeper.code_and_tick(phone.code(), tick=True), Minted)
    return keeper


def decision() -> float:
    """Microseconds of CPU of one decision about a remembered device."""
    situation = with_key(password_shown(), shown=shown())
    assert isinstance(next_step(situation, NOW), SignedIn)
    began = time.process_time()
    for _ in range(LOOPS):
        next_step(situation, NOW)
    return (time.process_time() - began) / LOOPS * 1e6


def measure(house: House, rounds: int, threads: int) -> None:
    """All in turn, so that a machine that drifts drifts for every side."""
    number = 4 * threads
    ones = [(f"one {n}", with_devices(house, f"one {n}", 1)) for n in range(number)]
    many = with_devices(house, "many", 20)
    hashing = house.installation.hashing

    def bare_hash() -> None:
        with hashing.admit() as ticket:
            ticket.hash(Secret(PASSWORD))

    def sign_in(name: str, keeper: Keeper) -> None:
        assert isinstance(keeper.sign_in(name), Minted)

    figures: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        figures.setdefault(name, []).append(value)

    for _ in range(rounds):
        house.clock.forward(MINUTE)
        hashes, hash_cpu = rate([bare_hash] * 3 * number, threads)
        signs, sign_cpu = rate(
            [lambda user=user: sign_in(*user) for user in ones],  # type: ignore[misc]
            threads,
        )
        one, one_cpu = rate([lambda: sign_in(*ones[0])] * ALONE, 1)
        twenty, twenty_cpu = rate([lambda: sign_in("many", many)] * ALONE, 1)
        note("hashes a second", hashes)
        note("remembered sign-ins a second", signs)
        note("remembered sign-ins / hashes", signs / hashes)
        note("CPU of a hash, ms", hash_cpu * 1000)
        note("CPU of a sign-in beyond its hash, ms", (sign_cpu - hash_cpu) * 1000)
        note("sign-ins a second, 20 devices / 1", twenty / one)
        note("CPU of a sign-in, 20 devices / 1", twenty_cpu / one_cpu)
        note("next_step, microseconds", decision())
    print(f"sqlite, {threads} threads, {os.cpu_count()} cores, {rounds} rounds")
    print(f"{'':<44}{'min':>10}{'median':>10}{'max':>10}")
    for name, values in figures.items():
        row(name, values, "×" if "/" in name else "")
    number = statements_of(lambda: sign_in(*ones[0]))
    print(f"SQL statements of a sign-in on a remembered device: {number}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        create_schema(url)
        database = open_database(url)
        clock = HandClock()
        made = make_installation_in(database, Path(folder), clock=clock, limits=NO_LIMITS)
        try:
            measure(House(made, clock, 8000), options.rounds, options.threads)
        finally:
            made.hashing.close()
            database.close()


if __name__ == "__main__":
    main()
