"""What the list of users says, by number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.user_filters import SignedIn, UserState
from twostep.core.users import SecondStep
from twostep.i18n.sentences import Sentence, says

SECOND_STEPS: Final[Mapping[SecondStep, Sentence]] = MappingProxyType(
    {
        SecondStep.NONE: says(3301, "Nothing set up"),
        SecondStep.APP: says(3302, "Authenticator app"),
        SecondStep.CODES: says(3303, "Codes by message"),
        SecondStep.APP_AND_CODES: says(3304, "Authenticator app and codes by message"),
    }
)

SET_UP: Final = says(3305, "Anything set up")

STATES: Final[Mapping[UserState, Sentence]] = MappingProxyType(
    {
        UserState.LOCKED: says(3311, "Locked"),
        UserState.PAUSED: says(3312, "2-step verification paused"),
        UserState.DISABLED: says(3313, "Disabled"),
    }
)

SIGNED_IN: Final[Mapping[SignedIn, Sentence]] = MappingProxyType(
    {
        SignedIn.WITHIN_7_DAYS: says(3321, "In the last 7 days"),
        SignedIn.BEFORE_30_DAYS: says(3322, "More than 30 days ago"),
        SignedIn.BEFORE_90_DAYS: says(3323, "More than 90 days ago"),
        SignedIn.NEVER: says(3324, "Never"),
    }
)

HEADINGS: Final = (
    says(3331, "User name"),
    says(3332, "Full name"),
    says(3333, "Second step"),
    says(3334, "Recovery codes left"),
    says(3335, "Last sign-in"),
    says(3336, "Locked until"),
    says(3337, "2-step verification paused until"),
    says(3338, "Disabled since"),
)
"""Of the file, column by column."""

UNTIL_UNLOCKED: Final = says(3339, "Until unlocked")


def all_of_them() -> dict[str, Sentence]:
    """Each by a name of its own."""
    return {
        **{f"step {step.name}": sentence for step, sentence in SECOND_STEPS.items()},
        "step SET_UP": SET_UP,
        **{f"state {state.name}": sentence for state, sentence in STATES.items()},
        **{f"signed-in {when.name}": sentence for when, sentence in SIGNED_IN.items()},
        **{f"heading {number}": sentence for number, sentence in enumerate(HEADINGS, start=1)},
        "UNTIL_UNLOCKED": UNTIL_UNLOCKED,
    }
