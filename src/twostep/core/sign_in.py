"""The heart: facts in, next step out.

A sign-in stores facts: proofs, append-only, each with what was shown and when. Nobody stores "the
current step".
:func:`next_step` derives it, and every door asks this one function: the pages, the one mint that
makes sessions,
and the check of a live session. It decides and explains in one go, so that the two cannot differ.

What it withstands: a step that is skipped, done in another order or in another tab changes nothing,
because the
answer depends on the proofs alone; a policy, a lock or a new key that comes while somebody is
half-way counts at
once, because everything is derived again at the moment of the mint. Whatever is not provided for is
a refusal.

::

    nothing ──password──► AskSecondStep ──code──┐
       │                        ▲               ▼
       │                     (has one)    [ChangePassword] ──► SignedIn
       └──password──► SetUp ──verified code─────┘
                      (required, has none)          anything barred ──► Refused
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.policies import Method, TwoStepVerification
from twostep.core.reasons import Code, Reason, Reasons, because
from twostep.core.sessions import Level
from twostep.core.situations import SECOND_STEP_KINDS, ProofKind, Situation

MINUTE = 60_000

PENDING_LASTS = 15 * MINUTE
"""How long a sign-in waits for its second step; a sign-in outlives its code."""

SET_UP_LASTS = 30 * MINUTE
"""How long it waits while somebody installs an app."""

MOST_EXTENSIONS = 10
"""How often a person may ask for more time: WCAG 2.2.1 asks for at least ten."""

MOST_PENDING = 5
"""Waiting sign-ins of one user; a further one drops the oldest."""


@dataclass(frozen=True, slots=True)
class AskFirstStep:
    """The password comes next."""

    reasons: Reasons


@dataclass(frozen=True, slots=True)
class AskSecondStep:
    """One of these methods comes next, the strongest first."""

    methods: tuple[Method, ...]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class SetUp:
    """The person must set up one of these methods before anything else opens."""

    methods: tuple[Method, ...]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Every proof was shown, but the password seems to be known to somebody else."""

    reasons: Reasons


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Nothing more is asked; the session may say that it earned this level."""

    level: Level
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot go on, or not now; ``until`` (milliseconds) says when it can, if that is known."""

    reasons: Reasons
    until: int | None = None


NextStep = AskFirstStep | AskSecondStep | SetUp | ChangePassword | SignedIn | Refused


def next_step(situation: Situation, now: int) -> NextStep:
    """What comes next for these facts at this time, with the reasons for it. Pure; never raises for
    any facts.
    """
    barred = _barred(situation, now)
    if barred is not None:
        return barred
    if not _first_step_proven(situation):
        return AskFirstStep((because(Code.NOTHING_PROVEN),))
    demanded = _second_step_demanded(situation)
    if demanded is not None and not second_step_proven(situation):
        return _ask_second_step(situation, demanded, now)
    if demanded is not None and _codes_paused(situation, now) and situation.live is None:
        return _paused_codes(situation)
    stale = _stale(situation, now)
    if stale is not None:
        return stale
    if situation.user is not None and situation.user.password_suspect_at is not None:
        if situation.live is None:
            return ChangePassword((because(Code.PASSWORD_MAY_BE_KNOWN),))
    return SignedIn(level_of(situation), (_why_signed_in(situation),))


def second_step_proven(situation: Situation) -> bool:
    """Whether a second step was shown with a credential that the user still has."""
    return _newest_second_step(situation) is not None


def level_of(situation: Situation) -> Level:
    """What the proofs are worth: computed from them alone and never above them (invariant I-13)."""
    return Level.SECOND_STEP if second_step_proven(situation) else Level.PASSWORD


def _barred(situation: Situation, now: int) -> Refused | None:
    """What forbids everything, before any proof is looked at."""
    if situation.user is None:
        return Refused((because(Code.USER_UNKNOWN),))
    if situation.user.disabled_at is not None:
        return Refused((because(Code.USER_DISABLED),))
    if situation.begun is not None:
        if situation.today is None:
            return Refused((because(Code.ENDED),))
        overtaken = situation.begun.overtaken_by(situation.today)
        if overtaken is not None:
            return Refused((because(overtaken),))
    if situation.waits_until is not None and now >= situation.waits_until:
        return Refused((because(Code.WAITED_TOO_LONG),))
    if situation.live is not None:
        over = situation.live.session.over(limits=situation.live.limits, now=now)
        return None if over is None else Refused((because(over),))
    if situation.pauses.password_stopped:
        return Refused((because(Code.PASSWORD_STOPPED),))
    until = situation.pauses.password_until
    if until is not None and now < until:
        return Refused((because(Code.TOO_MANY_PASSWORDS, until=until),), until)
    return None


