"""A code works once, ever: AC-07, AC-08, R-13, R-14, R-15."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.helpers.at_once import at_once
from tests.helpers.clocks import SECOND
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import House, Phone, enrolled, sign_in
from tests.helpers.postgres import Cluster
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.authenticators import Match, match_code
from twostep.flows import codes
from twostep.flows.codes import CodeRefused, Why
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.set_up import SetUpDone
from twostep.storage import authenticators, users
from twostep.storage.database import Connection
from twostep.storage.tables import authenticators as rows

pytestmark = pytest.mark.sqlite_alone

PENDING_AT_ONCE = 5
"""As many sign-ins of one user as may wait."""

STEP = 30 * SECOND


def pending_sign_ins(house: House, number: int) -> list[tuple[Guest, Waiting]]:
    """So many browsers in front of the code page."""
    found = []
    for _ in range(number):
        guest = Guest(house)
        guest.sign_in()
        waiting = guest.waiting()
        assert waiting is not None
        found.append((guest, waiting))
    return found


def send_at_once(house: House, phone: Phone, *, sign_ins: int, requests: int) -> int:
    """How many of so many requests with one good code get in."""
    there = pending_sign_ins(house, sign_ins)
    code = phone.code()
    acts = [
        partial(guest.answer, waiting, code)
        for number in range(requests)
        for guest, waiting in [there[number % sign_ins]]
    ]
    return sum(isinstance(answer, Minted) for answer in at_once(acts))


# --- at once


@pytest.mark.both_databases
@pytest.mark.usefixtures("invariants_hold")
@pytest.mark.parametrize("sign_ins", [1, PENDING_AT_ONCE])
def test_ac_07_of_two_hundred_requests_with_one_code_one_gets_in(
    unlimited_house: House, sign_ins: int
) -> None:
    """AC-07, R-13, R-15: in one sign-in, and in several, with no counter in the way."""
    house = unlimited_house
    phone = with_app(house)
    assert send_at_once(house, phone, sign_ins=sign_ins, requests=200) == 1


@pytest.mark.both_databases
@pytest.mark.usefixtures("invariants_hold")
def test_ac_07_with_the_counters_on_one_gets_in_as_well(house: House) -> None:
    """AC-07: as it is served."""
    phone = with_app(house)
    assert send_at_once(house, phone, sign_ins=PENDING_AT_ONCE, requests=200) == 1


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_who_completes_a_sign_in_and_who_is_refused_never_wait_for_each_other(
    house: House, postgres_cluster: Cluster
) -> None:
    """Both take the user's row first. Crosswise, PostgreSQL would end one of them after a second,
    again and again, and whoever guesses could keep the owner outside.
    """
    before = postgres_cluster.deadlocks()
    phone = with_app(house)
    assert send_at_once(house, phone, sign_ins=PENDING_AT_ONCE, requests=200) == 1
    assert postgres_cluster.deadlocks() == before


def write_what_was_read_before(
    connection: Connection, environment_id: bytes, authenticator_id: bytes, *, step: int
) -> bool:
    """The first transaction read ``last_step``, and the comparison found it lower; this one only
    writes.
    """
    connection.execute(_raising(environment_id, authenticator_id, step))
    return True


def _raising(environment_id: bytes, authenticator_id: bytes, step: int) -> Any:
    return (
        update(rows)
        .where(rows.c.environment_id == environment_id, rows.c.id == authenticator_id)
        .values(last_step=step)
    )


def all_compare_before_any_settles(patch: pytest.MonkeyPatch, number: int) -> None:
    """What can happen once happens each time: the test below does not depend on luck."""
    together = threading.Barrier(number)

    def match_and_wait(*given: Any, **named: Any) -> Match:
        match = match_code(*given, **named)
        together.wait()
        return match

    patch.setattr(codes, "match_code", match_and_wait)


@pytest.mark.both_databases
@pytest.mark.parametrize("spending", ["use_up", "write_what_was_read_before"])
def test_ac_07_read_then_write_would_let_several_in(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch, spending: str
) -> None:
    """AC-07: the same race against the conditional UPDATE, and against what stands in its place in
    programs that had this fault (R-13, R-15).
    """
    house = unlimited_house
    phone = with_app(house)
    there = pending_sign_ins(house, PENDING_AT_ONCE)
    if spending != "use_up":
        monkeypatch.setattr(authenticators, "use_up", write_what_was_read_before)
    all_compare_before_any_settles(monkeypatch, PENDING_AT_ONCE)
    code = phone.code()
    answers = at_once([partial(guest.answer, waiting, code) for guest, waiting in there])
    let_in = sum(isinstance(answer, Minted) for answer in answers)
    assert let_in == (1 if spending == "use_up" else PENDING_AT_ONCE)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_ac_07_looking_first_would_not_help_where_transactions_run_side_by_side(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-07: SELECT and UPDATE in one transaction of PostgreSQL. All look before any writes.

    The acts of one user wait for each other by now, which is taken away here: what spends a code
    must hold by itself.
    """
    house = unlimited_house
    monkeypatch.setattr(users, "locked", users.by_id)
    phone = with_app(house)
    there = pending_sign_ins(house, PENDING_AT_ONCE)
    together = threading.Barrier(PENDING_AT_ONCE)

    def look_then_write(
        connection: Connection, environment_id: bytes, authenticator_id: bytes, *, step: int
    ) -> bool:
        last = connection.execute(
            select(rows.c.last_step).where(rows.c.id == authenticator_id)
        ).scalar_one()
        together.wait(60)
        if last >= step:
            return False
        connection.execute(_raising(environment_id, authenticator_id, step))
        return True

    monkeypatch.setattr(authenticators, "use_up", look_then_write)
    code = phone.code()
    answers = at_once([partial(guest.answer, waiting, code) for guest, waiting in there])
    assert sum(isinstance(answer, Minted) for answer in answers) == PENDING_AT_ONCE


