"""The same rules a second time, written without looking at the first, over any facts at all.

``may_be_in`` says when somebody may be let in, one sentence after another. ``next_step`` must let
in exactly those, whatever the facts are, and must have an answer for all others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.core.situations import ANN, BEGUN, KEY, NOW, NUMBERS, OTHER_KEY, device, session
from twostep.core.devices import EnvironmentNumbers
from twostep.core.generations import Generations
from twostep.core.help_desk_codes import HelpDeskPurpose, OpenCode
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.sessions import Level, SessionLimits
from twostep.core.sign_in import (
    AskFirstStep,
    AskSecondStep,
    ChangePassword,
    Refused,
    SetUp,
    SignedIn,
    next_step,
)
from twostep.core.situations import (
    Asked,
    Credentials,
    Live,
    Pauses,
    Proof,
    ProofKind,
    Shown,
    Situation,
)

HOUR = 3_600_000

T = TypeVar("T")


def mostly(usual: st.SearchStrategy[T], rare: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The rare thing once in twelve: all of them at once would refuse nearly everybody."""
    return st.integers(0, 11).flatmap(lambda number: usual if number else rare)


moments = st.sampled_from([NOW + distance for distance in (-13 * HOUR, -HOUR, -1, 0, 1, HOUR)])
recent = st.sampled_from([NOW - 1, NOW])
usually = st.sampled_from([True] * 11 + [False])
seldom = usually.map(lambda value: not value)
never: st.SearchStrategy[int | None] = st.none()
ids = st.sampled_from([KEY, OTHER_KEY])
numbers = st.sampled_from([1, 1, 2])
generations = st.builds(Generations, installation=numbers, password=numbers, second_step=numbers)

users = st.builds(
    lambda disabled_at, suspect_at, paused_at, paused_until, flagged_at: replace(
        ANN,
        disabled_at=disabled_at,
        password_suspect_at=suspect_at,
        two_step_paused_at=paused_at,
        two_step_paused_until=paused_until,
        set_up_code_asked_at=flagged_at,
    ),
    mostly(never, moments),
    mostly(never, moments),
    st.sampled_from([None, None, NOW - 1, NOW + 1]),
    st.sampled_from([None, NOW, NOW + HOUR]),
    st.sampled_from([None, None, NOW - 1]),
)
policies = st.builds(
    Policy,
    two_step_verification=st.sampled_from(TwoStepVerification),
    methods=mostly(
        st.sampled_from([frozenset({Method.AUTHENTICATOR}), frozenset(Method)]),
        st.sampled_from([frozenset({Method.PASSKEY}), frozenset()]),
    ),
    at_once_at=mostly(never, moments),
)
passwords = st.builds(Proof, kind=st.just(ProofKind.PASSWORD), shown_at=mostly(recent, moments))
codes = st.builds(
    Proof,
    kind=st.sampled_from([ProofKind.AUTHENTICATOR, ProofKind.RECOVERY_CODE]),
    shown_at=mostly(recent, moments),
    credential_id=mostly(ids, st.none()),
)
helped = st.builds(
    Proof,
    kind=st.sampled_from([ProofKind.HELP_DESK_CODE, ProofKind.SET_UP_CODE]),
    shown_at=recent,
    credential_id=ids,
)
proofs = st.builds(
    lambda first, more: (*first, *more),
    mostly(passwords.map(lambda proof: (proof,)), st.just(())),
    st.lists(codes | codes | passwords | helped, max_size=2),
)
help_desk_codes = st.lists(
    st.builds(
        OpenCode,
        id=ids,
        purpose=st.sampled_from(HelpDeskPurpose),
        ends_at=st.just(NOW + HOUR),
        uses_left=st.sampled_from([0, 1]),
    ),
    max_size=2,
    unique_by=lambda code: code.id,
).map(tuple)
sessions = st.builds(
    lambda started_at, last_used_at, ended_at, level, ends_at: Live(
        session=session(
            started_at=started_at,
            last_used_at=last_used_at,
            ended_at=ended_at,
            level=level,
            ends_at=ends_at,
        ),
        limits=SessionLimits(),
    ),
    mostly(recent, moments),
    mostly(recent, moments),
    mostly(never, moments),
    st.sampled_from([Level.SECOND_STEP, Level.HELP_DESK_CODE]),
    mostly(never, moments),
)
devices = st.builds(
    device,
    verified_at=mostly(recent, never | moments),
    days_at_issue=st.sampled_from([None, 30]),
    passes_until=mostly(never, moments),
    forgotten_at=mostly(never, moments),
    generations=mostly(st.just(BEGUN), generations),
    numbers=st.builds(EnvironmentNumbers, remembering=numbers, off=numbers),
)
shown_devices = st.builds(
    Shown,
    device=mostly(devices, st.none()),
    days_now=mostly(st.just(30), st.just(0)),
    numbers=st.just(NUMBERS),
)
situations = st.builds(
    Situation,
    user=mostly(users, st.none()),
    policy=policies,
    proofs=proofs,
    credentials=st.builds(
        Credentials,
        has_password=usually,
        authenticators=st.sampled_from(
            [frozenset(), frozenset({KEY}), frozenset({KEY, OTHER_KEY})]
        ),
        recovery_codes=st.sampled_from([0, 1, 10]),
        help_desk_codes=help_desk_codes,
    ),
    begun=mostly(st.just(BEGUN), generations | st.none()),
    today=mostly(st.just(BEGUN), generations | st.none()),
    waits_until=mostly(never, moments),
    live=never | sessions,
    shown=never | shown_devices,
    pauses=st.builds(
        Pauses,
        password_until=mostly(never, moments),
        password_stopped=seldom,
        codes_until=mostly(never, moments),
        codes_stopped=seldom,
        recovery_codes_paused=st.booleans(),
    ),
    asked=st.just(Asked())
    | st.builds(
        Asked,
        level=st.sampled_from(Level),
        greatest_age=st.sampled_from([None, 0, 5 * 60_000]),
        act=st.sampled_from([None, "remove", "set_up"]),
        takes_recovery_code=st.booleans(),
    ),
)


