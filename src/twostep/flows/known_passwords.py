"""Comparing a password of somebody who is known already: counted like those at sign-in.

It is another door to the same counter (AC-16). A stolen session must not be a place where the
current password can be guessed, nor one where guessing goes unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.lockouts import Purpose
from twostep.core.reasons import Reasons
from twostep.core.users import User
from twostep.crypto.passwords import Ticket
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, Reservation, reserve, settle_failed
from twostep.flows.notices import tell_of_pause
from twostep.flows.passwords import Checked, check
from twostep.flows.visitors import Browser
from twostep.storage import passwords
from twostep.storage.database import Connection
from twostep.storage.passwords import SealedPassword


@dataclass(frozen=True, slots=True)
class PasswordsPaused:
    """No password is looked at until then (milliseconds), or until somebody unlocks it (None)."""

    until: int | None


def compare_known(
    installation: Installation,
    ticket: Ticket,
    user: User,
    password: Secret[str],
    browser: Browser,
) -> tuple[Checked, Reservation] | PasswordsPaused | NetworkPaused:
    """Reserve a try and compare; to be settled by the caller. Raises Busy."""
    tried = _try(installation, user, browser)
    if isinstance(tried, PasswordsPaused | NetworkPaused):
        return tried
    reservation, stored = tried
    checked = check(
        installation,
        ticket,
        password,
        environment_id=user.environment_id,
        user_id=user.id,
        stored=stored,
        reservation=reservation,
    )
    return checked, reservation


def settle_wrong(
    installation: Installation, user: User, reservation: Reservation, browser: Browser
) -> None:
    """The password was wrong: it counts, and the log says where a pause begins."""
    now = installation.clock()

    def act(connection: Connection) -> None:
        standing = settle_failed(connection, installation, reservation, now=now)
        _record(connection, installation, EventKind.PASSWORD_CHANGE_REFUSED, user, browser, now)
        if not standing.open_now:
            kind = EventKind.LOCKOUT_BEGUN
            _record(connection, installation, kind, user, browser, now, why="passwords")
            counter = user.environment_id, user.id, Purpose.PASSWORD
            tell_of_pause(connection, *counter, standing=standing, browser=browser, now=now)

    installation.database.write(act)


def _try(
    installation: Installation, user: User, browser: Browser
) -> tuple[Reservation, SealedPassword | None] | PasswordsPaused | NetworkPaused:
    now = installation.clock()

    def act(
        connection: Connection,
    ) -> tuple[Reservation, SealedPassword | None] | PasswordsPaused | NetworkPaused:
        reservation = reserve(
            connection,
            installation,
            environment_id=user.environment_id,
            subject=user.id,
            purpose=Purpose.PASSWORD,
            browser=browser,
            now=now,
        )
        if isinstance(reservation, NetworkPaused):
            return reservation
        if reservation.refused:
            kind, why = EventKind.PASSWORD_CHANGE_REFUSED, (reservation.why,)
            _record(connection, installation, kind, user, browser, now, why, why="paused")
            return PasswordsPaused(reservation.until)
        return reservation, passwords.of_user(connection, user.environment_id, user.id)

    return installation.database.write(act)


def _record(
    connection: Connection,
    installation: Installation,
    kind: EventKind,
    user: User,
    browser: Browser,
    now: int,
    reasons: Reasons = (),
    **data: str,
) -> None:
    audit.record(
        connection,
        installation,
        kind,
        environment_id=user.environment_id,
        now=now,
        actor=user.id,
        target=user.id,
        visitor=browser.visitor,
        reasons=reasons,
        **data,
    )
