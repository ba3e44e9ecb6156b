"""Codes that are sent, as the second step: who is asked for one, and what it is worth (CS-1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import (
    ADDRESS,
    KEY,
    NOW,
    NUMBER,
    code_shown,
    live,
    password_shown,
    policy,
    sent_code_shown,
    situation,
    with_codes,
)
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.sessions import Level
from twostep.core.sign_in import (
    FRESH_FOR,
    AskFirstStep,
    AskSecondStep,
    Refused,
    SetUp,
    SignedIn,
    level_of,
    next_step,
)
from twostep.core.situations import Asked, Credentials, Pauses, Situation

CONTACTS = {Method.EMAIL_CODE: (ADDRESS,), Method.TEXT_CODE: (NUMBER,)}


def with_address(*, mode: str = "required", app: bool = False) -> Situation:
    """An address that was entered, and nothing that its person chose."""
    has = Credentials(
        has_password=True,
        contacts=CONTACTS,
        authenticators=frozenset({KEY}) if app else frozenset(),
    )
    return situation(password_shown(), credentials=has, policy=policy(mode))


def test_where_it_is_required_whoever_has_nothing_else_is_sent_a_code() -> None:
    """As in ClientSpace: no set-up."""
    step = next_step(with_address(), NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.TEXT_CODE, Method.EMAIL_CODE)


def test_where_it_is_optional_nobody_is_who_did_not_turn_it_on() -> None:
    assert isinstance(next_step(with_address(mode="optional"), NOW), SignedIn)
    step = next_step(with_codes(password_shown()), NOW)
    assert isinstance(step, AskSecondStep)


def test_beside_an_app_codes_are_there_for_whoever_turned_them_on() -> None:
    """What is weaker never comes to stand beside an app by itself."""
    step = next_step(with_address(app=True), NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.AUTHENTICATOR,)
    chosen = with_address(app=True)
    chosen = replace(chosen, credentials=replace(chosen.credentials, wants_codes=True))
    step = next_step(chosen, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.AUTHENTICATOR, Method.TEXT_CODE, Method.EMAIL_CODE)


def test_an_environment_that_forbids_them_asks_for_an_app() -> None:
    required = Policy(
        two_step_verification=TwoStepVerification.REQUIRED,
        methods=frozenset({Method.AUTHENTICATOR}),
    )
    assert isinstance(next_step(replace(with_address(), policy=required), NOW), SetUp)


@pytest.mark.parametrize("by_text", [False, True])
def test_a_code_is_worth_what_it_came_by(by_text: bool) -> None:
    """SECURITY section 0.3: an email code is never called MFA."""
    shown = sent_code_shown(address=NUMBER if by_text else ADDRESS, by_text=by_text)
    step = next_step(with_codes(password_shown(), shown), NOW)
    assert isinstance(step, SignedIn)
    assert step.level is (Level.TEXT_CODE if by_text else Level.EMAIL_CODE)


def test_the_strongest_proof_names_the_level() -> None:
    both = with_codes(password_shown(), sent_code_shown(), code_shown())
    has = replace(both.credentials, authenticators=frozenset({KEY}))
    assert level_of(replace(both, credentials=has), NOW) is Level.SECOND_STEP


def test_a_code_to_an_address_that_was_changed_since_proves_nothing() -> None:
    """AC-31, I-8."""
    there = with_codes(password_shown(), sent_code_shown(address=bytes(16)))
    assert isinstance(next_step(there, NOW), AskSecondStep)


def test_all_codes_are_paused_together() -> None:
    """SECURITY section 5.4."""
    paused = with_codes(password_shown(), pauses=Pauses(codes_until=NOW + 1))
    assert isinstance(next_step(paused, NOW), Refused)


def test_a_fresh_proof_is_a_code_for_whoever_has_nothing_stronger() -> None:
    asked = Asked(greatest_age=FRESH_FOR, act="turn_off")
    old = with_codes(password_shown(), sent_code_shown(at=NOW - FRESH_FOR - 1), asked=asked)
    step = next_step(live(old), NOW)
    assert isinstance(step, AskSecondStep)
    fresh = with_codes(password_shown(), sent_code_shown(at=NOW - FRESH_FOR), asked=asked)
    assert isinstance(next_step(live(fresh), NOW), SignedIn)
    optional = with_address(mode="optional")
    stale = replace(optional, asked=asked, proofs=(password_shown(at=NOW - FRESH_FOR - 1),))
    assert isinstance(next_step(live(stale), NOW), AskFirstStep)