def shown(of: Situation, kind: ProofKind) -> list[int]:
    """When proofs were shown that still count."""
    has = of.credentials
    return [
        proof.shown_at
        for proof in of.proofs
        if proof.kind is kind
        and {
            ProofKind.PASSWORD: has.has_password,
            ProofKind.AUTHENTICATOR: proof.credential_id in has.authenticators,
            ProofKind.RECOVERY_CODE: len(has.authenticators) > 0,
            ProofKind.HELP_DESK_CODE: is_open(of, proof),
            ProofKind.SET_UP_CODE: is_open(of, proof),
        }[kind]
    ]


def is_open(of: Situation, proof: Proof) -> bool:
    return proof.credential_id in {code.id for code in of.credentials.help_desk_codes}


def helped_in(of: Situation) -> bool:
    """By a code of the help desk for today's work, which no act takes for a second step."""
    today = {
        code.id for code in of.credentials.help_desk_codes if code.purpose is HelpDeskPurpose.TODAY
    }
    given = {proof.credential_id for proof in of.proofs if proof.kind is ProofKind.HELP_DESK_CODE}
    return bool(today & given) and of.asked.level is not Level.SECOND_STEP


def paused(of: Situation) -> bool:
    user = of.user
    if user is None or user.two_step_paused_at is None or user.two_step_paused_until is None:
        return False
    return user.two_step_paused_at <= NOW < user.two_step_paused_until


def set_up_code_asked(of: Situation) -> bool:
    flagged = of.user is not None and of.user.set_up_code_asked_at is not None
    return flagged and of.policy.two_step_verification == "required"


def second_steps_shown(of: Situation) -> list[int]:
    return shown(of, ProofKind.AUTHENTICATOR) + shown(of, ProofKind.RECOVERY_CODE)


def second_steps_that_count(of: Situation) -> list[int]:
    """In a sign-in only what is allowed at this moment; a session is not asked again."""
    kinds = (ProofKind.AUTHENTICATOR, ProofKind.RECOVERY_CODE)
    allowed = [kind for kind in kinds if of.live or kind.value in of.policy.methods]
    return [at for kind in allowed for at in shown(of, kind)]


