"""The facts of a user for one decision, in two statements.

Every step of every sign-in reads them, some twice, so they are read together, and the statements
are made once: building one costs as much again as running it. ``flows.situations`` puts them into
the words of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ScalarSelect,
    and_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import Select

from twostep.core.devices import Changed
from twostep.core.lockouts import COUNTED, Purpose
from twostep.core.users import User
from twostep.storage.database import Connection
from twostep.storage.lockouts import Marks
from twostep.storage.tables import (
    attempts,
    authenticators,
    help_desk_codes,
    installation,
    lockouts,
    passwords,
    recovery_codes,
    users,
)
from twostep.storage.users import from_row

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFacts:
    """What is stored about a user that a decision needs, with the marks of each counter."""

    user: User
    installation_generation: int
    has_password: bool
    changed: Changed
    authenticator_id: bytes | None
    recovery_codes: int
    codes_wanted_at: int | None
    help_desk_until: int | None
    marks: dict[Purpose, Marks]


_environment: BindParameter[bytes] = bindparam("environment")
_user: BindParameter[bytes] = bindparam("user")


def _mark(column: Column[int], purpose: Purpose) -> Select[int]:
    return select(column).where(
        lockouts.c.environment_id == _environment,
        lockouts.c.subject == _user,
        lockouts.c.purpose == purpose.value,
    )


def _of_active(column: Column[T]) -> ScalarSelect[T]:
    return (
        select(column)
        .where(
            authenticators.c.environment_id == _environment,
            authenticators.c.user_id == _user,
            authenticators.c.state == "active",
        )
        .scalar_subquery()
    )


_FACTS = select(
    users,
    select(installation.c.generation).scalar_subquery().label("installation_generation"),
    select(passwords.c.changed_at)
    .where(passwords.c.environment_id == _environment, passwords.c.user_id == _user)
    .scalar_subquery()
    .label("password_changed_at"),
    _of_active(authenticators.c.id).label("authenticator_id"),
    _of_active(authenticators.c.confirmed_at).label("authenticator_confirmed_at"),
    select(func.count())
    .select_from(recovery_codes)
    .where(
        recovery_codes.c.environment_id == _environment,
        recovery_codes.c.user_id == _user,
        recovery_codes.c.used_at.is_(None),
    )
    .scalar_subquery()
    .label("recovery_codes"),
    # Whether there is any that could be open: hardly anybody has one, so its row is read apart.
    select(func.max(help_desk_codes.c.ends_at))
    .where(
        help_desk_codes.c.environment_id == _environment,
        help_desk_codes.c.user_id == _user,
        help_desk_codes.c.ended_at.is_(None),
    )
    .scalar_subquery()
    .label("help_desk_until"),
    *(
        _mark(lockouts.c[f"{what}_at"], purpose).scalar_subquery().label(f"{what}_{purpose}")
        for what in ("cleared", "succeeded")
        for purpose in Purpose
    ),
).where(users.c.environment_id == _environment, users.c.id == _user)


def _newest_counted(purpose: Purpose) -> Select[tuple[str, int]]:
    newest = (
        select(attempts.c.purpose, attempts.c.started_at)
        .where(
            and_(
                attempts.c.environment_id == _environment,
                attempts.c.subject == _user,
                attempts.c.purpose == purpose.value,
                attempts.c.state.in_(sorted(COUNTED)),
            )
        )
        .order_by(attempts.c.started_at.desc())
        .limit(bindparam(f"most_{purpose}"))
        .subquery()
    )
    return select(newest.c.purpose, newest.c.started_at)


_COUNTED = union_all(*(_newest_counted(purpose) for purpose in Purpose))


def facts_of(connection: Connection, environment_id: bytes, user_id: bytes) -> UserFacts | None:
    """The facts of that user, or None where there is none."""
    row = connection.execute(_FACTS, {"environment": environment_id, "user": user_id}).first()
    if row is None:
        return None
    return UserFacts(
        user=from_row(row),
        installation_generation=row.installation_generation,
        has_password=row.password_changed_at is not None,
        changed=Changed(
            password_at=row.password_changed_at, second_step_at=row.authenticator_confirmed_at
        ),
        authenticator_id=row.authenticator_id,
        recovery_codes=row.recovery_codes,
        codes_wanted_at=row.codes_wanted_at,
        help_desk_until=row.help_desk_until,
        marks={
            purpose: Marks(getattr(row, f"cleared_{purpose}"), getattr(row, f"succeeded_{purpose}"))
            for purpose in Purpose
        },
    )


def counted_of(
    connection: Connection, environment_id: bytes, user_id: bytes, *, most: dict[Purpose, int]
) -> dict[Purpose, Sequence[int]]:
    """When the attempts began that count against the user, newest first, so many at the most."""
    rows = connection.execute(
        _COUNTED,
        {
            "environment": environment_id,
            "user": user_id,
            **{f"most_{purpose}": number for purpose, number in most.items()},
        },
    ).all()
    return {
        purpose: sorted((row.started_at for row in rows if row.purpose == purpose), reverse=True)
        for purpose in Purpose
    }
