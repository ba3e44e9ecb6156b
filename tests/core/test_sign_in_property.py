"""The same rules a second time, written without looking at the first, over any facts at all.

``may_be_in`` says when somebody may be let in, one sentence after another. ``next_step`` must let
in exactly those, whatever the facts are, and must have an answer for all others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.core.situations import ANN, BEGUN, KEY, NOW, OTHER_KEY, session
from twostep.core.generations import Generations
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
    lambda disabled_at, suspect_at: replace(
        ANN, disabled_at=disabled_at, password_suspect_at=suspect_at
    ),
    mostly(never, moments),
    mostly(never, moments),
)
policies = st.builds(
    Policy,
    two_step_verification=st.sampled_from(TwoStepVerification),
    methods=mostly(
        st.sampled_from([frozenset({Method.AUTHENTICATOR}), frozenset(Method)]),
        st.sampled_from([frozenset({Method.PASSKEY}), frozenset()]),
    ),
)
passwords = st.builds(Proof, kind=st.just(ProofKind.PASSWORD), shown_at=mostly(recent, moments))
codes = st.builds(
    Proof,
    kind=st.just(ProofKind.AUTHENTICATOR),
    shown_at=mostly(recent, moments),
    credential_id=mostly(ids, st.none()),
)
proofs = st.builds(
    lambda first, more: (*first, *more),
    mostly(passwords.map(lambda proof: (proof,)), st.just(())),
    st.lists(codes | codes | passwords, max_size=2),
)
sessions = st.builds(
    lambda started_at, last_used_at, ended_at: Live(
        session=session(started_at=started_at, last_used_at=last_used_at, ended_at=ended_at),
        limits=SessionLimits(),
    ),
    mostly(recent, moments),
    mostly(recent, moments),
    mostly(never, moments),
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
    ),
    begun=mostly(st.just(BEGUN), generations | st.none()),
    today=mostly(st.just(BEGUN), generations | st.none()),
    waits_until=mostly(never, moments),
    live=never | sessions,
    pauses=st.builds(
        Pauses,
        password_until=mostly(never, moments),
        password_stopped=seldom,
        codes_until=mostly(never, moments),
        codes_stopped=seldom,
    ),
    asked=st.just(Asked())
    | st.builds(
        Asked,
        level=st.sampled_from(Level),
        greatest_age=st.sampled_from([None, 0, 5 * 60_000]),
        act=st.sampled_from([None, "remove"]),
    ),
)


def shown(of: Situation, kind: ProofKind) -> list[int]:
    """When proofs were shown that still count."""
    has = of.credentials
    return [
        proof.shown_at
        for proof in of.proofs
        if proof.kind is kind
        and (
            has.has_password
            if kind is ProofKind.PASSWORD
            else proof.credential_id in has.authenticators
        )
    ]


def usable_key(of: Situation) -> bool:
    return bool(of.credentials.authenticators) and Method.AUTHENTICATOR in of.policy.methods


def must_show_a_second_step(of: Situation) -> bool:
    if of.asked.level is Level.SECOND_STEP:
        return True
    if of.live:
        return False
    mode = of.policy.two_step_verification
    return mode == "required" or (mode == "optional" and usable_key(of))


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
        return (
            it.ended_at is None and it.started_at + 12 * HOUR > NOW and it.last_used_at + HOUR > NOW
        )
    return True


def runs(until: int | None) -> bool:
    return until is not None and until > NOW


def fresh_enough(of: Situation) -> bool:
    age = of.asked.greatest_age
    if age is None:
        return True
    kind = ProofKind.AUTHENTICATOR if usable_key(of) else ProofKind.PASSWORD
    return any(NOW - age <= at <= NOW for at in shown(of, kind)) and max(shown(of, kind)) <= NOW


def may_be_in(of: Situation) -> bool:
    """Somebody may be let in who ..."""
    pauses = of.pauses
    if not still_stands(of):
        return False
    if not shown(of, ProofKind.PASSWORD):
        return False
    if must_show_a_second_step(of) and not shown(of, ProofKind.AUTHENTICATOR):
        return False
    if not of.live:
        if pauses.password_stopped or runs(pauses.password_until):
            return False
        if must_show_a_second_step(of) and (pauses.codes_stopped or runs(pauses.codes_until)):
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
        second = bool(shown(of, ProofKind.AUTHENTICATOR))
        assert step.level is (Level.SECOND_STEP if second else Level.PASSWORD)


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
        assert not shown(of, ProofKind.PASSWORD) or of.asked.greatest_age is not None
        return
    assert shown(of, ProofKind.PASSWORD)
    if isinstance(step, AskSecondStep):
        assert usable_key(of)
        assert step.methods == (Method.AUTHENTICATOR,)
    if isinstance(step, SetUp):
        assert must_show_a_second_step(of)
        assert not of.credentials.authenticators
        assert step.methods == (Method.AUTHENTICATOR,)
    if isinstance(step, ChangePassword):
        assert of.user is not None
        assert may_be_in(replace(of, user=replace(of.user, password_suspect_at=None)))


def with_one_more(of: Situation, proof: Proof) -> Situation:
    return replace(of, proofs=(*of.proofs, proof))


@given(situations)
def test_no_proof_takes_anything_away_but_one_from_the_future(of: Situation) -> None:
    """Facts only add up: showing more never locks somebody out who was in."""
    if isinstance(next_step(of, NOW), SignedIn):
        for kind in ProofKind:
            more = with_one_more(of, Proof(kind=kind, shown_at=NOW, credential_id=KEY))
            assert isinstance(next_step(more, NOW), SignedIn)
