"""Who may do what in an environment, who gave it to them and when, for the pages that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from twostep.core.permissions import Permission, Reach, Rule, reach_to_grant, reach_to_revoke
from twostep.core.users import User
from twostep.flows.audit import names_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.storage import permissions, users
from twostep.storage.database import Connection
from twostep.storage.permissions import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A permission that somebody has. ``at`` is in milliseconds. ``by``: the name of whoever gave
    it, None for the operator, and for somebody whose name was erased (``by_operator`` says which).
    """

    permission: Permission
    by: str | None
    by_operator: bool
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who has a permission, and all that they have."""

    user_id: bytes
    name: str
    full_name: str
    disabled: bool
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfUser:
    """What one user may do, and what whoever looks could give them, or take from them, whether they
    have it or not.
    """

    user: User
    given: tuple[Given, ...]
    may_grant: frozenset[Permission]
    may_revoke: frozenset[Permission]
    oneself: bool

    @property
    def theirs(self) -> frozenset[Permission]:
        """What the user has."""
        return frozenset(given.permission for given in self.given)


def holders_of(installation: Installation, environment_id: bytes) -> tuple[Holder, ...]:
    """Everybody who has a permission, by name."""

    def look(connection: Connection) -> tuple[Holder, ...]:
        grants = permissions.all_of_them(connection, environment_id)
        names = _givers(connection, environment_id, grants)
        return tuple(
            _holder(list(theirs), names)
            for _, theirs in groupby(grants, key=lambda grant: grant.user_id)
        )

    return installation.database.read(look)


def of_user(installation: Installation, person: Person, target_id: bytes) -> OfUser | None:
    """What the user may do, as somebody sees it who is signed in; None where there is no such user
    in their environment.
    """
    environment_id = person.user.environment_id

    def look(connection: Connection) -> OfUser | None:
        user = users.by_id(connection, environment_id, target_id)
        if user is None:
            return None
        grants = permissions.grants_of(connection, environment_id, target_id)
        names = _givers(connection, environment_id, grants)
        held = permissions.of_user(connection, environment_id, person.user.id)
        theirs = frozenset(grant.permission for grant in grants)
        oneself = target_id == person.user.id

        def reached(rule: Rule) -> frozenset[Permission]:
            found = {each: rule(held, each, theirs, oneself=oneself) for each in Permission}
            return frozenset(each for each, reach in found.items() if reach is Reach.REACHES)

        return OfUser(
            user=user,
            given=_in_order(grants, names),
            may_grant=reached(reach_to_grant),
            may_revoke=reached(reach_to_revoke),
            oneself=oneself,
        )

    return installation.database.read(look)


def _holder(grants: Sequence[Grant], names: Mapping[bytes, str]) -> Holder:
    first = grants[0]
    return Holder(
        user_id=first.user_id,
        name=first.name,
        full_name=first.full_name,
        disabled=first.disabled,
        given=_in_order(grants, names),
    )


def _in_order(grants: Sequence[Grant], names: Mapping[bytes, str]) -> tuple[Given, ...]:
    """In the order of the catalogue."""
    by_permission = {grant.permission: grant for grant in grants}
    return tuple(_given(by_permission[each], names) for each in Permission if each in by_permission)


def _given(grant: Grant, names: Mapping[bytes, str]) -> Given:
    giver = grant.granted_by
    return Given(
        permission=grant.permission,
        by=None if giver is None else names.get(giver),
        by_operator=giver is None,
        at=grant.granted_at,
    )


def _givers(
    connection: Connection, environment_id: bytes, grants: Sequence[Grant]
) -> Mapping[bytes, str]:
    ids = {grant.granted_by for grant in grants if grant.granted_by is not None}
    return names_of(connection, environment_id, ids)