def usable_key(of: Situation) -> bool:
    return bool(of.credentials.authenticators) and Method.AUTHENTICATOR in of.policy.methods


def must_show_a_second_step(of: Situation) -> bool:
    if of.asked.level is Level.SECOND_STEP:
        return True
    if paused(of):
        return False
    if of.live and of.live.session.started_at > (of.policy.at_once_at or 0):
        return False
    mode = of.policy.two_step_verification
    return mode == "required" or (mode == "optional" and usable_key(of))


def device_passes(of: Situation) -> bool:
    """A device passes that was verified under what holds today, and not too long ago."""
    seen = of.shown.device if of.shown else None
    if of.shown is None or seen is None or seen.verified_at is None:
        return False
    if seen.forgotten_at is not None:
        return False
    if seen.generations != of.today or seen.verified_at > NOW + 10_000:
        return False
    if seen.numbers.off == NUMBERS.off and runs(seen.passes_until):
        return True
    if seen.days_at_issue is None or seen.numbers.remembering != NUMBERS.remembering:
        return False
    days = min(seen.days_at_issue, of.shown.days_now)
    return seen.verified_at + days * 24 * HOUR > NOW


def needs_to_show_a_code(of: Situation) -> bool:
    """No device stands in for what an act asks for."""
    by_the_act = of.asked.level is Level.SECOND_STEP
    return must_show_a_second_step(of) and (by_the_act or not device_passes(of))


def still_stands(of: Situation) -> bool:
    """Nothing has ended what the facts belong to."""
    if of.user is None or of.user.disabled_at is not None:
        return False
    if of.begun is not None and of.begun != of.today:
        return False
    if of.waits_until is not None and of.waits_until <= NOW:
        return False
    if of.live:
        it = of.live.session
        if it.ends_at is not None and it.ends_at <= NOW:
            return False
        return (
            it.ended_at is None and it.started_at + 12 * HOUR > NOW and it.last_used_at + HOUR > NOW
        )
    return True


def runs(until: int | None) -> bool:
    return until is not None and until > NOW


def codes_wait(pauses: Pauses) -> bool:
    return pauses.codes_stopped or runs(pauses.codes_until)


def fresh_enough(of: Situation) -> bool:
    age = of.asked.greatest_age
    if age is None:
        return True
    if not usable_key(of):
        if of.live and of.live.session.level is Level.HELP_DESK_CODE:
            return False
        if of.asked.act == "set_up" and set_up_code_asked(of):
            return False
        times = shown(of, ProofKind.PASSWORD)
    elif of.asked.takes_recovery_code:
        times = second_steps_shown(of)
    else:
        times = shown(of, ProofKind.AUTHENTICATOR)
    return any(NOW - age <= at <= NOW for at in times) and max(times) <= NOW


def used_the_last_code(of: Situation) -> bool:
    """Nothing is left to sign in with, where another key could be set up."""
    by_code_alone = shown(of, ProofKind.RECOVERY_CODE) and not shown(of, ProofKind.AUTHENTICATOR)
    none_left = of.credentials.recovery_codes == 0
    return bool(by_code_alone) and none_left and Method.AUTHENTICATOR in of.policy.methods


def may_be_in(of: Situation) -> bool:
    """Somebody may be let in who ..."""
    pauses = of.pauses
    if not still_stands(of):
        return False
    if not shown(of, ProofKind.PASSWORD):
        return False
    if needs_to_show_a_code(of) and not second_steps_that_count(of) and not helped_in(of):
        return False
    if not of.live:
        if pauses.password_stopped or runs(pauses.password_until):
            return False
        a_code = second_steps_that_count(of) or (needs_to_show_a_code(of) and not helped_in(of))
        if must_show_a_second_step(of) and a_code and codes_wait(pauses):
            if not shown(of, ProofKind.RECOVERY_CODE):
                return False
        if must_show_a_second_step(of) and used_the_last_code(of) and second_steps_that_count(of):
            return False
        if of.user and of.user.password_suspect_at is not None:
            return False
    return fresh_enough(of)


