"""Signing in: a password, then whatever ``next_step`` asks for, then the mint.

Threat: somebody guesses, here or elsewhere, all at once, in many browsers, or stops the server at
the right moment. So each try is three transactions' worth of order: it is *reserved* and committed,
then the proof is compared outside of any transaction, then the result is *settled* together with
everything that follows from it. A try that is never settled counts as a failure (AC-13).

Unknown user, wrong password, disabled and paused take the same way through this module: the same
statements, one hash, one answer (AC-19, AC-21). What really happened stands in the audit log alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.generations import Generations
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.reasons import Code, Reason, Reasons, because
from twostep.core.sign_in import (
    PENDING_LASTS,
    NextStep,
    Refused,
    SetUp,
)
from twostep.core.situations import Proof, ProofKind
from twostep.core.users import User, name_key
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import Token, issue_plain
from twostep.flows import audit
from twostep.flows.devices import Recognised, recognise
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, Reservation, reserve, settle_failed, settle_passed
from twostep.flows.mint import Minted, mint
from twostep.flows.passwords import Checked, check, rehash_if_due
from twostep.flows.pending import Waiting, begin_set_up, drop_oldest, record
from twostep.flows.situations import generations_of
from twostep.flows.visitors import Browser
from twostep.storage import passwords, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.passwords import SealedPassword
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class NotLetIn:
    """The one answer to every sign-in that goes no further at its first step."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The password was right; ``step`` comes next. The token is for the browser that showed the
    password. ``waiting``: the sign-in, where it has just begun.
    """

    token: Token
    step: NextStep
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What the first transaction found: who is meant, and the reservation."""

    user: User | None
    subject: bytes
    stored: SealedPassword | None
    begun: Generations | None
    reservation: Reservation
    recognised: Recognised


def first_step(
    installation: Installation,
    environment: Environment,
    *,
    name: str,
    password: Secret[str],
    browser: Browser,
    going_to: str | None,
) -> Minted | Pending | NotLetIn | NetworkPaused:
    """Check a user name and a password.

    Raises Busy where the hashing queue is full: nothing was compared and no try was used up.
    """
    with installation.hashing.admit() as ticket:
        tried = _try_password(installation, environment, name, browser)
        if isinstance(tried, NetworkPaused):
            return tried
        usable = tried.user is not None and tried.user.disabled_at is None
        comparable = tried.stored if usable and not tried.reservation.refused else None
        checked = check(
            installation,
            ticket,
            password,
            environment_id=environment.id,
            user_id=tried.subject,
            stored=comparable,
            reservation=tried.reservation,
        )
        if checked is not Checked.RIGHT or tried.user is None or tried.stored is None:
            _settle_wrong(installation, environment, tried, browser)
            return NotLetIn()
        resealed = rehash_if_due(installation, ticket, password, tried.user, tried.stored)
    return _settle_right(installation, environment, tried, browser, going_to, resealed)


def _try_password(
    installation: Installation, environment: Environment, name: str, browser: Browser
) -> _Tried | NetworkPaused:
    key = name_key(name)
    decoy = keyed_hash(
        installation.keys.current(KeyPurpose.DECOY).secret, environment.id, key.encode()
    )[:16]
    now = installation.clock()

    def act(connection: Connection) -> _Tried | NetworkPaused:
        user = users.by_name_key(connection, environment.id, key)
        subject = decoy if user is None else user.id
        recognised = recognise(
            connection, installation, environment.id, subject, browser=browser, now=now
        )
        known = recognised.device_id if recognised.good else None
        reservation = reserve(
            connection,
            installation,
            environment_id=environment.id,
            # A browser that the account knows has a counter of its own (AC-22).
            subject=known or subject,
            purpose=Purpose.PASSWORD,
            browser=browser,
            now=now,
            known=known is not None,
        )
        if isinstance(reservation, NetworkPaused):
            return reservation
        return _Tried(
            user=user,
            subject=subject,
            stored=passwords.of_user(connection, environment.id, subject),
            begun=generations_of(connection, user),
            reservation=reservation,
            recognised=recognised,
        )

    return installation.database.write(act)


