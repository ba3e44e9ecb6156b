"""What became of sign-ins and of second steps, in the words of the administrators' first page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.sentences import Sentence, says

SIGN_INS: Final[Mapping[EventKind, Sentence]] = MappingProxyType(
    {
        EventKind.SIGN_IN_COMPLETED: says(4301, "Signed in"),
        EventKind.PASSWORD_REFUSED: says(4302, "Refused at the password"),
        EventKind.SIGN_IN_REFUSED: says(4303, "Refused later"),
        EventKind.SIGN_IN_CANCELLED: says(4304, "Cancelled by the person"),
        EventKind.SIGN_IN_DROPPED: says(4305, "Dropped for a newer one"),
        EventKind.SIGN_IN_EXPIRED: says(4306, "Waited too long"),
        EventKind.LOCKOUT_BEGUN: says(4307, "Locked after too many tries"),
    }
)

REFUSED_STEPS: Final[Mapping[EventKind, Sentence]] = MappingProxyType(
    {
        EventKind.CODE_REFUSED: says(4311, "Wrong code"),
        EventKind.CODE_ALREADY_USED: says(4312, "Code used a second time"),
        EventKind.CODE_CLOCK_OFF: says(4313, "Code from a phone whose clock is off"),
        EventKind.RECOVERY_CODE_REFUSED: says(4314, "Wrong recovery code"),
        EventKind.HELP_DESK_CODE_REFUSED: says(4315, "Wrong help-desk code"),
    }
)


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence here, by a name that stays the same, for the list of numbers."""
    return {
        f"{group} {kind.name}": words
        for group, found in (("sign-in", SIGN_INS), ("step", REFUSED_STEPS))
        for kind, words in found.items()
    }
