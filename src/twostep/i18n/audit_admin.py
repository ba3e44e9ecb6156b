"""What somebody with a permission does, each in a sentence: see ``i18n.audit_sentences``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.audit_choices import Choices, If
from twostep.i18n.sentences import says

SENTENCES: Final[Mapping[EventKind, Choices]] = MappingProxyType(
    {
        EventKind.USER_ADDED: (says(4258, "%(who)s added the user %(whom)s."),),
        EventKind.USER_UNLOCKED: (says(4259, "%(who)s unlocked %(whom)s."),),
        EventKind.USER_DISABLED: (says(4260, "%(who)s disabled %(whom)s."),),
        EventKind.USER_ENABLED: (says(4261, "%(who)s enabled %(whom)s again."),),
        EventKind.USER_INVITED: (says(4262, "%(who)s invited %(whom)s."),),
        EventKind.USER_EDITED: (says(4263, "%(who)s edited the profile of %(whom)s."),),
        EventKind.USERS_IMPORTED: (
            says(3841, "%(who)s imported users from a file: %(users)s."),
            says(4264, "%(who)s imported users from a file."),
        ),
        EventKind.USERS_DOWNLOADED: (says(3390, "%(who)s took the list of users away as a file."),),
        EventKind.USER_EXPORTED: (
            says(4265, "%(who)s took away what is kept about %(whom)s, as a file."),
        ),
        EventKind.USER_ERASED: (says(4266, "%(who)s erased %(whom)s."),),
        EventKind.SESSIONS_ENDED_FOR_USER: (says(4267, "%(who)s ended the sessions of %(whom)s."),),
        EventKind.DEVICES_FORGOTTEN_FOR_USER: (
            says(4268, "%(who)s had the devices of %(whom)s forgotten."),
        ),
        EventKind.PASSWORD_RESET_SENT: (says(4269, "%(who)s sent %(whom)s a password reset."),),
        EventKind.TWO_STEP_REMOVED: (
            If(
                "proven_by",
                "second_step",
                says(
                    4270,
                    "%(who)s removed the 2-step verification of %(whom)s, by a second step of"
                    " their own.",
                ),
            ),
            If(
                "proven_by",
                "first_step",
                says(
                    4271,
                    "%(who)s removed the 2-step verification of %(whom)s, by a password, having"
                    " no second step of their own.",
                ),
            ),
            says(4272, "%(who)s removed the 2-step verification of %(whom)s."),
        ),
        EventKind.TWO_STEP_PAUSED: (
            says(4273, "%(who)s paused the 2-step verification of %(whom)s until %(until)s."),
            says(4274, "%(who)s paused the 2-step verification of %(whom)s."),
        ),
        EventKind.TWO_STEP_PAUSE_ENDED: (
            says(4275, "%(who)s ended the pause of the 2-step verification of %(whom)s."),
        ),
        EventKind.HELP_DESK_CODE_MADE: (
            If(
                "purpose",
                "today",
                says(4276, "%(who)s made %(whom)s a help-desk code for today's work."),
            ),
            If(
                "purpose",
                "set_up",
                says(4277, "%(who)s made %(whom)s a help-desk code to set up with."),
            ),
            says(4278, "%(who)s made %(whom)s a help-desk code."),
        ),
        EventKind.HELP_DESK_CODE_WITHDRAWN: (
            says(4279, "%(who)s withdrew a help-desk code of %(whom)s."),
        ),
        EventKind.CALLER_CHECK_SENT: (
            says(4280, "%(who)s sent %(whom)s a code to read back on the telephone."),
        ),
        EventKind.CALLER_CHECKED: (says(4281, "%(whom)s read the right code back to %(who)s."),),
        EventKind.CALLER_CHECK_FAILED: (
            says(4282, "The code read back to %(who)s for %(whom)s was wrong."),
        ),
        EventKind.ADDRESS_SET_FOR_USER: (
            says(4283, "%(who)s entered the address %(masked)s for %(whom)s."),
            says(4284, "%(who)s entered an address for %(whom)s."),
        ),
        EventKind.ADDRESS_REMOVED_FOR_USER: (
            says(4285, "%(who)s removed the address %(masked)s of %(whom)s."),
            says(4286, "%(who)s removed an address of %(whom)s."),
        ),
        EventKind.TEST_MESSAGE_ASKED: (says(4287, "%(who)s sent %(whom)s a test message."),),
        EventKind.PERMISSION_GRANTED: (
            says(4288, "%(who)s gave %(whom)s the permission “%(permission)s”."),
            says(4289, "%(who)s gave %(whom)s a permission."),
        ),
        EventKind.PERMISSION_REVOKED: (
            says(4290, "%(who)s took the permission “%(permission)s” from %(whom)s."),
            says(4291, "%(who)s took a permission from %(whom)s."),
        ),
        EventKind.PROPERTY_CHANGED: (
            says(4292, "%(who)s changed the property %(property)s from “%(old)s” to “%(new)s”."),
            says(4293, "%(who)s changed a property."),
        ),
        EventKind.AUDIT_EXPORTED: (
            If(
                "what",
                "sealed",
                says(4294, "%(who)s took away the whole sealed audit log, as a file."),
            ),
            If(
                "what",
                "key",
                says(
                    4295,
                    "%(who)s took away the audit key, as a file: whoever has it can check the"
                    " log, and forge it.",
                ),
            ),
            says(4296, "%(who)s took away events of the audit log, as a file."),
        ),
        EventKind.REPORT_DOWNLOADED: (
            says(4297, "%(who)s took away the report for %(day)s, as a file."),
            says(4298, "%(who)s took away a report, as a file."),
        ),
        EventKind.ADDRESS_READINESS_DOWNLOADED: (
            says(4299, "%(who)s took away the list of who can be reached, as a file."),
        ),
    }
)
"""For each kind the choices, of which the first one counts that fits what is known."""
