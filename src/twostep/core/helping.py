"""What the help desk has done about somebody's sign-in, as ``core.sign_in`` asks for it."""

from __future__ import annotations

from twostep.core.policies import TwoStepVerification
from twostep.core.sessions import Level
from twostep.core.situations import Situation


def helped_in(situation: Situation) -> bool:
    """Whether a code of the help desk for today's work stands in for the second step. It never does
    for an act that asks for one.
    """
    return situation.asked.level is not Level.SECOND_STEP and situation.help_desk_code is not None


def set_up_code_asked(situation: Situation) -> bool:
    """Whether an administrator's code is asked before an app may be set up (AC-34)."""
    user, required = situation.user, TwoStepVerification.REQUIRED
    flagged = user is not None and user.set_up_code_asked_at is not None
    return flagged and situation.policy.two_step_verification is required


def paused_until(situation: Situation, now: int) -> int | None:
    """Until when (ms) a pause lets this person in without a second step that would be asked; None
    where it does not.
    """
    user, policy = situation.user, situation.policy
    required = policy.two_step_verification is TwoStepVerification.REQUIRED
    if user is None or not user.two_step_paused(now):
        return None
    return user.two_step_paused_until if required or situation.credentials.methods(policy) else None
