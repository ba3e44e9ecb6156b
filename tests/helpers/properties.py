"""**System Properties** as an administrator uses it over HTTP."""

from __future__ import annotations

import json

from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from twostep.core.environments import Environment
from twostep.flows.sessions import Person, who

PATH = "/admin/properties"


def administrator(
    house: House, name: str = "ann", environment: Environment | None = None
) -> Client:
    """A browser of a new administrator without a second step, signed in."""
    house.add(name, environment, administrator=True)
    client = house.client(environment)
    assert sign_in(client, name).location == "/"
    return client


def save(client: Client, page: Answer | None = None, /, **typed: str) -> Answer:
    """The form with what was typed into it, sent; and sent again where the page asked whether one
    has thought of who can be reached. A tick is taken away with ``""``.
    """
    form = (page or client.get(PATH)).form(PATH)
    fields = form.fields | typed
    answer = client.post(
        PATH, {name: text for name, text in fields.items() if not _is_gone(name, text)}
    )
    if "<h1>Before you save</h1>" in answer.text:
        return client.post(PATH, answer.form(PATH).fields)
    return answer


def _is_gone(name: str, text: str) -> bool:
    return text == "" and (name == "required_at_once_at" or name.startswith("allow_"))


def fields_of(page: Answer) -> dict[str, str]:
    """What stands in the form."""
    return page.form(PATH).fields


def seen_of(page: Answer) -> dict[str, list[object]]:
    """Which generation and text of each property the form was shown."""
    seen: dict[str, list[object]] = json.loads(fields_of(page)["seen"])
    return seen


def person_of(house: House, client: Client, environment: Environment | None = None) -> Person:
    """Who is signed in there, as the flows know them."""
    place = environment or house.harbour
    found = who(house.installation, place, client.cookies["__Host-sess"])
    assert isinstance(found, Person)
    return found
