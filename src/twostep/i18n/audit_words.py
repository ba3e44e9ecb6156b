"""Words of the audit log and of the report: groups of kinds, whoever has no name, levels, reasons.

They say what is known and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from twostep.core.audit_groups import EventGroup
from twostep.core.help_desk_codes import HelpReason
from twostep.core.sessions import Level
from twostep.core.two_step_reports import Had
from twostep.i18n.sentences import N_, Sentence, says
from twostep.i18n.translations import translations

GROUPS: Final[Mapping[EventGroup, Sentence]] = MappingProxyType(
    {
        EventGroup.SIGN_IN: says(3860, "Signing in"),
        EventGroup.SESSIONS: says(3861, "Sessions and devices"),
        EventGroup.PASSWORDS: says(3862, "Passwords"),
        EventGroup.TWO_STEP: says(3863, "2-Step Verification set up or removed"),
        EventGroup.HELP_DESK: says(3864, "Help-desk codes and checks of callers"),
        EventGroup.ADDRESSES: says(3865, "Addresses"),
        EventGroup.MESSAGES: says(3866, "Messages"),
        EventGroup.USERS: says(3867, "Users"),
        EventGroup.PERMISSIONS: says(3868, "Permissions"),
        EventGroup.SETTINGS: says(3869, "System properties and environment"),
        EventGroup.TAKEN_AWAY: says(3870, "Lists and logs that were taken away"),
        EventGroup.SERVICE: says(3871, "The service itself"),
    }
)


class Nameless(Enum):
    """Whoever an event refers to and has no name here."""

    OPERATOR = says(3875, "The operator")
    ERASED = says(3876, "An erased person")
    UNKNOWN = says(3877, "Somebody who is no user here")
    SOMEBODY = says(3878, "Somebody")

    @property
    def sentence(self) -> Sentence:
        """What they are called, at the beginning of a sentence."""
        return self.value


LEVELS: Final[Mapping[Level, Sentence]] = MappingProxyType(
    {
        Level.PASSWORD: says(3880, "Password alone"),
        Level.REMEMBERED: says(3881, "Password, on a remembered device"),
        Level.EMAIL_CODE: says(3882, "Password and a code by email"),
        Level.TEXT_CODE: says(3883, "Password and a code by text message"),
        Level.SECOND_STEP: says(3884, "Password and a second step"),
        Level.HELP_DESK_CODE: says(3885, "Password and a help-desk code"),
    }
)

HAD: Final[Mapping[Had, Sentence]] = MappingProxyType(
    {
        Had.APP: says(3845, "Authenticator app"),
        Had.CODES: says(3846, "Codes by email or text message"),
        Had.BOTH: says(3847, "Authenticator app and sent codes"),
        Had.UNKNOWN: says(3848, "Something that was removed later"),
        Had.NONE: says(3849, "None"),
    }
)

REASONS: Final[Mapping[HelpReason, Sentence]] = MappingProxyType(
    {
        HelpReason.LOST_PHONE: says(3890, "The phone is lost"),
        HelpReason.NEW_PHONE: says(3891, "A new phone"),
        HelpReason.FORGOT_PHONE: says(3892, "The phone was forgotten"),
        HelpReason.APP_BROKEN: says(3893, "The app does not work"),
        HelpReason.NO_MESSAGE: says(3894, "No message arrives"),
        HelpReason.OTHER: says(3895, "Another reason"),
    }
)

REASON = says(3896, "Reason: %(reason)s.")
UNREADABLE = says(
    3897, "An entry that cannot be read. Somebody wrote into the log past this service."
)

_HEADINGS: Final = (
    N_("Time"),
    N_("Number"),
    N_("What happened"),
    N_("Who"),
    N_("Whom"),
    N_("Kind"),
    N_("Why"),
    N_("IP address"),
    N_("Browser"),
    N_("Data"),
    N_("Id"),
)


def headings(language: str) -> tuple[str, ...]:
    """The first line of the log as a file, in the order of its columns."""
    say = translations(language).gettext
    return tuple(say(text) for text in _HEADINGS)


_REPORT_HEADINGS: Final = (
    N_("User name"),
    N_("2-Step Verification"),
    N_("At the end of"),
    N_("Id"),
)


def report_headings(language: str) -> tuple[str, ...]:
    """The first line of the report as a file, in the order of its columns."""
    say = translations(language).gettext
    return tuple(say(text) for text in _REPORT_HEADINGS)


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence here, by a name that stays the same, for the list of numbers."""
    groups: Mapping[str, Mapping[Any, Sentence]] = {
        "group": {**GROUPS},
        "level": {**LEVELS},
        "had": {**HAD},
        "because": {**REASONS},
        "nameless": {nameless: nameless.sentence for nameless in Nameless},
    }
    named = {
        f"{group} {code.name}": words
        for group, found in groups.items()
        for code, words in found.items()
    }
    return {**named, "reason": REASON, "unreadable": UNREADABLE}
