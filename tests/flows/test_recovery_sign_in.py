"""What a recovery code opens, once, and what it does not open."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House
from tests.helpers.recovery import Holder, a_browser, another, holder
from twostep.core.lockouts import Purpose
from twostep.core.policies import Method
from twostep.core.sessions import Level
from twostep.core.sign_in import AskSecondStep, SetUp, SignedIn
from twostep.crypto.passwords import Busy
from twostep.flows import authenticators, pending, sessions, step_up, users
from twostep.flows.lockouts import standing_of
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.recovery_checks import RecoveryCodeRefused, RecoveryCodesPaused, Why
from twostep.flows.recovery_sign_in import Refusal, by_recovery_code, confirm
from twostep.flows.second_step import Elsewhere
from twostep.flows.sessions import Person
from twostep.flows.step_up import Ended
from twostep.flows.turn_off import turn_off
from twostep.flows.visitors import Browser
from twostep.storage import tables
from twostep.storage.database import Connection

pytestmark = pytest.mark.sqlite_alone


def live_sessions(house: House, of: Holder) -> int:
    table = tables.sessions
    return house.installation.database.read(
        lambda connection: connection.execute(
            select(func.count())
            .select_from(table)
            .where(table.c.user_id == of.user.id, table.c.ended_at.is_(None))
        ).scalar_one()
    )


def counted(house: House, of: Holder) -> int:
    installation = house.installation

    def look(connection: Connection) -> int:
        where = (of.environment.id, of.user.id, Purpose.RECOVERY_CODE)
        return standing_of(connection, installation, *where, now=house.clock()).counted

    return installation.database.read(look)


def asked(person: Person, house: House, act: str = "new-key") -> bool:
    """Whether this act asks the person for a fresh proof."""
    step = step_up.demanded(house.installation, person, act)
    assert isinstance(step, SignedIn | AskSecondStep)
    return isinstance(step, AskSecondStep)


def test_a_recovery_code_signs_in_at_the_second_level(house: House) -> None:
    """SECURITY 0.3: level 2, for this session."""
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    assert isinstance(waiting.step, AskSecondStep)
    assert waiting.step.methods == (Method.AUTHENTICATOR, Method.RECOVERY_CODE)
    minted = ann.give(ann.codes[0], waiting=waiting, browser=browser)
    assert isinstance(minted, Minted)
    assert minted.session.level is Level.SECOND_STEP


def test_the_browser_is_not_remembered_by_it_even_for_five_minutes(house: House) -> None:
    """SECURITY 0.3: level 2 for one session; the next sign-in asks again."""
    ann = holder(house)
    house.set(house.harbour, "remember_this_device", "always")
    browser = a_browser()
    minted = ann.give(ann.codes[0], waiting=ann.waiting(browser), browser=browser)
    assert isinstance(minted, Minted)
    assert minted.device is not None, "it is recognised, which by itself grants nothing"
    known = replace(browser, devices={minted.device.name: minted.device.token.text.reveal()})
    assert isinstance(ann.waiting(known).step, AskSecondStep)


def test_somebody_without_codes_has_no_such_way(house: House) -> None:
    ann = holder(house, codes=False)
    bo = holder(house, "bo")
    waiting = ann.waiting(browser := a_browser())
    assert isinstance(waiting.step, AskSecondStep)
    assert waiting.step.methods == (Method.AUTHENTICATOR,)
    before = house.installation.hashing.performed
    assert ann.give(bo.codes[0], waiting=waiting, browser=browser) == Elsewhere(waiting.step)
    assert house.installation.hashing.performed == before


def test_after_the_last_one_there_is_no_such_way_any_more(house: House) -> None:
    ann = holder(house)
    while len(ann.codes) > 1:
        ann.by_paper()
    outcome = ann.give(ann.codes.pop())
    assert isinstance(outcome, Elsewhere)
    assert isinstance(outcome.step, SetUp), "the last one leads to set-up"
    step = ann.waiting().step
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.AUTHENTICATOR,)


def test_a_code_before_the_password_opens_nothing(house: House) -> None:
    """A sign-in exists from the right password on; this is what a page would have to hand over."""
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    pending.cancel(house.installation, waiting, browser)
    assert ann.give(ann.codes[0], waiting=waiting, browser=browser) == Elsewhere(None)
    assert live_sessions(house, ann) == 2, "the one that set up, and the one that made the codes"


def give(house: House, waiting: Waiting, code: str, browser: Browser) -> object:
    """What came of it; the refusal where a slow machine could not hash it in time."""
    try:
        return by_recovery_code(house.installation, waiting, typed=code, browser=browser)
    except Busy as busy:
        return busy


@pytest.mark.both_databases
def test_ac_10_a_hundred_at_once_in_one_sign_in_make_one_session(unlimited_house: House) -> None:
    """AC-10, R-17, AC-05."""
    house = unlimited_house
    ann = holder(house)
    before = live_sessions(house, ann)
    waiting = ann.waiting(browser := a_browser())
    outcomes = at_once([lambda: give(house, waiting, ann.codes[0], browser)] * 100)
    assert sum(isinstance(outcome, Minted) for outcome in outcomes) == 1
    assert live_sessions(house, ann) == before + 1


@pytest.mark.both_databases
def test_ac_10_a_hundred_at_once_in_many_sign_ins_spend_the_code_once(
    unlimited_house: House,
) -> None:
    """AC-10, R-17: somebody who has seen the sheet races its owner."""
    house = unlimited_house
    ann = holder(house)
    before = live_sessions(house, ann)
    places = [(ann.waiting(browser), browser) for browser in (a_browser() for _ in range(5))]
    outcomes = at_once(
        [partial(give, house, waiting, ann.codes[0], browser) for waiting, browser in places * 20]
    )
    assert sum(isinstance(outcome, Minted) for outcome in outcomes) == 1
    assert live_sessions(house, ann) == before + 1
    assert isinstance(ann.give(ann.codes[1]), Minted)


@pytest.mark.both_databases
def test_ac_14_a_hundred_guesses_at_once_find_five_places(house: House) -> None:
    """AC-14: five are compared, whatever is sent in parallel."""
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    before = house.installation.hashing.performed
    bad = another(ann.codes[0])
    outcomes = at_once([lambda: give(house, waiting, bad, browser)] * 100)
    assert sum(isinstance(outcome, RecoveryCodeRefused) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, RecoveryCodesPaused) for outcome in outcomes) == 95
    assert house.installation.hashing.performed == before + 5
    assert counted(house, ann) == 5


def test_a_double_click_is_nobody_s_guess(house: House) -> None:
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    assert isinstance(ann.give(ann.codes[0], waiting=waiting, browser=browser), Minted)
    assert ann.give(ann.codes[0], waiting=waiting, browser=browser) == Elsewhere(None)
    assert counted(house, ann) == 0


@pytest.mark.both_databases
def test_a_set_that_is_replaced_while_a_code_of_it_is_compared_loses_nothing(
    house: House,
) -> None:
    """The old code opens nothing any more, and the new one of its slot is not spent by it."""
    ann = holder(house)
    old = ann.codes[0]
    waiting = ann.waiting(browser := a_browser())
    person = ann.by_app()
    made_at = house.installation.database.read(
        lambda connection: connection.execute(
            select(func.max(tables.recovery_codes.c.made_at))
        ).scalar_one()
    )
    outcomes = at_once(
        [
            lambda: ann.make(person, replaces=made_at),
            lambda: give(house, waiting, old, browser),
        ]
    )
    house.clock.forward(MINUTE)
    assert isinstance(ann.give(ann.codes[1]), Minted)
    if not isinstance(outcomes[1], Minted):
        assert isinstance(ann.give(ann.codes[0]), Minted)


# --- the fresh proof


def test_a_recovery_code_is_fresh_proof_for_five_minutes(house: House) -> None:
    """AC-32: it takes the current second step, or a recovery code."""
    ann = holder(house)
    person = ann.by_paper()
    assert not asked(person, house)
    house.clock.forward(5 * MINUTE)
    assert not asked(person, house)
    house.clock.forward(1)
    assert asked(person, house)
    confirmed = confirm(house.installation, person, typed=ann.codes.pop(), browser=a_browser())
    assert isinstance(confirmed, Minted)
    assert not asked(Person(ann.user, confirmed.session), house)


def test_ac_32_with_it_the_second_step_can_be_turned_off_and_the_level_falls(
    house: House,
) -> None:
    """AC-32, I-8: nothing is left that the code could have stood in for."""
    ann = holder(house)
    off = turn_off(house.installation, ann.by_paper(), browser=a_browser())
    assert isinstance(off, Minted)
    assert off.session.level is Level.PASSWORD


def test_with_it_a_new_key_can_be_offered_which_replaces_the_lost_one(house: House) -> None:
    ann = holder(house)
    person = ann.by_paper()
    assert authenticators.offer_in_session(house.installation, person, instead=True)


def test_a_code_that_confirmed_is_spent_and_one_that_signed_in_confirms_nothing(
    house: House,
) -> None:
    """AC-08, for recovery codes."""
    ann = holder(house)
    used = ann.codes[-1]
    person = ann.by_paper()
    again = confirm(house.installation, person, typed=used, browser=a_browser())
    assert again == RecoveryCodeRefused(why=Why.ALREADY_USED, tries_left=4)
    code = ann.codes[0]
    assert isinstance(confirm(house.installation, person, typed=code, browser=a_browser()), Minted)
    assert isinstance(ann.give(code), RecoveryCodeRefused)


def test_five_wrong_recovery_codes_end_the_session(house: House) -> None:
    """SECURITY 5.4, step-up: whoever sits before it is not its owner."""
    ann = holder(house)
    person = ann.by_app()
    browser = a_browser()
    bad = another(ann.codes[0])
    outcomes = [confirm(house.installation, person, typed=bad, browser=browser) for _ in range(5)]
    assert outcomes[:4] == [
        RecoveryCodeRefused(why=Why.NO_MATCH, tries_left=left) for left in (4, 3, 2, 1)
    ]
    assert outcomes[4] == Ended()
    assert confirm(house.installation, person, typed="no code", browser=browser) == (
        RecoveryCodeRefused(why=Why.MALFORMED)
    )


@pytest.mark.both_databases
def test_a_session_that_ended_meanwhile_confirms_nothing_and_spends_nothing(
    house: House,
) -> None:
    ann = holder(house)
    person = ann.by_app()
    sessions.sign_out(house.installation, person)
    outcome: Minted | Refusal | Ended = confirm(
        house.installation, person, typed=ann.codes[0], browser=a_browser()
    )
    assert outcome == Ended()
    assert counted(house, ann) == 0
    assert isinstance(ann.give(ann.codes[0]), Minted)


@pytest.mark.parametrize("what", ["disabled", "off"])
def test_the_mint_looks_again_at_everything_after_a_right_code(house: House, what: str) -> None:
    """AC-17: what changed between the password and the code counts."""
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    if what == "disabled":
        users.disable(house.installation, house.harbour, ann.user)
    else:
        turn_off(house.installation, ann.by_app(), browser=a_browser())
    outcome = ann.give(ann.codes[0], waiting=waiting, browser=browser)
    assert not isinstance(outcome, Minted)
