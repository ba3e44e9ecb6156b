"""Administrators at their pages: with an app, without a second step, with codes by message alone,
and whom they act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import allow, enter
from tests.helpers.house import PASSWORD, House, Phone, enrolled, sign_in
from tests.helpers.http import Answer, Client
from twostep.core.environments import Environment
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import permissions, users
from twostep.flows.notice_expansion import expand
from twostep.storage import contacts

REASON = {"reason": "lost_phone", "note": "ticket 4711"}


@dataclass
class Administrator:
    """Somebody signed in who holds permissions. ``phone`` is None where they have no app."""

    house: House
    name: str
    client: Client
    environment: Environment
    phone: Phone | None = None

    @property
    def user(self) -> User:
        """Themselves."""
        return user_of(self.house, self.name, self.environment)

    def proof(self) -> dict[str, str]:
        """What the fields of a dialog ask: a code that was not used before, or the password."""
        if self.phone is None:
            return {"password": PASSWORD}
        self.house.clock.forward(MINUTE)
        return {"code": self.phone.code()}

    def csrf(self) -> str:
        """The token of their forms now."""
        return self.client.get("/security").form(None).fields["csrf"]

    def get(self, target: User, word: str) -> Answer:
        """A dialog about that user."""
        return self.client.get(path_of(target, word))

    def send(self, target: User, word: str, **typed: str) -> Answer:
        """The dialog, sent by hand: no page of it needs to have been shown."""
        return self.client.post(path_of(target, word), {"csrf": self.csrf()} | typed)

    def remove(self, target: User, **typed: str) -> Answer:
        """**Remove 2-step Verification** with a fresh proof."""
        return self.send(target, "remove-two-step", **(REASON | self.proof() | typed))


def administrator(
    house: House,
    name: str = "morgan",
    environment: Environment | None = None,
    *,
    app: bool = True,
    held: Iterable[Permission] = ALL,
) -> Administrator:
    """Somebody who holds these permissions, signed in, with or without an app."""
    place = environment or house.harbour
    phone = enrolled(house, name, environment) if app else None
    if not app:
        house.add(name, environment)
    user = user_of(house, name, place)
    for permission in held:
        permissions.grant(house.installation, place, user, permission)
    client = house.client(place)
    answer = sign_in(client, name)
    if phone is not None:
        assert answer.location == "/sign-in/code", answer.location
        answer = client.submit(client.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert answer.location == "/", answer.location
    return Administrator(house, name, client, place, phone)


def with_codes_by_message(house: House, name: str = "morgan") -> Administrator:
    """An administrator of *harbour* to whom codes are sent, and who has no app."""
    allow(house, house.harbour)
    morgan = administrator(house, name, app=False)
    enter(house, morgan.user, f"{name}@northside.example")
    turn_codes_on(house, morgan.user)
    return morgan


def turn_codes_on(house: House, user: User) -> None:
    """As the user does in Security Settings."""
    now = house.clock()
    house.installation.database.write(
        lambda connection: contacts.want_codes(connection, user.environment_id, user.id, since=now)
    )


def user_of(house: House, name: str, environment: Environment | None = None) -> User:
    """The user of that name."""
    found = users.find(house.installation, environment or house.harbour, name)
    assert found is not None
    return found


def with_app(house: House, name: str = "ann", environment: Environment | None = None) -> User:
    """A user with an app, signed out."""
    enrolled(house, name, environment)
    return user_of(house, name, environment)


def path_of(target: User, word: str = "") -> str:
    """The page of a user, or a dialog about them."""
    return f"/admin/users/{target.id.hex()}" + (f"/{word}" if word else "")


def words_of(answer: Answer) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("&#39;", "'")


def write_notices(house: House) -> None:
    """Make messages of what users are to be told."""
    expand(house.installation, now=house.clock(), most=100)
