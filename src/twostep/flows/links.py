"""The one-time link with which the first administrator of an environment begins.

No default account exists, so somebody has to become the first one. Whoever can read what the server
prints, or run its commands, is its operator, and gets a link: good once, for 30 minutes, and only
while the environment has no user. A new link makes the earlier one void.

A look at the link spends nothing, so that a mail scanner or a preview does not use it up; only the
form's POST does, in the transaction that adds the user.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.passwords import Problem
from twostep.core.users import NotAName, User
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import issue_plain, read_plain
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.passwords import BadPassword
from twostep.flows.users import NewUser, prepare, write
from twostep.flows.visitors import Browser
from twostep.storage import links, users
from twostep.storage.database import Connection

FIRST_ADMINISTRATOR = "first_administrator"
LASTS_MINUTES = 30
"""As long as a reset link (SECURITY §5.1): long enough to walk over to a browser."""

_LASTS = LASTS_MINUTES * 60_000


@dataclass(frozen=True, slots=True)
class Made:
    """The environment has its first administrator, who may now sign in."""

    user: User


@dataclass(frozen=True, slots=True)
class LinkOver:
    """The link was used, its time is over, it never was one, or the environment has a user."""


@dataclass(frozen=True, slots=True)
class NameUnusable:
    """The text cannot be a user's name. The link is as good as before."""


@dataclass(frozen=True, slots=True)
class PasswordUnusable:
    """The password does not meet the rules. The link is as good as before."""

    problems: tuple[Problem, ...]


def invite_first_administrator(
    installation: Installation, environment: Environment
) -> Secret[str] | None:
    """The address to open; None where the environment has a user and needs no link."""
    token = issue_plain()
    id_ = new_id()
    now = installation.clock()

    def act(connection: Connection) -> bool:
        if users.any_at_all(connection, environment.id):
            return False
        links.add(
            connection,
            environment.id,
            id_,
            token_hash=token.stored,
            purpose=FIRST_ADMINISTRATOR,
            now=now,
            ends_at=now + _LASTS,
        )
        audit.record(
            connection,
            installation,
            EventKind.FIRST_ADMINISTRATOR_INVITED,
            environment_id=environment.id,
            now=now,
            until=now + _LASTS,
        )
        return True

    if not installation.database.write(act):
        return None
    return Secret(f"{environment.primary}/welcome/{token.text.reveal()}")


def is_open(installation: Installation, environment: Environment, *, token: str) -> bool:
    """Whether the first administrator can still begin with the link that has this token."""
    known = read_plain(token)
    if known is None:
        return False
    now = installation.clock()
    return installation.database.read(
        lambda connection: (
            not users.any_at_all(connection, environment.id)
            and links.is_open(
                connection,
                environment.id,
                token_hash=known.stored,
                purpose=FIRST_ADMINISTRATOR,
                now=now,
            )
        )
    )


def welcome(
    installation: Installation,
    environment: Environment,
    *,
    token: str,
    name: str,
    password: Secret[str],
    browser: Browser,
) -> Made | LinkOver | NameUnusable | PasswordUnusable:
    """Add the first user, with every permission, and spend the link.

    Raises Busy where too many passwords wait to be hashed; the link is then as good as before.
    """
    known = read_plain(token)
    # Asked before anything is hashed, so that guesses at links cost nobody a hash.
    if known is None or not is_open(installation, environment, token=token):
        return LinkOver()
    try:
        new = prepare(installation, environment, name=name, password=password)
    except NotAName:
        return NameUnusable()
    if isinstance(new, BadPassword):
        return PasswordUnusable(new.problems)
    now = installation.clock()

    def act(connection: Connection) -> Made | LinkOver:
        if users.any_at_all(connection, environment.id) or not links.use_up(
            connection,
            environment.id,
            token_hash=known.stored,
            purpose=FIRST_ADMINISTRATOR,
            now=now,
        ):
            return LinkOver()
        _make(connection, installation, new, visitor=browser.visitor, now=now)
        return Made(new.user)

    return installation.database.write(act)


def _make(
    connection: Connection,
    installation: Installation,
    new: NewUser,
    *,
    visitor: Visitor,
    now: int,
) -> None:
    write(connection, installation, new, administrator=True, actor=new.user.id, now=now)
    audit.record(
        connection,
        installation,
        EventKind.FIRST_ADMINISTRATOR_MADE,
        environment_id=new.user.environment_id,
        now=now,
        actor=new.user.id,
        target=new.user.id,
        visitor=visitor,
    )
