"""Counting tries: reserve, then check, then settle.

Threat: guesses that are made all at once, that stop the server before it can write, or that come
through another
door. A try is written down and committed before anything is compared; no two tries of one subject
are reserved at
once; and every door that checks a password or a code comes through here (AC-12 to AC-18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.lockouts import (
    AttemptState,
    Purpose,
    Standing,
    standing,
)
from twostep.core.networks import NetworkSchedule, network_standing
from twostep.core.reasons import Code, Reason, because
from twostep.crypto.identifiers import new_id
from twostep.flows.installation import Installation
from twostep.flows.readiness import MOST_SKEW
from twostep.flows.visitors import Browser, Networks, networks_of
from twostep.storage import lockouts, user_marks
from twostep.storage.database import Connection
from twostep.storage.lockouts import Marks, NewAttempt
from twostep.storage.users import locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A try that was written down. ``refused``: nothing may be compared; ``until`` says how long,
    where known.
    """

    environment_id: bytes
    attempt_id: bytes
    subject: bytes
    purpose: Purpose
    refused: bool
    until: int | None
    why: Reason


@dataclass(frozen=True, slots=True)
class NetworkPaused:
    """Too many wrong tries come from this block of addresses. Says nothing about any account."""

    retry_at: int


def reserve(
    connection: Connection,
    installation: Installation,
    *,
    environment_id: bytes,
    subject: bytes,
    purpose: Purpose,
    browser: Browser,
    now: int,
    known: bool = False,
) -> Reservation | NetworkPaused:
    """Write a try down. The caller commits, and only then compares, and only where it is not
    refused.

    ``known``: the account knows this browser by its cookie. It is not held back with the network
    that it is in (R-09), or one guesser in an office would shut out everybody there; what fails in
    it counts against that network all the same.
    """
    networks = networks_of(installation.keys, browser.visitor)
    paused = None if known else _network(connection, networks, installation.limits.network, now)
    if paused is not None:
        return paused
    marks = _locked_marks(connection, environment_id, subject, purpose)
    found = _standing(connection, installation, environment_id, subject, purpose, marks, now)
    attempt = NewAttempt(
        id=new_id(),
        environment_id=environment_id,
        subject=subject,
        purpose=purpose,
        state=AttemptState.OPEN if found.open_now else AttemptState.REFUSED,
        browser_id=browser.id,
        network=networks.block,
        wider_network=networks.wider,
        started_at=now,
    )
    lockouts.add(connection, attempt)
    # A try of a password is settled when it was refused as well, and noted then.
    if not found.open_now and purpose is not Purpose.PASSWORD:
        _note_locked(connection, environment_id, subject, found)
    return _reservation(attempt, found)


def _locked_marks(
    connection: Connection, environment_id: bytes, subject: bytes, purpose: Purpose
) -> Marks:
    if purpose is not Purpose.PASSWORD:
        # A refusal is noted at the user; whoever completes a sign-in has taken the user first and
        # then the counters. In the other order the two would wait for each other, and the owner's
        # right code for a second of PostgreSQL's while somebody guesses.
        locked(connection, environment_id, subject)
    return lockouts.lock(connection, environment_id, subject, purpose)


def count_for_network(
    connection: Connection,
    installation: Installation,
    *,
    environment_id: bytes,
    subject: bytes,
    purpose: str,
    browser: Browser,
    now: int,
) -> NetworkPaused | None:
    """Count something that anybody may do, and that must not be done by the thousand, against the
    block of addresses that it comes from. It counts against no account.
    """
    networks = networks_of(installation.keys, browser.visitor)
    paused = _network(connection, networks, installation.limits.network, now)
    if paused is not None:
        return paused
    attempt = NewAttempt(
        id=new_id(),
        environment_id=environment_id,
        subject=subject,
        purpose=purpose,
        state=AttemptState.FAILED,
        browser_id=browser.id,
        network=networks.block,
        wider_network=networks.wider,
        started_at=now,
    )
    lockouts.add(connection, attempt)
    return None


def _reservation(attempt: NewAttempt, found: Standing) -> Reservation:
    return Reservation(
        environment_id=attempt.environment_id,
        attempt_id=attempt.id,
        subject=attempt.subject,
        purpose=Purpose(attempt.purpose),
        refused=not found.open_now,
        until=found.blocked_until,
        why=why_of(Purpose(attempt.purpose), found),
    )


def settle_passed(connection: Connection, reservation: Reservation, *, now: int) -> None:
    """Write down that a try was right; one that was refused stays refused."""
    _settle(connection, reservation, AttemptState.PASSED, now)


