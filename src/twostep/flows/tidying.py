"""What a server does by itself now and then: it deletes what is over.

In small pieces, each a transaction of its own, so that nobody who signs in waits for it. Several
nodes may do it at once: what one has deleted the other does not find.
"""

from __future__ import annotations

from twostep.core.messages import NOTICES_LAST
from twostep.flows.installation import Installation
from twostep.storage import tidying, user_marks
from twostep.storage.tidying import Kind

DAY = 24 * 60 * 60 * 1000
KEPT = 31 * DAY
"""The longest time that a counter looks back, and a day (SECURITY §5.4: 50 codes in 30 days)."""

BATCH = 200
MOST_BATCHES = 50
"""For each kind of row. What is left over waits for the next time."""

AGES: tuple[tuple[Kind, int], ...] = (
    (tidying.ATTEMPTS, KEPT),
    (tidying.SESSIONS, KEPT),
    # After the sessions: a sign-in that one stands on is kept.
    (tidying.SIGN_INS, KEPT),
    (tidying.OFFERS, 0),
    (tidying.DEVICES, KEPT),
    (tidying.LINKS, KEPT),
    (tidying.MESSAGES, KEPT),
    (tidying.NOTICES, NOTICES_LAST),
    (tidying.ASKED_RESETS, DAY),
    (tidying.IMPORT_LINES, DAY),
    (tidying.CONTACTS, 2 * DAY),
    (tidying.SENT_CODES, 2 * DAY),
    (tidying.CALLER_CHECKS, 2 * DAY),
    (tidying.HELP_DESK_CODES, 30 * DAY),
    (tidying.REVOCATIONS, 2 * DAY),
)
"""What is deleted, and how long after it was over (milliseconds)."""


def tidy(installation: Installation) -> int:
    """Delete what is over; how many rows that were. Raises DatabaseAway and DatabaseBusy."""
    now = installation.clock()
    _forget_past_locks(installation, now=now)
    return sum(_all(installation, kind, before=now - kept) for kind, kept in AGES)


def _forget_past_locks(installation: Installation, *, now: int) -> None:
    """Whoever was locked, and has not come back since, is no longer noted as locked."""
    for _ in range(MOST_BATCHES):
        if not installation.database.write(
            lambda connection: user_marks.forget_past_locks(connection, now=now, most=BATCH)
        ):
            return


def _all(installation: Installation, kind: Kind, *, before: int) -> int:
    gone = 0
    for _ in range(MOST_BATCHES):
        found = installation.database.read(
            lambda connection: tidying.find(connection, kind, before=before, most=BATCH)
        )
        if not found:
            break
        gone += installation.database.write(
            lambda connection: tidying.delete_found(connection, kind, found, before=before)  # noqa: B023
        )
    return gone
