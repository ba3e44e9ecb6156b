"""The menu of one user: the acts that this administrator may do to this very user, and no other."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from twostep.admin.user_views import MenuItem
from twostep.core.permissions import Permission, Reach, reach
from twostep.core.policies import TwoStepVerification
from twostep.flows.caller_checks import MAY_CHECK
from twostep.flows.user_details import Details
from twostep.i18n.user_page import MENU

_MANAGE: Final = (Permission.MANAGE_USERS,)
_REMOVE: Final = (Permission.REMOVE_TWO_STEP,)

NEEDED: Final[dict[str, tuple[Permission, ...]]] = {
    "check-caller": MAY_CHECK,
    "help-desk-code": (Permission.HELP_DESK_CODES,),
    "edit": _MANAGE,
    "end-sessions": _MANAGE,
    "forget-devices": _MANAGE,
    "password-reset": _MANAGE,
    "invite": _MANAGE,
    "unlock": _MANAGE,
    "pause": _REMOVE,
    "end-pause": _REMOVE,
    "remove-two-step": _REMOVE,
    "permissions": tuple(Permission),
    "disable": _MANAGE,
    "enable": _MANAGE,
    "export-data": _MANAGE,
    "erase": _MANAGE,
}
"""Any of these permissions opens the act. By the last part of its address, in the menu's order."""

FIRST: Final = ("check-caller", "help-desk-code")
"""What is wanted most often, beside the menu."""


def items_of(details: Details, held: AbstractSet[Permission], path: str) -> dict[str, MenuItem]:
    """What may be done to this user by somebody else who holds these, in the menu's order."""
    return {
        word: MenuItem(path=f"{path}/{word}", words=MENU[word])
        for word, permissions in NEEDED.items()
        if _makes_sense(word, details)
        and any(
            reach(held, permission, details.target.held, oneself=False) is Reach.REACHES
            for permission in permissions
        )
    }


def _makes_sense(word: str, details: Details) -> bool:
    disabled = details.target.user.disabled_at is not None
    match word:
        case "disable":
            return not disabled
        case "enable":
            return disabled
        case "help-desk-code":
            return not disabled
        case "pause":
            return _can_be_paused(details)
        case "end-pause":
            return details.target.user.two_step_paused(details.now)
        case "password-reset":
            return details.methods.has_password
        case "invite":
            return not details.methods.has_password
        case "remove-two-step":
            return details.methods.has_second_step
        case _:
            return True


def _can_be_paused(details: Details) -> bool:
    """There is a second step that is asked, or one that would have to be set up."""
    methods, verification = details.methods, details.policy.two_step_verification
    asked = methods.app_since is not None or methods.codes_since is not None
    required = verification is TwoStepVerification.REQUIRED
    return (asked or required) and not details.target.user.two_step_paused(details.now)
