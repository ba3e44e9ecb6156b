"""Break-glass: the way in for an administrator where nobody can let them in any more (AC-76).

    the operator, on the server ──► a link, good once, for fifteen minutes
    whoever opens it ──► a new password, in one transaction with the end of the second step, of
                         every session, and of every pause
    the sign-in ──► as ever: where a second step is required, it is set up anew

It takes nothing but the server itself, so it is loud: an event and a mail to everybody who manages
users when the link is made, and the same with a warning in the log when it is used. It makes nobody
an administrator who is none, and opens no session.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.lockouts import Purpose
from twostep.core.messages import MINUTE, MessageKind
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import audit, messages, user_links
from twostep.flows.installation import Installation
from twostep.flows.notices import tell
from twostep.flows.passwords import hash_new_password, problems_of, seal_password
from twostep.flows.two_step_removals import take_away
from twostep.flows.user_links import (
    LASTS,
    Choosing,
    LinkOver,
    LinkPurpose,
    PasswordChosen,
    PasswordUnusable,
    void_all,
)
from twostep.flows.visitors import Browser
from twostep.storage import helping, lockouts, passwords, permissions, user_marks, users
from twostep.storage import user_links as stored_links
from twostep.storage.database import Connection
from twostep.storage.passwords import SealedPassword

LASTS_MINUTES = LASTS[LinkPurpose.BREAK_GLASS] // MINUTE

_log = structlog.get_logger("twostep.break_glass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The link, and until when it is good (ms)."""

    address: Secret[str]
    until: int


@dataclass(frozen=True, slots=True)
class NotForThem:
    """The user does not manage users, or is disabled: the operator's other commands come first."""

    disabled: bool


@dataclass(frozen=True, slots=True)
class OthersCan:
    """Somebody else manages users here, and could let this one in."""

    names: tuple[str, ...]


class _Over(Exception):
    """Something of this user changed at the same moment: nothing is kept."""


def make(
    installation: Installation, environment: Environment, user: User, *, even_if_others: bool
) -> Made | NotForThem | OthersCan:
    """Make the link; an earlier one of this user is good for nothing any more."""
    now = installation.clock()
    place = (environment.id, user.id)

    def act(connection: Connection) -> Made | NotForThem | OthersCan:
        fresh = users.locked(connection, *place)
        held = permissions.of_user(connection, *place)
        if fresh is None or fresh.disabled_at is not None or Permission.MANAGE_USERS not in held:
            return NotForThem(disabled=fresh is None or fresh.disabled_at is not None)
        if not even_if_others:
            others = _others(connection, fresh)
            if others:
                return OthersCan(others)
        link = user_links.make(
            environment,
            user.id,
            LinkPurpose.BREAK_GLASS,
            password_generation=fresh.password_generation,
            made_by=None,
            now=now,
        )
        stored_links.void(connection, *place, [LinkPurpose.BREAK_GLASS.value], now=now)
        stored_links.add(connection, [link.row])
        _record_and_tell(connection, installation, fresh, visitor=None, now=now)
        return Made(address=link.address, until=link.row.ends_at)

    made = installation.database.write(act)
    if isinstance(made, Made):
        messages.send_soon(installation)
    return made


def use(
    installation: Installation,
    environment: Environment,
    *,
    token: str,
    new: Secret[str],
    browser: Browser,
) -> Choosing:
    """Give the link's user this password, take their second step away, and spend the link.

    Raises Busy where too many passwords wait to be hashed; the link is then as good as before.
    """
    # Asked before anything is hashed, so that guesses at links cost nobody a hash.
    purpose = LinkPurpose.BREAK_GLASS
    found = user_links.find(installation, environment, purpose, token=token)
    user = user_links.user_of(installation, environment, purpose, token=token)
    if found is None or user is None:
        return LinkOver()
    problems = problems_of(installation, environment, user_name=user.name, password=new)
    if problems:
        return PasswordUnusable(problems)
    phc, now = hash_new_password(installation, new), installation.clock()
    sealed = seal_password(installation, environment.id, user.id, phc, changed_at=now)
    token_hash, visitor = found[0], browser.visitor
    try:
        installation.database.write(
            lambda c: _let_in(c, installation, user, token_hash, sealed, visitor, now)
        )
    except _Over:
        return LinkOver()
    _log.warning("break_glass_used", user=user.id.hex(), environment=environment.name)
    messages.send_soon(installation)
    return PasswordChosen()


def _let_in(
    connection: Connection,
    installation: Installation,
    user: User,
    token_hash: bytes,
    sealed: SealedPassword,
    visitor: Visitor,
    now: int,
) -> None:
    """Raises _Over."""
    place = (user.environment_id, user.id)
    fresh = users.locked(connection, *place)
    held = permissions.of_user(connection, *place)
    if fresh is None or fresh.disabled_at is not None or Permission.MANAGE_USERS not in held:
        raise _Over
    generation = fresh.password_generation
    if not stored_links.use_up(
        connection,
        *place,
        token_hash=token_hash,
        purpose=LinkPurpose.BREAK_GLASS.value,
        password_generation=generation,
        now=now,
    ):
        raise _Over
    users.raise_password_generation(connection, *place, expected=generation)
    void_all(connection, *place, now=now)
    passwords.put(connection, *place, sealed)
    take_away(connection, installation, fresh, now)
    # The link has shown who it is: no set-up code is asked beside it, and no pause of the second
    # step may spare them the setting up.
    helping.ask_set_up_code(connection, *place, since=None)
    helping.pause_two_step(connection, *place, at=None, until=None)
    for counted in Purpose:
        lockouts.clear(connection, *place, counted, now=now)
    lockouts.clear_known(connection, *place, now=now)
    user_marks.set_locked(connection, *place, until=None)
    _record_and_tell(connection, installation, fresh, visitor=visitor, now=now)


def _record_and_tell(
    connection: Connection,
    installation: Installation,
    user: User,
    *,
    visitor: Visitor | None,
    now: int,
) -> None:
    """The event, and a notice to everybody who manages users. ``visitor``: who has used the link;
    None: it was made.
    """
    used = visitor is not None
    audit.record(
        connection,
        installation,
        EventKind.BREAK_GLASS_USED if used else EventKind.BREAK_GLASS_MADE,
        environment_id=user.environment_id,
        now=now,
        actor=user.id if used else None,
        target=user.id,
        visitor=visitor,
    )
    for told in permissions.holders(connection, user.environment_id, Permission.MANAGE_USERS):
        tell(
            connection,
            MessageKind.BREAK_GLASS,
            user.environment_id,
            told,
            now=now,
            # If it was not they, they have to learn where it was.
            visitor=visitor,
            used=int(used),
            name=user.name,
        )


def _others(connection: Connection, user: User) -> tuple[str, ...]:
    ids = permissions.holders(connection, user.environment_id, Permission.MANAGE_USERS)
    found = [users.by_id(connection, user.environment_id, id_) for id_ in ids if id_ != user.id]
    return tuple(sorted(other.name for other in found if other is not None))
