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

from tests.helpers.changes import (
    BY_THE_FLOWS,
    CHANGES,
    Scene,
    disabled,
    new_password,
    paused_passwords,
    scene,
    while_comparing,
)
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
from twostep.flows.sign_in import NotLetIn

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
