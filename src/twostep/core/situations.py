"""The facts on which ``core.sign_in`` decides: all of them, and nothing that was decided before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from twostep.core.devices import (
    NOBODY_KNOWS_WHEN,
    Changed,
    Device,
    EnvironmentNumbers,
    Passing,
    passing,
)
from twostep.core.generations import Generations
from twostep.core.help_desk_codes import HelpDeskPurpose, OpenCode
from twostep.core.policies import (
    SENT,
    STRONGEST_FIRST,
    Method,
    Policy,
    TwoStepVerification,
)
from twostep.core.reasons import Code, because
from twostep.core.sessions import Level, Session, SessionLimits
from twostep.core.users import User


class ProofKind(StrEnum):
    """What was shown."""

    PASSWORD = "password"
    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"
    EMAIL_CODE = "email_code"
    """By email, or by text through a gateway, which is email as well."""
    TEXT_CODE = "text_code"
    """By text through a provider."""
    HELP_DESK_CODE = "help_desk_code"
    """One of the help desk's for today's work."""
    SET_UP_CODE = "set_up_code"
    """One of theirs for setting up."""


HELP_DESK_KINDS = frozenset({ProofKind.HELP_DESK_CODE, ProofKind.SET_UP_CODE})
"""What stands in for a second step, and is none: it proves that the help desk was asked."""

SECOND_STEP_KINDS = frozenset(ProofKind) - {ProofKind.PASSWORD} - HELP_DESK_KINDS

SENT_KINDS = frozenset({ProofKind.EMAIL_CODE, ProofKind.TEXT_CODE})

LEVELS = {
    ProofKind.AUTHENTICATOR: Level.SECOND_STEP,
    ProofKind.RECOVERY_CODE: Level.SECOND_STEP,
    ProofKind.TEXT_CODE: Level.TEXT_CODE,
    ProofKind.EMAIL_CODE: Level.EMAIL_CODE,
}
"""What a password and this are worth, the strongest first (SECURITY section 0.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One fact: this was shown, with that credential, at that time (milliseconds)."""

    kind: ProofKind
    shown_at: int
    credential_id: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a user has. ``authenticators``: the ids of the active ones. ``recovery_codes``: how many
    are left to be used. ``contacts``: by method, the ids of the addresses that a code can go to.
    ``wants_codes``: the user has turned codes on by themselves (**Configure**).
    ``help_desk_codes``: the help desk's that are open now.
    """

    has_password: bool = False
    authenticators: frozenset[bytes] = frozenset()
    recovery_codes: int = 0
    contacts: Mapping[Method, tuple[bytes, ...]] = field(default_factory=dict)
    wants_codes: bool = False
    help_desk_codes: tuple[OpenCode, ...] = ()

    @property
    def has_help_desk_code(self) -> bool:
        """Whether one of the help desk's codes can still be used."""
        return any(code.uses_left > 0 for code in self.help_desk_codes)

    def methods(self, policy: Policy) -> tuple[Method, ...]:
        """The methods that this user has and the policy allows, strongest first.

        A recovery code stands in for the app, and is none by itself. Codes are sent to whoever
        turned them on, and where a second step is required to whoever has nothing else: what is
        weaker never comes to stand beside an app by itself.
        """
        app = self.authenticators and Method.AUTHENTICATOR in policy.methods
        has = {Method.AUTHENTICATOR} if app else set()
        if app and self.recovery_codes:
            has.add(Method.RECOVERY_CODE)
        required = policy.two_step_verification is TwoStepVerification.REQUIRED
        if self.wants_codes or (required and not app):
            has |= set(self.contacts) & SENT
        return tuple(method for method in STRONGEST_FIRST if method in has & policy.methods)

    def still_has(self, proof: Proof) -> bool:
        """Whether the user still has what this was shown with (invariant I-8).

        A recovery code is gone once it was shown; what must still be there is what it stood in for.
        """
        match proof.kind:
            case ProofKind.PASSWORD:
                return self.has_password
            case ProofKind.AUTHENTICATOR:
                return proof.credential_id in self.authenticators
            case ProofKind.RECOVERY_CODE:
                return bool(self.authenticators)
            case ProofKind.EMAIL_CODE | ProofKind.TEXT_CODE:
                return any(proof.credential_id in ids for ids in self.contacts.values())
            case ProofKind.HELP_DESK_CODE | ProofKind.SET_UP_CODE:
                return any(proof.credential_id == code.id for code in self.help_desk_codes)
            case _:
                assert_never(proof.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """What the counters say now: until when a step is paused, and whether it is stopped."""

    password_until: int | None = None
    password_stopped: bool = False
    codes_until: int | None = None
    codes_stopped: bool = False
    recovery_codes_paused: bool = False

    def codes_paused(self, now: int) -> bool:
        """Whether codes of the app are not looked at now."""
        return self.codes_stopped or (self.codes_until is not None and now < self.codes_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the door asks for beyond the policy: a level, the greatest age of a proof, and for which
    act.

    ``takes_recovery_code``: a recovery code is fresh proof for it as well. It is for what somebody
    who has lost their app must be able to do about that, and for nothing else.
    """

    level: Level = Level.PASSWORD
    greatest_age: int | None = None
    act: str | None = None
    takes_recovery_code: bool = False

    @property
    def takes(self) -> frozenset[ProofKind]:
        """The second steps that are fresh proof for it, where the user has one."""
        if self.takes_recovery_code:
            return SECOND_STEP_KINDS
        return SECOND_STEP_KINDS - {ProofKind.RECOVERY_CODE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live session and the limits that hold for it now."""

    session: Session
    limits: SessionLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The device whose cookie this browser showed, and what holds for devices now.

    ``device`` is None where the cookie is nobody's any more (``why_not``).
    """

    device: Device | None
    days_now: int
    numbers: EnvironmentNumbers
    changed: Changed = NOBODY_KNOWS_WHEN
    why_not: Code = Code.NEW_DEVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All facts of one decision. ``begun`` are the generations under which the sign-in or session
    began.
    """

    user: User | None
    policy: Policy
    proofs: tuple[Proof, ...] = ()
    credentials: Credentials = Credentials()
    begun: Generations | None = None
    today: Generations | None = None
    waits_until: int | None = None
    live: Live | None = None
    pauses: Pauses = Pauses()
    asked: Asked = Asked()
    shown: Shown | None = None

    def newest(self, kinds: Collection[ProofKind]) -> int | None:
        """When one of these was last shown (milliseconds), with something that the user still has;
        None where none was. Proof of a key that is gone proves nothing (invariant I-8).
        """
        shown = (
            proof.shown_at
            for proof in self.proofs
            if proof.kind in kinds and self.credentials.still_has(proof)
        )
        return max(shown, default=None)

    def newest_allowed(self, kinds: Collection[ProofKind]) -> int | None:
        """The same of those kinds alone that the policy allows as second steps at this moment."""
        return self.newest([kind for kind in kinds if kind.value in self.policy.methods])

    def proves(self, kind: ProofKind) -> bool:
        """Whether this was shown, with something that the user still has."""
        return self.newest({kind}) is not None

    @property
    def help_desk_code(self) -> OpenCode | None:
        """The open code for today's work that was shown; None where none was."""
        shown = {
            proof.credential_id for proof in self.proofs if proof.kind is ProofKind.HELP_DESK_CODE
        }
        return next(
            (
                code
                for code in self.credentials.help_desk_codes
                if code.id in shown and code.purpose is HelpDeskPurpose.TODAY
            ),
            None,
        )

    def device(self, now: int) -> Passing | None:
        """Whether the device of this browser passes; None where no cookie of a device was shown,
        and where an act asks for more than a password: a remembered device is no proof.
        """
        shown, today = self.shown, self.today
        if shown is None or today is None or self.asked.level is Level.SECOND_STEP:
            return None
        if shown.device is None:
            return Passing(passes=False, why=because(shown.why_not))
        return passing(
            shown.device,
            now=now,
            days_now=shown.days_now,
            today=today,
            numbers=shown.numbers,
            changed=shown.changed,
        )
