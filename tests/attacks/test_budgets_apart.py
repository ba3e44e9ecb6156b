"""AC-18, R-09: what makes one counter smaller, and that it makes no other smaller.

a sign-in succeeds       its own failures are forgiven, no one else's
the password is changed  the codes that others got wrong stay counted
an operator unlocks      both counters of that user begin anew, which the log says
"""

from __future__ import annotations

import pytest

from tests.helpers.changes import Scene, new_password, scene
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, House
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.lockouts import Purpose, Standing
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import users
from twostep.flows.codes import CodesPaused
from twostep.flows.lockouts import standing_of
from twostep.flows.mint import Minted
from twostep.flows.password_changes import CurrentPasswordWrong, change_own
from twostep.flows.set_up import SetUpDone
from twostep.flows.sign_in import NotLetIn, Pending

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]


def counted(house: House, user: User, purpose: Purpose) -> int:
    return standing(house, user, purpose).counted


def standing(house: House, user: User, purpose: Purpose) -> Standing:
    now = house.clock()
    return house.installation.database.read(
        lambda connection: standing_of(
            connection, house.installation, user.environment_id, user.id, purpose, now=now
        )
    )


def wrong_codes(it: Scene, number: int) -> None:
    """By somebody who has the password."""
    thief = Guest(it.house, address="192.0.2.1")
    thief.sign_in()
    for _ in range(number):
        thief.code(it.phone.wrong_code())


def wrong_passwords(it: Scene, number: int) -> None:
    for _ in range(number):
        Guest(it.house, address="192.0.2.1").sign_in(password="not the password")


def test_ac_18_a_right_password_forgives_no_wrong_codes(house: House) -> None:
    """AC-18: however often it is given."""
    it = scene(house)
    wrong_codes(it, 3)
    for _ in range(3):
        assert isinstance(Guest(house).sign_in(), Pending)
    assert counted(house, it.ann, Purpose.SECOND_STEP) == 3


def test_ac_18_an_owner_who_signs_in_forgives_only_the_owner(house: House) -> None:
    """AC-18, R-09, R-10: both counters, of other browsers; the guesser's budget is not refilled."""
    it = scene(house)
    wrong_codes(it, 3)
    wrong_passwords(it, 3)
    owner = it.guest
    owner.code(it.phone.wrong_code())
    assert isinstance(owner.code(it.phone.code()), Minted)
    assert counted(house, it.ann, Purpose.SECOND_STEP) == 3
    assert counted(house, it.ann, Purpose.PASSWORD) == 3


def test_ac_18_each_counter_is_blind_to_the_other(house: House) -> None:
    """AC-18: a pause of codes is none of passwords, and the other way round."""
    it = scene(house)
    wrong_codes(it, 5)
    assert standing(house, it.ann, Purpose.SECOND_STEP).blocked_until
    assert standing(house, it.ann, Purpose.PASSWORD).counted == 0
    assert isinstance(Guest(house).sign_in(), Pending)
    wrong_passwords(it, 5)
    assert standing(house, it.ann, Purpose.SECOND_STEP).counted == 5
    assert isinstance(Guest(house).sign_in(), NotLetIn)


def test_ac_18_a_new_password_leaves_the_wrong_codes_counted(house: House) -> None:
    """AC-18: changed by its owner while codes are paused."""
    it = scene(house)
    wrong_codes(it, 5)
    new_password(it)
    assert counted(house, it.ann, Purpose.SECOND_STEP) == 5
    late = Guest(house)
    late.sign_in(password=OTHER_PASSWORD)
    assert not isinstance(late.code(it.phone.code()), Minted | CodesPaused)
    assert late.session is None


def test_ac_18_what_an_operator_unlocks_is_both_counters_of_that_user_alone(house: House) -> None:
    """AC-18 and §5.4: ``user unlock`` clears passwords and codes, loudly; nobody else's."""
    it = scene(house)
    with_app(house, "bo")
    bo = users.find(house.installation, house.harbour, "bo")
    assert bo is not None
    wrong_codes(it, 5)
    wrong_passwords(it, 5)
    Guest(house).sign_in("bo", "not the password")
    users.unlock(house.installation, house.harbour, it.ann)
    for purpose in Purpose:
        assert counted(house, it.ann, purpose) == 0
    assert counted(house, bo, Purpose.PASSWORD) == 1
    assert len(recorded(house.installation, house.harbour, EventKind.USER_UNLOCKED)) == 1
    guest = Guest(house)
    guest.sign_in()
    assert isinstance(guest.code(it.phone.code()), Minted)


def test_ac_18_setting_an_app_up_forgives_no_wrong_passwords(house: House) -> None:
    """AC-18: guesses at the current password in a stolen session, then **Verify and Save**."""
    ann = house.add()
    thief = Guest(house)
    thief.sign_in()
    for _ in range(4):
        outcome = change_own(
            house.installation,
            house.harbour,
            thief.me(),
            current=Secret("not the password"),
            new=Secret(OTHER_PASSWORD),
            browser=thief.browser_in_session,
        )
        assert isinstance(outcome, CurrentPasswordWrong)
    phone = thief.configure()
    assert isinstance(thief.verify_and_save(phone.code()), SetUpDone)
    assert counted(house, ann, Purpose.PASSWORD) == 4
