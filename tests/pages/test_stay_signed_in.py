"""*Stay signed in on this device*: the tick, the cookie, and what overrules it (CS-5)."""

from __future__ import annotations

import re

from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.properties import administrator
from twostep.core.properties import find
from twostep.flows import properties

PATH = "/security/stay"
OVERRULED = "asks everyone to sign in. Your choice is kept and has no effect now."


def lasts(answer: Answer) -> int | None:
    """For how many seconds the browser is to keep the session's cookie that this answer sets."""
    (line,) = [at for at in answer.all_headers("set-cookie") if at.startswith("__Host-sess=")]
    found = re.search(r"Max-Age=(\d+)", line)
    assert "Secure" in line
    assert "HttpOnly" in line
    assert "SameSite=lax" in line
    return None if found is None else int(found[1])


def choose(client: Client, *, stays: bool = True) -> Answer:
    fields = client.get("/security").form(PATH).fields
    ticked = {"stay": "1"} if stays else {}
    return client.post(PATH, {"csrf": fields["csrf"], **ticked})


def switch(house: House, value: str = "required") -> None:
    properties.set_floor(house.installation, find("two_step_verification"), value)


def test_by_default_the_cookie_goes_with_the_browser(house: House) -> None:
    house.add()
    client = house.client()
    assert lasts(sign_in(client)) is None
    assert "stay" not in client.get("/security").form(PATH).fields


def test_ticked_the_cookie_lasts_as_long_as_the_session_may(house: House) -> None:
    house.add()
    house.set(house.harbour, "session_hours", "2")
    client = house.client()
    sign_in(client)
    house.clock.forward(10 * MINUTE)
    saved = choose(client)
    assert saved.location == "/security?said=choice-saved"
    assert lasts(saved) == (2 * HOUR - 10 * MINUTE) // 1000
    page = client.follow(saved)
    assert "Your choice is saved." in page.text
    assert page.form(PATH).fields["stay"] == "1"
    assert "Every session ends after 2 hours." in page.text
    assert "Staying signed in was switched on or off" in page.text
    assert lasts(sign_in(house.client())) == 2 * HOUR // 1000
    assert lasts(choose(client, stays=False)) is None
    assert lasts(sign_in(house.client())) is None


def test_the_limits_of_all_sessions_hold_for_a_lasting_one(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    choose(client)
    house.clock.forward(HOUR)
    assert client.get("/").location == "/sign-in?said=session-ended"


def test_a_form_of_another_session_saves_nothing(house: House) -> None:
    house.add()
    client, other = house.client(), house.client()
    sign_in(client)
    sign_in(other)
    csrf = other.get("/security").form(PATH).fields["csrf"]
    assert client.post(PATH, {"csrf": csrf, "stay": "1"}).status == 403
    assert lasts(sign_in(house.client())) is None


def test_the_installations_switch_sends_everybody_through_the_sign_in_page(house: House) -> None:
    house.add()
    client, plain = house.client(), house.client()
    sign_in(client)
    sign_in(plain)
    choose(client)
    switch(house)
    for path in ("/", "/sign-in"):
        twin = client.twin()
        page = twin.follow(twin.get(path))
        assert "The installation asks everyone to sign in." in page.text, path
    assert plain.get("/").status == 200
    page = plain.get("/security")
    assert OVERRULED in page.text
    assert page.form(PATH).fields["stay"] == "1"
    assert lasts(choose(plain)) is None
    assert OVERRULED in plain.get("/security").text
    switch(house, "off")
    assert OVERRULED not in plain.get("/security").text
    assert lasts(sign_in(house.client())) == 12 * HOUR // 1000


def test_system_properties_say_that_the_operator_has_switched_it_on(house: House) -> None:
    client = administrator(house)
    said = "The operator has switched 2-Step Verification on for the whole installation"
    assert said not in client.get("/admin/properties").text
    switch(house)
    assert said in client.get("/admin/properties").text
