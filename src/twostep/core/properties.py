"""The properties: what an administrator may set, with its default, its bounds and its stricter
direction.

A value is found in this order: the environment's own, the installation's default, the default
below. After that the installation's floor clamps it, where the operator has set one: the stricter
of the two holds. Only the floor clamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from twostep.core.policies import BUILT, Policy, TwoStepVerification
from twostep.core.property_values import BadValue, Choice, Day, Kind, Line, WholeNumber
from twostep.core.sessions import HOUR, MINUTE, SessionLimits

__all__ = [
    "AT_ONCE",
    "CATALOGUE",
    "BadValue",
    "Effective",
    "Property",
    "Remembering",
    "Scope",
    "Stored",
    "Stricter",
    "UnknownProperty",
    "effective",
    "find",
    "floor_of",
    "policy_of",
    "remembering_of",
    "session_limits_of",
]


class Scope(StrEnum):
    """Whose value it is."""

    ENVIRONMENT = "environment"
    DEFAULT = "default"
    FLOOR = "floor"


class UnknownProperty(ValueError):
    """There is no property of that name."""


class Stricter(Enum):
    """Which way of its kind's order is the stricter one."""

    GREATER = "greater"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property. ``default`` is a stored text; ``stricter`` is None where no value is stricter
    than another.
    """

    name: str
    default: str
    kind: Kind
    stricter: Stricter | None = None
    help: str

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue, which names the bounds."""
        return self.kind.check(text)

    def stricter_of(self, one: str, other: str) -> str:
        """The stricter of two stored values; the first where neither is."""
        if self.stricter is None:
            return one
        first, second = self.kind.rank(one), self.kind.rank(other)
        if self.stricter is Stricter.GREATER:
            return other if second > first else one
        return other if second < first else one


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The value that holds, and whose it is; the source is None where nobody has set one."""

    value: str
    source: Scope | None


MODE = "two_step_verification"
REQUIRED_FROM = "two_step_required_from"

AT_ONCE = "required_at_once_at"
"""Not a property that anybody sets by itself, but stored as one: sessions that began until then are
held to a policy of *Required* (CT-12, *at once*). In milliseconds."""

CATALOGUE: Mapping[str, Property] = {
    item.name: item
    for item in (
        Property(
            name=MODE,
            default=TwoStepVerification.OPTIONAL.value,
            kind=Choice(values=tuple(mode.value for mode in TwoStepVerification)),
            stricter=Stricter.GREATER,
            help="off, optional or required: who is asked for a second step.",
        ),
        Property(
            name=REQUIRED_FROM,
            default="",
            kind=Day(),
            stricter=Stricter.SMALLER,
            help="The day from which required holds; optional until then. Empty: no waiting.",
        ),
        Property(
            name="days_to_remember_device",
            default="30",
            kind=WholeNumber(least=0, most=365),
            stricter=Stricter.SMALLER,
            help="Days to Remember Device (also TFA Code Expiration Days); 0 hides the tick box.",
        ),
        Property(
            name="remember_this_device",
            default="ask",
            kind=Choice(values=("always", "ask")),
            stricter=Stricter.GREATER,
            help="ask: by the tick on the code page. always: whenever a code was right.",
        ),
        Property(
            name="password_minimum_length",
            default="15",
            kind=WholeNumber(least=8, most=64),
            stricter=Stricter.GREATER,
            help="Fewest characters of a new password (NIST SP 800-63B-4 section 3.1.1.2).",
        ),
        Property(
            name="session_idle_minutes",
            default="60",
            kind=WholeNumber(least=1, most=1440),
            stricter=Stricter.SMALLER,
            help="A session that is not used for so long ends.",
        ),
        Property(
            name="session_hours",
            default="12",
            kind=WholeNumber(least=1, most=24),
            stricter=Stricter.SMALLER,
            help="The longest life of a session, used or not.",
        ),
        Property(
            name="support_contact",
            default="",
            kind=Line(longest=120),
            help="Whom to ask when stuck; stands at the foot of every page.",
        ),
        Property(
            name="support_link",
            default="",
            kind=Line(longest=300, link=True),
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
    mode = effective(stored, MODE)
    if mode.value != TwoStepVerification.REQUIRED:
        return Policy(two_step_verification=TwoStepVerification(mode.value), methods=BUILT)
    begins, required_by = _required_from(stored)
    if now < begins:
        optional = TwoStepVerification.OPTIONAL
        return Policy(two_step_verification=optional, methods=BUILT, required_from=begins)
    at_once_at = _at_once_at(stored)
    return Policy(
        two_step_verification=TwoStepVerification.REQUIRED,
        methods=BUILT,
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


def session_limits_of(stored: Stored) -> SessionLimits:
    """The ends of an environment's sessions."""
    return SessionLimits(
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
