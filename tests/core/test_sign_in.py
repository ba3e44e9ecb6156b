"""Which step comes next: each rule by itself, in the order in which they are asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import (
    ANN,
    BEGUN,
    KEY,
    NOW,
    OTHER_KEY,
    both_shown,
    live,
    password_shown,
    policy,
    situation,
    with_key,
)
from twostep.core.policies import Method
from twostep.core.reasons import Code
from twostep.core.sessions import Level
from twostep.core.sign_in import (
    MINUTE,
    AskFirstStep,
    AskSecondStep,
    ChangePassword,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
    level_of,
    next_step,
    second_step_proven,
)
from twostep.core.situations import Asked, Credentials, Pauses, Proof, ProofKind, Situation

AUTHENTICATOR = (Method.AUTHENTICATOR,)
NO_METHODS = replace(policy("required"), methods=frozenset())


def codes(step: NextStep) -> list[Code]:
    return [reason.code for reason in step.reasons]


# --- the order of the steps


def test_before_any_proof_the_password_is_asked() -> None:
    step = next_step(situation(), NOW)
    assert isinstance(step, AskFirstStep)
    assert codes(step) == [Code.NOTHING_PROVEN]


def test_a_code_alone_is_no_first_step() -> None:
    """R-28: with a second step set up, the password is checked all the same."""
    code_alone = with_key(both_shown().proofs[1])
    assert isinstance(next_step(code_alone, NOW), AskFirstStep)


def test_a_password_proof_of_a_user_who_has_no_password_any_more_proves_nothing() -> None:
    gone = replace(situation(password_shown()), credentials=Credentials())
    assert isinstance(next_step(gone, NOW), AskFirstStep)


@pytest.mark.parametrize(
    ("mode", "has_key", "expected", "why"),
    [
        ("off", False, SignedIn, [Code.TWO_STEP_OFF]),
        ("off", True, SignedIn, [Code.TWO_STEP_OFF]),
        ("optional", False, SignedIn, [Code.OPTIONAL_AND_NOT_SET_UP]),
        ("optional", True, AskSecondStep, [Code.SET_UP_BY_PERSON, Code.NEW_DEVICE]),
        ("required", False, SetUp, [Code.REQUIRED_HERE, Code.NOT_SET_UP_YET]),
        ("required", True, AskSecondStep, [Code.REQUIRED_HERE, Code.NEW_DEVICE]),
    ],
)
def test_after_the_password_the_policy_decides(
    mode: str, has_key: bool, expected: type[NextStep], why: list[Code]
) -> None:
    make = with_key if has_key else situation
    step = next_step(make(password_shown(), policy=policy(mode)), NOW)
    assert isinstance(step, expected)
    assert codes(step) == why
    if isinstance(step, SignedIn):
        assert step.level is Level.PASSWORD
    if isinstance(step, AskSecondStep | SetUp):
        assert step.methods == AUTHENTICATOR


def test_who_requires_it_is_said() -> None:
    by_floor = replace(policy("required"), required_by="floor")
    step = next_step(situation(password_shown(), policy=by_floor), NOW)
    assert step.reasons[0].get("source") == "floor"


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_both_steps_sign_in_at_the_second_level(mode: str) -> None:
    step = next_step(both_shown(policy=policy(mode)), NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, codes(step)) == (Level.SECOND_STEP, [Code.BOTH_STEPS_PROVEN])


def test_what_was_shown_counts_where_nobody_is_asked_for_it() -> None:
    """I-13: the level is what the proofs are worth, neither more nor less."""
    step = next_step(both_shown(policy=policy("off")), NOW)
    assert isinstance(step, SignedIn)
    assert step.level is Level.SECOND_STEP


def test_a_code_of_a_key_that_is_gone_proves_nothing() -> None:
    """I-8: a sign-in for a replaced key never finishes by it."""
    replaced = replace(
        both_shown(), credentials=Credentials(has_password=True, authenticators=frozenset({KEY}))
    )
    assert second_step_proven(replaced)
    other = replace(
        replaced, credentials=replace(replaced.credentials, authenticators=frozenset({OTHER_KEY}))
    )
    assert not second_step_proven(other)
    assert level_of(other, NOW) is Level.PASSWORD
    assert isinstance(next_step(other, NOW), AskSecondStep)


def test_where_no_method_is_allowed_nobody_enrols_and_nobody_gets_in() -> None:
    step = next_step(situation(password_shown(), policy=NO_METHODS), NOW)
    assert isinstance(step, Refused)
    assert codes(step)[-1] is Code.NO_METHOD_ALLOWED


def test_a_key_that_is_no_longer_allowed_opens_no_set_up_for_the_password_alone() -> None:
    """R-20: whoever has a second step cannot be given another one by somebody with the password."""
    assert isinstance(next_step(with_key(password_shown(), policy=NO_METHODS), NOW), Refused)
    elsewhere = replace(policy("required"), methods=frozenset({Method.PASSKEY}))
    assert isinstance(next_step(with_key(password_shown(), policy=elsewhere), NOW), Refused)


def test_a_password_that_others_seem_to_know_is_changed_after_every_other_proof() -> None:
    known = replace(ANN, password_suspect_at=NOW)
    assert isinstance(next_step(situation(password_shown(), user=known), NOW), ChangePassword)
    assert isinstance(next_step(with_key(password_shown(), user=known), NOW), AskSecondStep)
    step = next_step(both_shown(user=known), NOW)
    assert isinstance(step, ChangePassword)
    assert codes(step) == [Code.PASSWORD_MAY_BE_KNOWN]
    assert isinstance(next_step(live(both_shown(user=known)), NOW), SignedIn)


# --- what forbids everything


def proven(**changes: object) -> Situation:
    """Somebody who would be signed in, but for the change."""
    made = replace(both_shown(), **changes)  # type: ignore[arg-type]
    assert isinstance(next_step(both_shown(), NOW), SignedIn)
    return made


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (proven(user=None), Code.USER_UNKNOWN),
        (proven(user=replace(ANN, disabled_at=NOW + MINUTE)), Code.USER_DISABLED),
        (proven(begun=BEGUN, today=None), Code.ENDED),
        (proven(today=replace(BEGUN, installation=2)), Code.INSTALLATION_RESTORED),
        (proven(today=replace(BEGUN, password=2)), Code.PASSWORD_CHANGED),
        (proven(today=replace(BEGUN, second_step=2)), Code.SECOND_STEP_CHANGED),
        (proven(waits_until=NOW), Code.WAITED_TOO_LONG),
        (proven(pauses=Pauses(password_stopped=True)), Code.PASSWORD_STOPPED),
        (proven(pauses=Pauses(password_until=NOW + 1)), Code.TOO_MANY_PASSWORDS),
        (proven(pauses=Pauses(codes_stopped=True)), Code.SECOND_STEP_STOPPED),
        (proven(pauses=Pauses(codes_until=NOW + 1)), Code.TOO_MANY_CODES),
    ],
)
def test_whatever_was_proven_is_refused_where(changed: Situation, why: Code) -> None:
    """AC-17, R-11, R-29: asked again at the end, when every proof is there."""
    step = next_step(changed, NOW)
    assert isinstance(step, Refused)
    assert codes(step) == [why]
    until = step.reasons[0].get("until")
    assert step.until == until
    assert (until == NOW + 1) == (why in {Code.TOO_MANY_PASSWORDS, Code.TOO_MANY_CODES})


def test_a_pause_that_is_over_and_a_wait_that_is_not_forbid_nothing() -> None:
    allowed = proven(pauses=Pauses(password_until=NOW, codes_until=NOW), waits_until=NOW + 1)
    assert isinstance(next_step(allowed, NOW), SignedIn)


def test_a_pause_of_codes_is_told_after_the_password_and_not_before() -> None:
    paused = replace(with_key(), pauses=Pauses(codes_until=NOW + 1))
    assert isinstance(next_step(paused, NOW), AskFirstStep)
    told = next_step(replace(paused, proofs=(password_shown(),)), NOW)
    assert isinstance(told, Refused)
    assert told.until == NOW + 1


def test_wrong_codes_do_not_keep_out_somebody_who_is_asked_for_none() -> None:
    for mode in ("off", "optional"):
        there = situation(password_shown(), policy=policy(mode), pauses=Pauses(codes_stopped=True))
        assert isinstance(next_step(there, NOW), SignedIn)


# --- a live session


def test_a_live_session_goes_on_and_says_what_it_earned() -> None:
    step = next_step(live(both_shown()), NOW)
    assert isinstance(step, SignedIn)
    assert (step.level, codes(step)) == (Level.SECOND_STEP, [Code.SESSION_GOES_ON])


def test_a_live_session_finishes_when_a_second_step_becomes_required() -> None:
    """CT-12: the new rule holds for what begins after it."""
    there = live(situation(password_shown(), policy=policy("required")))
    step = next_step(there, NOW)
    assert isinstance(step, SignedIn)
    assert step.level is Level.PASSWORD


@pytest.mark.parametrize(
    ("later", "why"), [(60 * MINUTE, Code.SESSION_IDLE), (12 * 60 * MINUTE, Code.SESSION_OVER)]
)
def test_a_live_session_ends_by_itself(later: int, why: Code) -> None:
    step = next_step(live(both_shown()), NOW + later)
    assert isinstance(step, Refused)
    assert codes(step) == [why]


def test_wrong_passwords_of_others_do_not_end_a_live_session() -> None:
    there = replace(live(both_shown()), pauses=Pauses(password_stopped=True, codes_stopped=True))
    assert isinstance(next_step(there, NOW), SignedIn)


@pytest.mark.parametrize("generation", ["installation", "password", "second_step"])
def test_a_live_session_from_before_a_change_is_over(generation: str) -> None:
    there = replace(live(both_shown()), today=replace(BEGUN, **{generation: 2}))
    assert isinstance(next_step(there, NOW), Refused)


# --- an act that asks for more


def test_an_act_asks_a_live_session_for_the_second_step() -> None:
    asked = Asked(level=Level.SECOND_STEP, act="forget_device")
    there = replace(live(with_key(password_shown())), asked=asked)
    step = next_step(there, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.reasons[0].get("act") == "forget_device"
    assert isinstance(next_step(replace(live(both_shown()), asked=asked), NOW), SignedIn)
    without = replace(live(situation(password_shown())), asked=Asked(level=Level.SECOND_STEP))
    assert isinstance(next_step(without, NOW), SetUp)


@pytest.mark.parametrize(
    ("pauses", "until"),
    [(Pauses(codes_until=NOW + 1), NOW + 1), (Pauses(codes_stopped=True), None)],
)
def test_a_pause_of_codes_holds_for_an_act_as_well(pauses: Pauses, until: int | None) -> None:
    asked = Asked(level=Level.SECOND_STEP)
    there = replace(live(with_key(password_shown())), asked=asked, pauses=pauses)
    step = next_step(there, NOW)
    assert isinstance(step, Refused)
    assert step.until == until


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (MINUTE, True), (MINUTE + 1, False), (-1, False)]
)
def test_an_act_may_ask_for_a_fresh_proof(age: int, fresh: bool) -> None:
    """The second step of whoever has one, the password of all others; nothing from the future."""
    asked = Asked(greatest_age=MINUTE, act="remove")
    with_code = replace(live(both_shown(at=NOW - age)), asked=asked)
    step = next_step(with_code, NOW)
    assert isinstance(step, SignedIn if fresh else AskSecondStep)
    password_only = replace(live(situation(password_shown(at=NOW - age))), asked=asked)
    step = next_step(password_only, NOW)
    assert isinstance(step, SignedIn if fresh else AskFirstStep)
    if not fresh:
        assert codes(step) == [Code.PROOF_TOO_OLD, Code.ASKED_BY_ACT]
        assert step.reasons[0].get("minutes") == 1


def test_the_newest_proof_of_a_kind_is_the_one_whose_age_counts() -> None:
    again = Proof(kind=ProofKind.AUTHENTICATOR, shown_at=NOW, credential_id=KEY)
    there = live(both_shown(at=NOW - 30 * MINUTE))
    there = replace(there, proofs=(again, *there.proofs), asked=Asked(greatest_age=MINUTE))
    assert isinstance(next_step(there, NOW), SignedIn)


def test_a_fresh_password_does_not_stand_in_for_the_second_step() -> None:
    there = live(with_key(password_shown()))
    there = replace(there, asked=Asked(greatest_age=MINUTE))
    assert isinstance(next_step(there, NOW), AskSecondStep)