def _settle_wrong(
    installation: Installation, environment: Environment, tried: _Tried, browser: Browser
) -> None:
    now = installation.clock()
    why = _why_not(tried)

    def act(connection: Connection) -> None:
        standing = settle_failed(connection, installation, tried.reservation, now=now)
        audit.record(
            connection,
            installation,
            EventKind.PASSWORD_REFUSED,
            environment_id=environment.id,
            now=now,
            target=tried.subject,
            visitor=browser.visitor,
            reasons=(why,),
            subject=tried.subject.hex(),
        )
        if not standing.open_now and not tried.reservation.refused:
            audit.record(
                connection,
                installation,
                EventKind.LOCKOUT_BEGUN,
                environment_id=environment.id,
                now=now,
                target=tried.subject,
                visitor=browser.visitor,
                why="passwords",
                subject=tried.subject.hex(),
            )

    installation.database.write(act)


def _why_not(tried: _Tried) -> Reason:
    """What the log says; the visitor is told the same in every case."""
    if tried.user is None:
        return because(Code.USER_UNKNOWN)
    if tried.user.disabled_at is not None:
        return because(Code.USER_DISABLED)
    return tried.reservation.why if tried.reservation.refused else because(Code.NOTHING_PROVEN)


def _settle_right(
    installation: Installation,
    environment: Environment,
    tried: _Tried,
    browser: Browser,
    going_to: str | None,
    resealed: SealedPassword | None,
) -> Minted | Pending | NotLetIn:
    now = installation.clock()
    token = issue_plain()
    user, stored = tried.user, tried.stored
    assert user is not None and stored is not None and tried.begun is not None
    sign_in = _begun(environment, tried, tried.begun, user, token, browser, going_to, now)

    def act(connection: Connection) -> Minted | Pending | NotLetIn | None:
        if users.locked(connection, environment.id, user.id) is None:
            return None
        settle_passed(connection, tried.reservation, now=now)
        if resealed is not None:
            passwords.reseal(
                connection,
                environment.id,
                user.id,
                expected=stored.sealed,
                sealed=resealed.sealed,
                key_version=resealed.key_version,
            )
        return _begin(connection, installation, environment, sign_in, user, token, browser, now)

    outcome = installation.database.write(act)
    if outcome is None:
        # They were erased while their password was compared: nobody has that name (AC-83).
        _settle_wrong(installation, environment, replace(tried, user=None), browser)
        return NotLetIn()
    return outcome


def _begun(
    environment: Environment,
    tried: _Tried,
    begun: Generations,
    user: User,
    token: Token,
    browser: Browser,
    going_to: str | None,
    now: int,
) -> SignIn:
    return SignIn(
        id=new_id(),
        environment_id=environment.id,
        user_id=user.id,
        state="pending",
        token_hash=token.stored,
        browser_id=browser.id,
        going_to=going_to,
        device_id=tried.recognised.device_id,
        device_is_good=tried.recognised.good,
        wants_remembering=False,
        started_at=now,
        waits_until=now + PENDING_LASTS,
        extensions=0,
        begun=begun,
    )


def _begin(
    connection: Connection,
    installation: Installation,
    environment: Environment,
    sign_in: SignIn,
    user: User,
    token: Token,
    browser: Browser,
    now: int,
) -> Minted | Pending | NotLetIn:
    """Write the sign-in with its first proof, and go as far as ``next_step`` lets it."""
    sign_ins.add(connection, sign_in)
    shown = Proof(kind=ProofKind.PASSWORD, shown_at=now)
    sign_ins.add_proof(connection, environment.id, sign_in.id, new_id(), shown)
    step = mint(
        connection,
        installation,
        environment_id=environment.id,
        sign_in_id=sign_in.id,
        browser=browser,
        now=now,
    )
    if isinstance(step, Minted):
        return step
    if isinstance(step, Refused) and not _about_codes(step.reasons):
        sign_ins.end(connection, environment.id, sign_in.id, state="dropped", now=now)
        record(connection, installation, EventKind.PASSWORD_REFUSED, sign_in, browser, step, now)
        return NotLetIn()
    if isinstance(step, SetUp):
        begin_set_up(connection, installation, sign_in, now=now)
    drop_oldest(connection, installation, sign_in, browser, now)
    record(connection, installation, EventKind.PASSWORD_ACCEPTED, sign_in, browser, step, now)
    return Pending(token, step, Waiting(sign_in, user, step))


def _about_codes(reasons: Reasons) -> bool:
    return any(reason.code in (Code.TOO_MANY_CODES, Code.SECOND_STEP_STOPPED) for reason in reasons)
