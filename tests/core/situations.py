"""Situations to begin from: a user, what they have, what they have shown."""

from __future__ import annotations

from dataclasses import replace

from twostep.core.devices import PASSES_FOR, Device, EnvironmentNumbers
from twostep.core.generations import Generations
from twostep.core.policies import BUILT, Method, Policy, TwoStepVerification
from twostep.core.sessions import Level, Session, SessionLimits
from twostep.core.situations import Credentials, Live, Proof, ProofKind, Shown, Situation
from twostep.core.users import User

NOW = 1_767_225_600_000
ENVIRONMENT = bytes([1]) * 16
KEY = bytes([2]) * 16
OTHER_KEY = bytes([3]) * 16
ADDRESS = bytes([6]) * 16
NUMBER = bytes([7]) * 16

BEGUN = Generations(installation=1, password=1, second_step=1)
NUMBERS = EnvironmentNumbers(remembering=1, off=1)

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


def recovery_code_shown(*, at: int = NOW) -> Proof:
    """The proof that a right recovery code is."""
    return Proof(kind=ProofKind.RECOVERY_CODE, shown_at=at)


def sent_code_shown(*, at: int = NOW, address: bytes = ADDRESS, by_text: bool = False) -> Proof:
    """The proof that a right code is which was sent there."""
    kind = ProofKind.TEXT_CODE if by_text else ProofKind.EMAIL_CODE
    return Proof(kind=kind, shown_at=at, credential_id=address)


def with_codes(*proofs: Proof, **changes: object) -> Situation:
    """Ann, to whom codes are sent, because she turned them on."""
    contacts = {Method.EMAIL_CODE: (ADDRESS,), Method.TEXT_CODE: (NUMBER,)}
    has = Credentials(has_password=True, contacts=contacts, wants_codes=True)
    return situation(*proofs, **{"credentials": has} | changes)


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
        device_id=None,
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


def device(**changes: object) -> Device:
    """Ann's browser, where a code was right just now and the box was ticked for 30 days."""
    made = Device(
        id=bytes([7]) * 16,
        user_id=ANN.id,
        browser="Firefox",
        address="192.0.2.1",
        first_used_at=NOW,
        last_used_at=NOW,
        verified_at=NOW,
        days_at_issue=30,
        passes_until=NOW + PASSES_FOR,
        forgotten_at=None,
        generations=BEGUN,
        numbers=NUMBERS,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def shown(of: Device | None = None, *, days_now: int = 30, **numbers: int) -> Shown:
    """That device's cookie, shown where so many days and these numbers hold now."""
    return Shown(device=of or device(), days_now=days_now, numbers=replace(NUMBERS, **numbers))


def live(of: Situation, **changes: object) -> Situation:
    """The facts of a live session that stands on these."""
    going_on = Live(session=session(**changes), limits=SessionLimits())
    return replace(of, live=going_on, waits_until=None)
