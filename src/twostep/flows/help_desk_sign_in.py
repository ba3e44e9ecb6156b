"""What a help-desk code opens, beside the right password: today's work, or setting up an app.

One for today's work stands in for the second step of this sign-in alone. No device is remembered by
it, it is fresh proof of nothing, and the session that it opens ends with it. One for set-up opens
nothing but the dialog of **Configure**; the session comes from the code of the new app.

Tries are reserved, compared and settled like every other, by a counter of their own: it is for
whoever has too many wrong codes of the app behind them that a help desk is called.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import (
    HelpDeskPurpose,
    NotAHelpDeskCode,
    TypedCode,
    read,
)
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.policies import Method
from twostep.core.reasons import Reasons
from twostep.core.sign_in import AskSecondStep, NextStep, SetUp
from twostep.core.situations import Proof, ProofKind
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit
from twostep.flows.help_desk_codes import hashed
from twostep.flows.installation import Installation
from twostep.flows.lockouts import (
    NetworkPaused,
    Reservation,
    reserve,
    settle_failed,
    settle_passed,
    void,
)
from twostep.flows.mint import Minted, mint
from twostep.flows.notices import tell_of_pause
from twostep.flows.pending import Waiting, begin_set_up
from twostep.flows.second_step import Elsewhere
from twostep.flows.visitors import Browser
from twostep.storage import help_desk_codes, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.help_desk_codes import StoredHelpDeskCode
from twostep.storage.sign_ins import SignIn

_KINDS = {
    HelpDeskPurpose.TODAY: ProofKind.HELP_DESK_CODE,
    HelpDeskPurpose.SET_UP: ProofKind.SET_UP_CODE,
}


class Why(StrEnum):
    """Why a code was refused, as its person may know it."""

    MALFORMED = "malformed"
    NO_MATCH = "no_match"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpDeskCodeRefused:
    """A wrong code, or one that is used up. With no tries left, ``paused_until`` says until when
    (milliseconds); None where somebody must unlock them.
    """

    why: Why
    tries_left: int | None = None
    paused_until: int | None = None


@dataclass(frozen=True, slots=True)
class HelpDeskCodesPaused:
    """No help-desk code is looked at until then (milliseconds), or until somebody unlocks them
    (None).
    """

    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A reserved try, and the codes that it is compared with."""

    typed: TypedCode
    open_codes: Sequence[StoredHelpDeskCode]
    reservation: Reservation


Refusal = HelpDeskCodeRefused | HelpDeskCodesPaused | NetworkPaused


def takes_help_desk_code(step: NextStep) -> bool:
    """Whether a code of the help desk will do at this step."""
    if isinstance(step, SetUp):
        return step.or_help_desk_code
    return isinstance(step, AskSecondStep) and Method.HELP_DESK_CODE in step.methods


def by_help_desk_code(
    installation: Installation, waiting: Waiting, *, typed: str, browser: Browser
) -> Minted | Refusal | Elsewhere:
    """Check the code that was typed, and go on: into the session of today's work, or to set-up."""
    if not takes_help_desk_code(waiting.step):
        return Elsewhere(waiting.step)
    try:
        code = read(typed)
    except NotAHelpDeskCode:
        return HelpDeskCodeRefused(why=Why.MALFORMED)
    now = installation.clock()
    tried = installation.database.write(
        lambda connection: _reserve(connection, installation, waiting, code, browser, now)
    )
    if not isinstance(tried, _Tried):
        return tried
    found = _compare(installation, tried)

    def act(connection: Connection) -> Minted | HelpDeskCodeRefused | Elsewhere:
        users.locked(connection, waiting.sign_in.environment_id, waiting.sign_in.user_id)
        # Two tabs with one sign-in settle one after the other.
        sign_in = sign_ins.locked(connection, waiting.sign_in.environment_id, waiting.sign_in.id)
        if sign_in is None:
            return _ended(connection, installation, waiting, tried, now)
        if found is None:
            return _wrong(connection, installation, waiting, tried, Why.NO_MATCH, browser, now)
        if not help_desk_codes.use(connection, sign_in.environment_id, found.code.id, now=now):
            return _wrong(connection, installation, waiting, tried, Why.USED_UP, browser, now)
        return _go_on(connection, installation, sign_in, tried, found, browser, now)

    return installation.database.write(act)


