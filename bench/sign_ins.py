"""Complete sign-ins, and verifications of a code, against what bounds them.

Two figures, each a ratio of two rates measured in turn on one machine:

* complete sign-ins (password, then code) per second, against the bare password hash per second of
the same
  library with the same parameters in as many threads as hash here;
* verifications of a code (reserve, compare, spend, make the session) per second, against bare
durable commits per
  second of the same database from as many threads.

Usage: python -m bench.sign_ins [--database URL] [--rounds N] [--threads N]

The database must be empty; without one, a SQLite file in a throw-away folder is used. All of it
runs in this
process, without HTTP, so that no client takes part in the measurement.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import event, update
from sqlalchemy.engine import Engine

from tests.helpers.clocks import HandClock
from tests.helpers.house import PASSWORD, House, Phone, make_installation_in
from twostep.core.audit import Visitor
from twostep.core.generations import Generations
from twostep.core.situations import Proof, ProofKind
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import issue_plain
from twostep.flows import authenticators, sessions
from twostep.flows.mint import Minted
from twostep.flows.pending import look
from twostep.flows.second_step import second_step
from twostep.flows.set_up import SetUpDone, verify_and_save_in_session
from twostep.flows.sign_in import Pending, first_step
from twostep.flows.visitors import Browser
from twostep.storage import sign_ins
from twostep.storage.database import Connection, open_database
from twostep.storage.sign_ins import SignIn
from twostep.storage.tables import installation as installation_table
from twostep.storage.upgrades import create_schema

STEP = 30_000


def browser() -> Browser:
    """A browser that was never seen before."""
    return Browser(id=os.urandom(32), visitor=Visitor(address="127.0.0.1", browser="Bench"))


class People:
    """Users with an app each, so that many can sign in within one step of the clock."""

    def __init__(self, house: House, number: int) -> None:
        self.house = house
        self.users = [house.add(f"user {n}") for n in range(number)]
        self.phones = {user.id: self._set_up(user) for user in self.users}

    def _set_up(self, user: User) -> Phone:
        house, kept = self.house, browser()
        minted = first_step(
            house.installation,
            house.harbour,
            name=user.name,
            password=Secret(PASSWORD),
            browser=kept,
            going_to=None,
        )
        assert isinstance(minted, Minted)
        person = sessions.who(house.installation, house.harbour, minted.token.text.reveal())
        assert isinstance(person, sessions.Person)
        authenticators.offer_in_session(house.installation, person)
        offer = authenticators.offered(
            house.installation,
            house.harbour,
            user_id=user.id,
            offered_to=person.session.id,
        )
        assert offer is not None
        phone = Phone(key_of(offer.key_text.reveal()), house.clock)
        done = verify_and_save_in_session(
            house.installation, person, typed=phone.code(), browser=kept
        )
        assert isinstance(done, SetUpDone)
        return phone

    def sign_in(self, user: User) -> None:
        """Password, code, session: all of a sign-in but HTTP."""
        house, kept = self.house, browser()
        pending = first_step(
            house.installation,
            house.harbour,
            name=user.name,
            password=Secret(PASSWORD),
            browser=kept,
            going_to=None,
        )
        assert isinstance(pending, Pending)
        self._code(user, pending.token.text.reveal(), kept)

    def wait_for_code(self, user: User) -> Callable[[], None]:
        """A sign-in whose password was shown; gives what the code then takes."""
        house, kept, token, now = self.house, browser(), issue_plain(), self.house.clock()
        sign_in = SignIn(
            id=new_id(),
            environment_id=house.harbour.id,
            user_id=user.id,
            state="pending",
            token_hash=token.stored,
            browser_id=kept.id,
            going_to=None,
            started_at=now,
            waits_until=now + 10 * STEP,
            extensions=0,
            begun=Generations(installation=1, password=1, second_step=2),
            device_id=None,
            device_is_good=False,
            wants_remembering=False,
        )

        def unit(connection: Connection) -> None:
            sign_ins.add(connection, sign_in)
            shown = Proof(kind=ProofKind.PASSWORD, shown_at=now)
            sign_ins.add_proof(connection, house.harbour.id, sign_in.id, new_id(), shown)

        house.installation.database.write(unit)
        return lambda: self._code(user, token.text.reveal(), kept)

    def _code(self, user: User, token: str, kept: Browser) -> None:
        house = self.house
        waiting = look(house.installation, house.harbour, token, kept)
        assert waiting is not None
        typed = self.phones[user.id].code()
        outcome = second_step(house.installation, waiting, typed=typed, browser=kept)
        assert isinstance(outcome, Minted), outcome


def key_of(text: str) -> bytes:
    """The key of an offer, from its base32 text."""
    return base64.b32decode(text.replace(" ", ""))


def rate(acts: Sequence[Callable[[], object]], threads: int) -> tuple[float, float]:
    """Acts per second, and CPU seconds of this process for each."""
    with ThreadPoolExecutor(threads) as pool:
        began, cpu = time.perf_counter(), time.process_time()
        for done in [pool.submit(act) for act in acts]:
            done.result()
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return len(acts) / seconds, used / len(acts)


def statements_of(act: Callable[[], object]) -> int:
    """How many SQL statements an act takes."""
    count = itertools.count()

    def counted(*_: object) -> None:
        next(count)

    event.listen(Engine, "before_cursor_execute", counted)
    act()
    event.remove(Engine, "before_cursor_execute", counted)
    return next(count)


def row(name: str, values: Sequence[float], unit: str) -> None:
    """One line: minimum, median, maximum."""
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:<44}{low:>10.2f}{middle:>10.2f}{high:>10.2f}  {unit}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        create_schema(url)
        database = open_database(url)
        clock = HandClock()
        made = make_installation_in(database, Path(folder), clock=clock)
        try:
            measure(House(made, clock, 8000), options.rounds, options.threads)
        finally:
            made.hashing.close()
            database.close()


def measure(house: House, rounds: int, threads: int) -> None:
    """The two figures, in turn, so that a machine that drifts drifts for both sides."""
    people = People(house, 2 * threads)
    hashing, database = house.installation.hashing, house.installation.database

    def bare_hash() -> None:
        with hashing.admit() as ticket:
            ticket.hash(Secret(PASSWORD))

    def bare_commit() -> None:
        database.write(
            lambda connection: connection.execute(
                update(installation_table).values(made_at=installation_table.c.made_at + 1)
            )
        )

    figures: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        figures.setdefault(name, []).append(value)

    for _ in range(rounds):
        house.clock.forward(4 * STEP)
        hashes, hash_cpu = rate([bare_hash] * len(people.users), threads)
        signs, sign_cpu = rate(
            [lambda user=user: people.sign_in(user) for user in people.users],  # type: ignore[misc]
            threads,
        )
        house.clock.forward(4 * STEP)
        waiting = [people.wait_for_code(user) for user in people.users]
        commits, commit_cpu = rate([bare_commit] * 10 * len(people.users), threads)
        codes, code_cpu = rate(waiting, threads)
        note("hashes a second", hashes)
        note("sign-ins a second", signs)
        note("sign-ins / hashes", signs / hashes)
        note("CPU of a hash, ms", hash_cpu * 1000)
        note("CPU of a sign-in beyond its hash, ms", (sign_cpu - hash_cpu) * 1000)
        note("commits a second", commits)
        note("codes a second", codes)
        note("codes / commits", codes / commits)
        note("CPU of a commit, ms", commit_cpu * 1000)
        note("CPU of a code, ms", code_cpu * 1000)
    house.clock.forward(4 * STEP)
    print(f"{database.kind}, {threads} threads, {os.cpu_count()} cores, {rounds} rounds")
    print(f"{'':<44}{'min':>10}{'median':>10}{'max':>10}")
    for name, values in figures.items():
        row(name, values, "×" if "/" in name else "")
    number = statements_of(lambda: people.sign_in(people.users[0]))
    print(f"SQL statements of a complete sign-in: {number}")


if __name__ == "__main__":
    main()
