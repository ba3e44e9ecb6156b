"""The tables, once, for SQLite and PostgreSQL.

Ids are 16 random bytes, times are integers in milliseconds. Every row that belongs to an
environment carries
the environment in its primary key, and what refers to a user does so by (environment, user): a row
of one
environment cannot point into another. What belongs to the installation carries sixteen zero bytes.

Nothing secret stands here in the clear: tokens as SHA-256, password hashes and authenticator keys
sealed by
the key ring (the column ``key_version`` names the key that sealed them).
"""

from __future__ import annotations

from twostep.storage.tables.arrivals import asked_resets, import_lines, imports
from twostep.storage.tables.audit_streams import audit_streams
from twostep.storage.tables.caller_checks import caller_checks
from twostep.storage.tables.columns import INSTALLATION_ID, metadata
from twostep.storage.tables.contacts import contacts
from twostep.storage.tables.delivery import delivery_routes, looks
from twostep.storage.tables.event_counts import event_counts
from twostep.storage.tables.messages import messages
from twostep.storage.tables.notices import notices
from twostep.storage.tables.records import TWO_STEP_KINDS, events, keys, people, seals, stubs
from twostep.storage.tables.sent_codes import sent_codes
from twostep.storage.tables.signing_in import (
    attempts,
    devices,
    lockouts,
    proofs,
    revocations,
    sessions,
    sign_ins,
)
from twostep.storage.tables.users import search_terms, users
from twostep.storage.tables.who import (
    addresses,
    authenticators,
    environments,
    grants,
    help_desk_codes,
    installation,
    links,
    passwords,
    properties,
    recovery_codes,
    spent_steps,
)

__all__ = [
    "INSTALLATION_ID",
    "TWO_STEP_KINDS",
    "addresses",
    "asked_resets",
    "attempts",
    "audit_streams",
    "authenticators",
    "caller_checks",
    "contacts",
    "delivery_routes",
    "devices",
    "environments",
    "event_counts",
    "events",
    "grants",
    "help_desk_codes",
    "import_lines",
    "imports",
    "installation",
    "keys",
    "links",
    "lockouts",
    "looks",
    "messages",
    "metadata",
    "notices",
    "passwords",
    "people",
    "proofs",
    "recovery_codes",
    "properties",
    "revocations",
    "seals",
    "search_terms",
    "sent_codes",
    "sessions",
    "sign_ins",
    "spent_steps",
    "stubs",
    "users",
]
