"""Passwords that were forgotten: asking for a link, reading it, choosing by it."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.helpers.house import OTHER_PASSWORD, House
from tests.helpers.http import Answer, Client
from tests.helpers.letters import letters
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.flows.password_resets import write_mails

FORGOT = "/forgot-password"


def ask(house: House, typed: str, environment: Environment | None = None) -> Answer:
    """Somebody types a name or an address; what they are answered."""
    client = house.client(environment)
    return client.submit(client.get(FORGOT), FORGOT, user_name=typed)


def answered(house: House) -> int:
    """The sender's thread has looked after it; how many links were mailed in all."""
    write_mails(house.installation, now=house.clock(), most=100)
    return len(links(house))


def links(house: House, kind: MessageKind = MessageKind.PASSWORD_RESET) -> list[str]:
    """The links that wait to be mailed, the oldest first."""
    return [str(letter.data["link"]) for letter in letters(house.installation, kind)]


def link_for(house: House, typed: str, environment: Environment | None = None) -> str:
    """The path of the link that this person is mailed."""
    before = answered(house)
    assert ask(house, typed, environment).status == 303
    assert answered(house) == before + 1
    return path_of(links(house)[-1])


def path_of(link: str) -> str:
    """The path of a link."""
    return urlsplit(link).path


def choose(client: Client, path: str, password: str = OTHER_PASSWORD) -> Answer:
    """Open a link and choose a password."""
    page = client.get(path)
    return client.submit(page, path, new_password=password) if page.status == 200 else page
