"""Forms that no page of ours has sent: AC-39, AC-40, R-40 and the 72 cells of SECURITY §3.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest

from tests.helpers.house import PASSWORD, House
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import PLACES, WITH_A_FILE, a_name, at_configure, at_set_up, signed_in
from tests.helpers.sealed_rows import everything_in
from tests.helpers.serving import front_of
from twostep.app import routes
from twostep.web.origin import EXEMPT_PATHS
from twostep.web.site import Site

SITES = (None, "same-origin", "same-site", "cross-site", "none", "garbage")
ORIGINS = (None, "right", "null", "wrong")
TOKENS = ("right", "missing", "another browser's")
CELLS = list(product(SITES, ORIGINS, TOKENS))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def may_pass(site: str | None, origin: str | None) -> bool:
    """What the browser says of where the request comes from, before any token is looked at."""
    return site == "same-origin" if site is not None else origin == "right"


def sent_from(house: House, site: str | None, origin: str | None) -> Mapping[str, str]:
    """The two headers; "" leaves one out."""
    origins = {
        None: "",
        "right": str(house.harbour.primary),
        "null": "null",
        "wrong": "https://evil.example",
    }
    return {"Sec-Fetch-Site": site or "", "Origin": origins[origin]}


def test_there_are_72_cells() -> None:
    assert len(CELLS) == 72
    passing = [cell for cell in CELLS if may_pass(*cell[:2]) and cell[2] == "right"]
    assert len(passing) == 5


def test_ac_40_a_form_of_a_session_passes_in_five_of_72_cells(house: House) -> None:
    place, other = at_configure(house), at_configure(house)
    tokens = {"right": place.csrf, "missing": None, "another browser's": other.csrf}
    answers = {}
    for site, origin, token in CELLS:
        csrf = tokens[token]
        before = everything_in(house.installation.database)
        house.clock.forward(1)
        answer = place.client.post(
            place.path, {} if csrf is None else {"csrf": csrf}, sent_from(house, site, origin)
        )
        changed = everything_in(house.installation.database) != before
        answers[site, origin, token] = answer.status, changed
    expected = {
        cell: (303, True) if may_pass(*cell[:2]) and cell[2] == "right" else (403, False)
        for cell in CELLS
    }
    assert answers == expected


def test_ac_39_nobody_can_be_signed_in_as_somebody_else(house: House) -> None:
    """The same cells for the sign-in form: an attacker who knows a password of their own cannot
    make somebody's browser use it."""
    name = a_name()
    house.add(name)
    answers = {}
    for site, origin, token in CELLS:
        client, other = house.client(), house.client()
        ours, theirs = client.get("/sign-in").form().fields["csrf"], other.get("/sign-in")
        tokens = {"right": ours, "missing": "", "another browser's": theirs.form().fields["csrf"]}
        typed = {"user_name": name, "password": PASSWORD, "csrf": tokens[token]}
        answer = client.post("/sign-in", typed, sent_from(house, site, origin))
        answers[site, origin, token] = answer.status, "__Host-sess" in client.cookies
    expected = {
        cell: (303, True) if may_pass(*cell[:2]) and cell[2] == "right" else (403, False)
        for cell in CELLS
    }
    assert answers == expected


def test_each_address_that_takes_a_form_has_a_place_here(house: House) -> None:
    """So that what is asserted of every place is asserted of every route."""
    assert post_routes(house) == set(PLACES) | WITH_A_FILE | EXEMPT_PATHS


def post_routes(house: House) -> set[str]:
    front = front_of(house.installation)
    site: Site = front._site
    return {route.path for route in routes(site) if "POST" in (route.methods or ())}


@pytest.mark.parametrize("path", PLACES)
def test_ac_40_every_form_is_refused_from_elsewhere_and_without_its_token(
    path: str, house: House
) -> None:
    """And is still there afterwards: the same form, with its token, does what it is for."""
    place = PLACES[path](house)
    wrong = {
        "none": place.fields,
        "empty": {**place.fields, "csrf": ""},
        "another's": {**place.fields, "csrf": signed_in_token(house)},
        "cut": {**place.fields, "csrf": place.csrf[:-1]},
        "longer": {**place.fields, "csrf": place.csrf + "A"},
    }
    before = everything_in(house.installation.database)
    for what, fields in wrong.items():
        answer = place.client.post(place.path, fields)
        assert (what, answer.status) == (what, 403)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": ""},
    ):
        assert place.send(headers).status == 403
    assert everything_in(house.installation.database) == before
    assert place.send().status == place.done


_ANOTHER: list[str] = []


def signed_in_token(house: House) -> str:
    """A form's token of another browser, good for that one."""
    if not _ANOTHER:
        _ANOTHER.append(signed_in(house).get("/").form().fields["csrf"])
    return _ANOTHER[0]


def get_paths(house: House) -> list[str]:
    site: Site = front_of(house.installation)._site
    paths = {route.path for route in routes(site) if "GET" in (route.methods or ())}
    style = site.assets.url("app.css")
    return [*sorted(paths - {"/static/{name}", "/welcome/{token}"}), style]


NOTED_WHEN_READ = {
    *("/admin/readiness.csv", "/admin/users/export"),
    *("/admin/audit.csv", "/admin/audit.jsonl", "/admin/report.csv"),
}
"""Whoever takes a list of people away leaves an event, which is all that it changes."""


ONE_OF_ALIKE = "/admin/users/{id}/remove-two-step"


@pytest.mark.parametrize("path", PLACES)
def test_r_40_no_page_changes_anything_by_being_looked_at(path: str, house: House) -> None:
    """Every GET there is, in every state that a browser can be in, as a mail scanner, a preview or
    a prefetch would do it."""
    place = PLACES[path](house)
    paths = get_paths(house) + ([place.path] if path == "/welcome/{token}" else [])
    if path.startswith("/admin/") and path != ONE_OF_ALIKE:
        # An administrator before a form is in the same state before each: all pages are looked at
        # from one of them, and from the others the form itself.
        paths = [place.path, place.page or place.path]
    before = everything_in(house.installation.database)
    for each in paths:
        # The same function answers HEAD: asked where the form is.
        for method in ("GET", "HEAD") if each == place.path else ("GET",):
            answer = place.client.twin().request(method, f"{each}?said=cancelled&going_to=/")
            assert answer.status < 500
            after = everything_in(house.installation.database)
            if each in NOTED_WHEN_READ:
                before = {**before, **{table: after[table] for table in ("events", "people")}}
            assert after == before, (method, each)
    assert place.send().status == place.done


def test_r_40_a_page_that_is_looked_at_a_minute_later_only_writes_that_it_was(
    house: House,
) -> None:
    """The one exception: when a session was last used."""
    client = signed_in(house)
    before = everything_in(house.installation.database)
    house.clock.forward(60_000)
    client.get("/")
    after = everything_in(house.installation.database)
    assert {table for table in after if after[table] != before[table]} == {"sessions"}


def test_r_40_the_key_that_is_shown_is_the_same_at_every_look(house: House) -> None:
    place = at_set_up(house)
    pages = {place.client.get("/sign-in/set-up").text.split('id="key">')[1][:40] for _ in range(3)}
    assert len(pages) == 1
