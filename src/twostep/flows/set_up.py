"""**Verify and Save**: from its first right code on, an offered key is the person's second step.

In one transaction the key becomes active, the step of its code is spent, the second-step generation
rises (which
ends every other session, waiting sign-in and remembered device of that person), and the browser in
which it
happened goes on under a new token. Any part of it that fails leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.authenticators import Accepted
from twostep.core.generations import Generations
from twostep.core.lockouts import Purpose
from twostep.core.messages import MessageKind
from twostep.core.sign_in import FRESH_FOR, NextStep, SetUp, SignedIn, next_step
from twostep.core.situations import Asked
from twostep.flows import audit
from twostep.flows.authenticators import OFFER_LASTS
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
from twostep.flows.lockouts import NetworkPaused, void
from twostep.flows.mint import Minted, exchange, mint
from twostep.flows.notices import tell
from twostep.flows.second_step_changes import OvertakenMeanwhile, begin_anew
from twostep.flows.sessions import Person, carry_over
from twostep.flows.situations import of_session, of_sign_in
from twostep.flows.user_locks import note_standing
from twostep.flows.visitors import Browser
from twostep.storage import authenticators, helping, lockouts, sessions, sign_ins, users
from twostep.storage.authenticators import StoredAuthenticator
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class NothingOffered:
    """There is no key to confirm: none was asked for, it waited too long, or it was confirmed
    already.
    """


@dataclass(frozen=True, slots=True)
class SetUpDone:
    """The app is set up; in a sign-in, ``step`` says what else is asked."""

    step: Minted | NextStep


Outcome = SetUpDone | CodeRefused | CodesPaused | NetworkPaused | NothingOffered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a key was offered: in a sign-in, or in a session. The two callables are its two
    differences.
    """

    environment_id: bytes
    user_id: bytes
    offered_to: bytes
    sign_in_id: bytes
    session_id: bytes | None
    begun: Generations
    still_asked: Callable[[Connection, int], bool]
    go_on: Callable[[Connection, Generations, int], Minted | NextStep]


def verify_and_save_in_sign_in(
    installation: Installation, sign_in: SignIn, *, typed: str, browser: Browser
) -> Outcome:
    """**Verify and Save** in a sign-in that waits for set-up; the person is then signed in."""

    def still_asked(connection: Connection, now: int) -> bool:
        current = sign_ins.locked(connection, sign_in.environment_id, sign_in.id)
        if current is None:
            return False
        situation = of_sign_in(connection, installation, current, now=now)
        return isinstance(next_step(situation, now), SetUp)

    def go_on(connection: Connection, today: Generations, now: int) -> Minted | NextStep:
        sign_ins.carry_over(connection, sign_in.environment_id, sign_in.id, today=today)
        return mint(
            connection,
            installation,
            environment_id=sign_in.environment_id,
            sign_in_id=sign_in.id,
            browser=browser,
            now=now,
        )

    place = _Place(
        environment_id=sign_in.environment_id,
        user_id=sign_in.user_id,
        offered_to=sign_in.id,
        sign_in_id=sign_in.id,
        session_id=None,
        begun=sign_in.begun,
        still_asked=still_asked,
        go_on=go_on,
    )
    return _verify_and_save(installation, place, typed, browser)


def verify_and_save_in_session(
    installation: Installation, person: Person, *, typed: str, browser: Browser
) -> Outcome:
    """**Verify and Save** in Security Settings; this session goes on under another token, all
    others end.
    """
    session = person.session

    def still_asked(connection: Connection, now: int) -> bool:
        current = sessions.locked(connection, session.environment_id, session.id)
        if current is None:
            return False
        # Also for somebody whose app is lost, and who came in by a recovery code.
        asked = Asked(greatest_age=OFFER_LASTS + FRESH_FOR, act="set_up", takes_recovery_code=True)
        situation = of_session(connection, installation, current, now=now, asked=asked)
        return isinstance(next_step(situation, now), SignedIn)

    def go_on(connection: Connection, today: Generations, now: int) -> Minted | NextStep:
        carry_over(connection, session, today=today)
        current = sessions.locked(connection, session.environment_id, session.id)
        assert current is not None
        by = Purpose.SECOND_STEP
        return exchange(connection, installation, current, proven=by, browser=browser, now=now)

    place = _Place(
        environment_id=session.environment_id,
        user_id=session.user_id,
        offered_to=session.id,
        sign_in_id=session.sign_in_id,
        session_id=session.id,
        begun=session.generations,
        still_asked=still_asked,
        go_on=go_on,
    )
    return _verify_and_save(installation, place, typed, browser)


