"""Deleting what is over, in small pieces, so that nobody waits for it.

Looking for it may take long and reads only; deleting takes little and says its condition again, so
that a row which was changed meanwhile stays. What still decides anything stays, whatever its age: a
wrong try that counts, a live session, the sign-in that it stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, exists, or_, select

from twostep.storage.tables import (
    asked_resets,
    attempts,
    authenticators,
    caller_checks,
    contacts,
    devices,
    help_desk_codes,
    import_lines,
    imports,
    links,
    lockouts,
    messages,
    notices,
    revocations,
    sent_codes,
    sessions,
    sign_ins,
    users,
)

_YEAR = 365 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Rows of a table that are over. ``over`` takes the time (ms) before which things are old.

    ``id`` names one row by itself: ids are random over all environments.
    """

    table: Table
    id: Column[Any]
    over: Callable[[int], ColumnElement[bool]]


def find(connection: Connection, kind: Kind, *, before: int, most: int) -> Sequence[Any]:
    """The ids of at most so many rows that are over."""
    return connection.execute(select(kind.id).where(kind.over(before)).limit(most)).scalars().all()


def delete_found(connection: Connection, kind: Kind, ids: Sequence[Any], *, before: int) -> int:
    """Delete those that are still over; how many."""
    # What somebody else holds waits for the next time: whoever erases a user takes the same rows in
    # another order.
    free = select(kind.id).where(kind.id.in_(ids), kind.over(before))
    free = free.with_for_update(skip_locked=True, of=kind.table)
    gone = connection.execute(
        delete(kind.table).where(kind.id.in_(free), kind.over(before)).returning(*_kept_of(kind))
    ).all()
    if kind.table is attempts:
        _delete_lockouts(connection, {(row[0], row[1], row[2]) for row in gone})
    return len(gone)


def _kept_of(kind: Kind) -> Sequence[Column[Any]]:
    if kind.table is attempts:
        return (attempts.c.environment_id, attempts.c.subject, attempts.c.purpose)
    return (kind.id,)


def _delete_lockouts(connection: Connection, tried: set[tuple[bytes, bytes, str]]) -> None:
    """The rows on which tries at a name that no user has were lined up, once no try is left."""
    a_user = exists().where(
        users.c.environment_id == lockouts.c.environment_id, users.c.id == lockouts.c.subject
    )
    still_tried = exists().where(
        attempts.c.environment_id == lockouts.c.environment_id,
        attempts.c.subject == lockouts.c.subject,
        attempts.c.purpose == lockouts.c.purpose,
    )
    for environment_id, subject, purpose in sorted(tried):
        connection.execute(
            delete(lockouts).where(
                lockouts.c.environment_id == environment_id,
                lockouts.c.subject == subject,
                lockouts.c.purpose == purpose,
                ~a_user,
                ~still_tried,
            )
        )


def _attempts_over(before: int) -> ColumnElement[bool]:
    """A user's failures stay for a year more: the hundredth in a row stops a password or a second
    step, however slowly they come (NIST SP 800-63B-4 section 3.2.2).
    """
    a_user = exists().where(
        users.c.environment_id == attempts.c.environment_id, users.c.id == attempts.c.subject
    )
    counts = and_(attempts.c.state.in_(("open", "failed")), a_user)
    return and_(
        attempts.c.started_at < before, or_(~counts, attempts.c.started_at < before - _YEAR)
    )


def _sign_ins_over(before: int) -> ColumnElement[bool]:
    stands = exists().where(
        sessions.c.environment_id == sign_ins.c.environment_id,
        sessions.c.sign_in_id == sign_ins.c.id,
    )
    return and_(sign_ins.c.started_at < before, ~stands)


ATTEMPTS = Kind(table=attempts, id=attempts.c.id, over=_attempts_over)
SESSIONS = Kind(
    table=sessions, id=sessions.c.id, over=lambda before: sessions.c.started_at < before
)
"""None lives for more than a day."""
SIGN_INS = Kind(table=sign_ins, id=sign_ins.c.id, over=_sign_ins_over)
"""With their proofs."""
OFFERS = Kind(
    table=authenticators,
    id=authenticators.c.id,
    over=lambda before: and_(
        authenticators.c.state == "offered", authenticators.c.offer_ends_at < before
    ),
)
"""Keys that were shown and never confirmed."""
DEVICES = Kind(
    table=devices,
    id=devices.c.id,
    over=lambda before: or_(
        devices.c.forgotten_at < before, devices.c.last_used_at < before - _YEAR
    ),
)
"""Forgotten, or not used for longer than the cookie lasts and than anything is remembered."""
LINKS = Kind(table=links, id=links.c.id, over=lambda before: links.c.ends_at < before)
MESSAGES = Kind(
    table=messages,
    id=messages.c.id,
    over=lambda before: and_(messages.c.made_at < before, messages.c.settled_at.is_not(None)),
)
"""What became of each is an event, which stays."""
NOTICES = Kind(table=notices, id=notices.c.id, over=lambda before: notices.c.made_at < before)
"""Of which nobody wrote the messages: no process sends any."""
ASKED_RESETS = Kind(
    table=asked_resets, id=asked_resets.c.id, over=lambda before: asked_resets.c.made_at < before
)
"""Nobody waits for them any more: no process sends any."""
IMPORT_LINES = Kind(
    table=import_lines,
    id=import_lines.c.id,
    over=lambda before: exists().where(
        imports.c.environment_id == import_lines.c.environment_id,
        imports.c.id == import_lines.c.import_id,
        imports.c.state != "switched",
        imports.c.changed_at < before,
    ),
)
"""Lists of new users that nobody imported."""
CONTACTS = Kind(
    table=contacts,
    id=contacts.c.id,
    over=lambda before: and_(contacts.c.state == "waiting", contacts.c.changed_at < before),
)
"""Addresses that nobody confirmed."""
SENT_CODES = Kind(
    table=sent_codes, id=sent_codes.c.id, over=lambda before: sent_codes.c.made_at < before
)
"""What each was worth lies in the proofs."""
HELP_DESK_CODES = Kind(
    table=help_desk_codes,
    id=help_desk_codes.c.id,
    over=lambda before: help_desk_codes.c.ends_at < before,
)
"""With their notes. Who was helped by whom and why is an event, which stays."""
CALLER_CHECKS = Kind(
    table=caller_checks,
    id=caller_checks.c.id,
    over=lambda before: caller_checks.c.made_at < before,
)
"""That a caller was checked is an event, which stays."""
REVOCATIONS = Kind(
    table=revocations,
    id=revocations.c.number,
    over=lambda before: revocations.c.revoked_at < before,
)
"""What every node has heard of long since."""
