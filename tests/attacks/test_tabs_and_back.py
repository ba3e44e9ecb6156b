"""R-36: a second tab, the back button, a form sent twice. What is over stays over, and a browser is
told where it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.house import SET_UP_DONE, House, set_up, sign_in
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import (
    a_name,
    at_code,
    at_password,
    at_password_change,
    at_sign_out,
    at_verify,
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def test_r_36_a_second_tab_is_told_where_the_first_one_is(one: House) -> None:
    """Two tabs of one browser share its cookies: the later one finds what the earlier one did."""
    place = at_password(one)
    first, second = place.client.get("/sign-in"), place.client.get("/sign-in")
    typed = dict(place.fields)
    assert place.client.submit(first, "/sign-in", **typed).location == "/security"
    assert place.client.submit(second, "/sign-in", **typed).location == "/security"
    assert place.client.get("/sign-in").location == "/"


def test_r_36_two_tabs_at_the_code_let_in_once(one: House) -> None:
    place = at_code(one)
    first, second = place.client.get("/sign-in/code"), place.client.get("/sign-in/code")
    assert place.client.submit(first, "/sign-in/code", **place.fields).location == "/"
    late = place.client.submit(second, "/sign-in/code", **place.fields)
    assert late.location == "/sign-in?said=start-again"
    assert place.client.follow(late).url.endswith("/")


def test_r_36_the_back_button_brings_nothing_back(one: House) -> None:
    """After signing in, signing out, setting up, cancelling: each page that was there before."""
    place = at_verify(one)
    client = place.client
    assert place.send().location == SET_UP_DONE
    key_page = client.get("/security/two-step")
    assert 'id="key"' not in key_page.text
    csrf = client.get("/").form().fields["csrf"]
    again = client.post("/security/two-step/verify", {"csrf": csrf} | dict(place.fields))
    assert again.location == "/security?said=nothing-changed"
    assert client.get("/sign-in").location == "/"
    client.submit(client.get("/"), "/sign-out")
    assert client.get("/security").location == ("/sign-in?going_to=/security&said=sign-in-first")
    late = client.post("/security/sessions/end", {"csrf": csrf, "session": "others"})
    assert late.location == "/sign-in?said=sign-in-first"


def test_r_36_a_cancelled_sign_in_is_over(one: House) -> None:
    place = at_code(one)
    page = place.client.get("/sign-in/code")
    cancelled = place.client.submit(page, "/sign-in/cancel")
    assert cancelled.location == "/sign-in?said=cancelled"
    late = place.client.submit(page, "/sign-in/code", **place.fields)
    assert late.location == "/sign-in?said=start-again"
    assert place.client.get("/sign-in/code").location == "/sign-in?said=start-again"
    assert place.client.get("/").status == 303


def test_a_set_up_key_that_was_replaced_cannot_be_confirmed(one: House) -> None:
    """R-34: asked for in one session, then in another: only the newest picture counts."""
    name = a_name()
    one.add(name)
    first, second = one.client(), one.client()
    sign_in(first, name)
    sign_in(second, name)
    page = first.follow(first.submit(first.get("/security"), "/security/two-step"))
    set_up(one, second)
    late = first.submit(page, "/security/two-step/verify", code="123456")
    assert late.status == 303
    assert first.get("/").status == 303


def test_signing_out_twice_is_signing_out(one: House) -> None:
    place = at_sign_out(one)
    csrf = place.csrf
    for _ in range(2):
        answer = place.client.post("/sign-out", {"csrf": csrf})
        assert answer.location == "/sign-in?said=signed-out"


def test_a_password_change_twice_over_is_one_change(one: House) -> None:
    place = at_password_change(one)
    csrf = place.csrf
    fields = {"csrf": csrf} | dict(place.fields)
    assert place.client.post(place.path, fields).location == "/security?said=password-saved"
    again = place.client.post(place.path, fields)
    assert again.status == 403
    assert place.client.get("/").status == 200
