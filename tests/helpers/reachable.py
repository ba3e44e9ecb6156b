"""People who can be reached, and people who cannot, as rows and by the flows."""

from __future__ import annotations

from functools import partial

from sqlalchemy import insert

from twostep.core.address_readiness import Reach
from twostep.storage.database import Connection, Database
from twostep.storage.tables import environments, users

HERE, ELSEWHERE = b"environment.....", b"environment.2..."
NOW = 1_767_225_600_000


def add_environments(database: Database) -> None:
    """Two."""

    def unit(connection: Connection) -> None:
        for environment, name in ((HERE, "a"), (ELSEWHERE, "b")):
            connection.execute(
                insert(environments).values(
                    id=environment, name=name, name_key=name, made_at=NOW,
                    remembering_generation=1, off_generation=1,
                )
            )  # fmt: skip

    database.write(unit)


def id_of(name: str) -> bytes:
    """The id that somebody of that name gets here."""
    return name.encode().ljust(16, b".")


def add_person(
    database: Database,
    name: str,
    email: Reach = Reach.NONE,
    text: Reach = Reach.NONE,
    *,
    gateway: str | None = None,
    failed: str | None = None,
    disabled: bool = False,
    environment: bytes = HERE,
) -> None:
    """Somebody, with what is noted of how they can be reached."""
    row = {
        "environment_id": environment, "id": id_of(name), "name": name.title(), "name_key": name,
        "password_generation": 1, "second_step_generation": 1, "made_at": NOW,
        "email_reach": email.value, "text_reach": text.value, "gateway": gateway,
        "address_failed": failed, "disabled_at": NOW if disabled else None,
    }  # fmt: skip
    database.write(lambda connection: connection.execute(insert(users).values(**row)).close())


def add_crowd(database: Database, number: int) -> None:
    """Many people with a confirmed email, in one statement each thousand."""

    def unit(connection: Connection, begin: int) -> None:
        connection.execute(
            insert(users),
            [
                {
                    "environment_id": HERE, "id": id_of(f"x{each}"), "name": f"x{each}",
                    "name_key": f"x{each}", "password_generation": 1,
                    "second_step_generation": 1, "made_at": NOW, "email_reach": "confirmed",
                    "text_reach": "none",
                }
                for each in range(begin, min(begin + 1_000, number))
            ],
        )  # fmt: skip

    for begin in range(0, number, 1_000):
        database.write(partial(unit, begin=begin))
