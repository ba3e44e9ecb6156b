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

from twostep.storage.tables.columns import INSTALLATION_ID, metadata
from twostep.storage.tables.contacts import contacts
from twostep.storage.tables.delivery import delivery_routes, looks
from twostep.storage.tables.messages import messages
from twostep.storage.tables.notices import notices
from twostep.storage.tables.records import events, keys, people, seals
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
from twostep.storage.tables.who import (
    addresses,
    authenticators,
    environments,
    grants,
    installation,
    links,
    passwords,
    properties,
    recovery_codes,
    spent_steps,
    users,
)

__all__ = [
    "INSTALLATION_ID",
    "addresses",
    "attempts",
    "authenticators",
    "contacts",
    "delivery_routes",
    "devices",
    "environments",
    "events",
    "grants",
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
    "sent_codes",
    "sessions",
    "sign_ins",
    "spent_steps",
    "users",
]
