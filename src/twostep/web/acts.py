"""The acts that ask for a fresh proof, as addresses and forms name them."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What asks for a fresh proof."""

    SET_UP = "set-up"
    NEW_KEY = "new-key"
    TURN_OFF = "turn-off"
    PASSWORD = "password"
    RECOVERY_CODES = "recovery-codes"
    PROPERTIES = "properties"
    CODES_ON = "codes-on"
    CODES_OFF = "codes-off"
    CONTACTS = "contacts"
    USERS = "users"
    """Whatever an administrator does to another user, or to what users may do."""
