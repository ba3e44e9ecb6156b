"""Checking a code that was sent: reserve, compare, settle, like every other.

A try is counted against the account and against the code itself before anything is compared
(AC-11). What a right code is worth is decided by the last transaction: it is spent there by one
conditional statement, together with everything that it was for (AC-07).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum

from twostep.core.audit import EventKind
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.policies import Method
from twostep.core.reasons import Reasons
from twostep.core.sent_codes import TRIES, MalformedCode, normalise
from twostep.core.situations import Proof, ProofKind
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit
from twostep.flows.codes import CodesPaused
from twostep.flows.installation import Installation
from twostep.flows.lockouts import (
    NetworkPaused,
    Reservation,
    reserve,
    settle_failed,
    settle_passed,
    void,
)
from twostep.flows.notices import after_wrong_code
from twostep.flows.sent_codes import hashed
from twostep.flows.visitors import Browser
from twostep.storage import sent_codes, sign_ins
from twostep.storage.database import Connection
from twostep.storage.sent_codes import Bound, StoredSentCode

KINDS = {Method.EMAIL_CODE: ProofKind.EMAIL_CODE, Method.TEXT_CODE: ProofKind.TEXT_CODE}


class Why(StrEnum):
    """Why a code was refused, as its person may know it."""

    MALFORMED = "malformed"
    NO_MATCH = "no_match"
    OVER = "over"
    """No code is alive: the last one is too old, was used or replaced, or was tried too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCodeRefused:
    """A wrong code. ``tries_left`` before a pause of the account's codes, None where that is not
    what stands next; ``code_is_dead``: this one takes no more tries, and a new one can be sent.
    """

    why: Why
    tries_left: int | None = None
    code_is_dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTry:
    """A reserved try, and what it will be compared with."""

    bound: Bound
    stored: StoredSentCode
    reservation: Reservation


def read(typed: str) -> str | SentCodeRefused:
    """The digits that were typed, or the refusal of what cannot be a code, which costs no try."""
    try:
        return normalise(typed)
    except MalformedCode:
        return SentCodeRefused(why=Why.MALFORMED)


def reserve_try(
    connection: Connection,
    installation: Installation,
    bound: Bound,
    method: Method,
    *,
    browser: Browser,
    now: int,
    known: bool = False,
) -> SentTry | SentCodeRefused | CodesPaused | NetworkPaused:
    """Write a try down before it is made, against the account and against the code; the caller's
    transaction must commit before the compare. ``known``: as ``reserve`` takes it.

    Where no code is alive nothing can be compared, so nothing is counted.
    """
    alive = sent_codes.newest(connection, bound, method)
    if alive is None or not alive.live or not alive.code.takes_tries(now):
        return SentCodeRefused(why=Why.OVER, code_is_dead=True)
    reservation = reserve(
        connection,
        installation,
        environment_id=bound.environment_id,
        subject=bound.user_id,
        purpose=Purpose.SECOND_STEP,
        browser=browser,
        now=now,
        known=known,
    )
    if isinstance(reservation, NetworkPaused):
        return reservation
    if reservation.refused:
        why = (reservation.why,)
        _record(connection, installation, bound, method, browser, now, why="paused", reasons=why)
        return CodesPaused(reservation.until)
    stored = sent_codes.reserve_try(connection, bound, method, now=now)
    if stored is None:
        # Somebody else's fifth try came first, or a new code did. This one was not compared.
        void(connection, reservation, now=now)
        return SentCodeRefused(why=Why.OVER, code_is_dead=True)
    return SentTry(bound=bound, stored=stored, reservation=reservation)


def compare(installation: Installation, tried: SentTry, digits: str) -> bool:
    """Compare, outside of any transaction. A code whose key is gone matches nothing."""
    stored = tried.stored
    try:
        key = installation.keys.at_version(KeyPurpose.CODE, stored.key_version)
    except KeyMissing:
        return False
    shown = hashed(key, tried.bound, stored.method, stored.contact_id, digits)
    return hmac.compare_digest(shown, stored.code_hash)


def spend(
    connection: Connection,
    installation: Installation,
    tried: SentTry,
    *,
    right: bool,
    browser: Browser,
    now: int,
) -> SentCodeRefused | None:
    """Settle the try: spend the code and write its proof, or say why it was refused. Of many at
    once with the right code one spends it; a new one that was sent meanwhile has replaced it.
    """
    bound, stored = tried.bound, tried.stored
    if not right or not sent_codes.use_up(connection, bound, stored.code.id):
        return _wrong(connection, installation, tried, right, browser, now)
    settle_passed(connection, tried.reservation, now=now)
    shown = Proof(kind=KINDS[stored.method], shown_at=now, credential_id=stored.contact_id)
    sign_ins.add_proof(connection, bound.environment_id, bound.sign_in_id, new_id(), shown)
    return None


def _wrong(
    connection: Connection,
    installation: Installation,
    tried: SentTry,
    right: bool,
    browser: Browser,
    now: int,
) -> SentCodeRefused:
    bound, stored = tried.bound, tried.stored
    standing = settle_failed(connection, installation, tried.reservation, now=now)
    why = Why.OVER if right else Why.NO_MATCH
    _record(connection, installation, bound, stored.method, browser, now, why=why.value)
    after_wrong_code(
        connection,
        installation,
        environment_id=bound.environment_id,
        user_id=bound.user_id,
        standing=standing,
        browser=browser,
        now=now,
    )
    dead = right or stored.code.tries >= TRIES
    if not standing.open_now:
        kind = EventKind.LOCKOUT_BEGUN
        _record(
            connection, installation, bound, stored.method, browser, now, kind=kind, why="codes"
        )
        return SentCodeRefused(why=why, tries_left=0, code_is_dead=dead)
    left = standing.tries_left_before_pause
    return SentCodeRefused(why=why, tries_left=left, code_is_dead=dead)


def _record(
    connection: Connection,
    installation: Installation,
    bound: Bound,
    method: Method,
    browser: Browser,
    now: int,
    *,
    why: str,
    kind: EventKind = EventKind.CODE_REFUSED,
    reasons: Reasons = (),
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=bound.environment_id,
        now=now,
        target=bound.user_id,
        visitor=browser.visitor,
        reasons=reasons,
        why=why,
        method=method.value,
    )
