"""Making recovery codes: who may, what is kept, and what a form that comes late does not do."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House
from tests.helpers.recovery import Holder, a_browser, holder
from twostep.core.audit import EventKind
from twostep.core.recovery_codes import CODES, read_code
from twostep.flows import recovery_codes
from twostep.flows.audit import recent_for_user
from twostep.flows.mint import Minted
from twostep.flows.recovery_codes import Made, NotNow, NotReplaced, State
from twostep.flows.sessions import Person
from twostep.flows.turn_off import turn_off
from twostep.storage import tables

pytestmark = pytest.mark.sqlite_alone

STORED = re.compile(r"1\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")


def rows(house: House) -> list[tuple[int, str, int | None]]:
    table = tables.recovery_codes
    return house.installation.database.read(
        lambda connection: [
            (row.slot, row.hashed, row.used_at)
            for row in connection.execute(select(table).order_by(table.c.slot)).all()
        ]
    )


def state(of: Holder, person: Person) -> State:
    return recovery_codes.state_of(of.house.installation, person)


def kinds(of: Holder) -> list[EventKind]:
    environment_id = of.environment.id
    found = of.house.installation.database.read(
        lambda connection: recent_for_user(connection, environment_id, of.user.id, most=50)
    )
    return [happened.kind for happened in found]


def test_a_set_is_ten_codes_of_which_only_hashes_are_kept(house: House) -> None:
    """ASVS 6.5.2: 80 bits, so a password hash; SECURITY 5.5: over an HMAC."""
    ann = holder(house)
    assert [read_code(code).slot for code in ann.codes] == list(range(1, CODES + 1))
    stored = rows(house)
    assert [slot for slot, _, _ in stored] == list(range(1, CODES + 1))
    assert len({hashed.rsplit("$", 2)[1] for _, hashed, _ in stored}) == CODES, "one salt for each"
    for (_, hashed, used_at), code in zip(stored, ann.codes, strict=True):
        assert STORED.fullmatch(hashed)
        assert used_at is None
        assert read_code(code).characters not in hashed


def test_the_state_says_how_many_are_left_and_since_when(house: House) -> None:
    ann = holder(house, codes=False)
    person = ann.by_app()
    assert state(ann, person) == State(made_at=None, left=0, of_use=True, app_missing=False)
    made = ann.make(person)
    assert isinstance(made, Made)
    assert state(ann, person) == State(
        made_at=made.made_at, left=10, of_use=True, app_missing=False
    )
    there = ann.by_paper()
    assert state(ann, there) == State(made_at=made.made_at, left=9, of_use=True, app_missing=True)


def test_codes_are_of_no_use_to_somebody_without_an_app_or_where_nobody_is_asked(
    house: House,
) -> None:
    ann = holder(house)
    person = ann.by_app()
    house.set(house.harbour, "two_step_verification", "off")
    assert not state(ann, person).of_use
    assert ann.make(person, replaces=state(ann, person).made_at) == NotNow()
    house.set(house.harbour, "two_step_verification", "optional")
    assert state(ann, person).of_use
    off = turn_off(house.installation, person, browser=a_browser())
    assert isinstance(off, Minted)
    without = Person(ann.user, off.session)
    assert state(ann, without) == State(made_at=None, left=0, of_use=False, app_missing=False)
    assert ann.make(without) == NotNow()


def test_new_codes_make_the_old_ones_void(house: House) -> None:
    ann = holder(house)
    old = list(ann.codes)
    ann.by_paper()
    person = ann.by_app()
    assert isinstance(ann.make(person, replaces=state(ann, person).made_at), Made)
    assert state(ann, person).left == 10
    for code in old[:3]:
        assert not isinstance(ann.give(code), Minted)
    assert isinstance(ann.give(ann.codes[0]), Minted)


@pytest.mark.both_databases
def test_a_form_that_is_sent_twice_makes_codes_once(house: House) -> None:
    """So that a reload of the page, which sends the form again, makes nothing void that was just
    printed."""
    ann = holder(house, codes=False)
    person = ann.by_app()
    assert isinstance(ann.make(person), Made)
    printed = list(ann.codes)
    before = rows(house)
    hashes = house.installation.hashing.performed
    assert ann.make(person) == NotReplaced()
    assert rows(house) == before
    assert house.installation.hashing.performed == hashes, "no work for a form that is out of date"
    assert ann.codes == printed
    assert kinds(ann).count(EventKind.RECOVERY_CODES_MADE) == 1


@pytest.mark.both_databases
def test_of_many_forms_sent_at_once_one_makes_codes_and_those_are_the_ones_that_work(
    house: House,
) -> None:
    ann = holder(house, codes=False)
    person = ann.by_app()
    browser = a_browser()

    def make() -> Made | NotReplaced | NotNow:
        return recovery_codes.make(house.installation, person, replaces=None, browser=browser)

    outcomes = at_once([make] * 5)
    (made,) = [outcome for outcome in outcomes if isinstance(outcome, Made)]
    assert outcomes.count(NotReplaced()) == 4
    assert isinstance(ann.give(made.codes[4].reveal()), Minted)


def test_a_proof_that_is_not_fresh_makes_no_codes(house: House) -> None:
    """ASVS 7.5.1."""
    ann = holder(house, codes=False)
    person = ann.by_app()
    house.clock.forward(4 * MINUTE)
    assert isinstance(ann.make(person), Made)
    late = ann.by_app()
    house.clock.forward(4 * MINUTE + 1)
    assert ann.make(late, replaces=state(ann, late).made_at) == NotNow()


def test_a_recovery_code_makes_no_recovery_codes(house: House) -> None:
    """One line of somebody's sheet is not worth ten: codes are for recovery (SECURITY 0.3)."""
    ann = holder(house)
    there = ann.by_paper()
    before = rows(house)
    assert ann.make(there, replaces=state(ann, there).made_at) == NotNow()
    assert rows(house) == before


