"""Whoever has the password and guesses codes: AC-12, AC-14, R-07.

What the budget leaves to a guesser is computed in tests/core/test_lockouts_arithmetic.py. Here it
is shown to hold, over many sign-ins, addresses and threads, and not to stand in an owner's way.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.helpers.at_once import at_once
from tests.helpers.clocks import DAY, MINUTE, SECOND
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import House, Phone, enrolled, sign_in
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.authenticators import Match, match_code
from twostep.core.lockouts import LIMITS, Budget, Limits, Schedule
from twostep.core.sign_in import ChangePassword, Refused
from twostep.flows import codes
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.mint import Minted
from twostep.flows.second_step import Elsewhere
from twostep.flows.sign_in import Pending

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every code that was compared."""
    compared: list[str] = []

    def matched(key: bytes, code: str, **named: Any) -> Match:
        compared.append(code)
        return match_code(key, code, **named)

    monkeypatch.setattr(codes, "match_code", matched)
    return compared


def address(number: int) -> str:
    """One of many addresses, in many networks."""
    return f"203.0.{number % 250}.{number // 250 + 1}"


def test_ac_12_of_a_thousand_guesses_in_a_day_twenty_are_evaluated(
    house: House, evaluated: list[str]
) -> None:
    """AC-12: in fifty sign-ins from fifty addresses, spread over 24 hours; and the right code as
    the next one is refused with the same answer as a wrong one.
    """
    phone = with_app(house)
    evaluated.clear()
    guesses = 0
    guest = Guest(house)
    for browser in range(50):
        guest = Guest(house, address=address(browser))
        assert isinstance(guest.sign_in(), Pending)
        for _ in range(20):
            house.clock.forward(DAY // 2000)
            guest.code(phone.wrong_code())
            guesses += 1
        house.clock.forward(DAY // 100)
    house.clock.forward(-DAY // 100)
    assert guesses == 1000
    assert len(evaluated) == 20
    assert guest.code(phone.code()) == guest.code(phone.wrong_code())
    assert guest.session is None
    assert len(evaluated) == 20
    told = recorded(house.installation, house.harbour, EventKind.PASSWORD_SUSPECT)
    assert len(told) == 1, "twenty wrong codes: somebody else knows the password"


def test_ac_12_the_page_tells_a_right_code_from_a_wrong_one_by_nothing(house: House) -> None:
    """AC-12: the answers, byte for byte, while codes are paused."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    form = client.get("/sign-in/code").form()
    guest = Guest(house)
    guest.sign_in()
    for _ in range(5):
        guest.code(phone.wrong_code())
    answers = [
        client.post("/sign-in/code", form.fields | {"code": code})
        for code in (phone.code(), phone.wrong_code())
    ]
    right, wrong = (
        (answer.status, answer.body, sorted(name for name, _ in answer.headers))
        for answer in answers
    )
    assert right == wrong
    assert answers[0].location == answers[1].location == "/sign-in/code"
    assert client.get("/sign-in/code").status == 403
    # Afterwards the right code is as good as ever.
    house.clock.forward(30 * SECOND)
    assert client.post("/sign-in/code", form.fields | {"code": phone.code()}).location == "/"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_12_an_owner_who_mistypes_twice_a_day_is_never_locked(house: House) -> None:
    """AC-12: for sixty days, two wrong codes and then the right one; a guesser would have been
    stopped at the fiftieth.
    """
    phone = with_app(house)
    for _ in range(60):
        house.clock.forward(DAY)
        owner = Guest(house)
        owner.sign_in()
        for _ in range(2):
            answer = owner.code(phone.wrong_code())
            assert isinstance(answer, CodeRefused)
            assert answer.tries_left
            house.clock.forward(10 * SECOND)
        assert isinstance(owner.code(phone.code()), Minted)
    assert not recorded(house.installation, house.harbour, EventKind.LOCKOUT_BEGUN)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_12_a_patient_guesser_is_stopped_at_the_hundredth(
    house: House, evaluated: list[str]
) -> None:
    """AC-12, I-11: whoever guesses the moment that it is allowed, for months; the budgets are
    checked in every window afterwards. NIST stops the hundredth in a row.
    """
    phone = with_app(house)
    evaluated.clear()
    start = house.clock()
    until: int | None = start
    while until is not None:
        house.clock.now = until
        guest = Guest(house, address=address(len(evaluated)))
        guest.sign_in()
        until = guess_until_paused(guest, phone)
    assert len(evaluated) == 100
    assert house.clock() - start > 30 * DAY
    house.clock.forward(365 * DAY)
    later = Guest(house)
    later.sign_in()
    assert not isinstance(later.code(phone.code()), Minted), "waiting does not help"
    assert len(evaluated) == 100


def guess_until_paused(guest: Guest, phone: Phone) -> int | None:
    """Until when codes are paused then; None where they are stopped for good."""
    while isinstance(guest.code(phone.wrong_code()), CodeRefused):
        pass
    waiting = guest.waiting()
    assert waiting is not None
    assert isinstance(waiting.step, Refused)
    return waiting.step.until


def test_ac_12_the_owner_of_a_guessed_account_must_choose_a_new_password(house: House) -> None:
    """AC-12 and §5.4: after twenty, when the day is over, with the right code."""
    phone = with_app(house)
    guessed = 0
    while guessed < 20:
        house.clock.forward(30 * MINUTE)
        guest = Guest(house)
        guest.sign_in()
        guessed += isinstance(guest.code(phone.wrong_code()), CodeRefused)
    house.clock.forward(DAY)
    owner = Guest(house)
    owner.sign_in()
    answer = owner.code(phone.code())
    assert isinstance(answer, Elsewhere)
    assert isinstance(answer.step, ChangePassword)
    assert owner.session is None


# --- at once


BUDGET_ALONE = replace(
    LIMITS,
    second_step=Schedule(
        delays=(), memory=30 * DAY, budgets=(Budget(most=20, window=DAY),), hard_stop=100
    ),
)
"""Without the pauses, which would let five through and hide what the budget does."""


def burst(house: House, number: int, *, limits: Limits = LIMITS) -> list[object]:
    """So many wrong codes at the same moment, in five sign-ins from five addresses."""
    house.installation = replace(house.installation, limits=limits)
    phone = with_app(house)
    guests = [Guest(house, address=address(browser)) for browser in range(5)]
    acts = []
    for guest in guests:
        guest.sign_in()
        waiting = guest.waiting()
        assert waiting is not None
        acts += [partial(guest.answer, waiting, phone.wrong_code())] * (number // len(guests))
    return at_once(acts)


@pytest.mark.both_databases
def test_ac_14_five_hundred_wrong_codes_at_once_use_up_the_budget_and_no_more(
    house: House, evaluated: list[str]
) -> None:
    """AC-14, I-11: the reservations are made one after the other, whatever the threads do."""
    answers = burst(house, 500, limits=BUDGET_ALONE)
    assert sum(isinstance(answer, CodeRefused) for answer in answers) == 20
    assert sum(isinstance(answer, CodesPaused) for answer in answers) == 480
    assert len(evaluated) == 1 + 20, "one set the app up"


@pytest.mark.both_databases
def test_r_07_a_hundred_wrong_codes_at_once_use_up_what_is_open_and_no_more(
    house: House, evaluated: list[str]
) -> None:
    """R-07: with the pauses that are served, five; and one more when the pause is over."""
    answers = burst(house, 100)
    assert sum(isinstance(answer, CodeRefused) for answer in answers) == 5
    assert sum(isinstance(answer, CodesPaused) for answer in answers) == 95
    assert len(evaluated) == 1 + 5


@pytest.mark.both_databases
def test_r_07_over_the_wire_as_well(house: House, evaluated: list[str]) -> None:
    """R-07: forty forms at once, from one page."""
    phone = enrolled(house)
    evaluated.clear()
    client = house.client()
    sign_in(client)
    fields = client.get("/sign-in/code").form().fields | {"code": phone.wrong_code()}
    twins = [client.twin() for _ in range(40)]
    answers = at_once([partial(twin.post, "/sign-in/code", fields) for twin in twins])
    assert {answer.status for answer in answers} <= {303, 403}
    assert len(evaluated) == 5