# --- one after the other


def refused(guest: Guest, code: str) -> Why:
    answer = guest.code(code)
    assert isinstance(answer, CodeRefused), answer
    return answer.why


def signed_in_with(house: House, code: str) -> None:
    guest = Guest(house)
    guest.sign_in()
    assert isinstance(guest.code(code), Minted)


@pytest.mark.usefixtures("invariants_hold")
def test_ac_08_an_older_code_is_spent_by_a_newer_one(unlimited_house: House) -> None:
    """AC-08, R-13: step s+1, then s, then s-1, all inside the window."""
    house = unlimited_house
    phone = with_app(house)
    signed_in_with(house, phone.code(steps=1))
    late = Guest(house)
    late.sign_in()
    for steps in (1, 0, -1):
        assert refused(late, phone.code(steps=steps)) is Why.ALREADY_USED


@pytest.mark.usefixtures("invariants_hold")
def test_ac_08_the_code_of_set_up_does_not_sign_in(house: House) -> None:
    """AC-08, AC-51: it was used up when it confirmed the key."""
    house.add()
    guest = Guest(house)
    guest.sign_in()
    phone = guest.configure()
    assert isinstance(guest.verify_and_save(phone.code()), SetUpDone)
    again = Guest(house)
    again.sign_in()
    assert refused(again, phone.code()) is Why.ALREADY_USED
    assert isinstance(again.code(phone.code(steps=1)), Minted)


@pytest.mark.usefixtures("invariants_hold")
def test_r_15_a_used_code_stays_used_as_long_as_it_could_be_valid_and_longer(
    unlimited_house: House,
) -> None:
    """R-15: at every half step from before it was used until long after, the clock set back too."""
    house = unlimited_house
    phone = with_app(house)
    code, start = phone.code(steps=1), house.clock()
    signed_in_with(house, code)
    late = Guest(house)
    late.sign_in()
    answers = []
    for half in range(-6, 8):
        house.clock.now = start + half * STEP // 2
        answers.append(refused(late, code))
    inside = [Why.ALREADY_USED] * 6
    assert answers[6:12] == inside, "from two half steps before its own step on"
    house.clock.now = start


SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda code: code,
    lambda code: f"{code[:3]} {code[3:]}",
    lambda code: f"{code[:3]}-{code[3:]}",
    lambda code: f"{code[:3]}\u2013{code[3:]}",
    lambda code: f"{code[:3]}\u00a0{code[3:]}",
    lambda code: f" {code}\n",
    lambda code: "".join(chr(ord("０") + int(digit)) for digit in code),
    lambda code: f"{code[:2]}\u200b{code[2:]}\ufeff",
    " ".join,
)


@pytest.mark.usefixtures("invariants_hold")
def test_r_14_a_code_is_its_step_and_not_its_text(unlimited_house: House) -> None:
    """R-14: every spelling is right the first time, and none makes it right a second time."""
    house = unlimited_house
    phone = with_app(house)
    for first in SPELLINGS[1::3]:
        code = phone.code()
        signed_in_with(house, first(code))
        late = Guest(house)
        late.sign_in()
        assert {refused(late, spelling(code)) for spelling in SPELLINGS} == {Why.ALREADY_USED}
        house.clock.forward(STEP)


@pytest.mark.usefixtures("invariants_hold")
@pytest.mark.parametrize("steps", [-7, 7])
def test_ac_08_a_code_that_a_hint_was_given_for_never_gets_in(house: House, steps: int) -> None:
    """AC-08, I-2: not the second time, and not when the clock makes it good afterwards."""
    phone = with_app(house)
    start = house.clock.forward(20 * STEP)
    code = phone.code(steps=steps)
    guest = Guest(house)
    guest.sign_in()
    assert refused(guest, code) is (Why.CLOCK_SLOW if steps < 0 else Why.CLOCK_FAST)
    assert refused(guest, code) is Why.NO_MATCH
    house.clock.now = start + steps * STEP
    again = Guest(house, address="198.51.100.1")
    again.sign_in()
    assert not isinstance(again.code(code), Minted)
    if steps > 0:
        assert refused(again, code) is Why.ALREADY_USED
    house.clock.now = max(start, house.clock.now)


@pytest.mark.usefixtures("invariants_hold")
def test_ac_08_the_page_says_so_and_the_live_session_gets_to_know(house: House) -> None:
    """AC-08: in words to whoever typed it, and as recent activity to who is signed in."""
    phone = enrolled(house)
    code = phone.code()
    owner, thief = house.client(), house.client()
    sign_in(owner)
    assert owner.submit(owner.get("/sign-in/code"), "/sign-in/code", code=code).location == "/"
    sign_in(thief)
    answer = thief.submit(thief.get("/sign-in/code"), "/sign-in/code", code=code)
    assert answer.status == 403
    assert "already used" in answer.text
    assert len(recorded(house.installation, house.harbour, EventKind.CODE_ALREADY_USED)) == 1
    assert "A code was used a second time" in owner.get("/security").text
