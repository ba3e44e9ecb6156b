"""The pages of permissions as people use them over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import Answer, Client
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permissions

PATH = "/admin/permissions"


def path_of(user: User) -> str:
    """The page of one user's permissions."""
    return f"/admin/users/{user.id.hex()}/permissions"


@dataclass
class Desk:
    """Somebody in front of a browser, signed in."""

    house: House
    user: User
    client: Client
    environment: Environment

    @property
    def csrf(self) -> str:
        """Good for every form of this session, whatever they may do."""
        return self.client.get("/").form("/sign-out").fields["csrf"]

    @property
    def held(self) -> frozenset[Permission]:
        return permissions.held_by(self.house.installation, self.environment, self.user)

    def send(self, act: str, to: User, permission: str, **more: str) -> Answer:
        """The form of a dialog, by hand; ``act`` is grant or revoke. The password goes along, in
        case that it is asked.
        """
        typed = {"csrf": self.csrf, "permission": permission, "password": PASSWORD} | more
        return self.client.post(f"{path_of(to)}/{act}", typed)

    def give(self, to: User, permission: Permission) -> Answer:
        return self.send("grant", to, permission.value)

    def take(self, of: User, permission: Permission) -> Answer:
        return self.send("revoke", of, permission.value)


def desk(
    house: House,
    name: str,
    held: Collection[Permission] = (),
    *,
    environment: Environment | None = None,
) -> Desk:
    """A new user to whom the operator has given these, signed in."""
    place = environment or house.harbour
    user = house.add(name, place)
    permissions.grant_all(house.installation, place, user, held)
    client = house.client(place)
    assert sign_in(client, name).location == "/"
    return Desk(house, user, client, place)
