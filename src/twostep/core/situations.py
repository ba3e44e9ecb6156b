"""The facts on which ``core.sign_in`` decides: all of them, and nothing that was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from twostep.core.generations import Generations
from twostep.core.policies import Method, Policy
from twostep.core.sessions import Level, Session, SessionLimits
from twostep.core.users import User


class ProofKind(StrEnum):
    """What was shown."""

    PASSWORD = "password"
    AUTHENTICATOR = "authenticator"


SECOND_STEP_KINDS = frozenset({ProofKind.AUTHENTICATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One fact: this was shown, with that credential, at that time (milliseconds)."""

    kind: ProofKind
    shown_at: int
    credential_id: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a user has. ``authenticators``: the ids of the active ones."""

    has_password: bool = False
    authenticators: frozenset[bytes] = frozenset()

    def methods(self, policy: Policy) -> tuple[Method, ...]:
        """The methods that this user has and the policy allows, strongest first."""
        if self.authenticators and Method.AUTHENTICATOR in policy.methods:
            return (Method.AUTHENTICATOR,)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """What the counters say now: until when a step is paused, and whether it is stopped."""

    password_until: int | None = None
    password_stopped: bool = False
    codes_until: int | None = None
    codes_stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the door asks for beyond the policy: a level, the greatest age of a proof, and for which
    act.
    """

    level: Level = Level.PASSWORD
    greatest_age: int | None = None
    act: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live session and the limits that hold for it now."""

    session: Session
    limits: SessionLimits


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
