"""Situations to begin from: a user, what they have, what they have shown."""

from __future__ import annotations

from dataclasses import replace

from twostep.core.generations import Generations
from twostep.core.policies import BUILT, Policy, TwoStepVerification
from twostep.core.sessions import Level, Session, SessionLimits
from twostep.core.situations import Credentials, Live, Proof, ProofKind, Situation
from twostep.core.users import User

NOW = 1_767_225_600_000
ENVIRONMENT = bytes([1]) * 16
KEY = bytes([2]) * 16
OTHER_KEY = bytes([3]) * 16

BEGUN = Generations(installation=1, password=1, second_step=1)

ANN = User(
    id=bytes([4]) * 16,
    environment_id=ENVIRONMENT,
    name="ann",
    made_at=NOW - 1,
    password_generation=1,
    second_step_generation=1,
)


def policy(mode: str = "optional") -> Policy:
    """A policy with every method that is built."""
    return Policy(two_step_verification=TwoStepVerification(mode), methods=BUILT)


def password_shown(*, at: int = NOW) -> Proof:
    """The proof that a right password is."""
    return Proof(kind=ProofKind.PASSWORD, shown_at=at)


def code_shown(*, at: int = NOW, key: bytes = KEY) -> Proof:
    """The proof that a right code of that key is."""
    return Proof(kind=ProofKind.AUTHENTICATOR, shown_at=at, credential_id=key)


def situation(*proofs: Proof, **changes: object) -> Situation:
    """Ann, who has a password, at an Optional environment, with what she has shown."""
    made = Situation(
        user=ANN,
        policy=policy(),
        proofs=proofs,
        credentials=Credentials(has_password=True),
        begun=BEGUN,
        today=BEGUN,
        waits_until=NOW + 1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def with_key(*proofs: Proof, **changes: object) -> Situation:
    """The same with an authenticator."""
    has = Credentials(has_password=True, authenticators=frozenset({KEY}))
    return situation(*proofs, **{"credentials": has} | changes)


def both_shown(*, at: int = NOW, **changes: object) -> Situation:
    """Password and code, both shown at that time."""
    return with_key(password_shown(at=at), code_shown(at=at), **changes)


def session(**changes: object) -> Session:
    """A session of Ann's that began just now."""
    made = Session(
        id=bytes([5]) * 16,
        environment_id=ENVIRONMENT,
        user_id=ANN.id,
        sign_in_id=bytes([6]) * 16,
        level=Level.SECOND_STEP,
        reasons=(),
        browser="Firefox",
        address="192.0.2.1",
        started_at=NOW,
        last_used_at=NOW,
        ended_at=None,
        generations=BEGUN,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def live(of: Situation, **changes: object) -> Situation:
    """The facts of a live session that stands on these."""
    going_on = Live(session=session(**changes), limits=SessionLimits())
    return replace(of, live=going_on, waits_until=None)
