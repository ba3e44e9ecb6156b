"""Events of signing in, each in a sentence: see ``i18n.audit_sentences``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.audit_choices import Choices, If
from twostep.i18n.sentences import says

SENTENCES: Final[Mapping[EventKind, Choices]] = MappingProxyType(
    {
        EventKind.PASSWORD_ACCEPTED: (says(4200, "%(whom)s gave the right password."),),
        EventKind.PASSWORD_REFUSED: (says(4201, "A password given for %(whom)s was refused."),),
        EventKind.PASSWORD_SUSPECT: (
            says(
                4202,
                "Somebody gave the right password of %(whom)s and then very many wrong codes, so"
                " the password may be known to somebody else.",
            ),
        ),
        EventKind.CODE_SENT: (
            says(4203, "A code was sent to %(whom)s, to %(masked)s."),
            says(4204, "A code was sent to %(whom)s."),
        ),
        EventKind.CODE_ACCEPTED: (says(4205, "%(whom)s gave a right code."),),
        EventKind.CODE_REFUSED: (says(4206, "A code given for %(whom)s was refused."),),
        EventKind.CODE_ALREADY_USED: (
            says(4207, "A code of %(whom)s was given a second time, and refused."),
        ),
        EventKind.CODE_CLOCK_OFF: (
            says(4208, "A code given for %(whom)s was refused: the clock of the phone is off."),
        ),
        EventKind.RECOVERY_CODE_USED: (
            says(4209, "A recovery code of %(whom)s was used; left: %(left)s."),
            says(4210, "A recovery code of %(whom)s was used."),
        ),
        EventKind.RECOVERY_CODE_REFUSED: (
            says(4211, "A recovery code given for %(whom)s was refused."),
        ),
        EventKind.HELP_DESK_CODE_USED: (says(4212, "%(whom)s gave a right help-desk code."),),
        EventKind.HELP_DESK_CODE_REFUSED: (
            says(4213, "A help-desk code given for %(whom)s was refused."),
        ),
        EventKind.LOCKOUT_BEGUN: (
            If(
                "why",
                "passwords",
                says(4214, "After too many wrong passwords, sign-in of %(whom)s is paused."),
            ),
            If(
                "why",
                "codes",
                says(
                    4215,
                    "After too many wrong codes, codes of %(whom)s are not checked for a while.",
                ),
            ),
            If(
                "why",
                "recovery_codes",
                says(
                    4216,
                    "After too many wrong recovery codes, those of %(whom)s are not checked for"
                    " a while.",
                ),
            ),
            says(4217, "After too many wrong tries, something of %(whom)s is paused."),
        ),
        EventKind.PENDING_USER_MISMATCH: (
            says(
                4218,
                "The unfinished sign-in of %(whom)s was shown by another browser than the one"
                " where it began, and refused there.",
            ),
        ),
        EventKind.SIGN_IN_COMPLETED: (
            says(4219, "%(whom)s signed in: %(level)s."),
            says(4220, "%(whom)s signed in."),
        ),
        EventKind.SIGN_IN_REFUSED: (says(4221, "A sign-in of %(whom)s was refused."),),
        EventKind.SIGN_IN_CANCELLED: (says(4222, "%(whom)s cancelled a sign-in."),),
        EventKind.SIGN_IN_DROPPED: (
            says(
                4223,
                "An older sign-in of %(whom)s that was not finished was dropped for a newer one.",
            ),
        ),
        EventKind.SIGN_IN_EXPIRED: (
            says(4224, "A sign-in of %(whom)s waited too long and ended."),
        ),
        EventKind.SIGN_IN_FROM_SESSION: (
            says(4225, "%(whom)s, who was signed in, was asked for more proof."),
        ),
        EventKind.DEVICE_OLD_TOKEN: (
            says(4226, "An old copy of a cookie of a device was shown for %(whom)s."),
        ),
        EventKind.SESSION_STARTED: (says(4227, "A session of %(whom)s began."),),
    }
)
"""For each kind the choices, of which the first one counts that fits what is known."""
