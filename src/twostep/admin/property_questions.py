"""What has to be thought of before **System Properties** are saved: what a change takes from people
or asks of them, and whether anybody could still come in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twostep.core.address_readiness import SentBy, way_of
from twostep.core.policies import SENT, Method, Policy, TwoStepVerification
from twostep.core.properties import ALLOWED_BY, MODE
from twostep.flows.property_changes import Overview, Wish
from twostep.i18n.notices import said
from twostep.i18n.property_notices import PropertyNotice
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked back. ``off``: 2-Step Verification is switched off. ``required``: it becomes
    required. ``by_email``, ``by_text``: such codes become allowed. ``without_app``: the app is
    allowed no longer. ``policy`` is what would hold then.
    """

    policy: Policy
    off: bool = False
    required: bool = False
    by_email: bool = False
    by_text: bool = False
    without_app: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether the page asks back at all: where a change takes something from people, or could
        shut out whoever has no address. Who has none stands beside the choice in any case.
        """
        return self.off or self.without_app or (self.needs_addresses and not self.has_app)

    @property
    def needs_addresses(self) -> bool:
        """Whether it matters who has an address."""
        return not self.off and (
            self.required or self.by_email or self.by_text or (self.without_app and self.sends)
        )

    @property
    def way(self) -> SentBy:
        """By which codes people would be reached."""
        return way_of(self.policy.methods)

    @property
    def sends(self) -> bool:
        """Whether codes would be sent."""
        return bool(self.policy.methods & SENT)

    @property
    def has_app(self) -> bool:
        """Whether people could set up an app."""
        return Method.AUTHENTICATOR in self.policy.methods


def question_about(wanted: Mapping[str, Wish], facts: Overview) -> Question:
    """What a save of these wishes has to ask."""

    def turns(name: str, value: str) -> bool:
        return name in wanted and wanted[name].value == value != facts.standings[name].value

    required = TwoStepVerification.REQUIRED.value
    return Question(
        policy=policy_after(wanted, facts),
        off=MODE in wanted and wanted[MODE].value == TwoStepVerification.OFF,
        required=turns(MODE, required),
        by_email=turns("allow_email_codes", "yes"),
        by_text=turns("allow_text_codes", "yes"),
        without_app=turns("allow_authenticator", "no"),
    )


def policy_after(wanted: Mapping[str, Wish], facts: Overview) -> Policy:
    """What would hold, as far as the choice and the methods go."""

    def value(name: str) -> str:
        return wanted[name].value if name in wanted else facts.standings[name].value

    allowed = {method for name, method in ALLOWED_BY.items() if value(name) == "yes"}
    mode = TwoStepVerification(value(MODE))
    return Policy(two_step_verification=mode, methods=frozenset(allowed))


def shuts_everybody_out(wanted: Mapping[str, Wish], facts: Overview) -> bool:
    """Whether these wishes, and nothing before them, leave nobody a way in."""
    before, after = policy_after({}, facts), policy_after(wanted, facts)
    return after.leaves_nobody_a_way_in and not before.leaves_nobody_a_way_in


def no_way_in() -> tuple[FieldError, ...]:
    """What the page says where nobody could come in."""
    return (FieldError(field="allow_authenticator", said=said(PropertyNotice.NO_WAY_IN)),)
