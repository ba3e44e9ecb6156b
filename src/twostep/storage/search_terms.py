"""By which words users are found, in SQL: written whenever a user is added, or called otherwise.

What the words are says ``core.search_terms``. With each stands the key of the user name, so that
what is found comes in the order of names and nobody has to sort a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from twostep.storage.database import Connection
from twostep.storage.tables import search_terms, users


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """A user and what finds them. ``name_key``: that of the user name."""

    user_id: bytes
    name_key: str
    terms: Collection[str]


def put(
    connection: Connection, environment_id: bytes, user_id: bytes, terms: Collection[str]
) -> None:
    """Let these terms find a user, and no others.

    The user's row is written already, with the user name that they have from now on.
    """
    connection.execute(
        delete(search_terms).where(
            search_terms.c.environment_id == environment_id, search_terms.c.user_id == user_id
        )
    )
    key = connection.execute(
        select(users.c.name_key).where(
            users.c.environment_id == environment_id, users.c.id == user_id
        )
    ).scalar_one()
    put_new(connection, environment_id, [Findable(user_id=user_id, name_key=key, terms=terms)])


def put_new(connection: Connection, environment_id: bytes, people: Sequence[Findable]) -> None:
    """The same for many users at once, of whom nothing is written yet."""
    rows = [
        {
            "environment_id": environment_id,
            "term": term,
            "name_key": who.name_key,
            "user_id": who.user_id,
        }
        for who in people
        for term in who.terms
    ]
    if rows:
        connection.execute(insert(search_terms), rows)
