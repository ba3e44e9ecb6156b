"""AC-03: a new token at each rise, and every old one is good for nothing."""

from __future__ import annotations

import pytest

from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, set_up, sign_in
from tests.helpers.http import Client
from twostep.web.cookies import PENDING, SESSION, VISITOR

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    # What pages answer is no matter of the database.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


class Remembering:
    """Somebody who reads along: every cookie that a browser ever had."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: list[dict[str, str]] = []

    def look(self) -> None:
        self.seen.append(dict(self.client.cookies))

    def all(self, name: str) -> list[str]:
        """The values of that cookie, each once, in order."""
        return list(dict.fromkeys(one[name] for one in self.seen if name in one))


def a_whole_life(house: House) -> Remembering:
    """Signed in, an app set up, a password changed, signed out, signed in with both steps."""
    house.add()
    client = house.client()
    by = Remembering(client)
    page = client.get("/sign-in")
    by.look()
    client.submit(page, "/sign-in", user_name="ann", password="not the password")
    by.look()
    sign_in(client)
    by.look()
    phone = set_up(house, client)
    by.look()
    client.submit(
        client.get("/security/password"),
        "/security/password",
        current_password=PASSWORD,
        new_password=OTHER_PASSWORD,
    )
    by.look()
    assert client.get("/").status == 200
    client.submit(client.get("/"), "/sign-out")
    by.look()
    house.clock.forward(60_000)
    sign_in(client, password=OTHER_PASSWORD)
    by.look()
    assert client.submit(client.get("/sign-in/code"), code=phone.code()).location == "/"
    by.look()
    return by


def test_ac_03_each_rise_gives_another_token_and_no_old_one_works(house: House) -> None:
    """AC-03: the cookies of a whole life, each tried again at its end."""
    by = a_whole_life(house)
    sessions = by.all(SESSION)
    assert len(sessions) == 4, "sign-in, set-up, new password, sign-in again"
    assert len(by.all(PENDING)) == 1
    assert len(by.all(VISITOR)) == 2
    for old in sessions[:-1]:
        thief = house.client()
        thief.cookies = {SESSION: old}
        assert thief.twin().get("/").status == 303
        assert thief.twin().get("/security").status == 303
    for earlier in by.seen[:-1]:
        thief = house.client()
        thief.cookies = dict(earlier)
        assert thief.twin().get("/").status == 303
        assert thief.twin().get("/sign-in/code").status == 303
        assert thief.twin().get("/sign-in/set-up").status == 303
    assert by.client.get("/").status == 200


def test_ac_03_a_form_of_an_old_session_changes_nothing_in_the_new_one(house: House) -> None:
    """AC-03: the form's own token belongs to the session that it was shown in."""
    house.add()
    client = house.client()
    sign_in(client)
    old = client.get("/security/password")
    set_up(house, client)
    answer = client.submit(
        old, "/security/password", current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert answer.status == 403
    assert sign_in(house.client(), password=OTHER_PASSWORD).status == 403


def test_ac_03_signing_out_ends_the_session_on_the_server(house: House) -> None:
    """AC-03: not only the browser forgets it."""
    house.add()
    client = house.client()
    sign_in(client)
    kept = dict(client.cookies)
    client.submit(client.get("/"), "/sign-out")
    thief = house.client()
    thief.cookies = kept
    assert thief.get("/").status == 303


def test_the_twenty_first_session_ends_the_oldest_and_the_log_says_so(house: House) -> None:
    """I-14, and ASVS 7.1.2: its event is looked for by the invariants."""
    house.add()
    clients = [house.client() for _ in range(21)]
    for client in clients:
        house.clock.forward(1)
        sign_in(client)
    assert [client.get("/").status for client in clients] == [303] + [200] * 20
