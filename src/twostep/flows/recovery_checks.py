"""Checking a recovery code: the one place that does it, whoever asks (AC-16).

What is stored of a code is Argon2id over an HMAC (SECURITY §5.5). The HMAC's key is not in the
database, so a copy of that alone gives nothing to guess at; and it covers environment, user and
slot, so a row that was moved to another user matches nothing.

Like a password it is *reserved*, compared outside of any transaction, and *settled* with what
follows from it. A try costs one hash and the same statements, whether its slot is unused, used or
empty (AC-10): the answer tells whoever has the password nothing that they did not type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import structlog

from twostep.core.audit import EventKind
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.messages import MessageKind
from twostep.core.reasons import Reasons
from twostep.core.recovery_codes import NotARecoveryCode, RecoveryCode, read_code
from twostep.core.situations import Proof, ProofKind
from twostep.core.users import User
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.passwords import Busy, Ticket, WrongPassword
from twostep.crypto.secret import KeyVersion, Secret
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.lockouts import (
    NetworkPaused,
    Reservation,
    reserve,
    settle_failed,
    settle_passed,
    void,
)
from twostep.flows.notices import tell, tell_of_pause
from twostep.flows.passwords import compare_hash
from twostep.flows.visitors import Browser
from twostep.storage import recovery_codes, sign_ins
from twostep.storage.database import Connection
from twostep.storage.recovery_codes import StoredCode

_log = structlog.get_logger()

_STORED = re.compile(r"([1-9][0-9]{0,8})(\$.+)")
"""The version of the HMAC's key, and the PHC string."""


class Why(StrEnum):
    """Why a recovery code was refused, as its person may know it."""

    MALFORMED = "malformed"
    NO_MATCH = "no_match"
    ALREADY_USED = "already_used"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeRefused:
    """A wrong code, or one that was used before. With no tries left, ``paused_until`` says until
    when (milliseconds); None where somebody must unlock them.
    """

    why: Why
    tries_left: int | None = None
    paused_until: int | None = None


@dataclass(frozen=True, slots=True)
class RecoveryCodesPaused:
    """No recovery code is looked at until then (milliseconds), or until somebody unlocks them
    (None).
    """

    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A reserved try: the code that was typed, and what its slot holds."""

    user: User
    code: RecoveryCode
    stored: StoredCode | None
    reservation: Reservation


def read(typed: str) -> RecoveryCode | RecoveryCodeRefused:
    """The code that was typed, or the refusal of what cannot be one. Costs no try: nothing is
    compared.
    """
    try:
        return read_code(typed)
    except NotARecoveryCode:
        return RecoveryCodeRefused(why=Why.MALFORMED)


def reserve_try(
    connection: Connection,
    installation: Installation,
    user: User,
    code: RecoveryCode,
    *,
    browser: Browser,
    now: int,
) -> Tried | RecoveryCodesPaused | NetworkPaused:
    """Write a try down before it is made. Within the caller's transaction, which must commit before
    the compare.
    """
    reservation = reserve(
        connection,
        installation,
        environment_id=user.environment_id,
        subject=user.id,
        purpose=Purpose.RECOVERY_CODE,
        browser=browser,
        now=now,
    )
    if isinstance(reservation, NetworkPaused):
        return reservation
    if reservation.refused:
        kind, why = EventKind.RECOVERY_CODE_REFUSED, (reservation.why,)
        _record(connection, installation, kind, user, browser, now, reasons=why, why="paused")
        return RecoveryCodesPaused(reservation.until)
    # Looked up for this user alone: a code of somebody else is a wrong one here.
    stored = recovery_codes.in_slot(connection, user.environment_id, user.id, slot=code.slot)
    return Tried(user=user, code=code, stored=stored, reservation=reservation)


def compare(installation: Installation, ticket: Ticket, tried: Tried) -> bool:
    """Compare, outside of any transaction: one hash, of what the slot holds or of nothing.

    Raises Busy where the turn did not come in time; the try is then void, because nothing was
    compared. Raises KeyMissing where the key is not there, and the try stays counted.
    """
    version, phc = _parts(tried.stored)
    keys = installation.keys
    key = (
        keys.current(KeyPurpose.RECOVERY)
        if version is None
        else keys.at_version(KeyPurpose.RECOVERY, version)
    )
    try:
        compare_hash(ticket, phc, covered(key, tried.user, tried.code))
    except WrongPassword:
        return False
    except Busy:
        now = installation.clock()
        installation.database.write(lambda c: void(c, tried.reservation, now=now))
        raise
    return True


def covered(key: KeyVersion, user: User, code: RecoveryCode) -> Secret[str]:
    """What is hashed in the code's place; as text, which is what the hashing threads take."""
    where = (user.environment_id, user.id, bytes([code.slot]))
    return Secret(keyed_hash(key.secret, *where, code.characters.encode()).hex())


