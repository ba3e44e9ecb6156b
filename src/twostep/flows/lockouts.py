"""Counting tries: reserve, then check, then settle.

Threat: guesses that are made all at once, that stop the server before it can write, or that come
through another
door. A try is written down and committed before anything is compared; no two tries of one subject
are reserved at
once; and every door that checks a password or a code comes through here (AC-12 to AC-18).
"""

from __future__ import annotations

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
from twostep.storage import lockouts
from twostep.storage.database import Connection
from twostep.storage.lockouts import Marks, NewAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A try that was written down. ``refused``: nothing may be compared; ``until`` says how long,
    where known.
    """

    environment_id: bytes
    attempt_id: bytes
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
    marks = lockouts.lock(connection, environment_id, subject, purpose)
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
    return _reservation(attempt, found)


def _reservation(attempt: NewAttempt, found: Standing) -> Reservation:
    return Reservation(
        environment_id=attempt.environment_id,
        attempt_id=attempt.id,
        refused=not found.open_now,
        until=found.blocked_until,
        why=_why(Purpose(attempt.purpose), found),
    )


def settle(connection: Connection, reservation: Reservation, *, passed: bool, now: int) -> None:
    """Write down what became of a try; one that was refused stays refused."""
    lockouts.settle(
        connection,
        reservation.environment_id,
        reservation.attempt_id,
        state=AttemptState.PASSED if passed else AttemptState.FAILED,
        now=now,
    )


def void(connection: Connection, reservation: Reservation, *, now: int) -> None:
    """The try was not compared, or its answer cannot have helped anybody: it counts for nothing."""
    lockouts.settle(
        connection,
        reservation.environment_id,
        reservation.attempt_id,
        state=AttemptState.VOID,
        now=now,
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
    schedule = installation.limits.of(purpose)
    counted = lockouts.counted_times(
        connection,
        environment_id,
        subject,
        purpose,
        since=-1 if marks.cleared_at is None else marks.cleared_at,
        most=schedule.most_needed,
    )
    return standing(
        counted,
        now=not_before(counted[0] if counted else None, now),
        schedule=schedule,
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
}


def _why(purpose: Purpose, found: Standing) -> Reason:
    """The reason that goes with the standing; of no meaning where the try is open."""
    until = found.blocked_until or 0
    stopped, paused = _CODES[purpose]
    return because(stopped) if found.disabled else because(paused, until=until)
