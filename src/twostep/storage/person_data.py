"""Everything that is stored about one user, in SQL, for the user's own copy of it.

Which columns are given is said here, table by table: what is secret (hashes, keys, tokens) and what
is about somebody else (who granted, who made) is left out. A test compares the tables with those of
``erasures``, so that one which is added later is not forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, or_, select

from twostep.storage.database import Connection
from twostep.storage.tables import (
    asked_resets,
    attempts,
    authenticators,
    caller_checks,
    devices,
    events,
    grants,
    help_desk_codes,
    links,
    messages,
    notices,
    passwords,
    people,
    recovery_codes,
    sent_codes,
    sessions,
    sign_ins,
    users,
)

Record = Mapping[str, Any]

_OF_SIGN_IN = ("level", "browser", "address", "started_at", "last_used_at", "ended_at", "ended_by")

COLUMNS: Final[Mapping[Table, Sequence[str]]] = {
    passwords: ("changed_at",),
    authenticators: (
        *("state", "algorithm", "digits", "period_seconds", "made_at", "confirmed_at"),
    ),
    recovery_codes: ("slot", "made_at", "used_at"),
    devices: (
        *("browser", "address", "first_used_at", "last_used_at", "verified_at"),
        *("days_at_issue", "passes_until", "forgotten_at", "way"),
    ),
    sessions: (*_OF_SIGN_IN, "lasts_until", "ends_at"),
    sign_ins: ("state", "started_at", "ended_at", "way"),
    attempts: ("purpose", "state", "started_at"),
    messages: (
        *("kind", "route", "masked", "state", "reason", "words", "attempts"),
        *("made_at", "tried_at", "settled_at"),
    ),
    sent_codes: ("purpose", "method", "state", "made_at", "expires_at"),
    caller_checks: ("state", "made_at", "expires_at", "passed_at"),
    notices: ("kind", "made_at"),
    grants: ("permission", "granted_at"),
    links: ("purpose", "made_at", "ends_at", "used_at"),
    asked_resets: ("made_at",),
    help_desk_codes: (
        *("purpose", "reason", "note", "uses", "used", "made_at", "ends_at", "ended_at"),
    ),
}

OF_USER: Final = (
    *("name", "full_name", "made_at", "disabled_at", "last_sign_in_at", "locked_until"),
    *("password_suspect_at", "codes_wanted_at", "stays_since", "two_step_paused_at"),
    *("two_step_paused_until", "set_up_code_asked_at"),
)

ELSEWHERE: Final = frozenset({"users", "contacts", "import_lines", "lockouts", "search_terms"})
"""Given in a form of their own, or nothing but a copy of what is given already."""


def rows_of(
    connection: Connection, environment_id: bytes, user_id: bytes
) -> Mapping[str, Sequence[Record]]:
    """The rows of one user, by the names of their tables."""
    return {
        table.name: _rows(connection, table, columns, environment_id, user_id)
        for table, columns in COLUMNS.items()
    }


def user_row(connection: Connection, environment_id: bytes, user_id: bytes) -> Record | None:
    """What stands at the user itself."""
    found = connection.execute(
        select(*(users.c[name] for name in OF_USER)).where(
            users.c.environment_id == environment_id, users.c.id == user_id
        )
    )
    row = found.mappings().first()
    return None if row is None else dict(row)


def events_of(
    connection: Connection, environment_id: bytes, user_id: bytes, *, after: bytes, most: int
) -> Sequence[Record]:
    """Events that the user did or that happened to them, by id, beginning after one; each with the
    content of its visitor's row.
    """
    found = connection.execute(
        select(events, people.c.content)
        .select_from(
            events.outerjoin(
                people,
                and_(
                    people.c.environment_id == events.c.environment_id,
                    people.c.id == events.c.visitor_id,
                ),
            )
        )
        .where(
            events.c.environment_id == environment_id,
            events.c.id > after,
            or_(events.c.actor_id == user_id, events.c.target_id == user_id),
        )
        .order_by(events.c.id)
        .limit(most)
    )
    return [dict(row) for row in found.mappings()]


def _rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    environment_id: bytes,
    user_id: bytes,
) -> Sequence[Record]:
    found = connection.execute(
        select(*(table.c[name] for name in columns)).where(
            table.c.environment_id == environment_id, _whose(table) == user_id
        )
    )
    return [dict(row) for row in found.mappings()]


def _whose(table: Table) -> ColumnElement[bytes]:
    return table.c.subject if table is attempts else table.c.user_id
