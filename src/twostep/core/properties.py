"""The properties: what an administrator may set, with its default, its bounds and its stricter
direction.

A value is found in this order: the environment's own, the installation's default, the default
below. After that the installation's floor clamps it, where the operator has set one: the stricter
of the two holds. Only the floor clamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.policies import BUILT, Method, Policy, TwoStepVerification
from twostep.core.property_catalogue import (
    CATALOGUE,
    MODE,
    REQUIRED_FROM,
    Property,
    Stricter,
    UnknownProperty,
    find,
)
from twostep.core.property_values import BadValue
from twostep.core.sent_codes import CodeRules
from twostep.core.sessions import HOUR, MINUTE, SessionLimits
from twostep.core.text_terms import TextTerms

__all__ = [
    "ADMINISTRATORS_NEED_TWO_STEP",
    "ALLOWED_BY",
    "AT_ONCE",
    "CATALOGUE",
    "MODE",
    "REQUIRED_FROM",
    "SET_UP_CODE_AFTER_REMOVAL",
    "TICKS",
    "BadValue",
    "Effective",
    "Property",
    "Remembering",
    "Scope",
    "Stored",
    "Stricter",
    "UnknownProperty",
    "code_rules_of",
    "effective",
    "find",
    "floor_of",
    "methods_of",
    "policy_of",
    "remembering_of",
    "session_limits_of",
    "switched_on",
    "text_terms_of",
]


class Scope(StrEnum):
    """Whose value it is."""

    ENVIRONMENT = "environment"
    DEFAULT = "default"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The value that holds, and whose it is; the source is None where nobody has set one."""

    value: str
    source: Scope | None


AT_ONCE = "required_at_once_at"
"""Not a property that anybody sets by itself, but stored as one: sessions that began until then are
held to a policy of *Required* (CT-12, *at once*). In milliseconds."""

ALLOWED_BY: Final[Mapping[str, Method]] = {
    "allow_authenticator": Method.AUTHENTICATOR,
    "allow_recovery_codes": Method.RECOVERY_CODE,
    "allow_text_codes": Method.TEXT_CODE,
    "allow_email_codes": Method.EMAIL_CODE,
}
"""The properties that are tick boxes, each for one method."""

SET_UP_CODE_AFTER_REMOVAL: Final = "set_up_code_after_removal"

ADMINISTRATORS_NEED_TWO_STEP: Final = "administrators_need_two_step"
"""Declared deviation D-08 is that it is *no* by default."""

TICKS: Final = frozenset({*ALLOWED_BY, SET_UP_CODE_AFTER_REMOVAL, ADMINISTRATORS_NEED_TWO_STEP})
"""The properties that are tick boxes: *yes* with the tick, *no* without."""

Stored = Mapping[tuple[Scope, str], str]
"""What the database holds for one environment: (scope, name) to text."""


def effective(stored: Stored, name: str) -> Effective:
    """The value that holds for an environment, and where it comes from. A stored text that no
    longer passes its check counts as not stored: an older version's value must not stop a newer
    one.
    """
    own, floor = _own(stored, name), floor_of(stored, name)
    if floor is not None and CATALOGUE[name].stricter_of(own.value, floor) != own.value:
        return Effective(value=floor, source=Scope.FLOOR)
    return own


def floor_of(stored: Stored, name: str) -> str | None:
    """What no environment may be laxer than, or None where the operator has set nothing."""
    return None if CATALOGUE[name].stricter is None else _valid(stored, Scope.FLOOR, name)


def _own(stored: Stored, name: str) -> Effective:
    """What would hold without a floor."""
    for scope in (Scope.ENVIRONMENT, Scope.DEFAULT):
        value = _valid(stored, scope, name)
        if value is not None:
            return Effective(value=value, source=scope)
    return Effective(value=CATALOGUE[name].default, source=None)


