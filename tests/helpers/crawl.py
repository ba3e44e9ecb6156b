"""Everything that the pages can answer: each form at its place, each page, each error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.places import PLACES, a_name
from tests.helpers.serving import front_of
from twostep.app import routes


@contextmanager
def heard(patch: pytest.MonkeyPatch) -> Iterator[list[Answer]]:
    """Every answer that any browser of this process gets while the block runs."""
    answers: list[Answer] = []
    plain = Client.request

    def listening(client: Client, method: str, path: str, **more: object) -> Answer:
        answer = plain(client, method, path, **more)  # type: ignore[arg-type]
        answers.append(answer)
        return answer

    with patch.context() as patched:
        patched.setattr(Client, "request", listening)
        yield answers


def all_paths(house: House) -> set[str]:
    """The path of every route; a link's token and a file's name are made up."""
    site = front_of(house.installation)._site
    return {
        route.path.replace("{token}", "x" * 43).replace("{name}", "app.css")
        for route in routes(site)
    }


def crawl(house: House) -> None:
    """Ask for everything once."""
    for make in PLACES.values():
        place = make(house)
        # Of a dialog on a user, the page of that user as well.
        above = "/".join(place.path.split("/")[:4])
        for path in ("/", "/security", "/security/two-step", "/sign-in", above, place.path):
            place.client.twin().get(path)
        place.client.twin().get("/sign-in/another-way")
        good = {"csrf": place.csrf}
        place.client.post(place.path, {"csrf": "old"} | dict(place.fields))
        if place.fields:
            place.client.post(place.path, good)
        place.client.post(place.path, good | dict(place.fields))
        # And as by the back button.
        place.client.post(place.path, good | dict(place.fields))
    stranger = house.client()
    for path in sorted(all_paths(house)):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST", "TRACE"):
            stranger.request(method, path, headers={"Origin": stranger.origin})
            stranger.request(method, path)
    for name in ("app.css", "app.js", "mark.svg"):
        stranger.get(front_of(house.installation)._site.assets.url(name))
    crawl_errors(stranger)
    name = a_name()
    house.add(name)
    sign_in(stranger, name, "not the right password")


def crawl_errors(client: Client) -> None:
    """Requests that no page of ours sends."""
    for headers in (
        {"Host": "evil.example"},
        {"Host": "a b"},
        {"Cookie": "__Host-sess=a; __Host-sess=b"},
        {"Cookie": "a" * 17_000},
        {"Accept-Language": "tlh, de;q=0.5, *;q=0.1"},
    ):
        client.get("/sign-in", headers)
        client.get("/nowhere", headers)
    client.get("/nowhere")
    client.twin().get("/sign-in?language=es")
    client.get("/static/nothing.css")
    client.get("/logo/nothing.png")
    client.get("/colours/7a1f5c.css")
    client.get("/welcome/" + "y" * 43)
    client.post("/sign-in", [("csrf", "a"), ("csrf", "b")])
    client.post("/sign-in", {"user_name": "a" * 17_000})
    client.post("/sign-in", {}, {"Content-Type": "application/json"})
    client.post("/csp-reports", {})