def _verify_and_save(
    installation: Installation, place: _Place, typed: str, browser: Browser
) -> Outcome:
    code = normalised(typed)
    if isinstance(code, CodeRefused):
        return code
    tried = installation.database.write(lambda c: _try(c, installation, place, browser))
    if not isinstance(tried, Tried):
        return tried
    match = compare(installation, tried, code)
    now = installation.clock()

    def act(connection: Connection) -> Outcome:
        users.locked(connection, place.environment_id, place.user_id)
        if not place.still_asked(connection, now):
            void(connection, tried.reservation, now=now)
            return NothingOffered()
        if not isinstance(match, Accepted):
            return settle_wrong(connection, installation, tried, match, browser=browser, now=now)
        # A key is active at most once for a user, and an offer is confirmed at most once: of two
        # requests with
        # the same code one changes the row, and the other finds nothing on offer.
        if not authenticators.confirm(
            connection,
            place.environment_id,
            tried.authenticator.id,
            offered_to=place.offered_to,
            step=match.step,
            now=now,
        ):
            void(connection, tried.reservation, now=now)
            return NothingOffered()
        return _save(connection, installation, place, tried, browser, now)

    try:
        return installation.database.write(act)
    except OvertakenMeanwhile:
        return NothingOffered()


def _try(
    connection: Connection, installation: Installation, place: _Place, browser: Browser
) -> Tried | CodesPaused | NetworkPaused | NothingOffered:
    now = installation.clock()
    # Before the row of the sign-in or session: every act takes the two in this order.
    users.locked(connection, place.environment_id, place.user_id)
    stored = authenticators.offer(
        connection, place.environment_id, place.user_id, offered_to=place.offered_to, now=now
    )
    if stored is None or not place.still_asked(connection, now):
        return NothingOffered()
    return reserve_try(connection, installation, stored, browser=browser, now=now, in_set_up=True)


def _save(
    connection: Connection,
    installation: Installation,
    place: _Place,
    tried: Tried,
    browser: Browser,
    now: int,
) -> SetUpDone:
    environment_id, user_id = place.environment_id, place.user_id
    old = authenticators.retire_active(connection, environment_id, user_id, state="replaced")
    authenticators.make_active(connection, environment_id, tried.authenticator.id)
    # What was guessed at the old key says nothing of this one (NIST SP 800-63B-4 section 3.2.2).
    lockouts.clear(connection, environment_id, user_id, Purpose.SECOND_STEP, now=now)
    note_standing(connection, installation, environment_id, user_id, now=now)
    authenticators.drop_offers(connection, environment_id, user_id)
    helping.ask_set_up_code(connection, environment_id, user_id, since=None)
    settle_right(connection, tried, sign_in_id=place.sign_in_id, now=now)
    # A password that was changed just before must not be carried over with the new key: whoever
    # sets that up has shown the old one (AC-04).
    today = begin_anew(
        connection,
        installation,
        environment_id,
        user_id,
        begun=place.begun,
        keep=place.session_id,
        ended_by="second_step_set_up",
        now=now,
    )
    step = place.go_on(connection, today, now)
    _record(connection, installation, tried.authenticator, browser, now, first=old is None)
    return SetUpDone(step)


def _record(
    connection: Connection,
    installation: Installation,
    new: StoredAuthenticator,
    browser: Browser,
    now: int,
    *,
    first: bool,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.AUTHENTICATOR_SET_UP if first else EventKind.AUTHENTICATOR_REPLACED,
        environment_id=new.environment_id,
        now=now,
        actor=new.user_id,
        target=new.user_id,
        visitor=browser.visitor,
        authenticator=new.id.hex(),
    )
    kind = MessageKind.SET_UP if first else MessageKind.REPLACED
    tell(connection, kind, new.environment_id, new.user_id, now=now, visitor=browser.visitor)
