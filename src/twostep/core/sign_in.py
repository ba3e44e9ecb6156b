"""The heart: facts in, next step out.

A sign-in stores facts: proofs, append-only, each with what was shown and when. Nobody stores "the
current step". :func:`next_step` derives it, and every door asks this one function: the pages, the
one mint that makes sessions, and the check of a live session. It decides and explains in one go, so
that the two cannot differ.

What it withstands: a step that is skipped, done in another order or in another tab changes nothing,
because the answer depends on the proofs alone; a policy, a lock or a new key that comes while
somebody is half-way counts at once. Whatever is not provided for is a refusal.

::

    nothing ──password──► AskSecondStep ──code──┐
       │                        ▲               ▼
       │                     (has one)    [ChangePassword] ──► SignedIn
       └──password──► SetUp ──verified code─────┘
                      (required, has none)          anything barred ──► Refused
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.devices import Passing
from twostep.core.policies import SENT, Method, TwoStepVerification
from twostep.core.reasons import Code, Reason, Reasons, because
from twostep.core.sessions import Level
from twostep.core.situations import LEVELS, SECOND_STEP_KINDS, ProofKind, Situation

MINUTE = 60_000

PENDING_LASTS = 15 * MINUTE
"""How long a sign-in waits for its second step; a sign-in outlives its code."""

SET_UP_LASTS = 30 * MINUTE
"""How long it waits while somebody installs an app."""

MOST_EXTENSIONS = 10
"""How often a person may ask for more time: WCAG 2.2.1 asks for at least ten."""

MOST_PENDING = 5
"""Waiting sign-ins of one user; a further one drops the oldest."""

FRESH_FOR = 5 * MINUTE
"""How old a proof may be before a sensitive act (ASVS 7.5.1)."""


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
        device = situation.device(now)
        if device is None or not device.passes:
            return _ask_second_step(situation, demanded, device, now)
    if demanded is not None and situation.live is None and second_step_proven(situation):
        held = _held_after_second_step(situation, now)
        if held is not None:
            return held
    stale = _stale(situation, now)
    if stale is not None:
        return stale
    if situation.user is not None and situation.user.password_suspect_at is not None:
        if situation.live is None:
            return ChangePassword((because(Code.PASSWORD_MAY_BE_KNOWN),))
    return SignedIn(level_of(situation, now), (_why_signed_in(situation, now),))


def second_step_proven(situation: Situation) -> bool:
    """Whether a second step was shown with what the user still has; in a sign-in, as is allowed now
    (invariant I-1).
    """
    shown = situation.newest if situation.live else situation.newest_allowed
    return shown(SECOND_STEP_KINDS) is not None


def level_of(situation: Situation, now: int) -> Level:
    """What the proofs are worth: computed from them alone and never above them (invariant I-13).

    A live session keeps the lower label that it was made with: its device may have been forgotten
    since, and it has not become more by that.
    """
    for kind, level in LEVELS.items():
        if situation.proves(kind):
            return level
    if situation.live is not None:
        level = situation.live.session.level
        return Level.PASSWORD if level in LEVELS.values() else level
    device = situation.device(now)
    if device is not None and device.passes and _second_step_demanded(situation) is not None:
        return Level.REMEMBERED
    return Level.PASSWORD


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


def _second_step_demanded(situation: Situation) -> Reasons | None:
    """Why a second step is asked for, or None where it is not.

    A live session finishes under the policy that it began with, unless that was tightened *at once*
    (CT-12); what an act asks for holds for it all the same.
    """
    if situation.asked.level is Level.SECOND_STEP:
        return (because(Code.ASKED_BY_ACT, act=situation.asked.act or ""),)
    policy, live = situation.policy, situation.live
    if live is not None and not policy.holds_session_begun(live.session.started_at):
        return None
    if policy.two_step_verification is TwoStepVerification.OFF:
        return None
    has_one = bool(situation.credentials.methods(policy))
    if policy.two_step_verification is TwoStepVerification.REQUIRED:
        required = because(Code.REQUIRED_HERE, source=policy.required_by)
        return (required,) if has_one else (required, because(Code.NOT_SET_UP_YET))
    if has_one:
        return (because(Code.SET_UP_BY_PERSON),)
    return None


def _ask_second_step(
    situation: Situation, why: Reasons, device: Passing | None, now: int
) -> NextStep:
    methods = situation.credentials.methods(situation.policy)
    if methods:
        asked_for = because(Code.NEW_DEVICE) if device is None else device.why
        return _ask_one_of(situation, methods, (*why, asked_for), now)
    to_set_up = situation.policy.methods_to_set_up
    if not to_set_up or situation.credentials.authenticators:
        # Somebody who has a key that is no longer allowed must not enrol another one with the
        # password alone.
        return Refused((*why, because(Code.NO_METHOD_ALLOWED)))
    if situation.live is not None and not _fresh(_newest_password(situation), FRESH_FOR, now):
        # Nobody enrols a phone of their own in a session that was left open or stolen.
        return AskFirstStep((*why, because(Code.PROOF_TOO_OLD, minutes=FRESH_FOR // MINUTE)))
    return SetUp(to_set_up, why)


def _ask_one_of(
    situation: Situation, methods: tuple[Method, ...], why: Reasons, now: int
) -> AskSecondStep | Refused:
    """Codes of the app may be paused; a recovery code, which is counted apart, is the way round."""
    if not situation.pauses.codes_paused(now):
        return AskSecondStep(methods, why)
    paused = _paused_codes(situation)
    if Method.RECOVERY_CODE in methods and not situation.pauses.recovery_codes_paused:
        return AskSecondStep((Method.RECOVERY_CODE,), (*why, *paused.reasons))
    return paused


def _held_after_second_step(situation: Situation, now: int) -> NextStep | None:
    """What keeps a sign-in whose second step was shown from being through.

    A recovery code stands in for the app, whose pause is none of its business. After the last one
    there is nothing left to come in with, so the app is set up again before anything else.
    """
    if not situation.proves(ProofKind.RECOVERY_CODE):
        return _paused_codes(situation) if situation.pauses.codes_paused(now) else None
    to_set_up = situation.policy.methods_to_set_up
    left = {*SENT, Method.RECOVERY_CODE} & {*situation.credentials.methods(situation.policy)}
    if left or situation.proves(ProofKind.AUTHENTICATOR) or not to_set_up:
        return None
    return SetUp(to_set_up, (because(Code.LAST_RECOVERY_CODE),))


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
        if _fresh(situation.newest(situation.asked.takes), greatest_age, now):
            return None
        if not situation.asked.takes_recovery_code:
            methods = tuple(method for method in methods if method is not Method.RECOVERY_CODE)
        return AskSecondStep(methods, why)
    newest = _newest_password(situation)
    return None if _fresh(newest, greatest_age, now) else AskFirstStep(why)


def _newest_password(situation: Situation) -> int:
    return max(proof.shown_at for proof in situation.proofs if proof.kind is ProofKind.PASSWORD)


def _fresh(shown_at: int | None, greatest_age: int, now: int) -> bool:
    """A proof from the future is not fresh: after a clock was set back, nobody knows its age."""
    return shown_at is not None and 0 <= now - shown_at <= greatest_age


def _why_signed_in(situation: Situation, now: int) -> Reason:
    if situation.live is not None:
        return because(Code.SESSION_GOES_ON)
    if second_step_proven(situation):
        return because(Code.BOTH_STEPS_PROVEN)
    if situation.policy.two_step_verification is TwoStepVerification.OFF:
        return because(Code.TWO_STEP_OFF)
    device = situation.device(now)
    if device is not None and device.passes and situation.credentials.methods(situation.policy):
        return device.why
    return because(Code.OPTIONAL_AND_NOT_SET_UP)
