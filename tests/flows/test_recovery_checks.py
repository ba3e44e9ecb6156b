"""Checking a recovery code: what it costs, what it counts, and what does not pass for one."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import delete, select, update

from tests.helpers.clocks import DAY, HOUR
from tests.helpers.house import House
from tests.helpers.recovery import Holder, a_browser, another, holder
from tests.helpers.statements import statements
from twostep.core.audit import EventKind
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.recovery_codes import read_code
from twostep.core.sign_in import AskSecondStep, Refused
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.crypto.passwords import Busy
from twostep.flows import pending, users
from twostep.flows.audit import recent_for_user
from twostep.flows.lockouts import standing_of
from twostep.flows.mint import Minted
from twostep.flows.recovery_checks import (
    RecoveryCodeRefused,
    RecoveryCodesPaused,
    Why,
    covered,
)
from twostep.flows.second_step import Elsewhere, second_step
from twostep.storage import lockouts, tables
from twostep.storage.database import Connection
from twostep.storage.lockouts import NewAttempt

pytestmark = pytest.mark.sqlite_alone

TABLE = tables.recovery_codes


def stored(house: House, of: Holder, slot: int) -> str:
    """What stands in the database for that slot."""
    hashed: str = house.installation.database.read(
        lambda connection: connection.execute(
            select(TABLE.c.hashed).where(TABLE.c.user_id == of.user.id, TABLE.c.slot == slot)
        ).scalar_one()
    )
    return hashed


def write(house: House, of: Holder, slot: int, hashed: str) -> None:
    """As somebody could who can write to the database."""
    house.installation.database.write(
        lambda connection: connection.execute(
            update(TABLE)
            .where(TABLE.c.user_id == of.user.id, TABLE.c.slot == slot)
            .values(hashed=hashed)
        )
    )


def counted(house: House, of: Holder, purpose: Purpose = Purpose.RECOVERY_CODE) -> int:
    installation = house.installation

    def look(connection: Connection) -> int:
        return standing_of(
            connection, installation, of.environment.id, of.user.id, purpose, now=house.clock()
        ).counted

    return installation.database.read(look)


def wrong(
    tries_left: int, why: Why = Why.NO_MATCH, until: int | None = None
) -> RecoveryCodeRefused:
    return RecoveryCodeRefused(why=why, tries_left=tries_left, paused_until=until)


@pytest.mark.both_databases
def test_a_code_works_once_and_is_then_said_to_be_used(house: House) -> None:
    """AC-10, R-17."""
    ann = holder(house)
    code = ann.codes[2]
    assert isinstance(ann.give(code), Minted)
    assert ann.give(code) == wrong(4, Why.ALREADY_USED)
    house.clock.forward(400 * DAY)
    assert isinstance(ann.give(code), RecoveryCodeRefused)
    assert isinstance(ann.give(ann.codes[3].lower().replace("-", " ")), Minted)


def test_ac_10_a_wrong_code_costs_the_same_whatever_its_slot_holds(house: House) -> None:
    """AC-10: one hash, and the same statements in the same order, for a slot that was used, one
    that was not, and one that is empty."""
    ann = holder(house)
    assert isinstance(ann.give(ann.codes[0]), Minted)
    house.installation.database.write(
        lambda connection: connection.execute(delete(TABLE).where(TABLE.c.slot == 3))
    )
    costs = []
    for slot in (1, 2, 3):
        waiting = ann.waiting(browser := a_browser())
        before = house.installation.hashing.performed
        with statements() as sent:
            refused = ann.give(another(ann.codes[slot - 1]), waiting=waiting, browser=browser)
        assert refused == wrong(5 - slot)
        costs.append((house.installation.hashing.performed - before, sent))
    assert costs[0] == costs[1] == costs[2]
    assert costs[0][0] == 1
    assert len(costs[0][1]) > 5


def test_r_16_a_code_of_somebody_else_is_a_wrong_one(house: House) -> None:
    """R-16: also in the other environment, where a user may have the same name."""
    ann, bo = holder(house, "ann"), holder(house, "bo")
    ann_elsewhere = holder(house, "ann", house.northside)
    assert ann.give(bo.codes[0]) == wrong(4)
    assert ann.give(ann_elsewhere.codes[0]) == wrong(3)
    assert isinstance(bo.give(bo.codes[0]), Minted)
    assert isinstance(ann_elsewhere.give(ann_elsewhere.codes[0]), Minted)


def test_r_16_a_row_that_was_moved_to_another_user_or_slot_matches_nothing(house: House) -> None:
    """What is hashed covers environment, user and slot."""
    ann, bo = holder(house, "ann"), holder(house, "bo")
    write(house, ann, 1, stored(house, bo, 1))
    assert ann.give(bo.codes[0]) == wrong(4)
    write(house, ann, 1, stored(house, ann, 2))
    assert ann.give("01" + ann.codes[1][2:]) == wrong(3)


def test_r_18_what_is_stored_is_no_code(house: House) -> None:
    """R-18: neither the hash, nor its parts, nor what was hashed."""
    ann = holder(house)
    hashed = stored(house, ann, 1)
    code = read_code(ann.codes[0])
    key = house.installation.keys.current(KeyPurpose.RECOVERY)
    inside = covered(key, ann.user, code).reveal()
    for text in (hashed, f"01{hashed}", hashed[1:], inside, f"01{inside}"):
        assert ann.give(text) == RecoveryCodeRefused(why=Why.MALFORMED)
    for text in (hashed.rsplit("$", 1)[1], inside):
        letters = "".join(each for each in text.upper() if each in "0123456789ABCDEFGHJK")
        assert isinstance(ann.give(f"01{letters[:16]:0<16}"), RecoveryCodeRefused)
    assert isinstance(ann.give(ann.codes[0]), Minted)


def test_what_cannot_be_a_code_costs_no_try_and_no_hash(house: House) -> None:
    ann = holder(house)
    browser = a_browser()
    waiting = ann.waiting(browser)
    before = house.installation.hashing.performed
    for _ in range(20):
        refused = ann.give("123 456", waiting=waiting, browser=browser)
        assert refused == RecoveryCodeRefused(why=Why.MALFORMED)
    assert house.installation.hashing.performed == before
    assert counted(house, ann) == 0


def test_five_wrong_codes_pause_recovery_codes_for_an_hour_even_the_right_one(
    house: House,
) -> None:
    """AC-12, AC-18; SECURITY 5.4."""
    ann = holder(house)
    bad = another(ann.codes[0])
    until = house.clock() + HOUR
    for left in (4, 3, 2, 1):
        assert ann.give(bad) == wrong(left)
    assert ann.give(bad) == wrong(0, until=until)
    before = house.installation.hashing.performed
    waiting = ann.waiting(browser := a_browser())
    hashes_of_the_password = house.installation.hashing.performed - before
    right = ann.give(ann.codes[0], waiting=waiting, browser=browser)
    assert right == RecoveryCodesPaused(until)
    assert house.installation.hashing.performed == before + hashes_of_the_password
    house.clock.forward(HOUR)
    assert isinstance(ann.give(ann.codes[0]), Minted)


def test_ac_18_wrong_recovery_codes_pause_no_codes_of_the_app(house: House) -> None:
    """AC-18: nor the other way round; and each success ends its own row of failures alone."""
    ann = holder(house)
    for _ in range(5):
        ann.give(another(ann.codes[0]))
    assert counted(house, ann) == 5
    assert counted(house, ann, Purpose.SECOND_STEP) == 0
    ann.by_app()
    assert counted(house, ann) == 5


def fail_before(house: House, of: Holder, times: int) -> None:
    """So many wrong recovery codes, a day apart from each other."""

    def act(connection: Connection) -> None:
        for number in range(times):
            attempt = NewAttempt(
                id=new_id(),
                environment_id=of.environment.id,
                subject=of.user.id,
                purpose=Purpose.RECOVERY_CODE,
                state="failed",
                browser_id=bytes(32),
                network=bytes(8),
                wider_network=bytes(8),
                started_at=house.clock() - (times - number) * DAY,
            )
            lockouts.add(connection, attempt)

    house.installation.database.write(act)


def test_a_hundred_wrong_codes_in_a_row_stop_them_until_somebody_unlocks(house: House) -> None:
    """NIST SP 800-63B-4 section 3.2.2; that the owner gets in by the app does not help a
    guesser."""
    ann = holder(house)
    fail_before(house, ann, 99)
    ann.by_app()
    assert ann.give(another(ann.codes[0])) == wrong(0)
    house.clock.forward(400 * DAY)
    assert ann.give(ann.codes[0]) == RecoveryCodesPaused(None)
    users.unlock(house.installation, house.harbour, ann.user)
    assert isinstance(ann.give(ann.codes[0]), Minted)


def test_a_recovery_code_that_was_right_ends_the_row(house: House) -> None:
    ann = holder(house)
    fail_before(house, ann, 99)
    assert isinstance(ann.give(ann.codes[0]), Minted)
    house.clock.forward(DAY)
    assert ann.give(another(ann.codes[1])) == wrong(4)


def test_a_typo_is_forgiven_to_whoever_then_gets_in(house: House) -> None:
    ann = holder(house)
    browser = a_browser()
    waiting = ann.waiting(browser)
    ann.give(another(ann.codes[0]), waiting=waiting, browser=browser)
    assert counted(house, ann) == 1
    assert isinstance(ann.give(ann.codes[0], waiting=waiting, browser=browser), Minted)
    assert counted(house, ann) == 0


@pytest.mark.both_databases
def test_the_log_says_what_was_used_and_what_was_refused_and_no_code(house: House) -> None:
    ann = holder(house)
    for code in (another(ann.codes[6]), ann.codes[6], ann.codes[6]):
        ann.give(code)
        house.clock.forward(1)
    found = house.installation.database.read(
        lambda connection: recent_for_user(connection, ann.environment.id, ann.user.id, most=20)
    )
    about = [
        (each.kind, dict(each.data))
        for each in found
        if each.kind in (EventKind.RECOVERY_CODE_USED, EventKind.RECOVERY_CODE_REFUSED)
    ]
    assert about == [
        (EventKind.RECOVERY_CODE_REFUSED, {"slot": 7, "why": "already_used"}),
        (EventKind.RECOVERY_CODE_USED, {"slot": 7, "left": 9}),
        (EventKind.RECOVERY_CODE_REFUSED, {"slot": 7, "why": "no_match"}),
    ]


@pytest.mark.parametrize("hashed", ["", "$argon2id$", "1$argon2id$v=19$m=1,t=1,p=1$", "x$y", "1"])
def test_what_is_no_hash_of_ours_matches_nothing_at_the_same_cost(
    house: House, hashed: str
) -> None:
    ann = holder(house)
    write(house, ann, 1, hashed)
    waiting = ann.waiting(browser := a_browser())
    before = house.installation.hashing.performed
    assert ann.give(ann.codes[0], waiting=waiting, browser=browser) == wrong(4)
    assert house.installation.hashing.performed == before + 1


def test_a_code_whose_key_is_not_there_opens_nothing_and_the_try_is_counted(house: House) -> None:
    """AC-63: never "no key, so no check"."""
    ann = holder(house)
    write(house, ann, 1, "7" + stored(house, ann, 1)[1:])
    with pytest.raises(KeyMissing):
        ann.give(ann.codes[0])
    assert counted(house, ann) == 1


def test_a_server_that_is_too_busy_uses_up_no_try(house: House) -> None:
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    hashing = house.installation.hashing
    tickets = []
    with suppress(Busy):
        while True:
            tickets.append(hashing.admit())
    with pytest.raises(Busy):
        ann.give(ann.codes[0], waiting=waiting, browser=browser)
    for ticket in tickets:
        ticket.__exit__(None, None, None)
    assert counted(house, ann) == 0
    assert isinstance(ann.give(ann.codes[0], waiting=waiting, browser=browser), Minted)


def test_a_code_in_a_sign_in_that_was_cancelled_opens_nothing_and_counts(house: House) -> None:
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    pending.cancel(house.installation, waiting, browser)
    assert ann.give(another(ann.codes[0]), waiting=waiting, browser=browser) == Elsewhere(None)
    assert counted(house, ann) == 1
    assert ann.give(ann.codes[0], waiting=waiting, browser=browser) == Elsewhere(None)
    assert isinstance(ann.give(ann.codes[0]), Minted)


def test_a_recovery_code_does_for_the_app_what_it_is_no_code_of(house: House) -> None:
    """Each page takes its own kind: a recovery code is malformed where a code of the app is
    asked."""
    ann = holder(house)
    waiting = ann.waiting(browser := a_browser())
    assert isinstance(waiting.step, AskSecondStep | Refused)
    outcome = second_step(house.installation, waiting, typed=ann.codes[0][:30], browser=browser)
    assert not isinstance(outcome, Minted)
    refused = ann.give(ann.phone.code(), waiting=waiting, browser=browser)
    assert refused == RecoveryCodeRefused(why=Why.MALFORMED)
