"""What an environment asks for, and which methods it allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TwoStepVerification(StrEnum):
    """The property **Two-Step Verification** (CT-10)."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Method(StrEnum):
    """A way to pass the second step, strongest first in :data:`STRONGEST_FIRST`."""

    PASSKEY = "passkey"
    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"
    TEXT_CODE = "text_code"
    EMAIL_CODE = "email_code"
    HELP_DESK_CODE = "help_desk_code"


STRONGEST_FIRST: tuple[Method, ...] = tuple(Method)

BUILT = frozenset({Method.AUTHENTICATOR, Method.RECOVERY_CODE, Method.TEXT_CODE, Method.EMAIL_CODE})
"""The methods that this version can check. The others keep their names, so that stored properties
stay valid.
"""

SENT = frozenset({Method.EMAIL_CODE, Method.TEXT_CODE})
"""The methods whose codes are sent, and need no set-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds in an environment at one moment, after the installation's floor.

    ``required_by`` says whose will "required" is: ``environment`` or ``floor``. ``required_from``
    is the moment to come from which it will be; None where it is now, or never. ``at_once_at``:
    live sessions that began until then are held to what is required now (CT-12); None where none
    are. Both in milliseconds.
    """

    two_step_verification: TwoStepVerification
    methods: frozenset[Method]
    required_by: str = "environment"
    required_from: int | None = None
    at_once_at: int | None = None

    def holds_session_begun(self, at: int) -> bool:
        """Whether a live session that began then must have proven what is required now."""
        return self.at_once_at is not None and at <= self.at_once_at

    @property
    def leaves_nobody_a_way_in(self) -> bool:
        """Whether a second step is, or may be, asked for that nobody can have: nothing that one
        could set up, and no codes that are sent. A recovery code stands in for the app, so alone it
        is none.
        """
        off = self.two_step_verification is TwoStepVerification.OFF
        return not (off or self.methods_to_set_up or self.methods & SENT)

    @property
    def methods_to_set_up(self) -> tuple[Method, ...]:
        """The allowed methods that a person can set up by themselves, strongest first."""
        able = BUILT & self.methods & {Method.PASSKEY, Method.AUTHENTICATOR}
        return tuple(method for method in STRONGEST_FIRST if method in able)