def test_a_session_that_is_over_makes_no_codes(house: House) -> None:
    ann = holder(house, codes=False)
    person = ann.by_app()
    other = ann.by_app()
    off = turn_off(house.installation, other, browser=a_browser())
    assert isinstance(off, Minted)
    assert ann.make(person) == NotNow()
    assert rows(house) == []


@pytest.mark.both_databases
def test_turning_off_deletes_the_codes_and_the_log_says_how_many(house: House) -> None:
    ann = holder(house)
    ann.by_paper()
    assert isinstance(turn_off(house.installation, ann.by_app(), browser=a_browser()), Minted)
    assert rows(house) == []
    found = house.installation.database.read(
        lambda connection: recent_for_user(connection, ann.environment.id, ann.user.id, most=5)
    )
    removed = next(each for each in found if each.kind is EventKind.AUTHENTICATOR_REMOVED)
    assert removed.data["recovery_codes"] == 9


@pytest.mark.both_databases
def test_codes_that_are_made_while_somebody_turns_off_are_not_left_behind(house: House) -> None:
    """In whichever order the two come: without an app there are no codes."""
    for number in range(5):
        one = holder(house, f"user{number}", codes=False)
        maker, other = one.by_app(), one.by_app()
        off = partial(turn_off, house.installation, other, browser=a_browser())
        acts: list[Callable[[], object]] = [partial(one.make, maker), off]
        at_once(acts)
        assert rows(house) == []
        house.clock.forward(MINUTE)


def test_making_and_using_ends_no_session(house: House) -> None:
    """They change nothing about the app, so no other browser is asked again."""
    ann = holder(house, codes=False)
    first, second = ann.by_app(), ann.by_app()
    ann.make(second)
    ann.by_paper()
    assert state(ann, first).of_use
    assert (
        house.installation.database.read(
            lambda connection: connection.execute(
                select(tables.sessions.c.ended_at).where(tables.sessions.c.id == first.session.id)
            ).scalar_one()
        )
        is None
    )