def _reserve(
    connection: Connection,
    installation: Installation,
    waiting: Waiting,
    code: TypedCode,
    browser: Browser,
    now: int,
) -> _Tried | HelpDeskCodesPaused | NetworkPaused:
    sign_in = waiting.sign_in
    reservation = reserve(
        connection,
        installation,
        environment_id=sign_in.environment_id,
        subject=sign_in.user_id,
        purpose=Purpose.HELP_DESK_CODE,
        browser=browser,
        now=now,
        known=sign_in.device_is_good,
    )
    if isinstance(reservation, NetworkPaused):
        return reservation
    if reservation.refused:
        kind, why = EventKind.HELP_DESK_CODE_REFUSED, (reservation.why,)
        _record(connection, installation, kind, sign_in, browser, now, reasons=why, why="paused")
        return HelpDeskCodesPaused(reservation.until)
    found = help_desk_codes.open_of(connection, sign_in.environment_id, sign_in.user_id, now=now)
    same = [row for row in found if row.code.purpose is code.purpose]
    return _Tried(typed=code, open_codes=same, reservation=reservation)


def _compare(installation: Installation, tried: _Tried) -> StoredHelpDeskCode | None:
    """The code that was typed, among those of this user alone. One whose key is gone matches
    nothing.
    """
    found = None
    for row in tried.open_codes:
        try:
            key = installation.keys.at_version(KeyPurpose.CODE, row.key_version)
        except KeyMissing:
            continue
        shown = hashed(key, row.environment_id, row.user_id, tried.typed.characters)
        if hmac.compare_digest(shown, row.code_hash):
            found = row
    return found


def _go_on(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    tried: _Tried,
    found: StoredHelpDeskCode,
    browser: Browser,
    now: int,
) -> Minted | Elsewhere:
    settle_passed(connection, tried.reservation, now=now)
    purpose = found.code.purpose
    shown = Proof(kind=_KINDS[purpose], shown_at=now, credential_id=found.code.id)
    sign_ins.add_proof(connection, sign_in.environment_id, sign_in.id, new_id(), shown)
    kind, id_ = EventKind.HELP_DESK_CODE_USED, found.code.id.hex()
    _record(
        connection, installation, kind, sign_in, browser, now, help_desk_code=id_, purpose=purpose
    )
    step = mint(
        connection,
        installation,
        environment_id=sign_in.environment_id,
        sign_in_id=sign_in.id,
        browser=browser,
        now=now,
    )
    if isinstance(step, Minted):
        return step
    if isinstance(step, SetUp):
        begin_set_up(connection, installation, sign_in, now=now)
    return Elsewhere(step)


def _wrong(
    connection: Connection,
    installation: Installation,
    waiting: Waiting,
    tried: _Tried,
    why: Why,
    browser: Browser,
    now: int,
) -> HelpDeskCodeRefused:
    sign_in = waiting.sign_in
    whose = sign_in.environment_id, sign_in.user_id
    standing = settle_failed(connection, installation, tried.reservation, now=now)
    kind = EventKind.HELP_DESK_CODE_REFUSED
    _record(connection, installation, kind, sign_in, browser, now, why=why.value)
    if not standing.open_now:
        kind = EventKind.LOCKOUT_BEGUN
        _record(connection, installation, kind, sign_in, browser, now, why="help_desk_codes")
        counter = *whose, Purpose.HELP_DESK_CODE
        tell_of_pause(connection, *counter, standing=standing, browser=browser, now=now)
    return HelpDeskCodeRefused(
        why=why,
        tries_left=standing.tries_left_before_pause,
        paused_until=standing.blocked_until,
    )


def _ended(
    connection: Connection, installation: Installation, waiting: Waiting, tried: _Tried, now: int
) -> Elsewhere:
    """The sign-in was over when the result came. After a double click the first request has
    completed it, and this was nobody's guess; in one that was cancelled it counts.
    """
    sign_in = waiting.sign_in
    current = sign_ins.by_id(connection, sign_in.environment_id, sign_in.id)
    if current is not None and current.state == "completed":
        void(connection, tried.reservation, now=now)
    else:
        settle_failed(connection, installation, tried.reservation, now=now)
    return Elsewhere(None)


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    sign_in: SignIn,
    browser: Browser,
    now: int,
    *,
    reasons: Reasons = (),
    **data: str,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=sign_in.environment_id,
        now=now,
        actor=sign_in.user_id if kind is EventKind.HELP_DESK_CODE_USED else None,
        target=sign_in.user_id,
        visitor=browser.visitor,
        reasons=reasons,
        sign_in=sign_in.id.hex(),
        **data,
    )
