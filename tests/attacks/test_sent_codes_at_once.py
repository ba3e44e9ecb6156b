"""Many at once with one code that was sent, and servers that stop in the middle: AC-05, AC-07,
AC-13, AC-14.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.attacks.test_killed_tries import reopened, states
from tests.helpers.at_once import at_once
from tests.helpers.clocks import HandClock
from tests.helpers.code_readers import Reader, a_reader, evaluated, with_gateway
from tests.helpers.house import NO_LIMITS, House, make_installation_in
from tests.helpers.invariants import EVALUATED, hold
from tests.helpers.kills import killed_at
from tests.helpers.letters import another_code, last_code, letters
from twostep.core.messages import MessageKind
from twostep.core.ways import Way
from twostep.flows import second_step_by_message, sent_code_checks
from twostep.flows.codes import CodesPaused
from twostep.flows.mint import Minted
from twostep.flows.sent_code_checks import SentCodeRefused
from twostep.flows.sent_codes import NotYet, Sent
from twostep.storage import sent_codes, users
from twostep.storage.database import Connection, open_database
from twostep.storage.sent_codes import Bound
from twostep.storage.tables import sent_codes as table


def one_who_waits(house: House) -> tuple[Reader, str]:
    """Somebody in front of the page that takes their code."""
    _, name = a_reader(house)
    reader = Reader(house, house.northside, name=name)
    reader.begin()
    return reader, reader.get_code()


def send_at_once(reader: Reader, code: str, number: int) -> list[Any]:
    """So many forms of one page, at the same moment."""
    waiting = reader.waiting()
    return at_once([partial(copy(reader).type, code, waiting=waiting)] * number)


@pytest.mark.usefixtures("invariants_hold")
def test_ac_07_of_two_hundred_with_the_right_sent_code_one_gets_in(unlimited_house: House) -> None:
    """AC-07, AC-05: five of them get a try at all, and one gets a session."""
    reader, code = one_who_waits(unlimited_house)
    with evaluated() as compared:
        answers = send_at_once(reader, code, 200)
    assert sum(isinstance(answer, Minted) for answer in answers) == 1
    assert 1 <= len(compared) <= 5


@pytest.mark.usefixtures("invariants_hold")
def test_ac_14_of_two_hundred_wrong_sent_codes_five_are_compared(house: House) -> None:
    """AC-14, AC-11: by two codes at once as well, one in each of two sign-ins."""
    reader, code = one_who_waits(house)
    other = Reader(house, house.northside, name=reader.name)
    other.begin()
    house.clock.forward(31_000)
    other.get_code()
    with evaluated() as compared:
        acts = [
            partial(browser.type, another_code(code), waiting=browser.waiting())
            for browser in (reader, other)
        ]
        answers = at_once(acts * 100)
    assert len(compared) == 5
    assert all(isinstance(answer, SentCodeRefused | CodesPaused) for answer in answers)


def forgets_to_look(connection: Connection, bound: Bound, code_id: bytes) -> bool:
    """It was alive when the try was reserved; this one only writes."""
    this = (table.c.environment_id == bound.environment_id) & (table.c.id == code_id)
    connection.execute(update(table).where(this).values(state="used"))
    return True


@pytest.mark.parametrize("spending", ["use_up", "forgets_to_look"])
def test_ac_07_what_spends_a_code_looks_and_writes_in_one(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch, spending: str
) -> None:
    """AC-07: all compare before any settles. A code that is replaced meanwhile lets nobody in, and
    would where the one statement that spends it did not look (R-24).
    """
    house = unlimited_house
    reader, code = one_who_waits(house)
    waiting, together = reader.waiting(), threading.Barrier(6)

    def compare(*given: Any) -> bool:
        right = sent_code_checks.compare(*given)
        together.wait(60)
        together.wait(60)
        return right

    monkeypatch.setattr(second_step_by_message, "compare", compare)
    if spending != "use_up":
        monkeypatch.setattr(sent_codes, "use_up", forgets_to_look)

    def send_again() -> object:
        together.wait(60)
        house.clock.forward(30_000)
        sent = reader.ask(waiting=waiting)
        together.wait(60)
        return sent

    typing: list[Callable[[], object]] = [
        partial(copy(reader).type, code, waiting=waiting) for _ in range(5)
    ]
    answers = at_once([*typing, send_again])
    assert sum(isinstance(answer, Sent) for answer in answers) == 1
    let_in = sum(isinstance(answer, Minted) for answer in answers)
    assert let_in == (0 if spending == "use_up" else 1)


@pytest.mark.usefixtures("invariants_hold")
def test_ac_05_two_who_press_send_again_are_sent_one(house: House) -> None:
    """AC-05, AC-11: a double click, and two ways at once; the counters of both are one."""
    reader, _ = one_who_waits(house)
    user = reader.waiting()
    assert user is not None
    with_gateway(house, user.user)
    house.clock.forward(31_000)
    before = len(letters(house.installation, MessageKind.CODE))
    waiting = reader.waiting()
    answers = at_once([partial(copy(reader).ask, Way.EMAIL, waiting=waiting)] * 10)
    assert sum(isinstance(answer, Sent) for answer in answers) == 1
    assert sum(isinstance(answer, NotYet) for answer in answers) == 9
    assert len(letters(house.installation, MessageKind.CODE)) == before + 1
    alive = house.installation.database.read(
        lambda c: c.execute(
            select(func.count()).select_from(table).where(table.c.state == "live")
        ).scalar_one()
    )
    assert alive == 1


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_ac_11_without_the_lock_of_the_user_one_is_alive_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-11, §5.1: where transactions run side by side, the index refuses a second one."""
    reader, _ = one_who_waits(house)
    house.clock.forward(31_000)
    waiting = reader.waiting()
    monkeypatch.setattr(users, "locked", users.by_id)

    def ask() -> object:
        try:
            return copy(reader).ask(waiting=waiting)
        except Exception as error:  # noqa: BLE001  Whatever it says, it is no second code.
            return error

    at_once([ask] * 8)
    codes = house.installation.database.read(
        lambda c: c.execute(select(table.c.state).order_by(table.c.made_at)).scalars().all()
    )
    assert list(codes).count("live") == 1


