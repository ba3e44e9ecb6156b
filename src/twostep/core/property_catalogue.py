"""The properties that there are: each with its default, its bounds and its stricter direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from twostep.core.policies import TwoStepVerification
from twostep.core.property_values import Choice, Countries, Day, Kind, Line, WholeNumber
from twostep.core.sent_codes import LONGEST, LONGEST_LIFE, MINUTE, SHORTEST


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


MODE = "two_step_verification"
REQUIRED_FROM = "two_step_required_from"

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
            name="allow_authenticator",
            default="yes",
            kind=Choice(values=("yes", "no")),
            help="Whether codes of an authenticator app are a second step here.",
        ),
        Property(
            name="allow_recovery_codes",
            default="yes",
            kind=Choice(values=("yes", "no")),
            help="Whether a recovery code stands in for the app.",
        ),
        Property(
            name="allow_text_codes",
            default="no",
            kind=Choice(values=("yes", "no")),
            stricter=Stricter.GREATER,
            help="Whether codes are sent by text message through a provider.",
        ),
        Property(
            name="text_countries",
            default="",
            kind=Countries(),
            help="The countries to whose mobile numbers texts are sent through a provider. The"
            " first is where a number without a country is. Empty: to none.",
        ),
        Property(
            name="text_messages_a_day",
            default="1000",
            kind=WholeNumber(least=0, most=100_000),
            stricter=Stricter.SMALLER,
            help="How many texts may leave through a provider within 24 hours before no code is"
            " sent that way.",
        ),
        Property(
            name="allow_email_codes",
            default="no",
            kind=Choice(values=("yes", "no")),
            stricter=Stricter.GREATER,
            help="Whether codes are sent by email, or by text through a gateway, which is email.",
        ),
        Property(
            name="tfa_code_length",
            default="6",
            kind=WholeNumber(least=SHORTEST, most=LONGEST),
            stricter=Stricter.GREATER,
            help="TFA Code Length: digits of a code that is sent (NIST SP 800-63B-4 section"
            " 3.1.3.2).",
        ),
        Property(
            name="tfa_code_minutes",
            default="10",
            kind=WholeNumber(least=1, most=LONGEST_LIFE // MINUTE),
            stricter=Stricter.SMALLER,
            help="TFA Code Expiration Minutes: how long a code that was sent works.",
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
            name="set_up_code_after_removal",
            default="yes",
            kind=Choice(values=("no", "yes")),
            stricter=Stricter.GREATER,
            help="Whether, where a second step is required, a user whose second step was removed"
            " needs an administrator's set-up code beside the password to set up again.",
        ),
        Property(
            name="administrators_need_two_step",
            default="no",
            kind=Choice(values=("no", "yes")),
            stricter=Stricter.GREATER,
            help="Whether whoever has no second step may do nothing to other users, whatever"
            " permissions they hold. With no, their password is asked in its place.",
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
