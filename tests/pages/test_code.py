"""The code page and the list of devices, for a browser that throws our cookie away."""

from __future__ import annotations

import re

from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, Phone, enrolled, sign_in
from tests.helpers.http import Client

CODE = "/sign-in/code"


def private_window(house: House, phone: Phone) -> Client:
    """A window without any cookie, in which somebody asks to be remembered, in vain."""
    house.clock.forward(10 * MINUTE)
    client = house.client()
    assert sign_in(client).location == CODE
    done = client.submit(client.get(CODE), CODE, code=phone.code(), remember="1")
    assert done.location == "/", done.text
    return client


def lines(client: Client) -> list[str]:
    """What **Devices** says, a text for each line."""
    page = client.get("/security").text
    section = page.partition('aria-labelledby="devices"')[2].partition("</section>")[0]
    found = re.findall(r'<li class="line">(.*?)</li>', section, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in found]


def test_a_browser_that_throws_our_cookie_away_is_told_so(house: House) -> None:
    phone = enrolled(house)
    said = []
    for _ in range(3):
        client = house.client()
        sign_in(client)
        said.append("did not keep our cookie" in client.get(CODE).text)
        client.submit(client.get(CODE), "/sign-in/cancel")
        private_window(house, phone)
    assert said == [False, False, True]
    spanish = house.client()
    sign_in(spanish)
    page = spanish.get(CODE, headers={"Accept-Language": "es"}).text
    assert "no conservó nuestra cookie" in page


def test_one_that_keeps_it_is_not(house: House) -> None:
    """Its remembering was ended, so it is asked; but it showed its cookie."""
    phone = enrolled(house)
    for _ in range(2):
        private_window(house, phone)
    client = private_window(house, phone)
    client.submit(client.get("/"), "/sign-out")
    house.set(house.harbour, "days_to_remember_device", "0")
    house.clock.forward(10 * MINUTE)
    house.set(house.harbour, "days_to_remember_device", "30")
    sign_in(client)
    page = client.get(CODE).text
    assert "did not keep our cookie" not in page
    assert "switched remembering off" in page


def test_many_sign_ins_of_a_private_window_share_one_line_of_the_list(house: House) -> None:
    """And are forgotten together, so that nothing of them is remembered any more."""
    phone = enrolled(house)
    for _ in range(5):
        private_window(house, phone)
    client = private_window(house, phone)
    found = lines(client)
    assert len(found) == 2, found
    assert "This device" in found[0]
    # Five windows, and the one in which the app was set up.
    assert "6 sign-ins in browsers like this one, each without our cookie" in found[1]
    assert "remembered until" in found[1]
    page = client.get("/security")
    form = next(f for f in page.forms() if f.action == "/security/devices/forget")
    assert form.fields["device"] != "others"
    answer = client.post(form.action, form.fields)
    assert answer.location == "/security?said=device-forgotten"
    assert len(lines(client)) == 1
