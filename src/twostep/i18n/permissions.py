"""The permissions in words: what each is called, and what whoever holds it does with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.permissions import Permission
from twostep.i18n.sentences import Sentence, says

NAMES: Final[Mapping[Permission, Sentence]] = MappingProxyType(
    {
        Permission.MANAGE_USERS: says(3721, "Manage users"),
        Permission.REMOVE_TWO_STEP: says(3722, "Remove 2-Step Verification Admin Access"),
        Permission.HELP_DESK_CODES: says(3723, "Give help-desk codes"),
        Permission.SYSTEM_PROPERTIES: says(3724, "Change system properties"),
        Permission.MESSAGES: says(3725, "See messages"),
        Permission.AUDIT: says(3726, "Read the audit log"),
    }
)

MEANINGS: Final[Mapping[Permission, Sentence]] = MappingProxyType(
    {
        Permission.MANAGE_USERS: says(
            3731,
            "Invites and imports users, edits them and their addresses, disables and unlocks them,"
            " ends their sessions, forgets their devices, and sends them a password reset.",
        ),
        Permission.REMOVE_TWO_STEP: says(
            3732,
            "Removes 2-Step Verification from a user who cannot show a code any more, or pauses it"
            " for a time.",
        ),
        Permission.HELP_DESK_CODES: says(
            3733, "Gives a temporary code to a user who must get in now, and has no second step."
        ),
        Permission.SYSTEM_PROPERTIES: says(
            3734,
            "Decides what is asked at sign-in and how long sessions last, under System Properties.",
        ),
        Permission.MESSAGES: says(
            3735, "Sees what became of each code and notice, and sends test messages."
        ),
        Permission.AUDIT: says(3736, "Reads and exports the audit log, and what it reports."),
    }
)


def names_in(language: str, codes: Iterable[str]) -> str:
    """What these permissions are called, one after the other; what is none is left out."""
    known = (permission for permission in Permission if permission.value in set(codes))
    return ", ".join(NAMES[permission].in_language(language, {}) for permission in known)


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence here, by a name that stays the same, for the list of numbers."""
    groups = {"name": NAMES, "meaning": MEANINGS}
    return {
        f"{group} {permission.name}": words
        for group, found in groups.items()
        for permission, words in found.items()
    }
