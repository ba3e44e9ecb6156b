"""The few things that a user may be allowed to do to others, in words.

The catalogue is fixed. Each permission is granted by someone who holds it, never to oneself
(CT-14); the first
administrator of an environment gets all of them from the operator.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One permission; the value is what the command line and the database call it."""

    MANAGE_USERS = "manage_users"
    REMOVE_TWO_STEP = "remove_two_step"
    """On the screen: **Remove 2-Step Verification Admin Access**."""
    HELP_DESK_CODES = "help_desk_codes"
    SYSTEM_PROPERTIES = "system_properties"
    MESSAGES = "messages"
    AUDIT = "audit"


ALL = frozenset(Permission)
