"""The help desk: somebody with permissions, signed in, and the page of the user who calls."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import Answer, Client
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permissions


def desk(
    house: House,
    *held: Permission,
    name: str = "kim",
    environment: Environment | None = None,
) -> Client:
    """Somebody without a second step who holds these permissions and no others, signed in."""
    place = environment or house.harbour
    kim = house.add(name, place)
    give(house, kim, held, place)
    client = house.client(place)
    assert sign_in(client, name).location == "/"
    return client


def give(
    house: House, user: User, held: Iterable[Permission], place: Environment | None = None
) -> None:
    """The operator grants these."""
    for permission in held:
        permissions.grant(house.installation, place or house.harbour, user, permission)


def path_of(user: User | bytes, act: str = "") -> str:
    """The page of a user, or the dialog of an act on them."""
    id_ = user if isinstance(user, bytes) else user.id
    return f"/admin/users/{id_.hex()}" + (f"/{act}" if act else "")


def words_of(answer: Answer) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("&#39;", "'")


def section(answer: Answer, title: str) -> str:
    """The words of the part of the page under this heading."""
    found = re.search(
        rf'<section class="card" aria-labelledby="{title}-title">(.*?)</section>',
        answer.text,
        re.DOTALL,
    )
    assert found, title
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()).replace("&#39;", "'")


def offered(answer: Answer, user: User) -> list[str]:
    """The acts on this user to which the page leads, in order."""
    acts = re.findall(rf'href="{path_of(user)}/([a-z0-9/_-]+)"', answer.text)
    return list(dict.fromkeys(acts))


def do(client: Client, user: User | bytes, act: str, **typed: str) -> Answer:
    """Open a dialog and send it, with the password where it is asked."""
    path = path_of(user, act)
    page = client.get(path)
    assert page.status == 200, (page.status, page.text)
    form = page.form(path)
    proof = {"password": PASSWORD} if 'name="password"' in page.text else {}
    return client.post(path, form.fields | proof | typed)
