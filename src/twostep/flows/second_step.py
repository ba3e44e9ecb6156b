"""The second step of a sign-in: the code that the person's app shows."""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.authenticators import Accepted, Match
from twostep.core.policies import Method
from twostep.core.sign_in import AskSecondStep, NextStep
from twostep.flows.codes import (
    CodeRefused,
    CodesPaused,
    Tried,
    compare,
    normalised,
    reserve_try,
    settle_right,
    settle_wrong,
)
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, Reservation, settle_failed, void
from twostep.flows.mint import Minted, mint
from twostep.flows.pending import Waiting, record
from twostep.flows.visitors import Browser
from twostep.storage import authenticators, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The sign-in is not at this point, or no longer there (None): the page goes where it is."""

    step: NextStep | None


Outcome = Minted | CodeRefused | CodesPaused | NetworkPaused | Elsewhere


def second_step(
    installation: Installation,
    waiting: Waiting,
    *,
    typed: str,
    browser: Browser,
    remember: bool = False,
) -> Outcome:
    """Check the code that was typed, and let the person in where it was the last thing asked.

    ``remember``: the person ticked **Remember this device**; whether that counts is the mint's to
    say (AC-27).
    """
    if not takes_code_of_app(waiting.step):
        return Elsewhere(waiting.step)
    code = normalised(typed)
    if isinstance(code, CodeRefused):
        return code
    tried = _try(installation, waiting.sign_in, browser)
    if not isinstance(tried, Tried):
        return tried
    match = compare(installation, tried, code)
    now = installation.clock()
    return installation.database.write(
        lambda connection: _settle(
            connection, installation, waiting.sign_in, tried, match, browser, remember, now
        )
    )


def _settle(
    connection: Connection,
    installation: Installation,
    waiting: SignIn,
    tried: Tried,
    match: Match,
    browser: Browser,
    remember: bool,
    now: int,
) -> Outcome:
    users.locked(connection, waiting.environment_id, waiting.user_id)
    # Two tabs with one sign-in settle one after the other.
    sign_in = sign_ins.locked(connection, waiting.environment_id, waiting.id)
    if sign_in is None:
        return settle_ended(connection, installation, waiting, tried.reservation, browser, now)
    if not isinstance(match, Accepted) or not authenticators.use_up(
        connection, sign_in.environment_id, tried.authenticator.id, step=match.step
    ):
        return settle_wrong(connection, installation, tried, match, browser=browser, now=now)
    settle_right(connection, tried, sign_in_id=sign_in.id, now=now)
    sign_ins.want_remembering(connection, sign_in.environment_id, sign_in.id, wanted=remember)
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
    record(connection, installation, EventKind.CODE_ACCEPTED, sign_in, browser, step, now)
    return Elsewhere(step)


def takes_code_of_app(step: NextStep) -> bool:
    """Whether a code of the app is asked; while those are paused, a recovery code alone may be."""
    return isinstance(step, AskSecondStep) and Method.AUTHENTICATOR in step.methods


def _try(
    installation: Installation, sign_in: SignIn, browser: Browser
) -> Tried | CodesPaused | NetworkPaused | Elsewhere:
    now = installation.clock()

    def act(connection: Connection) -> Tried | CodesPaused | NetworkPaused | Elsewhere:
        # Whether the sign-in still stands is asked again, with everything else, by the mint.
        stored = authenticators.active(connection, sign_in.environment_id, sign_in.user_id)
        if stored is None:
            return Elsewhere(None)
        known = sign_in.device_is_good
        return reserve_try(connection, installation, stored, browser=browser, now=now, known=known)

    return installation.database.write(act)


def settle_ended(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    reservation: Reservation,
    browser: Browser,
    now: int,
) -> Elsewhere:
    """The sign-in was over when the result came.

    After a double click the first request has completed it, and the second is nobody's guess: its
    try is void. In a sign-in that was cancelled or dropped meanwhile it counts, or cancelling would
    make guesses free.
    """
    current = sign_ins.by_id(connection, sign_in.environment_id, sign_in.id)
    if current is not None and current.state == "completed":
        void(connection, reservation, now=now)
        return Elsewhere(None)
    settle_failed(connection, installation, reservation, now=now)
    record(connection, installation, EventKind.CODE_REFUSED, sign_in, browser, None, now)
    return Elsewhere(None)
