"""Users: adding, finding and listing them, letting them try again, shutting them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.lockouts import Purpose
from twostep.core.permissions import ALL, Permission
from twostep.core.search_terms import terms_of
from twostep.core.users import User, checked_full_name, checked_name, name_key
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.lockouts import standing_of
from twostep.flows.passwords import BadPassword, hash_new_password, problems_of, seal_password
from twostep.flows.permissions import LastHolder, grant_within
from twostep.flows.user_changes import Change, disable_within, enable_within, unlock_within
from twostep.storage import authenticators, passwords, permissions, search_terms, users
from twostep.storage.database import Connection, ConstraintBroken
from twostep.storage.passwords import SealedPassword

PAGE = 100
"""Users read in one transaction of a listing."""


@dataclass(frozen=True, slots=True)
class UserNameTaken:
    """The environment has a user of this name, or of one that a person would take for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user with a password, ready to be written."""

    user: User
    password: SealedPassword


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A user as the operator's list shows one.

    ``paused_until`` is in milliseconds, None where no pause runs. ``stopped``: a hundred wrong
    passwords or codes; only unlocking helps.
    """

    user: User
    second_step: bool
    permissions: frozenset[Permission]
    paused_until: int | None
    stopped: bool


def add(
    installation: Installation,
    environment: Environment,
    *,
    name: str,
    password: Secret[str],
    full_name: str = "",
    administrator: bool = False,
) -> User | UserNameTaken | BadPassword:
    """Add a user with a password; an administrator with every permission.

    Raises NotAName, and Busy where too many passwords wait to be hashed.
    """
    new = prepare(installation, environment, name=name, password=password, full_name=full_name)
    if isinstance(new, BadPassword):
        return new
    now = installation.clock()

    def act(connection: Connection) -> User | UserNameTaken:
        return write(connection, installation, new, administrator=administrator, now=now)

    try:
        return installation.database.write(act)
    except ConstraintBroken:
        return UserNameTaken()


def prepare(
    installation: Installation,
    environment: Environment,
    *,
    name: str,
    password: Secret[str],
    full_name: str = "",
) -> NewUser | BadPassword:
    """Check the names and the password, and hash it: the slow part, outside of any transaction.

    Raises NotAName and Busy.
    """
    tidy, called = checked_name(name), checked_full_name(full_name)
    problems = problems_of(installation, environment, user_name=tidy, password=password)
    if problems:
        return BadPassword(problems)
    now = installation.clock()
    user = User(
        id=new_id(),
        environment_id=environment.id,
        name=tidy,
        made_at=now,
        password_generation=1,
        second_step_generation=1,
        full_name=called,
    )
    phc = hash_new_password(installation, password)
    sealed = seal_password(installation, environment.id, user.id, phc, changed_at=now)
    return NewUser(user=user, password=sealed)


def write(
    connection: Connection,
    installation: Installation,
    new: NewUser,
    *,
    administrator: bool,
    actor: bytes | None = None,
    now: int,
) -> User | UserNameTaken:
    """Write a prepared user within a transaction. A race for the name raises ConstraintBroken."""
    user = new.user
    key = name_key(user.name)
    if users.by_name_key(connection, user.environment_id, key) is not None:
        return UserNameTaken()
    users.add(connection, user, key=key)
    terms = terms_of(user.name, user.full_name)
    search_terms.put(connection, user.environment_id, user.id, terms)
    passwords.put(connection, user.environment_id, user.id, new.password)
    audit.record(
        connection,
        installation,
        EventKind.USER_ADDED,
        environment_id=user.environment_id,
        now=now,
        actor=actor,
        target=user.id,
        administrator=administrator,
    )
    if administrator:
        grant_within(connection, installation, user, ALL, now=now, is_new=True)
    return user


def find(installation: Installation, environment: Environment, name: str) -> User | None:
    """The user of that name, however it is spelt, or None."""
    return installation.database.read(
        lambda connection: users.by_name_key(connection, environment.id, name_key(name))
    )


def has_any(installation: Installation, environment: Environment) -> bool:
    """Whether the environment has a user."""
    return installation.database.read(
        lambda connection: users.any_at_all(connection, environment.id)
    )


def listing(installation: Installation, environment: Environment) -> Iterator[Listed]:
    """All users of an environment by name, read page by page: whoever is added meanwhile may be
    missing.
    """
    after = ""
    while True:
        found = _page(installation, environment, after)
        yield from found
        if len(found) < PAGE:
            return
        after = name_key(found[-1].user.name)


def unlock(installation: Installation, environment: Environment, user: User) -> None:
    """Let the user try again at once, in every browser: nothing that was counted until now counts
    any longer.
    """
    now = installation.clock()

    def act(connection: Connection) -> None:
        users.locked(connection, environment.id, user.id)
        unlock_within(_change(connection, installation, user, now))

    installation.database.write(act)


def disable(
    installation: Installation, environment: Environment, user: User, *, even_if_last: bool = False
) -> bool | LastHolder:
    """Shut the user out, live sessions and begun sign-ins included; False where they are already.
    The last one who can manage users stays, unless ``even_if_last`` (AC-76).

    What was ended stays ended when the user is enabled again, and what was remembered is not any
    more (AC-26).
    """
    now = installation.clock()

    def act(connection: Connection) -> bool | LastHolder:
        fresh = users.locked(connection, environment.id, user.id)
        if fresh is None or fresh.disabled_at is not None:
            return False
        last = permissions.last_holder(connection, environment.id, user.id, Permission.MANAGE_USERS)
        if last and not even_if_last:
            return LastHolder()
        return disable_within(_change(connection, installation, fresh, now))

    return installation.database.write(act)


def enable(installation: Installation, environment: Environment, user: User) -> bool:
    """Let a disabled user in again; False where they are not disabled."""
    now = installation.clock()

    def act(connection: Connection) -> bool:
        fresh = users.locked(connection, environment.id, user.id)
        return fresh is not None and enable_within(_change(connection, installation, fresh, now))

    return installation.database.write(act)


def _change(connection: Connection, installation: Installation, user: User, now: int) -> Change:
    return Change(connection=connection, installation=installation, user=user, now=now)


def _page(installation: Installation, environment: Environment, after: str) -> list[Listed]:
    now = installation.clock()

    def look(connection: Connection) -> list[Listed]:
        found = users.page(connection, environment.id, after=after, most=PAGE)
        return [_listed(connection, installation, user, now) for user in found]

    return installation.database.read(look)


def _listed(connection: Connection, installation: Installation, user: User, now: int) -> Listed:
    place = (user.environment_id, user.id)
    standings = [
        standing_of(connection, installation, *place, purpose, now=now) for purpose in Purpose
    ]
    pauses = [found.blocked_until for found in standings if found.blocked_until is not None]
    return Listed(
        user=user,
        second_step=authenticators.active(connection, *place) is not None,
        permissions=permissions.of_user(connection, *place),
        paused_until=max(pauses, default=None),
        stopped=any(found.disabled for found in standings),
    )
