"""Events of the operator and of the service, each in a sentence: see ``i18n.audit_sentences``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.audit_choices import Choices
from twostep.i18n.sentences import says

SENTENCES: Final[Mapping[EventKind, Choices]] = MappingProxyType(
    {
        EventKind.FIRST_ADMINISTRATOR_INVITED: (
            says(3820, "%(who)s made the link for the first administrator."),
        ),
        EventKind.FIRST_ADMINISTRATOR_MADE: (
            says(3821, "%(whom)s became the first administrator."),
        ),
        EventKind.ENVIRONMENT_ADDED: (
            says(3822, "%(who)s added the environment %(name)s."),
            says(3823, "%(who)s added this environment."),
        ),
        EventKind.DELIVERY_CHANGED: (says(3824, "%(who)s changed how messages leave."),),
        EventKind.AUDIT_STREAM_CHANGED: (
            says(3904, "%(who)s changed where the audit log is streamed to."),
        ),
        EventKind.LOOK_CHANGED: (says(3825, "%(who)s changed how the pages look."),),
        EventKind.KEYS_ROTATED: (says(3826, "%(who)s had new encryption keys made."),),
        EventKind.DATABASE_UPGRADED: (says(3827, "%(who)s upgraded the database."),),
        EventKind.DATABASE_RESTORED: (says(3828, "%(who)s restored the database from a backup."),),
        EventKind.BREAK_GLASS_MADE: (
            says(3829, "%(who)s made a break-glass link for %(whom)s."),
            says(3830, "%(who)s made a break-glass link."),
        ),
        EventKind.BREAK_GLASS_USED: (says(3831, "%(whom)s used a break-glass link."),),
        EventKind.EVERYTHING_EXPORTED: (
            says(3832, "%(who)s took away everything of this environment, as a file."),
        ),
        EventKind.EVERYTHING_IMPORTED: (
            says(3833, "%(who)s brought in what was taken away from another installation."),
        ),
        EventKind.MESSAGE_SETTLED: (
            says(3834, "A message to %(whom)s (%(kind_of_message)s) ended as: %(result)s."),
            says(3835, "A message to %(whom)s was dealt with."),
        ),
        EventKind.CHECKPOINT_WRITTEN: (
            says(3836, "A checkpoint of this log was written to a second place."),
        ),
        EventKind.AUDIT_BROKEN: (says(3837, "This log was found to be tampered with."),),
        EventKind.AUDIT_TRIMMED: (
            says(
                3838, "The oldest events were removed after their time, up to number %(through)s."
            ),
            says(3839, "The oldest events were removed after their time."),
        ),
        EventKind.CLOCK_ALARM: (
            says(3840, "The clocks of this service and of its database differed too much."),
        ),
    }
)
"""For each kind the choices, of which the first one counts that fits what is known."""
