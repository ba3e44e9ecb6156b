"""What the audit log can be asked for: kinds of event that belong together, by a word.

Promise: every kind is in exactly one group, so that no event is out of reach of the filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind


class EventGroup(StrEnum):
    """A group of kinds; the value is what the address bar calls it."""

    SIGN_IN = "sign-in"
    SESSIONS = "sessions"
    PASSWORDS = "passwords"
    TWO_STEP = "two-step"
    HELP_DESK = "help-desk"
    ADDRESSES = "addresses"
    MESSAGES = "messages"
    USERS = "users"
    PERMISSIONS = "permissions"
    SETTINGS = "settings"
    TAKEN_AWAY = "taken-away"
    SERVICE = "service"


_OF_SUBJECTS: Final[Mapping[str, EventGroup]] = MappingProxyType(
    {
        "account:session": EventGroup.SESSIONS,
        "account:device": EventGroup.SESSIONS,
        "account:stay_signed_in": EventGroup.SESSIONS,
        "admin:sessions": EventGroup.SESSIONS,
        "admin:devices": EventGroup.SESSIONS,
        "account:password": EventGroup.PASSWORDS,
        "account:password_reset": EventGroup.PASSWORDS,
        "admin:password_reset": EventGroup.PASSWORDS,
        "account:authenticator": EventGroup.TWO_STEP,
        "account:codes": EventGroup.TWO_STEP,
        "account:recovery_codes": EventGroup.TWO_STEP,
        "admin:two_step": EventGroup.TWO_STEP,
        "admin:help_desk_code": EventGroup.HELP_DESK,
        "admin:caller_check": EventGroup.HELP_DESK,
        "account:address": EventGroup.ADDRESSES,
        "admin:address": EventGroup.ADDRESSES,
        "admin:test_message": EventGroup.MESSAGES,
        "service:message": EventGroup.MESSAGES,
        "account:invitation": EventGroup.USERS,
        "admin:user": EventGroup.USERS,
        "admin:users": EventGroup.USERS,
        "admin:permission": EventGroup.PERMISSIONS,
        "operator:first_administrator": EventGroup.PERMISSIONS,
        "operator:break_glass": EventGroup.PERMISSIONS,
        "admin:property": EventGroup.SETTINGS,
        "operator:environment": EventGroup.SETTINGS,
        "admin:audit": EventGroup.TAKEN_AWAY,
        "admin:report": EventGroup.TAKEN_AWAY,
        "admin:address_readiness": EventGroup.TAKEN_AWAY,
        "operator:everything": EventGroup.TAKEN_AWAY,
    }
)
"""By source and subject. All that begins with ``sign_in`` is signing in; the rest is about the
service itself."""


def group_of(kind: EventKind) -> EventGroup:
    """The group of a kind."""
    source, subject, _ = kind.value.split(":")
    if source == "sign_in":
        return EventGroup.SIGN_IN
    return _OF_SUBJECTS.get(f"{source}:{subject}", EventGroup.SERVICE)


def kinds_of(group: EventGroup) -> frozenset[EventKind]:
    """The kinds of a group."""
    return frozenset(kind for kind in EventKind if group_of(kind) is group)