def _valid(stored: Stored, scope: Scope, name: str) -> str | None:
    text = stored.get((scope, name))
    if text is None:
        return None
    try:
        return CATALOGUE[name].check(text)
    except BadValue:
        return None


def policy_of(stored: Stored, now: int) -> Policy:
    """The policy of an environment at ``now``: until the day from which *Required* holds it is
    *Optional*, whatever stood there before.
    """
    mode, methods = effective(stored, MODE), methods_of(stored)
    if mode.value != TwoStepVerification.REQUIRED:
        return Policy(two_step_verification=TwoStepVerification(mode.value), methods=methods)
    begins, required_by = _required_from(stored)
    if now < begins:
        optional = TwoStepVerification.OPTIONAL
        return Policy(two_step_verification=optional, methods=methods, required_from=begins)
    at_once_at = _at_once_at(stored)
    return Policy(
        two_step_verification=TwoStepVerification.REQUIRED,
        methods=methods,
        required_by=required_by,
        at_once_at=at_once_at if at_once_at is not None and at_once_at <= now else None,
    )


def _required_from(stored: Stored) -> tuple[int, str]:
    """Since when *Required* holds (0 where no day was named), and whose will that is.

    The day of the environment counts for its own wish alone: no environment can put off what the
    floor requires by naming a later one.
    """
    begins = []
    if _own(stored, MODE).value == TwoStepVerification.REQUIRED:
        begins.append((int(effective(stored, REQUIRED_FROM).value or 0), "environment"))
    if floor_of(stored, MODE) == TwoStepVerification.REQUIRED:
        begins.append((int(floor_of(stored, REQUIRED_FROM) or 0), "floor"))
    return min(begins)


def _at_once_at(stored: Stored) -> int | None:
    text = stored.get((Scope.ENVIRONMENT, AT_ONCE), "")
    return int(text) if text.isascii() and text.isdigit() else None


def methods_of(stored: Stored) -> frozenset[Method]:
    """The methods that an environment allows, of those that this version can check."""
    allowed = {
        method for name, method in ALLOWED_BY.items() if effective(stored, name).value == "yes"
    }
    return BUILT & allowed


def code_rules_of(stored: Stored) -> CodeRules:
    """How long the codes are that an environment sends, and how long they live (CS-3)."""
    return CodeRules(
        length=int(effective(stored, "tfa_code_length").value),
        lives=int(effective(stored, "tfa_code_minutes").value) * MINUTE,
    )


def text_terms_of(stored: Stored) -> TextTerms:
    """Under which terms an environment sends texts through a provider, which is paid for each."""
    return TextTerms(
        countries=tuple(effective(stored, "text_countries").value.split()),
        a_day=int(effective(stored, "text_messages_a_day").value),
        allowed=Method.TEXT_CODE in methods_of(stored),
    )


def switched_on(stored: Stored, now: int) -> bool:
    """Whether the operator has switched 2-step verification on for the whole installation: its
    floor is *Required*, and the floor's own day has come (CS-5).
    """
    required = floor_of(stored, MODE) == TwoStepVerification.REQUIRED
    return required and now >= int(floor_of(stored, REQUIRED_FROM) or 0)


def session_limits_of(stored: Stored, now: int) -> SessionLimits:
    """The ends of an environment's sessions at ``now``."""
    return SessionLimits(
        lasting=not switched_on(stored, now),
        idle=int(effective(stored, "session_idle_minutes").value) * MINUTE,
        absolute=int(effective(stored, "session_hours").value) * HOUR,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """How an environment remembers devices: for how many days, and whether the person decides."""

    days: int
    always: bool

    @property
    def offered(self) -> bool:
        """Whether the code page shows **Remember this device**."""
        return self.days > 0 and not self.always


def remembering_of(stored: Stored) -> Remembering:
    """How an environment remembers devices now."""
    return Remembering(
        days=int(effective(stored, "days_to_remember_device").value),
        always=effective(stored, "remember_this_device").value == "always",
    )
