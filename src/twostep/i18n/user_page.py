"""The words of the page of one user: what happened on the way in, and the menu.

The help desk reads them aloud, so each stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n.sentences import Sentence, says

SIGN_INS: Final[Mapping[EventKind, Sentence]] = MappingProxyType(
    {
        EventKind.SIGN_IN_COMPLETED: says(3430, "Signed in"),
        EventKind.PASSWORD_ACCEPTED: says(3431, "Right password, and then no second step"),
        EventKind.PASSWORD_REFUSED: says(3432, "Password not accepted"),
        EventKind.PASSWORD_SUSPECT: says(3433, "Very many wrong codes after the right password"),
        EventKind.CODE_SENT: says(3434, "A code was sent"),
        EventKind.CODE_REFUSED: says(3435, "Wrong code"),
        EventKind.CODE_ALREADY_USED: says(3436, "A code was used a second time"),
        EventKind.CODE_CLOCK_OFF: says(
            3437, "A code from a phone whose clock is off: set it to automatic time"
        ),
        EventKind.RECOVERY_CODE_USED: says(3438, "A recovery code was used"),
        EventKind.RECOVERY_CODE_REFUSED: says(3439, "Wrong recovery code"),
        EventKind.HELP_DESK_CODE_USED: says(3440, "A help-desk code was used"),
        EventKind.HELP_DESK_CODE_REFUSED: says(3441, "Wrong help-desk code"),
        EventKind.LOCKOUT_BEGUN: says(3442, "Paused after too many tries"),
        EventKind.SIGN_IN_REFUSED: says(3443, "Sign-in refused"),
        EventKind.SIGN_IN_CANCELLED: says(3444, "Sign-in cancelled"),
        EventKind.SIGN_IN_EXPIRED: says(3445, "The sign-in waited longer than its time limit"),
        EventKind.SIGN_IN_FROM_SESSION: says(3446, "A second step became required while signed in"),
        EventKind.DEVICE_OLD_TOKEN: says(
            3447, "The browser showed what it had before its last sign-in"
        ),
    }
)

MENU: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "check-caller": says(3460, "Check caller"),
        "help-desk-code": says(3461, "Help-desk code"),
        "edit": says(3462, "Edit"),
        "end-sessions": says(3463, "End sessions"),
        "forget-devices": says(3464, "Forget devices"),
        "password-reset": says(3465, "Send password reset"),
        "invite": says(3530, "Send an invitation"),
        "unlock": says(3466, "Unlock"),
        "pause": says(3467, "Pause 2-step verification"),
        "end-pause": says(3474, "End the pause"),
        "remove-two-step": says(3468, "Remove 2-step Verification"),
        "permissions": says(3469, "Permissions"),
        "disable": says(3470, "Disable"),
        "enable": says(3471, "Enable"),
        "export-data": says(3472, "Export data"),
        "erase": says(3473, "Erase"),
    }
)
"""By the last part of the act's address."""


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence here with its name, for whoever counts them."""
    return {
        **{f"sign-in {kind.name}": sentence for kind, sentence in SIGN_INS.items()},
        **{f"menu {name}": sentence for name, sentence in MENU.items()},
    }
