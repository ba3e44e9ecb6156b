"""Sessions: who is signed in, and the one end of a session. How one is made stands in ``mint``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.generations import Generations
from twostep.core.keys import KeyPurpose
from twostep.core.properties import session_limits_of
from twostep.core.reasons import Code, Reason
from twostep.core.sessions import Session
from twostep.core.sign_in import (
    AskFirstStep,
    AskSecondStep,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
    next_step,
)
from twostep.core.situations import Situation
from twostep.core.users import User
from twostep.crypto.tokens import TokenPurpose, read
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.situations import of_session
from twostep.storage import devices, properties, sessions, users
from twostep.storage.database import Connection, DatabaseAway, DatabaseBusy

USED_EVERY = 60_000
"""The last use of a session is written at most once a minute (DESIGN section 7)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in: who, and by which session."""

    user: User
    session: Session


@dataclass(frozen=True, slots=True)
class MustProveMore:
    """Somebody whose session began before more was required *at once*, of live sessions too
    (CT-12). Until they have proven it they are not signed in: see ``flows.exchanges``.
    """

    user: User
    session: Session


@dataclass(frozen=True, slots=True)
class Overruled:
    """Nobody is signed in: the session was made to outlast its browser, and the installation's
    switch has overruled that (CS-5).
    """


Found = Person | MustProveMore | Overruled | None


def end(
    connection: Connection,
    installation: Installation,
    session: Session,
    *,
    ended_by: str,
    now: int,
) -> bool:
    """End a session, with its event; False where it was over before."""
    if not sessions.end(connection, session.environment_id, session.id, ended_by=ended_by, now=now):
        return False
    audit.record(
        connection,
        installation,
        EventKind.SIGNED_OUT if ended_by == "sign_out" else EventKind.SESSION_ENDED,
        environment_id=session.environment_id,
        now=now,
        actor=session.user_id,
        target=session.user_id,
        session=session.id.hex(),
        ended_by=ended_by,
    )
    return True


def end_others(
    connection: Connection,
    installation: Installation,
    *,
    environment_id: bytes,
    user_id: bytes,
    keep: bytes | None,
    ended_by: str,
    now: int,
) -> int:
    """End every session of a user but the one that is kept; how many ended."""
    others = [
        session
        for session in sessions.live_of_user(connection, environment_id, user_id, begun_after=0)
        if session.id != keep
    ]
    return sum(
        end(connection, installation, session, ended_by=ended_by, now=now) for session in others
    )


def carry_over(connection: Connection, session: Session, *, today: Generations) -> None:
    """The person changed a credential in this very session: it goes on, and so does what its
    browser remembers. All other browsers lose theirs by the same numbers (AC-26).
    """
    sessions.carry_over(connection, session.environment_id, session.id, today=today)
    if session.device_id is not None:
        devices.carry_over(connection, session.environment_id, session.device_id, today=today)


def who(
    installation: Installation, environment: Environment, cookie: str, *, is_use: bool = True
) -> Found:
    """The person behind a session cookie, or None. Asks ``next_step`` like every other door.

    ``is_use`` False: a page asks by itself, and no person did anything. A page that somebody left
    open must not keep their session from ending unused.
    """
    token = read(
        cookie,
        keys=installation.keys.token_keys(KeyPurpose.SESSION),
        purpose=TokenPurpose.SESSION,
        environment_id=environment.id,
    )
    if token is None:
        return None
    now = installation.clock()

    def look(connection: Connection) -> Found:
        session = sessions.by_token(connection, environment.id, token.stored)
        if session is None:
            return None
        situation = of_session(connection, installation, session, now=now)
        return _found(situation, next_step(situation, now), session)

    person = installation.database.read(look)
    if is_use and isinstance(person, Person) and _use_is_worth_writing(person.session, now):
        session = person.session
        # A full disk keeps nobody from looking: unwritten, the session only ends the sooner.
        with suppress(DatabaseAway, DatabaseBusy):
            installation.database.write(
                lambda connection: sessions.used(
                    connection, environment.id, session.id, now=now, step=USED_EVERY
                )
            )
    return person


def _found(situation: Situation, step: NextStep, session: Session) -> Found:
    match step:
        case SignedIn() if situation.user is not None:
            return Person(situation.user, session)
        case AskSecondStep() | SetUp() | AskFirstStep() if situation.user is not None:
            held = situation.policy.holds_session_begun(session.started_at)
            return MustProveMore(situation.user, session) if held else None
        case Refused(reasons=(Reason(code=Code.LASTING_OVERRULED),)):
            return Overruled()
        case _:
            return None


def goes_on(connection: Connection, person: Person) -> bool:
    """Whether the person's session was not ended until now; it is not before the transaction ends.
    Called after the lock of the user's own row: what a page found out a moment ago does not count.
    """
    session = person.session
    return sessions.locked(connection, session.environment_id, session.id) is not None


def still_in(connection: Connection, person: Person) -> bool:
    """The same, with the lock of the user's own row taken first."""
    users.locked(connection, person.user.environment_id, person.user.id)
    return goes_on(connection, person)


def sign_out(installation: Installation, person: Person) -> None:
    """End the person's own session."""
    now = installation.clock()
    installation.database.write(
        lambda connection: end(
            connection, installation, person.session, ended_by="sign_out", now=now
        )
    )


def list_of(installation: Installation, person: Person) -> list[Session]:
    """The person's live sessions, the newest first."""
    now, today = installation.clock(), person.session.generations
    return installation.database.read(
        lambda connection: live_within(connection, person.user, today=today, now=now)
    )


def live_within(
    connection: Connection, user: User, *, today: Generations, now: int
) -> list[Session]:
    """The live sessions of any user, the newest first: those that would be let in at ``now``."""
    environment_id = user.environment_id
    limits = session_limits_of(properties.of_environment(connection, environment_id), now)
    found = sessions.live_of_user(
        connection, environment_id, user.id, begun_after=now - limits.absolute
    )
    return [
        session
        for session in found
        if session.over(limits=limits, now=now) is None
        and session.generations.overtaken_by(today) is None
    ]


def end_one(installation: Installation, person: Person, session_id: bytes) -> bool:
    """End one of the person's own sessions; False for any other id, and for the current one (use
    sign-out).
    """
    now = installation.clock()

    def act(connection: Connection) -> bool:
        if not still_in(connection, person):
            return False
        live = sessions.live_of_user(
            connection, person.user.environment_id, person.user.id, begun_after=0
        )
        for session in live:
            if session.id == session_id and session.id != person.session.id:
                return end(connection, installation, session, ended_by="person", now=now)
        return False

    return installation.database.write(act)


def end_all_others(installation: Installation, person: Person) -> int:
    """End all of the person's sessions but the current one; how many ended."""
    now = installation.clock()

    def act(connection: Connection) -> int:
        if not still_in(connection, person):
            return 0
        return end_others(
            connection,
            installation,
            environment_id=person.user.environment_id,
            user_id=person.user.id,
            keep=person.session.id,
            ended_by="person",
            now=now,
        )

    return installation.database.write(act)


def _use_is_worth_writing(session: Session, now: int) -> bool:
    return not session.last_used_at <= now < session.last_used_at + USED_EVERY
