"""Passwords: checking one, and what a new one must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from twostep.core.environments import Environment
from twostep.core.passwords import Context as PasswordContext
from twostep.core.passwords import (
    Problem,
    ProblemKind,
    Rules,
    normalise_password,
    problems,
)
from twostep.core.properties import effective
from twostep.core.users import User
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.common_passwords import is_common
from twostep.crypto.password_hashes import (
    LONGEST_BYTES,
    HostileParameters,
    UnknownHash,
    needs_rehash,
)
from twostep.crypto.passwords import Busy, Ticket, WrongPassword
from twostep.crypto.secret import Secret
from twostep.flows.installation import Installation
from twostep.flows.lockouts import Reservation, void
from twostep.storage import passwords, properties
from twostep.storage.passwords import SealedPassword

_log = structlog.get_logger()


class Checked(Enum):
    """What came of comparing a password."""

    RIGHT = auto()
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class BadPassword:
    """The new password does not meet the rules, or is the current one (``same``)."""

    problems: tuple[Problem, ...]
    same: bool = False


def check(
    installation: Installation,
    ticket: Ticket,
    password: Secret[str],
    *,
    environment_id: bytes,
    user_id: bytes,
    stored: SealedPassword | None,
    reservation: Reservation,
) -> Checked:
    """Compare a password with a stored one: one box and one hash, whether there are any or not.

    A box that cannot be opened, or holds what is no hash of ours, compares as wrong, with the same
    work: it must not open any door. Raises Busy where the turn did not come in time; the try is
    then void, because nothing was compared.
    """
    plain = _comparable(password)
    if stored is None:
        installation.keys.open_nothing(environment_id=environment_id)
        phc = None
    else:
        phc = _open(installation, environment_id, user_id, stored)
    try:
        compare_hash(ticket, phc, plain)
    except WrongPassword:
        return Checked.WRONG
    except Busy:
        now = installation.clock()
        installation.database.write(lambda c: void(c, reservation, now=now))
        raise
    return Checked.RIGHT


def compare_hash(ticket: Ticket, phc: Secret[bytes] | None, plain: Secret[str]) -> None:
    """Return where this is what was hashed. Raises WrongPassword and Busy.

    Nothing, and what is no hash of ours, compares as wrong, at the same cost.
    """
    if phc is None:
        ticket.verify_nothing(plain)
        return
    try:
        ticket.verify(phc, plain)
    except (UnknownHash, HostileParameters) as unusable:
        _log.error("password_hash_unusable", error=type(unusable).__name__)
        ticket.verify_nothing(plain)


def rehash_if_due(
    installation: Installation,
    ticket: Ticket,
    password: Secret[str],
    user: User,
    stored: SealedPassword,
) -> SealedPassword | None:
    """The same password, hashed with today's parameters where the stored ones are others.

    None where they are not, and where the queue is full: the next sign-in will do.
    """
    phc = _open(installation, user.environment_id, user.id, stored)
    if phc is None or not needs_rehash(phc, installation.hashing.parameters):
        return None
    try:
        fresh = ticket.hash(_comparable(password))
    except Busy:
        return None
    return seal_password(
        installation, user.environment_id, user.id, fresh, changed_at=stored.changed_at
    )


def seal_password(
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    phc: Secret[bytes],
    *,
    changed_at: int,
) -> SealedPassword:
    """A PHC string as it is stored: sealed for this user and this change."""
    sealed = installation.keys.seal(
        phc,
        context=Context.of_password(
            environment_id=environment_id, user_id=user_id, changed_at=changed_at
        ),
    )
    return SealedPassword(sealed=sealed.blob, key_version=sealed.key_version, changed_at=changed_at)


def hash_new_password(installation: Installation, password: Secret[str]) -> Secret[bytes]:
    """The PHC string of a new password. Raises Busy."""
    with installation.hashing.admit() as ticket:
        return ticket.hash(Secret(normalise_password(password.reveal())))


def problems_of(
    installation: Installation, environment: Environment, *, user_name: str, password: Secret[str]
) -> tuple[Problem, ...]:
    """What is wrong with a new password for this user, by the environment's rules."""
    stored = installation.database.read(
        lambda connection: properties.of_environment(connection, environment.id)
    )
    shortest = int(effective(stored, "password_minimum_length").value)
    found = problems(
        password.reveal(),
        rules=Rules(shortest=shortest),
        context=PasswordContext(
            environment_name=environment.name,
            hosts=tuple(origin.host for origin in environment.origins),
            user_name=user_name,
        ),
        is_common=is_common,
    )
    words = {
        "product": "Twostep",
        "environment": environment.name,
        "host": environment.primary.host,
        "user_name": user_name,
    }
    return tuple(_with_word(problem, words) for problem in found)


def _with_word(problem: Problem, words: Mapping[str, str]) -> Problem:
    """A problem with a word of the surroundings says which word: its person need not guess."""
    if problem.kind is not ProblemKind.CONTEXT_WORD:
        return problem
    source = str(dict(problem.data)["source"])
    return Problem(problem.kind, (("word", words[source]),))


def _comparable(password: Secret[str]) -> Secret[str]:
    """The password as it was hashed. Normalising can lengthen a text beyond what is ever hashed;
    the empty password,
    which nobody has either and which costs the same, is compared in its place.
    """
    plain = normalise_password(password.reveal())
    return Secret(plain if len(plain.encode("utf-8", "replace")) <= LONGEST_BYTES else "")


def _open(
    installation: Installation, environment_id: bytes, user_id: bytes, stored: SealedPassword
) -> Secret[bytes] | None:
    """The stored PHC string, or None for a box that was tampered with: the password then matches
    nothing.
    """
    try:
        return installation.keys.open_box(
            stored.sealed,
            key_version=stored.key_version,
            context=Context.of_password(
                environment_id=environment_id, user_id=user_id, changed_at=stored.changed_at
            ),
        )
    except BoxDamaged:
        _log.error("password_box_damaged", environment=environment_id.hex(), user=user_id.hex())
        return None


def changed_at(installation: Installation, user: User) -> int | None:
    """When the user's password was last changed (milliseconds), or None where there is none."""
    stored = installation.database.read(
        lambda connection: passwords.of_user(connection, user.environment_id, user.id)
    )
    return None if stored is None else stored.changed_at
