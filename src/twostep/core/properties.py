"""The properties: what an administrator may set, with its default, its bounds and its stricter
direction.

A value is found in this order: the environment's own, the installation's default, the default
below. After that
the installation's floor clamps it, where the operator has set one: the stricter of the two holds.
Only the floor
clamps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from twostep.core.policies import BUILT, Policy, TwoStepVerification
from twostep.core.sessions import HOUR, MINUTE, SessionLimits


class Scope(StrEnum):
    """Whose value it is."""

    ENVIRONMENT = "environment"
    DEFAULT = "default"
    FLOOR = "floor"


class BadValue(ValueError):
    """The text is not a value of the property. The message names the bounds."""


class UnknownProperty(ValueError):
    """There is no property of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property. ``stricter`` picks the stricter of two stored texts; None where there is no
    such order.
    """

    name: str
    default: str
    check: Callable[[str], str]
    stricter: Callable[[str, str], str] | None = None
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The value that holds, and whose it is."""

    value: str
    source: Scope | None


def _one_of(*values: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text.strip().lower() not in values:
            raise BadValue(f"it must be one of: {', '.join(values)}")
        return text.strip().lower()

    return check


def _whole_number(least: int, most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        plain = text.strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) < 7):
            raise BadValue(f"it must be a whole number from {least} to {most}")
        if not least <= int(plain) <= most:
            raise BadValue(f"it must be a whole number from {least} to {most}")
        return str(int(plain))

    return check


def _short_text(most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > most or not text.isprintable():
            raise BadValue(f"it must be one line of at most {most} characters")
        return text.strip()

    return check


def _link(text: str) -> str:
    """A link that is safe to show: nothing but these schemes, so no ``javascript:`` can stand in a
    page.
    """
    plain = _short_text(300)(text)
    if plain and urlsplit(plain).scheme not in ("https", "http", "mailto", "tel"):
        raise BadValue("it must begin with https://, http://, mailto: or tel:")
    return plain


_ORDER = [mode.value for mode in TwoStepVerification]


def _later(one: str, other: str) -> str:
    return max(one, other, key=_ORDER.index)


def _greater(one: str, other: str) -> str:
    return str(max(int(one), int(other)))


def _smaller(one: str, other: str) -> str:
    return str(min(int(one), int(other)))


CATALOGUE: Mapping[str, Property] = {
    item.name: item
    for item in (
        Property(
            name="two_step_verification",
            default=TwoStepVerification.OPTIONAL.value,
            check=_one_of(*_ORDER),
            stricter=_later,
            help="off, optional or required: who is asked for a second step.",
        ),
        Property(
            name="password_minimum_length",
            default="15",
            check=_whole_number(8, 64),
            stricter=_greater,
            help="Fewest characters of a new password (NIST SP 800-63B-4 section 3.1.1.2).",
        ),
        Property(
            name="session_idle_minutes",
            default="60",
            check=_whole_number(1, 1440),
            stricter=_smaller,
            help="A session that is not used for so long ends.",
        ),
        Property(
            name="session_hours",
            default="12",
            check=_whole_number(1, 24),
            stricter=_smaller,
            help="The longest life of a session, used or not.",
        ),
        Property(
            name="support_contact",
            default="",
            check=_short_text(120),
            help="Whom to ask when stuck; stands on the sign-in pages.",
        ),
        Property(
            name="support_link",
            default="",
            check=_link,
            help="Where the support contact leads: https://, mailto: or tel:.",
        ),
    )
}


def find(name: str) -> Property:
    """The property of that name, written with dashes or underscores. Raises UnknownProperty."""
    key = name.strip().lower().replace("-", "_")
    if key not in CATALOGUE:
        raise UnknownProperty(f"there is no property {name!r}; known are {', '.join(CATALOGUE)}")
    return CATALOGUE[key]


Stored = Mapping[tuple[Scope, str], str]
"""What the database holds for one environment: (scope, name) to text."""


def effective(stored: Stored, name: str) -> Effective:
    """The value that holds for an environment, and where it comes from. A stored text that no
    longer passes its
    check counts as not stored: an older version's value must not stop a newer one.
    """
    item = CATALOGUE[name]
    value, source = item.default, None
    for scope in (Scope.ENVIRONMENT, Scope.DEFAULT):
        own = _valid(item, stored.get((scope, name)))
        if own is not None:
            value, source = own, scope
            break
    floor = _valid(item, stored.get((Scope.FLOOR, name)))
    if floor is not None and item.stricter is not None and item.stricter(value, floor) != value:
        return Effective(value=floor, source=Scope.FLOOR)
    return Effective(value=value, source=source)


def _valid(item: Property, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return item.check(text)
    except BadValue:
        return None


def policy_of(stored: Stored) -> Policy:
    """The policy of an environment."""
    mode = effective(stored, "two_step_verification")
    return Policy(
        two_step_verification=TwoStepVerification(mode.value),
        methods=BUILT,
        required_by="floor" if mode.source is Scope.FLOOR else "environment",
    )


def session_limits_of(stored: Stored) -> SessionLimits:
    """The ends of an environment's sessions."""
    return SessionLimits(
        idle=int(effective(stored, "session_idle_minutes").value) * MINUTE,
        absolute=int(effective(stored, "session_hours").value) * HOUR,
    )
