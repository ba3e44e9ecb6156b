"""People who hold permissions, by the flows: what their pages do, without the pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from tests.helpers.guests import Guest
from tests.helpers.house import House
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permissions
from twostep.flows.administration import MayNot
from twostep.flows.permissions import AsBefore, Done, LastHolder
from twostep.flows.sessions import Person


@dataclass
class Holder:
    """Somebody who has just signed in with a password."""

    house: House
    user: User
    guest: Guest
    person: Person = field(init=False)
    """As the flows know them, and as a page does that has been open for a while."""

    def __post_init__(self) -> None:
        self.person = self.guest.me()

    @property
    def held(self) -> frozenset[Permission]:
        """What they may do."""
        return permissions.held_by(self.house.installation, self.guest.where, self.user)

    def grants(self, to: User, permission: Permission) -> Done | AsBefore | MayNot:
        return permissions.grant_by(
            self.house.installation,
            self.person,
            to.id,
            permission,
            browser=self.guest.browser_in_session,
        )

    def revokes(self, of: User, permission: Permission) -> Done | AsBefore | LastHolder | MayNot:
        return permissions.revoke_by(
            self.house.installation,
            self.person,
            of.id,
            permission,
            browser=self.guest.browser_in_session,
        )


def holder(
    house: House,
    name: str,
    held: Collection[Permission] = (),
    *,
    environment: Environment | None = None,
) -> Holder:
    """A new user to whom the operator has given these, signed in."""
    place = environment or house.harbour
    user = house.add(name, place)
    permissions.grant_all(house.installation, place, user, held)
    guest = Guest(house, place)
    guest.sign_in(name)
    return Holder(house, user, guest)
