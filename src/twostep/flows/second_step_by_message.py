"""The second step of a sign-in, or a fresh proof in a session, by a code that was sent."""

from __future__ import annotations

from twostep.core.audit import EventKind
from twostep.core.contacts import method_to
from twostep.core.lockouts import Purpose
from twostep.core.policies import Method
from twostep.core.sign_in import AskSecondStep
from twostep.core.ways import Way
from twostep.flows.codes import CodesPaused
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, void
from twostep.flows.mint import Minted, exchange, mint
from twostep.flows.pending import Waiting, record
from twostep.flows.second_step import Elsewhere, settle_ended
from twostep.flows.sent_code_checks import (
    SentCodeRefused,
    SentTry,
    compare,
    read,
    reserve_try,
    spend,
)
from twostep.flows.sent_codes import of_live_session, of_sign_in_that_waits
from twostep.flows.sessions import Person
from twostep.flows.step_up import Ended, end_if_hopeless
from twostep.flows.visitors import Browser
from twostep.storage import sessions, sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sent_codes import Bound

Refusal = SentCodeRefused | CodesPaused | NetworkPaused
Outcome = Minted | Elsewhere | Refusal


def by_sent_code(
    installation: Installation,
    waiting: Waiting,
    way: Way,
    *,
    typed: str,
    browser: Browser,
    remember: bool = False,
) -> Outcome:
    """Check the code that was typed, and let the person in where it was the last thing asked."""
    kind = way.sent_to
    step = waiting.step
    if kind is None or not isinstance(step, AskSecondStep) or method_to(kind) not in step.methods:
        return Elsewhere(step)
    bound, known = of_sign_in_that_waits(waiting), waiting.sign_in.device_is_good
    tried = _compared(
        installation, bound, method_to(kind), typed=typed, browser=browser, known=known
    )
    if not isinstance(tried, tuple):
        return tried
    now = installation.clock()
    return installation.database.write(
        lambda connection: _settle(
            connection, installation, waiting, way, *tried, browser, remember, now
        )
    )


def confirm_by_sent_code(
    installation: Installation, person: Person, way: Way, *, typed: str, browser: Browser
) -> Minted | Ended | Refusal:
    """Show once more that it is they, by a code that was sent for that."""
    kind = way.sent_to
    if kind is None:
        return Ended()
    bound = of_live_session(person)
    tried = _compared(installation, bound, method_to(kind), typed=typed, browser=browser)
    if not isinstance(tried, tuple):
        return tried
    return installation.database.write(
        lambda connection: _settle_in_session(connection, installation, person, *tried, browser)
    )


def _compared(
    installation: Installation,
    bound: Bound,
    method: Method,
    *,
    typed: str,
    browser: Browser,
    known: bool = False,
) -> tuple[SentTry, bool] | Refusal:
    """A try that was reserved and compared, and whether it was right; to be settled."""
    digits = read(typed)
    if isinstance(digits, SentCodeRefused):
        return digits
    now = installation.clock()
    tried = installation.database.write(
        lambda connection: reserve_try(
            connection, installation, bound, method, browser=browser, now=now, known=known
        )
    )
    if not isinstance(tried, SentTry):
        return tried
    return tried, compare(installation, tried, digits)


def _settle(
    connection: Connection,
    installation: Installation,
    waiting: Waiting,
    way: Way,
    tried: SentTry,
    right: bool,
    browser: Browser,
    remember: bool,
    now: int,
) -> Outcome:
    place = (waiting.sign_in.environment_id, waiting.sign_in.id)
    users.locked(connection, place[0], waiting.sign_in.user_id)
    sign_in = sign_ins.locked(connection, *place)
    if sign_in is None:
        return settle_ended(
            connection, installation, waiting.sign_in, tried.reservation, browser, now
        )
    refused = spend(connection, installation, tried, right=right, browser=browser, now=now)
    if refused is not None:
        return refused
    sign_ins.want_remembering(connection, *place, wanted=remember, way=way)
    step = mint(
        connection,
        installation,
        environment_id=place[0],
        sign_in_id=place[1],
        browser=browser,
        now=now,
    )
    if isinstance(step, Minted):
        return step
    record(connection, installation, EventKind.CODE_ACCEPTED, sign_in, browser, step, now)
    return Elsewhere(step)


def _settle_in_session(
    connection: Connection,
    installation: Installation,
    person: Person,
    tried: SentTry,
    right: bool,
    browser: Browser,
) -> Minted | Ended | SentCodeRefused:
    session, now = person.session, installation.clock()
    users.locked(connection, session.environment_id, session.user_id)
    live = sessions.locked(connection, session.environment_id, session.id)
    if live is None:
        void(connection, tried.reservation, now=now)
        return Ended()
    refused = spend(connection, installation, tried, right=right, browser=browser, now=now)
    if refused is not None:
        hopeless = end_if_hopeless(connection, installation, person, browser, now)
        return Ended() if hopeless else refused
    step = exchange(
        connection, installation, live, proven=Purpose.SECOND_STEP, browser=browser, now=now
    )
    return step if isinstance(step, Minted) else Ended()