def settle_failed(
    connection: Connection, installation: Installation, reservation: Reservation, *, now: int
) -> Standing:
    """Write down that a try was wrong, and say where its subject stands after it; one that was
    refused stays refused. A user whom it holds back is noted as locked.
    """
    whose = reservation.environment_id, reservation.subject
    # Whoever erases the user has taken them first, and then their tries.
    locked(connection, *whose)
    _settle(connection, reservation, AttemptState.FAILED, now)
    found = standing_of(connection, installation, *whose, reservation.purpose, now=now)
    _note_locked(connection, *whose, found)
    return found


def _note_locked(
    connection: Connection, environment_id: bytes, subject: bytes, found: Standing
) -> None:
    # The same statement for everybody, held back or not: it must not tell who is (AC-21).
    until = held_by(found) or user_marks.NOT_HELD
    user_marks.note_locked(connection, environment_id, subject, until=until)


def held_by(found: Standing) -> int | None:
    """Until when (ms) this holds somebody back; None: it does not."""
    return user_marks.FOREVER if found.disabled else found.blocked_until


def void(connection: Connection, reservation: Reservation, *, now: int) -> None:
    """The try was not compared, or its answer cannot have helped anybody: it counts for nothing."""
    _settle(connection, reservation, AttemptState.VOID, now)


def _settle(
    connection: Connection, reservation: Reservation, state: AttemptState, now: int
) -> None:
    lockouts.settle(
        connection, reservation.environment_id, reservation.attempt_id, state=state, now=now
    )


def standing_of(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    subject: bytes,
    purpose: Purpose,
    *,
    now: int,
) -> Standing:
    """Where the subject stands, without reserving anything."""
    marks = lockouts.marks(connection, environment_id, subject, purpose)
    return _standing(connection, installation, environment_id, subject, purpose, marks, now)


def _standing(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    subject: bytes,
    purpose: Purpose,
    marks: Marks,
    now: int,
) -> Standing:
    counted = lockouts.counted_times(
        connection,
        environment_id,
        subject,
        purpose,
        since=-1 if marks.cleared_at is None else marks.cleared_at,
        most=installation.limits.of(purpose).most_needed,
    )
    return stands(installation, purpose, marks, counted, now)


def stands(
    installation: Installation, purpose: Purpose, marks: Marks, counted: Sequence[int], now: int
) -> Standing:
    """Where a subject stands by these times, the newest first, and marks."""
    return standing(
        counted,
        now=not_before(counted[0] if counted else None, now),
        schedule=installation.limits.of(purpose),
        cleared_at=marks.cleared_at,
        last_success_at=marks.succeeded_at,
    )


def not_before(newest_at: int | None, now: int) -> int:
    """What time it is, by a clock that may be a little behind the one that wrote the newest try.

    Another request may have reserved its try a moment after this one looked at the clock, or on a
    node whose clock is ahead. That alone is no pause: a right code would be refused for it. A try
    that lies further ahead than nodes may differ tells of a clock that was set back, which frees
    nobody (AC-58).
    """
    if newest_at is None or not now < newest_at <= now + MOST_SKEW:
        return now
    return newest_at


def _network(
    connection: Connection, networks: Networks, schedule: NetworkSchedule, now: int
) -> NetworkPaused | None:
    for failures, newest_at in lockouts.network_failures(
        connection,
        networks.block,
        networks.wider,
        since=now - schedule.window,
        most=schedule.refuse_from,
    ):
        found = network_standing(
            failures, newest_at, now=not_before(newest_at, now), schedule=schedule
        )
        if found.retry_at is not None:
            return NetworkPaused(found.retry_at)
    return None


_CODES = {
    Purpose.PASSWORD: (Code.PASSWORD_STOPPED, Code.TOO_MANY_PASSWORDS),
    Purpose.SECOND_STEP: (Code.SECOND_STEP_STOPPED, Code.TOO_MANY_CODES),
    Purpose.RECOVERY_CODE: (Code.RECOVERY_CODES_STOPPED, Code.TOO_MANY_RECOVERY_CODES),
    Purpose.HELP_DESK_CODE: (Code.HELP_DESK_CODES_STOPPED, Code.TOO_MANY_HELP_DESK_CODES),
}


def why_of(purpose: Purpose, found: Standing) -> Reason:
    """The reason that goes with the standing; of no meaning where the try is open."""
    until = found.blocked_until or 0
    stopped, paused = _CODES[purpose]
    return because(stopped) if found.disabled else because(paused, until=until)
