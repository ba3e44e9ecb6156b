"""**Stay signed in on this device**: whether a person's sessions outlast their browser (CS-5).

It is a wish of the person's own. While the operator has switched 2-step verification on for the
whole installation it is kept and has no effect: every session then goes with its browser, so that
everybody comes by the sign-in page. It lengthens no session in any case, whose limits are the
environment's.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.properties import session_limits_of, switched_on
from twostep.core.sessions import Session, SessionLimits
from twostep.core.sign_in import SignedIn, next_step
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.mint import Minted, exchange, lasts_until
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import properties, sessions, users
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person has chosen, what overrules it, and the limits that hold in any case."""

    stays: bool
    overruled: bool
    limits: SessionLimits


@dataclass(frozen=True, slots=True)
class Over:
    """The session is over."""


def wish_of(installation: Installation, person: Person) -> Wish:
    """How it stands."""
    now = installation.clock()

    def look(connection: Connection) -> Wish:
        stored = properties.of_environment(connection, person.user.environment_id)
        return Wish(
            stays=person.user.stays_since is not None,
            overruled=switched_on(stored, now),
            limits=session_limits_of(stored, now),
        )

    return installation.database.read(look)


def save(
    installation: Installation, person: Person, *, stays: bool, browser: Browser
) -> Minted | Over:
    """Save what the person has chosen. It counts from the next sign-in, and for this session at
    once: it goes on under another token, whose cookie is kept or not.
    """
    now = installation.clock()
    place = (person.user.environment_id, person.user.id)

    def act(connection: Connection) -> Minted | Over:
        users.locked(connection, *place)
        if _gone_on(connection, installation, person, now) is None:
            return Over()
        users.stay_signed_in(connection, *place, since=now if stays else None)
        user, started_at = users.by_id(connection, *place), person.session.started_at
        until = lasts_until(connection, user, started_at=started_at, now=now)
        sessions.make_lasting(connection, place[0], person.session.id, until=until)
        audit.record(
            connection,
            installation,
            EventKind.STAY_SIGNED_IN_SET,
            environment_id=place[0],
            now=now,
            actor=place[1],
            target=place[1],
            visitor=browser.visitor,
            stays=stays,
        )
        live = _gone_on(connection, installation, person, now)
        step = live and exchange(
            connection, installation, live, proven=None, browser=browser, now=now
        )
        return step if isinstance(step, Minted) else Over()

    return installation.database.write(act)


def _gone_on(
    connection: Connection, installation: Installation, person: Person, now: int
) -> Session | None:
    """The person's session as it is now; None where it is over."""
    live = sessions.locked(connection, person.user.environment_id, person.session.id)
    if live is None:
        return None
    step = next_step(of_session(connection, installation, live, now=now), now)
    return live if isinstance(step, SignedIn) else None