def spend(
    connection: Connection,
    installation: Installation,
    tried: Tried,
    *,
    right: bool,
    sign_in_id: bytes,
    browser: Browser,
    now: int,
) -> RecoveryCodeRefused | None:
    """Settle the try: spend the code and write its proof, or say why it was refused."""
    user = tried.user
    place = (user.environment_id, user.id)
    if not right or tried.stored is None:
        return _wrong(connection, installation, tried, Why.NO_MATCH, browser, now)
    if not recovery_codes.use_up(
        connection, *place, slot=tried.code.slot, compared=tried.stored.hashed, now=now
    ):
        return _wrong(connection, installation, tried, Why.ALREADY_USED, browser, now)
    settle_passed(connection, tried.reservation, now=now)
    shown = Proof(kind=ProofKind.RECOVERY_CODE, shown_at=now)
    sign_ins.add_proof(connection, user.environment_id, sign_in_id, new_id(), shown)
    current = recovery_codes.set_of(connection, *place)
    kind, left = EventKind.RECOVERY_CODE_USED, current.left if current else 0
    slot = tried.code.slot
    _record(connection, installation, kind, user, browser, now, user.id, slot=slot, left=left)
    used = MessageKind.RECOVERY_CODE_USED
    tell(connection, used, *place, now=now, visitor=browser.visitor, left=left)
    return None


def _wrong(
    connection: Connection,
    installation: Installation,
    tried: Tried,
    why: Why,
    browser: Browser,
    now: int,
) -> RecoveryCodeRefused:
    user = tried.user
    standing = settle_failed(connection, installation, tried.reservation, now=now)
    kind, slot = EventKind.RECOVERY_CODE_REFUSED, tried.code.slot
    _record(connection, installation, kind, user, browser, now, why=why.value, slot=slot)
    if not standing.open_now:
        kind = EventKind.LOCKOUT_BEGUN
        _record(connection, installation, kind, user, browser, now, why="recovery_codes")
        counter = user.environment_id, user.id, Purpose.RECOVERY_CODE
        tell_of_pause(connection, *counter, standing=standing, browser=browser, now=now)
    return RecoveryCodeRefused(
        why=why,
        tries_left=standing.tries_left_before_pause,
        paused_until=standing.blocked_until,
    )


def _parts(stored: StoredCode | None) -> tuple[int | None, Secret[bytes] | None]:
    """The version of the key and the hash in a slot; nothing where it is empty, or was tampered
    with so that no hash stands there.
    """
    found = None if stored is None else _STORED.fullmatch(stored.hashed)
    if found is None:
        if stored is not None:
            _log.error("recovery_code_unusable")
        return None, None
    return int(found[1]), Secret(found[2].encode())


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    user: User,
    browser: Browser,
    now: int,
    actor: bytes | None = None,
    *,
    reasons: Reasons = (),
    **data: str | int,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=user.environment_id,
        now=now,
        actor=actor,
        target=user.id,
        visitor=browser.visitor,
        reasons=reasons,
        note="",
        **data,
    )