@settings(max_examples=12 * settings().max_examples)
@given(situations)
def test_next_step_lets_in_exactly_whom_the_rules_let_in(of: Situation) -> None:
    """I-1: no facts give a session that lacks what the policy demands; none raise."""
    step = next_step(of, NOW)
    event(type(step).__name__)
    assert isinstance(step, SignedIn) == may_be_in(of), (step, of)
    assert step.reasons
    if isinstance(step, SignedIn):
        second = bool(second_steps_shown(of))
        assert (step.level is Level.SECOND_STEP) == second
        if step.level is Level.REMEMBERED and not of.live:
            assert device_passes(of)
        if step.level is Level.HELP_DESK_CODE and not of.live:
            assert helped_in(of)


@settings(max_examples=6 * settings().max_examples)
@given(situations)
def test_what_is_asked_for_is_something_that_helps(of: Situation) -> None:
    """I-7: set-up is open to nobody who has a second step, nor before the password."""
    step = next_step(of, NOW)
    if isinstance(step, Refused):
        assert step.until is None or step.until > NOW
        return
    assert still_stands(of)
    if isinstance(step, AskFirstStep):
        # A session that was left open enrols nobody before the password is shown again.
        to_enrol = of.live is not None and must_show_a_second_step(of)
        assert not shown(of, ProofKind.PASSWORD) or to_enrol or of.asked.greatest_age is not None
        return
    assert shown(of, ProofKind.PASSWORD)
    if isinstance(step, AskSecondStep):
        by_help_desk = (
            not of.live
            and needs_to_show_a_code(of)
            and not second_steps_that_count(of)
            and any(code.uses_left for code in of.credentials.help_desk_codes)
        )
        if not usable_key(of):
            assert step.methods == (Method.HELP_DESK_CODE,)
            assert by_help_desk or set_up_code_asked(of)
            return
        may_use_codes = of.credentials.recovery_codes and Method.RECOVERY_CODE in of.policy.methods
        of_a_sign_in = needs_to_show_a_code(of) and not second_steps_shown(of)
        taken = may_use_codes and (of_a_sign_in or of.asked.takes_recovery_code)
        also = (Method.RECOVERY_CODE,) if taken else ()
        last = (Method.HELP_DESK_CODE,) if by_help_desk else ()
        if of_a_sign_in and codes_wait(of.pauses):
            also = () if of.pauses.recovery_codes_paused else also
            assert also or last
            assert step.methods == (*also, *last)
        else:
            assert step.methods == (Method.AUTHENTICATOR, *also, *last)
    if isinstance(step, SetUp):
        assert must_show_a_second_step(of)
        allowed = used_the_last_code(of) or bool(shown(of, ProofKind.SET_UP_CODE))
        assert not of.credentials.authenticators or (allowed and not of.live)
        # AC-34: nobody enrols with the password alone after a removal.
        if set_up_code_asked(of) and not of.credentials.authenticators:
            assert shown(of, ProofKind.SET_UP_CODE)
        assert step.methods == (Method.AUTHENTICATOR,)
    if isinstance(step, ChangePassword):
        assert of.user is not None
        assert may_be_in(replace(of, user=replace(of.user, password_suspect_at=None)))


def with_one_more(of: Situation, proof: Proof) -> Situation:
    return replace(of, proofs=(*of.proofs, proof))


@given(situations)
def test_no_proof_takes_anything_away_but_one_from_the_future(of: Situation) -> None:
    """Facts only add up: showing more never locks somebody out who was in. (A remembered device is
    asked for no code, so it shows none during a pause of codes, and no last recovery code.)
    """
    if isinstance(next_step(of, NOW), SignedIn) and not (of.shown and codes_wait(of.pauses)):
        last = of.shown and of.credentials.recovery_codes == 0
        for kind in set(ProofKind) - ({ProofKind.RECOVERY_CODE} if last else set()):
            more = with_one_more(of, Proof(kind=kind, shown_at=NOW, credential_id=KEY))
            assert isinstance(next_step(more, NOW), SignedIn)
