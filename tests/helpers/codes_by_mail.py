"""People to whom codes are sent: an environment that allows it, and their addresses."""

from __future__ import annotations

from sqlalchemy import update

from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import last_code
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.storage.database import Connection
from twostep.storage.tables import contacts

SENT = "/sign-in/sent-code"
SEND = f"{SENT}/send"
ADDRESS, MASKED = "ann@northside.example", "a•••@northside.example"
GATEWAY = "2125552368@gateway.example"


def allow(house: House, environment: Environment, *names: str) -> None:
    """Allow these methods there: ``email``, ``text``."""
    for name in names or ("email",):
        house.set(environment, f"allow_{name}_codes", "yes")


def enter(
    house: House,
    user: User,
    address: str = ADDRESS,
    kind: ContactKind = ContactKind.EMAIL,
) -> None:
    """An administrator enters an address, which counts at once."""

    entered = set_for_user(house.installation, user, kind, address, language="en")
    assert isinstance(entered, EnteredForUser), entered


def somebody(house: House, name: str = "ann", address: str = ADDRESS) -> User:
    """A user of *northside* (Required), which allows codes by email, with an address."""
    allow(house, house.northside)
    user = house.add(name, house.northside)
    enter(house, user, address)
    return user


def ask(house: House, name: str = "ann", client: Client | None = None) -> tuple[Client, Answer]:
    """The password is right, and a code is sent; the page that takes it."""
    client = client or house.client(house.northside)
    answer = sign_in(client, name)
    assert (answer.location or "").startswith(SENT), answer.location
    return client, client.follow(answer)


def sent(house: House) -> str:
    """The newest code that was sent."""
    return last_code(house.installation, MessageKind.CODE)


def type_in(client: Client, page: Answer, code: str, **more: str) -> Answer:
    """Type a code on the page that takes it."""
    return client.submit(page, SENT, code=code, **more)


def get_in(house: House, name: str = "ann", **more: str) -> Client:
    """Sign in by the code that was sent."""
    client, page = ask(house, name)
    done = type_in(client, page, sent(house), **more)
    assert done.location == "/", done.text
    return client


def confirmed(house: House, user: User, address: str = ADDRESS) -> None:
    """The user's own address, confirmed."""
    enter(house, user, address)
    now = house.clock()

    def act(connection: Connection) -> None:
        connection.execute(
            update(contacts)
            .where(
                contacts.c.environment_id == user.environment_id,
                contacts.c.user_id == user.id,
                contacts.c.kind == ContactKind.EMAIL.value,
            )
            .values(confirmed_at=now)
        )

    house.installation.database.write(act)
