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

from twostep.core.devices import Passing
from twostep.core.helping import helped_in, paused_until, set_up_code_asked
from twostep.core.policies import SENT, Method, TwoStepVerification
from twostep.core.reasons import Code, Reason, Reasons, because
from twostep.core.sessions import Level
from twostep.core.situations import LEVELS, SECOND_STEP_KINDS, ProofKind, Situation
from twostep.core.steps import (
    FRESH_FOR,
    MINUTE,
    MOST_EXTENSIONS,
    MOST_PENDING,
    PENDING_LASTS,
    SET_UP_LASTS,
    AskFirstStep,
    AskSecondStep,
    ChangePassword,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
)

__all__ = [
    "FRESH_FOR",
    "MINUTE",
    "MOST_EXTENSIONS",
    "MOST_PENDING",
    "PENDING_LASTS",
    "SET_UP_LASTS",
    "AskFirstStep",
    "AskSecondStep",
    "ChangePassword",
    "NextStep",
    "Refused",
    "SetUp",
    "SignedIn",
    "level_of",
    "next_step",
    "second_step_proven",
]

SET_UP_ACTS = frozenset({"set_up", "set-up", "new-key"})
"""What an act is called that binds an app."""


def next_step(situation: Situation, now: int) -> NextStep:
    """What comes next for these facts at this time, with the reasons for it. Pure; never raises for
    any facts.
    """
    barred = _barred(situation, now)
    if barred is not None:
        return barred
    if not _first_step_proven(situation):
        return AskFirstStep((because(Code.NOTHING_PROVEN),))
    demanded = _second_step_demanded(situation, now)
    if demanded is not None and not second_step_proven(situation):
        device = situation.device(now)
        if (device is None or not device.passes) and not helped_in(situation):
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
    demanded = _second_step_demanded(situation, now) is not None
    device = situation.device(now)
    if device is not None and device.passes and demanded:
        return Level.REMEMBERED
    return Level.HELP_DESK_CODE if demanded and helped_in(situation) else Level.PASSWORD


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


def _second_step_demanded(situation: Situation, now: int) -> Reasons | None:
    """Why a second step is asked for, or None where it is not.

    A live session finishes under the policy that it began with, unless that was tightened *at once*
    (CT-12); what an act asks for holds for it all the same.
    """
    if situation.asked.level is Level.SECOND_STEP:
        return (because(Code.ASKED_BY_ACT, act=situation.asked.act or ""),)
    policy, live = situation.policy, situation.live
    if situation.user is not None and situation.user.two_step_paused(now):
        return None
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
    to_set_up = situation.policy.methods_to_set_up
    in_sign_in = situation.live is None
    if in_sign_in and to_set_up and situation.proves(ProofKind.SET_UP_CODE):
        return SetUp(to_set_up, (because(Code.SET_UP_CODE_SHOWN),))
    helped = in_sign_in and situation.credentials.has_help_desk_code
    if methods:
        asked_for = because(Code.NEW_DEVICE) if device is None else device.why
        offered = (*methods, Method.HELP_DESK_CODE) if helped else methods
        return _ask_one_of(situation, offered, (*why, asked_for), now)
    if to_set_up and set_up_code_asked(situation):
        asked = because(Code.SET_UP_CODE_ASKED)
        return AskSecondStep((Method.HELP_DESK_CODE,), (*why, asked))
    if helped and (not to_set_up or situation.credentials.authenticators):
        return AskSecondStep((Method.HELP_DESK_CODE,), why)
    if not to_set_up or situation.credentials.authenticators:
        # Somebody who has a key that is no longer allowed must not enrol another one with the
        # password alone.
        return Refused((*why, because(Code.NO_METHOD_ALLOWED)))
    if situation.live is not None and not _fresh(_newest_password(situation), FRESH_FOR, now):
        # Nobody enrols a phone of their own in a session that was left open or stolen.
        return AskFirstStep((*why, because(Code.PROOF_TOO_OLD, minutes=FRESH_FOR // MINUTE)))
    return SetUp(to_set_up, why, or_help_desk_code=helped)


def _ask_one_of(
    situation: Situation, methods: tuple[Method, ...], why: Reasons, now: int
) -> AskSecondStep | Refused:
    """Codes of the app may be paused; a recovery code or one of the help desk, which are counted
    apart, are the way round.
    """
    if not situation.pauses.codes_paused(now):
        return AskSecondStep(methods, why)
    paused = _paused_codes(situation)
    shut = {Method.RECOVERY_CODE} if situation.pauses.recovery_codes_paused else set()
    around = {Method.RECOVERY_CODE, Method.HELP_DESK_CODE} - shut
    left = tuple(method for method in methods if method in around)
    return AskSecondStep(left, (*why, *paused.reasons)) if left else paused


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
        because(Code.PROOF_TOO_OLD, minutes=max(0, greatest_age) // MINUTE),
        because(Code.ASKED_BY_ACT, act=situation.asked.act or ""),
    )
    methods = situation.credentials.methods(situation.policy)
    if methods:
        if _fresh(situation.newest(situation.asked.takes), greatest_age, now):
            return None
        if not situation.asked.takes_recovery_code:
            methods = tuple(method for method in methods if method is not Method.RECOVERY_CODE)
        return AskSecondStep(methods, why)
    if situation.live is not None and situation.live.session.level is Level.HELP_DESK_CODE:
        return Refused((*why, because(Code.HELP_DESK_SESSION)))
    if situation.asked.act in SET_UP_ACTS and set_up_code_asked(situation):
        return Refused((*why, because(Code.SET_UP_CODE_ASKED)))
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
    until = paused_until(situation, now)
    if until is not None:
        return because(Code.TWO_STEP_PAUSED, until=until)
    device = situation.device(now)
    if device is not None and device.passes and situation.credentials.methods(situation.policy):
        return device.why
    if _second_step_demanded(situation, now) is not None and situation.help_desk_code is not None:
        return because(Code.HELP_DESK_CODE_SHOWN, until=situation.help_desk_code.ends_at)
    return because(Code.OPTIONAL_AND_NOT_SET_UP)
