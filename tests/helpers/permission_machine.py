"""Any order of acts of people on each other, and the book of who may do what.

Each act is a raw request with a valid session and token, to any address of an administrator's page
that takes a form, with every field that any of them knows. The book says who holds what: it changes
by nothing but **Give** and **Take back** of somebody who holds the permission. Where the database
comes to say anything else, the machine stops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import NO_LIMITS, PASSWORD, House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.serving import assets, renderer
from twostep.app import routes
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permission_lists, permissions
from twostep.storage import users as stored_users
from twostep.web.site import Site

Held = dict[str, frozenset[Permission]]

BEGINNING: Held = {
    "kim": frozenset({Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP}),
    "lou": frozenset({Permission.MANAGE_USERS}),
    "max": frozenset({Permission.HELP_DESK_CODES, Permission.MESSAGES}),
    "ann": frozenset(),
    "bo": frozenset(),
}
NOBODYS = frozenset(Permission) - frozenset[Permission]().union(*BEGINNING.values())
"""What nobody holds at the beginning, so that nobody can ever come to hold it."""

people = st.sampled_from(sorted(BEGINNING))
actors = st.sampled_from([*BEGINNING, "kim", "kim", "kim", "lou"])
"""Weighed, so that most acts are of somebody who may do something."""
kinds = st.sampled_from(sorted(Permission))

FIELDS = {
    "password": PASSWORD,
    "current_password": PASSWORD,
    "new_password": PASSWORD,
    "permissions": "audit,system_properties",
    "administrator": "1",
    "two_step_verification": "off",
    "user_name": "newcomer",
    "full_name": "New Comer",
    "email": "newcomer@harbour.example",
    "reason": "lost_phone",
    "note": "",
    "purpose": "today",
    "minutes": "60",
    "uses": "1",
    "kind": "email",
    "code": "123456",
    "sure": "1",
}
"""What forms of administrators ask, and some things that none of them should listen to."""


@dataclass
class World:
    """One installation for all examples; an environment of its own for each. ``posts``: every
    address of theirs that takes a form.
    """

    house: House
    posts: list[str]
    environments: int = 0
    done: Counter[str] = field(default_factory=Counter)


@contextmanager
def a_world_of_permissions() -> Iterator[World]:
    """Without the pauses after wrong tries: they are not what is looked at here."""
    with (
        TemporaryDirectory() as folder,
        house_on_sqlite(Path(folder), limits=NO_LIMITS) as house,
    ):
        site = Site(house.installation, renderer=renderer(), assets=assets())
        found = [
            route.path
            for route in routes(site)
            if "POST" in (route.methods or ())
            and route.path.startswith("/admin/")
            and "/permissions/" not in route.path
        ]
        yield World(house, sorted(found))


def filled_in(route: str, user: User) -> str:
    """The address of that route, about that user."""
    return route.replace("{id}", user.id.hex()).replace("{kind}", "email")


class PermissionMachine(RuleBasedStateMachine):
    """One history. ``world`` is set by whoever runs it, on a subclass of their own."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.house = self.world.house
        self.book = dict(BEGINNING)

    @initialize()
    def begin(self) -> None:
        """People in an environment of their own, and what the operator has given them."""
        self.world.environments += 1
        number = self.world.environments
        self.place: Environment = self.house.environment(f"Place {number}", f"place{number}")
        self.users: dict[str, User] = {}
        self.clients: dict[str, Client] = {}
        for name, held in BEGINNING.items():
            self.users[name] = self.house.add(name, self.place)
            self.clients[name] = self.house.client(self.place)
            permissions.grant_all(self.house.installation, self.place, self.users[name], held)

    @rule(who=actors, whom=people, data=st.data())
    def gives(self, who: str, whom: str, data: st.DataObject) -> None:
        """**Give permission**."""
        if not self.is_in(who):
            return
        permission = self.one_of(who, data)
        may = permission in self.book[who] and who != whom
        answer = self.post(who, f"{self.path(whom)}/grant", permission=permission)
        if not may:
            assert answer.status == 403, (who, whom, permission)
            return
        assert answer.status == 303, (who, whom, permission)
        self.world.done["given" if permission not in self.book[whom] else "had"] += 1
        self.book[whom] |= {permission}

    @rule(who=actors, whom=people, data=st.data())
    def takes(self, who: str, whom: str, data: st.DataObject) -> None:
        """**Take permission back**, or **Give permission up**."""
        if not self.is_in(who):
            return
        permission = self.one_of(who, data)
        holds = permission in self.book[who]
        may = holds and (who == whom or self.book[whom] <= self.book[who])
        answer = self.post(who, f"{self.path(whom)}/revoke", permission=permission)
        if not may:
            assert answer.status == 403, (who, whom, permission)
            return
        assert answer.status == 303, (who, whom, permission)
        if who == whom and not self.others(who, permission):
            assert "said=permission-last" in (answer.location or "")
            self.world.done["last"] += 1
            return
        self.world.done["taken" if permission in self.book[whom] else "had not"] += 1
        self.book[whom] -= {permission}

    @rule(who=actors, whom=people, data=st.data())
    def does(self, who: str, whom: str, data: st.DataObject) -> None:
        """Any other form of an administrator's, with a valid session and token."""
        for route in data.draw(st.lists(st.sampled_from(self.world.posts), max_size=4)):
            if self.is_in(who):
                path = filled_in(route, self.users[whom])
                answer = self.post(who, path, permission=data.draw(kinds))
                self.world.done["did" if answer.status == 303 else "tried"] += 1

    @rule(minutes=st.sampled_from([1, 6]))
    def waits(self, minutes: int) -> None:
        """So that proofs are no longer fresh."""
        self.house.clock.forward(minutes * MINUTE)

    @invariant()
    def the_book_is_right(self) -> None:
        """I-17: what stands in the database is what the book says, and nothing has come from
        nowhere.
        """
        found = permission_lists.holders_of(self.house.installation, self.place.id)
        stored = {holder.user_id: {given.permission for given in holder.given} for holder in found}
        book = {self.users[name].id: held for name, held in self.book.items() if held}
        assert stored == book, "somebody holds what nobody gave them, or lost what nobody took"
        assert not frozenset[Permission]().union(*stored.values()) & NOBODYS

    @invariant()
    def somebody_can_manage_users(self) -> None:
        """I-16."""
        assert any(
            Permission.MANAGE_USERS in held and not self.is_disabled(name)
            for name, held in self.book.items()
        )

    def one_of(self, who: str, data: st.DataObject) -> Permission:
        """Mostly one that they hold."""
        weighed = [*Permission, *sorted(self.book[who]) * 4]
        found: Permission = data.draw(st.sampled_from(weighed))
        return found

    def others(self, who: str, permission: Permission) -> bool:
        """Whether somebody else could use it."""
        return any(
            permission in held and name != who and not self.is_disabled(name)
            for name, held in self.book.items()
        )

    def is_disabled(self, name: str) -> bool:
        return self.user(name).disabled_at is not None

    def user(self, name: str) -> User:
        """As they are now; somebody may have given them another name."""
        place, id_ = self.place.id, self.users[name].id
        found = self.house.installation.database.read(lambda c: stored_users.by_id(c, place, id_))
        assert found is not None
        return found

    def is_in(self, who: str) -> bool:
        """Whether they are signed in, if need be anew."""
        client = self.clients[who]
        if client.get("/").status == 200:
            return True
        self.house.clock.forward(SECOND)
        sign_in(client, self.user(who).name)
        return client.get("/").status == 200

    def path(self, whom: str) -> str:
        return f"/admin/users/{self.users[whom].id.hex()}/permissions"

    def post(self, who: str, path: str, **more: str) -> Answer:
        client = self.clients[who]
        csrf = client.get("/").form("/sign-out").fields["csrf"]
        return client.post(path, FIELDS | {"csrf": csrf} | more)


def machine_of(made: World) -> type[PermissionMachine]:
    """Machines of that world."""

    class Machine(PermissionMachine):
        world = made

    return Machine