@pytest.mark.parametrize(
    ("database_url", "right"),
    [("sqlite", False), pytest.param("postgresql", True, marks=pytest.mark.postgresql)],
    indirect=["database_url"],
    ids=["sqlite-wrong", "postgresql-right"],
)
def test_ac_13_killed_at_every_boundary_of_a_sent_code(
    tmp_path: Path, database_url: str, right: bool
) -> None:
    """AC-13, I-2, I-12: asked for, sent and typed; killed before, inside and after each transaction
    no more is compared than was recorded, and no code is spent without its proof.
    """
    clock, compared = HandClock(), tmp_path / "compared"
    compared.touch()
    database = open_database(database_url)
    installation = make_installation_in(database, tmp_path, clock=clock, limits=NO_LIMITS)
    house = House(installation, clock, 8000)
    _, name = a_reader(house)
    installation.hashing.close()
    database.close()

    def whole_sign_in(counted: Any) -> None:
        """In the child."""
        there = copy(house)
        there.installation = reopened(counted, tmp_path, clock)
        plain = sent_code_checks.compare

        def noted(*given: Any) -> bool:
            with compared.open("a") as file:
                file.write("compared\n")
            return plain(*given)

        second_step_by_message.compare = noted  # type: ignore[assignment, attr-defined]
        reader = Reader(there, there.northside, name=name)
        reader.begin()
        assert isinstance(reader.ask(), Sent)
        code = last_code(there.installation, MessageKind.CODE)
        reader.type(code if right else another_code(code))

    number, was_killed = 0, True
    while was_killed:
        number += 1
        clock.forward(24 * 60 * 60_000)
        was_killed = killed_at(number, database_url, whole_sign_in)
        database = open_database(database_url)
        try:
            found = states(database)
            hold(reopened(database, tmp_path, clock))
        finally:
            database.close()
        recorded = sum(found["second_step", state] for state in EVALUATED)
        assert recorded >= len(compared.read_text().split()), f"killed at {number}"
    assert number > 12, "five transactions have more boundaries than that"
