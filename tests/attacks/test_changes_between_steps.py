"""AC-17, R-11, R-29: what changes half-way counts at once, up to the very moment of the session.

R-11 had the lock checked when a sign-in began and not when it was redeemed; its first correction
checked it in one place too few. Here everything is asked again in the transaction that makes the
session. So each change is made twice: between the two steps, and between the comparison of the
right code and its result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.helpers.changes import (
    BY_THE_FLOWS,
    CHANGES,
    Scene,
    cancelled,
    disabled,
    new_password,
    paused_passwords,
    scene,
    while_comparing,
    wrong_passwords,
)
from tests.helpers.clocks import MINUTE
from tests.helpers.guests import Guest
from tests.helpers.house import House, Phone
from tests.helpers.invariants import hold
from twostep.core.reasons import Code
from twostep.core.sign_in import Refused
from twostep.flows import sign_in
from twostep.flows.codes import CodesPaused
from twostep.flows.mint import Minted
from twostep.flows.passwords import rehash_if_due
from twostep.flows.second_step import Elsewhere
from twostep.flows.sessions import end_all_others
from twostep.flows.set_up import NothingOffered
from twostep.flows.sign_in import NotLetIn
from twostep.storage import tables

Act = Callable[[Scene], None]

each_change = pytest.mark.parametrize(
    ("change", "why"), CHANGES.items(), ids=[change.__name__ for change in CHANGES]
)


@each_change
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_17_a_change_between_the_steps_refuses_the_right_code(
    house: House, change: Act, why: Code | None
) -> None:
    """AC-17, R-11, R-29, and AC-04: also where the page was loaded before the change."""
    it = scene(house)
    loaded = it.guest.waiting()
    assert loaded is not None
    change(it)
    waiting = it.guest.waiting()
    assert (waiting is None) == (why is None)
    if waiting is not None:
        assert isinstance(waiting.step, Refused)
        assert waiting.step.reasons[0].code is why
        assert not isinstance(it.guest.answer(waiting, it.phone.code()), Minted)
    answer = it.guest.answer(loaded, it.phone.code(steps=1))
    assert isinstance(answer, Elsewhere | CodesPaused)
    assert it.guest.person() is None
    if change in BY_THE_FLOWS:
        hold(house.installation)


@each_change
def test_ac_17_a_change_while_the_code_is_compared_refuses_it_too(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Act, why: Code | None
) -> None:
    """AC-17, R-11, R-29: the lock and all else are checked when the session is made."""
    it = scene(house)
    with while_comparing(monkeypatch, lambda: change(it)):
        answer = it.guest.code(it.phone.code())
    assert isinstance(answer, Elsewhere)
    if why is None:
        assert answer.step is None
    else:
        assert isinstance(answer.step, Refused)
        assert answer.step.reasons[0].code is why
    assert it.guest.person() is None
    if change in BY_THE_FLOWS:
        hold(house.installation)


def test_the_same_sign_in_without_any_change_gets_in(house: House) -> None:
    """So none of these was refused for another reason."""
    it = scene(house)
    assert isinstance(it.guest.code(it.phone.code()), Minted)
    hold(house.installation)


@pytest.mark.parametrize("change", [disabled, new_password, paused_passwords])
def test_ac_17_a_change_while_the_password_is_hashed_lets_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Act
) -> None:
    """AC-17, R-29: the same between the two transactions of the first step."""
    ann = house.add()
    owner, late = Guest(house), Guest(house)
    owner.sign_in()
    it = Scene(house, ann, Phone(b"", house.clock), owner, late)

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(sign_in, "rehash_if_due", rehash_if_due)
        change(it)
        return rehash_if_due(*given)

    monkeypatch.setattr(sign_in, "rehash_if_due", meanwhile)
    assert isinstance(late.sign_in(), NotLetIn)
    assert late.session is None
    if change is not paused_passwords:
        hold(house.installation)


# --- while an app is set up


def half_an_hour(of: Scene) -> None:
    """Longer than a sign-in waits for somebody who installs an app."""
    of.house.clock.forward(30 * MINUTE)


def ended_from_the_list(of: Scene) -> None:
    """The owner ends all other sessions."""
    assert end_all_others(of.house.installation, of.owner.me()) == 1


def no_key_is_active(house: House) -> bool:
    counting = tables.authenticators.c.state == "active"
    return not house.installation.database.read(
        lambda connection: connection.execute(select(tables.authenticators).where(counting)).all()
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change", [wrong_passwords, disabled, new_password, cancelled, half_an_hour]
)
def test_ac_17_a_change_while_the_first_code_is_compared_sets_nothing_up(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Act
) -> None:
    """AC-17, AC-51: in a sign-in that waits for set-up; no key, no session."""
    ann = house.add()
    owner, guest = Guest(house), Guest(house, address="198.51.100.9")
    owner.sign_in()
    house.set(house.harbour, "two_step_verification", "required")
    guest.sign_in()
    phone = guest.phone_in_sign_in()
    it = Scene(house, ann, phone, owner, guest)
    with while_comparing(monkeypatch, lambda: change(it)):
        assert isinstance(guest.verify_and_save_in_sign_in(phone.code()), NothingOffered)
    assert guest.session is None
    assert no_key_is_active(house)
    hold(house.installation)


@pytest.mark.parametrize("change", [disabled, new_password, ended_from_the_list])
def test_ac_17_a_session_that_ends_while_the_code_is_compared_sets_nothing_up(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Act
) -> None:
    """AC-17, AC-51: in Security Settings of a session that somebody else had."""
    ann = house.add()
    owner, thief = Guest(house), Guest(house)
    owner.sign_in()
    thief.sign_in()
    phone = thief.configure()
    it = Scene(house, ann, phone, owner, thief)
    with while_comparing(monkeypatch, lambda: change(it)):
        assert isinstance(thief.verify_and_save(phone.code()), NothingOffered)
    assert thief.person() is None
    assert no_key_is_active(house)
    hold(house.installation)
