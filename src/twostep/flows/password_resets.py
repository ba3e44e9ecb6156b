"""Setting a forgotten password anew by mail.

    a name or an address is typed ──► one row, whatever it is ──► the same answer to everybody
    the sender's thread takes the row ──► looks who is meant ──► mails a link, or nothing
    the link's form ──► the new password, in one transaction with the end of all that stood on the
                        old one; nobody is signed in, and the second step is asked as ever (AC-33)

Whoever asks learns nothing: neither from the answer nor from the work that it took, which is the
same two statements for a name, an address and neither (AC-20).
"""

from __future__ import annotations

import json
from typing import Final

from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MINUTE
from twostep.core.users import User, name_key
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.flows import audit, messages
from twostep.flows.installation import Installation
from twostep.flows.lockouts import NetworkPaused, count_for_network
from twostep.flows.messages import address_hash
from twostep.flows.reset_mails import NoMail, ResetMail, mailbox_for, prepare, too_many
from twostep.flows.visitors import Browser
from twostep.storage import environments, password_resets, user_links, users
from twostep.storage import messages as stored_messages
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.password_resets import AskedReset

ASKED: Final = "password_reset"
"""Under what requests are counted against the network that they come from."""

WAITS_AT_MOST: Final = 30 * MINUTE
"""As long as a link is good. Nobody waits any longer for a mail that no process has written."""

MOST_PEOPLE: Final = 3
"""Who share one address get a mail each, up to what one address gets in six hours."""


def ask(
    installation: Installation, environment: Environment, *, typed: str, browser: Browser
) -> NetworkPaused | None:
    """Somebody has forgotten their password, and has typed this. None: they are told that a mail is
    on its way, if there is somebody; whether one is, is found out later.
    """
    now, key = installation.clock(), name_key(typed)
    as_address = address_hash(installation, typed)
    subject = keyed_hash(
        installation.keys.current(KeyPurpose.DECOY).secret, environment.id, b"reset", key.encode()
    )[:16]
    visitor, id_ = browser.visitor, new_id()
    where = json.dumps({"address": visitor.address, "browser": visitor.browser})

    def act(connection: Connection) -> NetworkPaused | None:
        paused = count_for_network(
            connection,
            installation,
            environment_id=environment.id,
            subject=subject,
            purpose=ASKED,
            browser=browser,
            now=now,
        )
        if paused is None:
            user = users.by_name_key(connection, environment.id, key)
            asked = AskedReset(
                environment_id=environment.id,
                id=id_,
                user_id=None if user is None else user.id,
                address_hash=as_address,
                data=where,
                made_at=now,
            )
            password_resets.add(connection, asked)
        return paused

    paused = installation.database.write(act)
    messages.send_soon(installation)
    return paused


def write_mails(installation: Installation, *, now: int, most: int) -> int:
    """Write the mails of at most so many requests, the oldest first; how many were done with. Each
    in transactions of its own. Raises DatabaseAway, DatabaseBusy, and KeyMissing.
    """
    waiting = installation.database.read(lambda c: password_resets.oldest(c, most=most))
    return sum(_write(installation, asked, now=now) for asked in waiting)


def _write(installation: Installation, asked: AskedReset, *, now: int) -> bool:
    found = _prepared(installation, asked, now=now) if now - asked.made_at < WAITS_AT_MOST else []
    parts = json.loads(asked.data)
    visitor = Visitor(address=parts["address"], browser=parts["browser"])

    def act(connection: Connection) -> bool:
        if not password_resets.take(connection, asked):
            return False
        for user, mail in found:
            outcome = _queue(connection, user, mail, now=now)
            _record(connection, installation, asked, user, outcome, visitor, now=now)
        if not found:
            _record(connection, installation, asked, None, NoMail.NOBODY, visitor, now=now)
        return True

    return installation.database.write(act)


def _prepared(
    installation: Installation, asked: AskedReset, *, now: int
) -> list[tuple[User, ResetMail | NoMail]]:
    def look(
        connection: Connection,
    ) -> tuple[Environment | None, list[tuple[User, StoredContact | NoMail]]]:
        environment = environments.by_id(connection, asked.environment_id)
        meant = _meant(connection, asked)
        return environment, [
            (user, mailbox_for(connection, user, now=now, by_help_desk=False)) for user in meant
        ]

    environment, whose = installation.database.read(look)
    found: list[tuple[User, ResetMail | NoMail]] = []
    for user, to in whose if environment else ():
        assert environment is not None
        if isinstance(to, NoMail):
            found.append((user, to))
        else:
            mail = prepare(installation, environment, user, to, made_by=None, now=now)
            found.append((user, mail))
    return found


def _meant(connection: Connection, asked: AskedReset) -> list[User]:
    """Whose name was typed, else whose address, by their ids: in that order they are locked."""
    if asked.user_id is not None:
        ids = [asked.user_id]
    else:
        ids = list(
            password_resets.users_at(
                connection, asked.environment_id, asked.address_hash, most=MOST_PEOPLE
            )
        )
    found = [users.by_id(connection, asked.environment_id, id_) for id_ in ids]
    return [user for user in found if user is not None]


def _queue(
    connection: Connection, user: User, mail: ResetMail | NoMail, *, now: int
) -> NoMail | None:
    """Queue the mail with its link; why not, where something has changed or it would be one too
    many.
    """
    if isinstance(mail, NoMail):
        return mail
    # Two requests at once must not both find room for one more.
    fresh = users.locked(connection, user.environment_id, user.id)
    if fresh is None or fresh.password_generation != user.password_generation:
        return NoMail.NOBODY
    still = mailbox_for(connection, fresh, now=now, by_help_desk=False)
    if isinstance(still, NoMail):
        return still
    if still.contact.id != mail.to.contact.id:
        return NoMail.NO_ADDRESS
    if too_many(connection, mail, now=now):
        return NoMail.TOO_MANY
    user_links.add(connection, [mail.link.row])
    stored_messages.add(connection, mail.message)
    return None


def _record(
    connection: Connection,
    installation: Installation,
    asked: AskedReset,
    user: User | None,
    outcome: NoMail | None,
    visitor: Visitor,
    *,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.PASSWORD_RESET_ASKED,
        environment_id=asked.environment_id,
        now=now,
        target=None if user is None else user.id,
        visitor=visitor,
        outcome="sent" if outcome is None else outcome.value,
    )
