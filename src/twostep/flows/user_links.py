"""Links by which somebody chooses a password: one that was forgotten, or their first.

A look at a link spends nothing: mail programs and scanners open links before people do. Only the
form's POST does, once, in the transaction that writes the password. A link is bound to its user,
its purpose and the password that they had when it was made (R-25), so of two links the first one
used, and every other change of the password, makes both void. Nobody is signed in by it (AC-33).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import HOUR, MINUTE
from twostep.core.passwords import Problem
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import issue_plain, read_plain
from twostep.flows.contact_rows import Rows, counting_of
from twostep.flows.installation import Installation
from twostep.storage import user_links, users
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.user_links import NewLink, OpenLink


class LinkPurpose(StrEnum):
    """What a link is good for."""

    RESET = "password_reset"
    INVITATION = "invitation"
    BREAK_GLASS = "break_glass"
    """Of an administrator whom nobody can let in any more: ``flows.break_glass``."""


LASTS: Final[Mapping[LinkPurpose, int]] = {
    LinkPurpose.RESET: 30 * MINUTE,
    LinkPurpose.INVITATION: 72 * HOUR,
    LinkPurpose.BREAK_GLASS: 15 * MINUTE,
}
"""SECURITY §5.1 (OWASP Forgot Password; NIST SP 800-63B-4 §4.2.1.2 allows a mailed code a day), and
AC-76."""

PATHS: Final[Mapping[LinkPurpose, str]] = {
    LinkPurpose.RESET: "/reset",
    LinkPurpose.INVITATION: "/invitation",
    LinkPurpose.BREAK_GLASS: "/break-glass",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """A link to be written, and the address to be mailed."""

    row: NewLink
    address: Secret[str]


@dataclass(frozen=True, slots=True)
class LinkOver:
    """The link was used, its time is over, it never was one, or its user was disabled, has another
    password by now, or another address.
    """


@dataclass(frozen=True, slots=True)
class PasswordUnusable:
    """The password does not meet the rules. The link is as good as before."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class PasswordChosen:
    """The new password counts. Its user signs in with it, as ever."""


Choosing = PasswordChosen | LinkOver | PasswordUnusable


def make(
    environment: Environment,
    user_id: bytes,
    purpose: LinkPurpose,
    *,
    password_generation: int,
    made_by: bytes | None,
    now: int,
) -> MadeLink:
    """A new link. It leads to the environment's primary address, whatever a request's Host said
    (AC-54).
    """
    token = issue_plain()
    row = NewLink(
        id=new_id(),
        environment_id=environment.id,
        user_id=user_id,
        token_hash=token.stored,
        purpose=purpose.value,
        password_generation=password_generation,
        made_by=made_by,
        made_at=now,
        ends_at=now + LASTS[purpose],
    )
    address = f"{environment.primary}{PATHS[purpose]}/{token.text.reveal()}"
    return MadeLink(row=row, address=Secret(address))


def user_of(
    installation: Installation, environment: Environment, purpose: LinkPurpose, *, token: str
) -> User | None:
    """Whose link this is, while it can be used. Spends nothing."""
    found = find(installation, environment, purpose, token=token)
    if found is None:
        return None
    return installation.database.read(
        lambda connection: users.by_id(connection, environment.id, found[1].user_id)
    )


def find(
    installation: Installation, environment: Environment, purpose: LinkPurpose, *, token: str
) -> tuple[bytes, OpenLink] | None:
    """The hash of the link and the link, while it can be used."""
    known = read_plain(token)
    if known is None:
        return None
    now = installation.clock()
    link = installation.database.read(
        lambda connection: user_links.open_link(
            connection,
            environment.id,
            token_hash=known.stored,
            purpose=purpose.value,
            now=now,
        )
    )
    return None if link is None else (known.stored, link)


def mailbox(rows: Rows) -> StoredContact | None:
    """Where a user's links are mailed: never to a gateway, whose messages are read on any screen,
    and never as a text.
    """
    return counting_of(rows, ContactKind.EMAIL)


def void_all(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> None:
    """No link of the user's can be used any more: they were shut out, or have another address."""
    purposes = [each.value for each in LinkPurpose]
    user_links.void(connection, environment_id, user_id, purposes, now=now)