def _first_step_proven(situation: Situation) -> bool:
    return situation.credentials.has_password and any(
        proof.kind is ProofKind.PASSWORD for proof in situation.proofs
    )


def _newest_second_step(situation: Situation) -> int | None:
    """When a second step was last shown. Proof of a key that is gone proves nothing (invariant
    I-8).
    """
    shown = [
        proof.shown_at
        for proof in situation.proofs
        if proof.kind in SECOND_STEP_KINDS
        and proof.credential_id in situation.credentials.authenticators
    ]
    return max(shown, default=None)


def _second_step_demanded(situation: Situation) -> Reasons | None:
    """Why a second step is asked for, or None where it is not.

    A live session is not held to a policy that was tightened after it began (CT-12: live sessions
    finish); what
    an act asks for holds for it all the same.
    """
    if situation.asked.level is Level.SECOND_STEP:
        return (because(Code.ASKED_BY_ACT, act=situation.asked.act or ""),)
    if situation.live is not None:
        return None
    policy = situation.policy
    if policy.two_step_verification is TwoStepVerification.OFF:
        return None
    has_one = bool(situation.credentials.methods(policy))
    if policy.two_step_verification is TwoStepVerification.REQUIRED:
        required = because(Code.REQUIRED_HERE, source=policy.required_by)
        return (required, because(Code.NEW_DEVICE if has_one else Code.NOT_SET_UP_YET))
    if has_one:
        return (because(Code.SET_UP_BY_PERSON), because(Code.NEW_DEVICE))
    return None


def _ask_second_step(situation: Situation, why: Reasons, now: int) -> NextStep:
    methods = situation.credentials.methods(situation.policy)
    if methods:
        if _codes_paused(situation, now):
            return _paused_codes(situation)
        return AskSecondStep(methods, why)
    to_set_up = situation.policy.methods_to_set_up
    if not to_set_up or situation.credentials.authenticators:
        # Somebody who has a key that is no longer allowed must not enrol another one with the
        # password alone.
        return Refused((*why, because(Code.NO_METHOD_ALLOWED)))
    return SetUp(to_set_up, why)


def _codes_paused(situation: Situation, now: int) -> bool:
    until = situation.pauses.codes_until
    return situation.pauses.codes_stopped or (until is not None and now < until)


def _paused_codes(situation: Situation) -> Refused:
    until = situation.pauses.codes_until
    if situation.pauses.codes_stopped or until is None:
        return Refused((because(Code.SECOND_STEP_STOPPED),))
    return Refused((because(Code.TOO_MANY_CODES, until=until),), until)


def _stale(situation: Situation, now: int) -> NextStep | None:
    """What is asked again because the act wants a fresh proof: the second step where the user has
    one.
    """
    greatest_age = situation.asked.greatest_age
    if greatest_age is None:
        return None
    why: tuple[Reason, ...] = (
        because(Code.PROOF_TOO_OLD, minutes=greatest_age // MINUTE),
        because(Code.ASKED_BY_ACT, act=situation.asked.act or ""),
    )
    methods = situation.credentials.methods(situation.policy)
    if methods:
        newest = _newest_second_step(situation)
        return None if _fresh(newest, greatest_age, now) else AskSecondStep(methods, why)
    newest = max(proof.shown_at for proof in situation.proofs if proof.kind is ProofKind.PASSWORD)
    return None if _fresh(newest, greatest_age, now) else AskFirstStep(why)


def _fresh(shown_at: int | None, greatest_age: int, now: int) -> bool:
    """A proof from the future is not fresh: after a clock was set back, nobody knows its age."""
    return shown_at is not None and 0 <= now - shown_at <= greatest_age


def _why_signed_in(situation: Situation) -> Reason:
    if situation.live is not None:
        return because(Code.SESSION_GOES_ON)
    if second_step_proven(situation):
        return because(Code.BOTH_STEPS_PROVEN)
    if situation.policy.two_step_verification is TwoStepVerification.OFF:
        return because(Code.TWO_STEP_OFF)
    return because(Code.OPTIONAL_AND_NOT_SET_UP)
