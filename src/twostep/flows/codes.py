"""Checking a code of an authenticator app: the one place that does it, whoever asks.

Reserve, compare, settle, like a password. What a right code is worth is decided by the caller's
last transaction: its step is spent there by one conditional statement, together with everything
that the code was for, so that a code that did not do its work is not lost, and one that did cannot
do it again (AC-07).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import structlog

from twostep.core.audit import EventKind
from twostep.core.authenticators import (
    Accepted,
    Algorithm,
    AlreadyUsed,
    ClockOff,
    MalformedCode,
    Match,
    NoMatch,
    Parameters,
    match_code,
    normalise_code,
)
from twostep.core.lockouts import Purpose
from twostep.core.reasons import Reason
from twostep.core.situations import Proof, ProofKind
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.identifiers import new_id
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, Reservation, reserve, settle_failed, settle_passed
from twostep.flows.notices import after_wrong_code
from twostep.flows.visitors import Browser
from twostep.storage import authenticators, sign_ins
from twostep.storage.authenticators import StoredAuthenticator
from twostep.storage.database import Connection

_log = structlog.get_logger()


class Why(StrEnum):
    """Why a code was refused, as its person may know it."""

    MALFORMED = "malformed"
    NO_MATCH = "no_match"
    ALREADY_USED = "already_used"
    CLOCK_SLOW = "clock_slow"
    CLOCK_FAST = "clock_fast"


_KINDS = {
    Why.MALFORMED: EventKind.CODE_REFUSED,
    Why.NO_MATCH: EventKind.CODE_REFUSED,
    Why.ALREADY_USED: EventKind.CODE_ALREADY_USED,
    Why.CLOCK_SLOW: EventKind.CODE_CLOCK_OFF,
    Why.CLOCK_FAST: EventKind.CODE_CLOCK_OFF,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRefused:
    """A wrong code. ``minutes`` tells how far the phone's clock is off, where that is why."""

    why: Why
    tries_left: int | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class CodesPaused:
    """No code is looked at until then (milliseconds), or until somebody unlocks it (None)."""

    until: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A reserved try and what it will be compared with."""

    authenticator: StoredAuthenticator
    spent: Sequence[int]
    reservation: Reservation
    subject: bytes


def normalised(text: str) -> str | CodeRefused:
    """The digits that were typed, or the refusal of what cannot be a code. Costs no try: nothing is
    compared.
    """
    try:
        return normalise_code(text)
    except MalformedCode:
        return CodeRefused(why=Why.MALFORMED)


def reserve_try(
    connection: Connection,
    installation: Installation,
    authenticator: StoredAuthenticator,
    *,
    browser: Browser,
    now: int,
    known: bool = False,
    in_set_up: bool = False,
) -> Tried | CodesPaused | NetworkPaused:
    """Write a try down before it is made; the caller's transaction must commit before the compare.
    ``known``: as ``reserve`` takes it.

    ``in_set_up``: of a key on offer, which counts by itself. Whoever tries it sees it, so there is
    nothing to guess; and guesses at the old key must not keep its owner from setting up this one.
    """
    subject = authenticator.id if in_set_up else authenticator.user_id
    reservation = reserve(
        connection,
        installation,
        environment_id=authenticator.environment_id,
        subject=subject,
        purpose=Purpose.SECOND_STEP,
        browser=browser,
        now=now,
        known=known,
    )
    if isinstance(reservation, NetworkPaused):
        return reservation
    if reservation.refused:
        kind = EventKind.CODE_REFUSED
        why = (reservation.why,)
        _record(connection, installation, kind, authenticator, browser, why, "paused", now)
        return CodesPaused(reservation.until)
    spent = authenticators.spent(connection, authenticator.environment_id, authenticator.id)
    return Tried(authenticator, spent, reservation, subject)


def compare(installation: Installation, tried: Tried, code: str) -> Match:
    """Compare, outside of any transaction. A key that was tampered with matches no code (AC-65)."""
    stored = tried.authenticator
    try:
        key = installation.keys.open_box(
            stored.sealed, key_version=stored.key_version, context=context_of(stored)
        )
    except BoxDamaged:
        log_damage(stored)
        return NoMatch()
    return match_code(
        key.reveal(),
        code,
        now=installation.clock(),
        parameters=parameters_of(stored),
        last_step=stored.last_step,
        spent=tried.spent,
    )


def context_of(stored: StoredAuthenticator) -> Context:
    """Where this key was sealed, and opens."""
    return Context.of_authenticator(
        environment_id=stored.environment_id,
        user_id=stored.user_id,
        authenticator_id=stored.id,
    )


def log_damage(stored: StoredAuthenticator) -> None:
    """Somebody who can write to the database moved or changed a key: the operator must hear it."""
    _log.error(
        "authenticator_box_damaged",
        environment=stored.environment_id.hex(),
        user=stored.user_id.hex(),
        authenticator=stored.id.hex(),
    )


def parameters_of(stored: StoredAuthenticator) -> Parameters:
    """How this key becomes codes."""
    return Parameters(
        algorithm=Algorithm(stored.algorithm),
        digits=stored.digits,
        period_seconds=stored.period_seconds,
    )


def settle_right(connection: Connection, tried: Tried, *, sign_in_id: bytes, now: int) -> None:
    """The code has done its work: write the proof. Its step was spent by the caller a statement
    ago.
    """
    settle_passed(connection, tried.reservation, now=now)
    sign_ins.add_proof(
        connection,
        tried.authenticator.environment_id,
        sign_in_id,
        new_id(),
        Proof(kind=ProofKind.AUTHENTICATOR, shown_at=now, credential_id=tried.authenticator.id),
    )


def settle_wrong(
    connection: Connection,
    installation: Installation,
    tried: Tried,
    match: Match,
    *,
    browser: Browser,
    now: int,
) -> CodeRefused:
    """Write down that the try failed, and say to its person why. A hint about the clock spends its
    step.
    """
    stored = tried.authenticator
    in_set_up = tried.subject == stored.id
    standing = settle_failed(connection, installation, tried.reservation, now=now)
    refused = _refusal(connection, stored, match)
    kind = EventKind.AUTHENTICATOR_SET_UP_REFUSED if in_set_up else _KINDS[refused.why]
    _record(connection, installation, kind, stored, browser, (), refused.why.value, now)
    if not in_set_up:
        whose = stored.environment_id, stored.user_id
        after_wrong_code(
            connection, installation, *whose, standing=standing, browser=browser, now=now
        )
    if not standing.open_now:
        kind = EventKind.LOCKOUT_BEGUN
        _record(connection, installation, kind, stored, browser, (), "codes", now)
        return CodeRefused(why=refused.why, tries_left=0, minutes=refused.minutes)
    return CodeRefused(
        why=refused.why,
        tries_left=standing.tries_left_before_pause,
        minutes=refused.minutes,
    )


def _refusal(connection: Connection, stored: StoredAuthenticator, match: Match) -> CodeRefused:
    match match:
        case ClockOff(step=step, slow=slow, minutes=minutes):
            hinted = authenticators.spend_outside(
                connection, stored.environment_id, stored.id, step=step
            )
            if not hinted:
                return CodeRefused(why=Why.NO_MATCH)
            return CodeRefused(why=Why.CLOCK_SLOW if slow else Why.CLOCK_FAST, minutes=minutes)
        case AlreadyUsed() | Accepted():
            # An accepted code that lost the race for its step was used by whoever won it.
            return CodeRefused(why=Why.ALREADY_USED)
        case NoMatch():
            return CodeRefused(why=Why.NO_MATCH)
        case _:
            assert_never(match)


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    stored: StoredAuthenticator,
    browser: Browser,
    reasons: tuple[Reason, ...],
    why: str,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=stored.environment_id,
        now=now,
        target=stored.user_id,
        visitor=browser.visitor,
        reasons=reasons,
        why=why,
        authenticator=stored.id.hex(),
    )
