"""Which step comes next for somebody with recovery codes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import (
    KEY,
    NOW,
    code_shown,
    live,
    password_shown,
    policy,
    recovery_code_shown,
    situation,
)
from twostep.core.policies import Method
from twostep.core.reasons import Code
from twostep.core.sessions import Level
from twostep.core.sign_in import (
    MINUTE,
    AskFirstStep,
    AskSecondStep,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
    level_of,
    next_step,
    second_step_proven,
)
from twostep.core.situations import Asked, Credentials, Pauses

AUTHENTICATOR = (Method.AUTHENTICATOR,)


def codes(step: NextStep) -> list[Code]:
    return [reason.code for reason in step.reasons]


def has_codes(left: int) -> Credentials:
    return Credentials(has_password=True, authenticators=frozenset({KEY}), recovery_codes=left)


@pytest.mark.parametrize(
    ("left", "methods"),
    [(0, AUTHENTICATOR), (1, (Method.AUTHENTICATOR, Method.RECOVERY_CODE))],
)
def test_a_recovery_code_is_a_way_beside_the_app_while_one_is_left(
    left: int, methods: tuple[Method, ...]
) -> None:
    step = next_step(situation(password_shown(), credentials=has_codes(left)), NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == methods


def test_recovery_codes_that_are_not_allowed_are_no_way() -> None:
    app_only = replace(policy(), methods=frozenset(AUTHENTICATOR))
    there = situation(password_shown(), credentials=has_codes(10), policy=app_only)
    step = next_step(there, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == AUTHENTICATOR


@pytest.mark.parametrize(
    ("mode", "expected"), [("optional", SignedIn), ("required", SetUp), ("off", SignedIn)]
)
def test_codes_that_nothing_stands_behind_are_as_good_as_no_second_step(
    mode: str, expected: type[NextStep]
) -> None:
    alone = Credentials(has_password=True, recovery_codes=10)
    there = situation(password_shown(), credentials=alone, policy=policy(mode))
    assert isinstance(next_step(there, NOW), expected)
    shown = situation(
        password_shown(), recovery_code_shown(), credentials=alone, policy=policy(mode)
    )
    assert not second_step_proven(shown)


def test_a_recovery_code_is_a_second_step_of_this_sign_in() -> None:
    """SECURITY 0.3: level 2."""
    there = situation(password_shown(), recovery_code_shown(), credentials=has_codes(9))
    step = next_step(there, NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, codes(step)) == (Level.SECOND_STEP, [Code.BOTH_STEPS_PROVEN])


def test_after_the_last_one_the_app_is_set_up_again_before_anything_else() -> None:
    """B-6: setting up again can be put off while codes remain, and no longer."""
    there = situation(password_shown(), recovery_code_shown(), credentials=has_codes(0))
    step = next_step(there, NOW)
    assert isinstance(step, SetUp)
    assert (step.methods, codes(step)) == (AUTHENTICATOR, [Code.LAST_RECOVERY_CODE])
    set_up_anew = replace(there, proofs=(*there.proofs, code_shown()))
    assert isinstance(next_step(set_up_anew, NOW), SignedIn)
    assert isinstance(next_step(live(there), NOW), SignedIn)


PAUSED = Pauses(codes_until=NOW + MINUTE)
STOPPED = Pauses(codes_stopped=True)


@pytest.mark.parametrize(
    ("pauses", "why"),
    [(PAUSED, Code.TOO_MANY_CODES), (STOPPED, Code.SECOND_STEP_STOPPED)],
)
def test_while_codes_of_the_app_are_paused_a_recovery_code_is_the_way_in(
    pauses: Pauses, why: Code
) -> None:
    """SECURITY 5.4: they are counted apart, so whoever guesses at codes locks no owner out."""
    there = situation(password_shown(), credentials=has_codes(3), pauses=pauses)
    step = next_step(there, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.RECOVERY_CODE,)
    assert why in codes(step)
    through = replace(there, proofs=(*there.proofs, recovery_code_shown()))
    assert isinstance(next_step(through, NOW), SignedIn)
    by_app = replace(there, proofs=(*there.proofs, code_shown()))
    assert isinstance(next_step(by_app, NOW), Refused)


def test_where_recovery_codes_are_paused_as_well_there_is_no_way() -> None:
    both = replace(PAUSED, recovery_codes_paused=True)
    step = next_step(situation(password_shown(), credentials=has_codes(3), pauses=both), NOW)
    assert isinstance(step, Refused)
    assert step.until == NOW + MINUTE


def test_a_recovery_code_alone_is_no_first_step() -> None:
    there = situation(recovery_code_shown(), credentials=has_codes(9))
    assert isinstance(next_step(there, NOW), AskFirstStep)


@pytest.mark.parametrize(
    ("age", "takes", "fresh"),
    [(0, True, True), (MINUTE, True, True), (MINUTE + 1, True, False), (0, False, False)],
)
def test_a_recovery_code_is_fresh_proof_for_an_act_that_takes_one(
    age: int, takes: bool, fresh: bool
) -> None:
    """AC-32: with it one sets up again, or turns off; for all else it opens nothing."""
    there = live(
        situation(
            password_shown(at=NOW - age),
            recovery_code_shown(at=NOW - age),
            credentials=has_codes(9),
        )
    )
    asked = Asked(greatest_age=MINUTE, act="an-act", takes_recovery_code=takes)
    step = next_step(replace(there, asked=asked), NOW)
    assert isinstance(step, SignedIn if fresh else AskSecondStep)
    if isinstance(step, AskSecondStep):
        assert (Method.RECOVERY_CODE in step.methods) == takes


def test_when_what_it_stood_in_for_is_gone_a_recovery_code_proves_nothing() -> None:
    """I-8: a session that turned its second step off says no more than its password."""
    gone = live(situation(password_shown(), recovery_code_shown()))
    assert level_of(gone, NOW) is Level.PASSWORD
