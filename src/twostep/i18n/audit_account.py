"""Events of a person's own account, each in a sentence: see ``i18n.audit_sentences``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.audit_choices import Choices, If
from twostep.i18n.sentences import says

SENTENCES: Final[Mapping[EventKind, Choices]] = MappingProxyType(
    {
        EventKind.SESSION_ENDED: (
            If(
                "ended_by",
                "person",
                says(4228, "%(whom)s ended another session of their own."),
            ),
            If(
                "ended_by",
                "too_many",
                says(
                    4229, "The oldest session of %(whom)s was ended, because there were too many."
                ),
            ),
            If(
                "ended_by",
                "installation",
                says(
                    4230,
                    "Sessions that were to outlast their browsers were ended by a rule of the"
                    " installation: %(sessions)s.",
                ),
            ),
            says(4231, "A session of %(whom)s was ended."),
        ),
        EventKind.DEVICE_FORGOTTEN: (says(4232, "A device of %(whom)s was forgotten."),),
        EventKind.STAY_SIGNED_IN_SET: (
            If(
                "stays",
                "true",
                says(4233, "%(whom)s chose to stay signed in."),
            ),
            If(
                "stays",
                "false",
                says(4234, "%(whom)s chose not to stay signed in."),
            ),
            says(4235, "%(whom)s changed whether they stay signed in."),
        ),
        EventKind.SIGNED_OUT: (says(4236, "%(whom)s signed out."),),
        EventKind.PASSWORD_SET: (says(4237, "A password was set for %(whom)s."),),
        EventKind.PASSWORD_CHANGED: (says(4238, "%(whom)s changed their password."),),
        EventKind.PASSWORD_CHANGE_REFUSED: (
            says(4239, "A change of the password of %(whom)s was refused."),
        ),
        EventKind.AUTHENTICATOR_OFFERED: (
            says(4240, "%(whom)s was shown a key for an authenticator app."),
        ),
        EventKind.AUTHENTICATOR_SET_UP: (
            says(4241, "%(whom)s set up 2-Step Verification with an authenticator app."),
        ),
        EventKind.AUTHENTICATOR_SET_UP_REFUSED: (
            says(4242, "A code for the set-up of an authenticator app of %(whom)s was refused."),
        ),
        EventKind.AUTHENTICATOR_REPLACED: (
            says(4243, "%(whom)s moved 2-Step Verification to a new key."),
        ),
        EventKind.AUTHENTICATOR_REMOVED: (
            says(4244, "%(whom)s turned off 2-Step Verification with their authenticator app."),
        ),
        EventKind.CODES_TURNED_ON: (
            says(4245, "%(whom)s turned on codes by email or text message."),
        ),
        EventKind.CODES_TURNED_OFF: (
            says(4246, "%(whom)s turned off codes by email or text message."),
        ),
        EventKind.RECOVERY_CODES_MADE: (says(4247, "%(whom)s made new recovery codes."),),
        EventKind.ADDRESS_CHANGE_BEGUN: (
            says(4248, "%(whom)s typed a new address, %(masked)s; a code went there."),
            says(4249, "%(whom)s typed a new address; a code went there."),
        ),
        EventKind.ADDRESS_CODE_REFUSED: (
            says(4250, "A code for a new address of %(whom)s was refused."),
        ),
        EventKind.ADDRESS_CONFIRMED: (
            says(4251, "%(whom)s confirmed the address %(masked)s."),
            says(4252, "%(whom)s confirmed an address."),
        ),
        EventKind.ADDRESS_REMOVED: (
            says(4253, "%(whom)s removed the address %(masked)s."),
            says(4254, "%(whom)s removed an address."),
        ),
        EventKind.INVITATION_ACCEPTED: (
            says(4255, "%(whom)s accepted an invitation and chose a password."),
        ),
        EventKind.PASSWORD_RESET_ASKED: (says(4256, "A password reset was asked for %(whom)s."),),
        EventKind.PASSWORD_RESET: (
            says(4257, "%(whom)s chose a new password by the link of a reset."),
        ),
    }
)
"""For each kind the choices, of which the first one counts that fits what is known."""
