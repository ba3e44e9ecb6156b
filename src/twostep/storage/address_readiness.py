"""Who could be reached by sent codes, in SQL: listed in the order of names, and counted up to a
number.

Each list is one or several strands, and each strand is one stretch of an index that is in that
order already: a page of a million users reads no more rows than it shows, of each strand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, select

from twostep.core.address_readiness import Reach, Standing
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.messages import MessageState
from twostep.storage.database import Connection
from twostep.storage.reach import contact_of
from twostep.storage.tables import authenticators, contacts, recovery_codes, users


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Whom a list is of: of all that is named here any. Pairs are by email, by text; gateways are
    domains.
    """

    reaches: tuple[tuple[Reach, Reach], ...] = ()
    gateways: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One user of a list. ``name_key`` is where the next page begins."""

    user_id: bytes
    name: str
    name_key: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """What a user has. The addresses are masked, those that count first."""

    app: bool = False
    recovery_codes: int = 0
    addresses: tuple[tuple[ContactKind, ContactState, str], ...] = ()


def page(
    connection: Connection, environment_id: bytes, among: Among, *, after: str, most: int
) -> Sequence[Listed]:
    """At most so many users, in the order of their name keys, from the one after ``after`` on. Who
    is disabled is in no list.
    """
    found: dict[str, Listed] = {}
    for strand in _strands(among):
        rows = connection.execute(
            select(users)
            .where(_enabled(environment_id), strand, users.c.name_key > after)
            .order_by(users.c.name_key)
            .limit(most)
        )
        found |= {row.name_key: _listed(row) for row in rows}
    return [found[key] for key in islice(sorted(found), most)]


def count(
    connection: Connection, environment_id: bytes, among: Among, *, most: int
) -> tuple[int, int]:
    """How many users there are, and how many of them have an app. Of more than ``most`` nobody is
    counted beyond the next one. Strands of one kind have nobody in common.
    """
    people = with_app = 0
    for strand in _strands(among):
        some = (
            select(_has_app().label("app"))
            .where(_enabled(environment_id), strand)
            .limit(most + 1 - people)
            .subquery()
        )
        apps = func.coalesce(func.sum(case((some.c.app, 1), else_=0)), 0)
        row = connection.execute(select(func.count(), apps).select_from(some)).one()
        people, with_app = people + row[0], with_app + row[1]
        if people > most:
            break
    return people, with_app


def what_they_have(
    connection: Connection, environment_id: bytes, user_ids: Sequence[bytes]
) -> dict[bytes, Has]:
    """What each of these users has; those who have nothing are missing."""
    apps = connection.execute(
        select(authenticators.c.user_id).where(
            authenticators.c.environment_id == environment_id,
            authenticators.c.user_id.in_(user_ids),
            authenticators.c.state == "active",
        )
    ).scalars().all()  # fmt: skip
    codes = connection.execute(
        select(recovery_codes.c.user_id, func.count())
        .where(
            recovery_codes.c.environment_id == environment_id,
            recovery_codes.c.user_id.in_(user_ids),
            recovery_codes.c.used_at.is_(None),
        )
        .group_by(recovery_codes.c.user_id)
    ).all()
    addresses = connection.execute(
        select(contacts).where(
            contacts.c.environment_id == environment_id, contacts.c.user_id.in_(user_ids)
        )
    ).all()
    return _together(set(apps), {row[0]: row[1] for row in codes}, addresses)


def _together(
    apps: set[bytes], codes: dict[bytes, int], addresses: Sequence[Row[Any]]
) -> dict[bytes, Has]:
    order = list(ContactKind)
    of_user: dict[bytes, list[tuple[ContactKind, ContactState, str]]] = {}
    for row in addresses:
        contact = contact_of(row)
        of_user.setdefault(row.user_id, []).append((contact.kind, contact.state, row.masked))
    for found in of_user.values():
        found.sort(key=lambda each: (each[1] is ContactState.WAITING, order.index(each[0])))
    return {
        user_id: Has(
            app=user_id in apps,
            recovery_codes=codes.get(user_id, 0),
            addresses=tuple(of_user.get(user_id, ())),
        )
        for user_id in apps | set(codes) | set(of_user)
    }


def _strands(among: Among) -> list[ColumnElement[bool]]:
    return [
        *(
            and_(users.c.email_reach == email.value, users.c.text_reach == text.value)
            for email, text in among.reaches
        ),
        *(users.c.gateway == domain for domain in among.gateways),
        *([users.c.address_failed.is_not(None)] if among.failed else []),
    ]


def _enabled(environment_id: bytes) -> ColumnElement[bool]:
    return and_(users.c.environment_id == environment_id, users.c.disabled_at.is_(None))


def _has_app() -> ColumnElement[bool]:
    return exists(
        select(authenticators.c.id)
        .where(
            authenticators.c.environment_id == users.c.environment_id,
            authenticators.c.user_id == users.c.id,
            authenticators.c.state == "active",
        )
        .correlate(users)
    )


def _listed(row: Row[Any]) -> Listed:
    failed = row.address_failed
    return Listed(
        user_id=row.id,
        name=row.name,
        name_key=row.name_key,
        standing=Standing(
            email=Reach(row.email_reach),
            text=Reach(row.text_reach),
            gateway=row.gateway,
            failed=None if failed is None else MessageState(failed),
        ),
    )
