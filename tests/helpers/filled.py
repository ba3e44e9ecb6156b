"""A database with a row in each table that says that something is going on: a session, a sign-in,
an app."""

from __future__ import annotations

from sqlalchemy import insert

from tests.helpers.clocks import HOUR
from twostep.storage.database import Connection, Database
from twostep.storage.tables import (
    audit_streams,
    authenticators,
    caller_checks,
    contacts,
    delivery_routes,
    environments,
    event_counts,
    help_desk_codes,
    installation,
    links,
    looks,
    messages,
    notices,
    sent_codes,
    sessions,
    sign_ins,
    users,
)

ENVIRONMENT = b"environment....."
USER = b"user............"
GENERATIONS = {
    "installation_generation": 1,
    "password_generation": 1,
    "second_step_generation": 1,
}
APP = {30: b"app of 30 sec...", 60: b"app of 60 sec..."}
"""Ids of the two authenticators, by their period in seconds: one active, one on offer."""


def fill(database: Database, *, now: int) -> None:
    """Write the rows. The authenticators have used no step yet."""

    def unit(connection: Connection) -> None:
        of = {"environment_id": ENVIRONMENT, "user_id": USER}
        connection.execute(insert(installation).values(id=1, generation=1, made_at=now))
        connection.execute(
            insert(environments).values(
                id=ENVIRONMENT,
                name="A",
                name_key="a",
                made_at=now,
                remembering_generation=1,
                off_generation=1,
            )
        )
        connection.execute(
            insert(users).values(
                environment_id=ENVIRONMENT, id=USER, name="Ann", name_key="ann", made_at=now,
                password_generation=1, second_step_generation=1,
                two_step_paused_at=now, two_step_paused_until=now + HOUR,
            )
        )  # fmt: skip
        for period, state in ((30, "active"), (60, "offered")):
            connection.execute(
                insert(authenticators).values(
                    **of, id=APP[period], state=state, algorithm="SHA1", digits=6, sealed=b"",
                    period_seconds=period, key_version=1, last_step=0, made_at=now,
                    offer_ends_at=now + HOUR,
                )
            )  # fmt: skip
        connection.execute(
            insert(sign_ins).values(
                **of, **GENERATIONS, id=b"sign-in.........", state="pending", extensions=0,
                token_hash=b"h" * 32, browser_id=b"b" * 32, started_at=now, waits_until=now + HOUR,
                device_is_good=False, wants_remembering=False,
            )
        )  # fmt: skip
        connection.execute(
            insert(sessions).values(
                **of, **GENERATIONS, id=b"session.........", sign_in_id=b"sign-in.........",
                token_hash=b"t" * 32, level="2", reasons="[]", browser="", address="",
                started_at=now, last_used_at=now,
            )
        )  # fmt: skip
        connection.execute(
            insert(links).values(
                environment_id=ENVIRONMENT, id=b"link............", token_hash=b"l" * 32,
                purpose="welcome", made_at=now, ends_at=now + HOUR,
            )
        )  # fmt: skip
        connection.execute(
            insert(messages).values(
                **of, id=b"message.........", kind="code", priority=0, route="mail",
                sealed=b"sealed", key_version=1, masked="a•••@a.example", address_hash=b"h" * 32,
                state="queued", attempts=0, history="[]", made_at=now, due_at=now,
                expires_at=now + HOUR,
            )
        )  # fmt: skip
        connection.execute(
            insert(sent_codes).values(
                **of, id=b"sent code.......", sign_in_id=b"sign-in.........",
                purpose="sign_in", method="email_code", contact_id=b"contact.........",
                message_id=b"message.........", code_hash=b"c" * 32, key_version=1, state="live",
                length=6, tries=0, sent_before=0, made_at=now, expires_at=now + HOUR,
            )
        )  # fmt: skip
        connection.execute(
            insert(help_desk_codes).values(
                **of, id=b"help desk code..", purpose="today", code_hash=b"c" * 32, key_version=1,
                uses=1, used=0, reason="other", note="", made_at=now, ends_at=now + HOUR,
            )
        )  # fmt: skip
        connection.execute(
            insert(caller_checks).values(
                **of, id=b"caller check....", made_by=USER, contact_id=b"contact.........",
                message_id=b"message.........", code_hash=b"c" * 32, key_version=1, state="live",
                tries=0, made_at=now, expires_at=now + HOUR,
            )
        )  # fmt: skip
        connection.execute(
            insert(contacts).values(
                **of, id=b"contact.........", kind="email", state="waiting", entered_by="user",
                sealed=b"sealed", key_version=1, masked="a•••@a.example", address_hash=b"h" * 32,
                language="en", changed_at=now, code_hash=b"c" * 32, code_key_version=1,
                code_ends_at=now + HOUR, code_tries=0,
            )
        )  # fmt: skip

        connection.execute(
            insert(delivery_routes).values(
                environment_id=ENVIRONMENT, kind="mail", id=b"route...........",
                sealed=b"sealed", key_version=1, changed_at=now,
            )
        )  # fmt: skip
        connection.execute(
            insert(audit_streams).values(
                environment_id=ENVIRONMENT, id=b"stream..........", sealed=b"sealed",
                key_version=1, position=0, failures=0, due_at=now, changed_at=now,
            )
        )  # fmt: skip
        connection.execute(
            insert(looks).values(environment_id=ENVIRONMENT, sender="a@a.example", changed_at=now)
        )
        connection.execute(
            insert(event_counts).values(
                environment_id=ENVIRONMENT, day=now // 86_400_000, kind="sign_in:sign_in:completed",
                detail="2", number=1,
            )
        )  # fmt: skip
        connection.execute(
            insert(notices).values(
                **of, id=b"notice..........", kind="lockout", data="{}", made_at=now,
            )
        )  # fmt: skip

    database.write(unit)
