"""Nobody learns from the sign-in page who has an account, or what state it is in.

Eleven kinds of account answer one wrong sign-in each; what is compared is the whole answer, what
follows it, the hashes that were computed and the statements that were sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import select

from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.house import PASSWORD, House
from tests.helpers.http import Answer, Client
from tests.helpers.places import disable, suspect
from tests.helpers.statements import statements
from twostep.core.lockouts import Purpose
from twostep.crypto.identifiers import new_id
from twostep.storage import lockouts
from twostep.storage.database import Connection
from twostep.storage.lockouts import NewAttempt
from twostep.storage.tables import attempts, passwords

pytestmark = pytest.mark.sqlite_alone

WRONG = "herons waiting tall seven"

RANDOM = re.compile(r'nonce="[\w-]{22}"|value="[\w-]{44}"')
"""What is new in each page: the nonce of its scripts and the token of its form."""


def tried(house: House, user_id: bytes, purpose: Purpose, number: int) -> None:
    """So many wrong tries, an hour ago."""

    def act(connection: Connection) -> None:
        for _ in range(number):
            lockouts.add(
                connection,
                NewAttempt(
                    id=new_id(),
                    environment_id=house.harbour.id,
                    subject=user_id,
                    purpose=purpose,
                    state="failed",
                    browser_id=bytes(32),
                    network=bytes(8),
                    wider_network=bytes(8),
                    started_at=house.clock() - HOUR,
                ),
            )

    house.installation.database.write(act)


def without_a_password(house: House, name: str) -> None:
    user = house.add(name)
    house.installation.database.write(
        lambda connection: connection.execute(
            passwords.delete().where(passwords.c.user_id == user.id)
        )
    )


def paused(house: House, name: str) -> None:
    """Five wrong passwords begin a pause of half a minute."""
    for _ in range(5):
        send(house.client(), name, WRONG)


def paused_user(house: House, name: str) -> None:
    house.add(name)
    paused(house, name)


def suspected(house: House, name: str) -> None:
    suspect(house, house.add(name))


ACCOUNTS: Mapping[str, tuple[Callable[[House, str], object], str]] = {
    "nobody": (lambda house, name: None, PASSWORD),
    "wrong1": (lambda house, name: house.add(name), WRONG),
    "disabl": (lambda house, name: disable(house, house.add(name)), PASSWORD),
    "paused": (paused_user, PASSWORD),
    "ghostp": (paused, PASSWORD),
    "nopass": (without_a_password, PASSWORD),
    "stoppd": (
        lambda house, name: tried(house, house.add(name).id, Purpose.PASSWORD, 100),
        PASSWORD,
    ),
    "codes1": (
        lambda house, name: tried(house, house.add(name).id, Purpose.SECOND_STEP, 100),
        WRONG,
    ),
    "suspec": (suspected, WRONG),
    "admin1": (lambda house, name: house.add(name, administrator=True), WRONG),
    "elsewh": (lambda house, name: house.add(name, house.northside), PASSWORD),
}
"""By name: what makes the account, and the password that is sent. The names are of one length,
because the page gives the name back."""


@pytest.fixture
def accounts(house: House) -> House:
    for name, (make, _) in ACCOUNTS.items():
        make(house, name)
    return house


def send(client: Client, name: str, password: str) -> Answer:
    page = client.get("/sign-in")
    return client.submit(page, "/sign-in", user_name=name, password=password)


def told(answer: Answer, name: str) -> tuple[object, ...]:
    """The answer without what is new in every answer, and how long it was with it."""
    headers = [
        (key, re.sub(r"nonce-[\w-]{22}", "nonce", value))
        for key, value in answer.headers
        if key != "date"
    ]
    text = RANDOM.sub("random", answer.text).replace(f'value="{name}"', "the name")
    return answer.status, headers, len(answer.body), text


def test_ac_19_every_kind_of_account_is_refused_in_the_same_bytes(accounts: House) -> None:
    answers = {}
    for name, (_, password) in ACCOUNTS.items():
        client = accounts.client()
        answers[name] = told(send(client, name, password), name), sorted(client.cookies)
    assert answers["nobody"][0][0] == 403
    assert {name for name, seen in answers.items() if seen != answers["nobody"]} == set()
    # The accounts are what they are meant to be: the right password opens what it should.
    assert send(accounts.client(), "wrong1", PASSWORD).location == "/"
    assert send(accounts.client(), "suspec", PASSWORD).location == "/sign-in/new-password"
    assert send(accounts.client(), "codes1", PASSWORD).location == "/"
    assert send(accounts.client(accounts.northside), "elsewh", PASSWORD).status == 303
    accounts.clock.forward(MINUTE)
    assert send(accounts.client(), "paused", PASSWORD).location == "/"


def test_ac_20_nothing_before_the_password_tells_what_an_account_has(accounts: House) -> None:
    """Every page there is, for a browser that has just been refused."""
    pages = (
        *("/", "/sign-in", "/forgot-password", "/sign-in/code", "/sign-in/another-way"),
        *("/sign-in/set-up", "/sign-in/new-password", "/security", "/security/password"),
        "/security/two-step",
    )
    seen = {}
    for name, (_, password) in ACCOUNTS.items():
        client = accounts.client()
        send(client, name, password)
        seen[name] = [told(client.get(page), name) for page in pages]
    assert {name for name, found in seen.items() if found != seen["nobody"]} == set()


def test_ac_20_a_name_that_nobody_has_is_slowed_like_a_users(house: House) -> None:
    """The same answer to each of fourteen wrong passwords, at any moment of each pause."""
    house.add("wrong1")
    for _ in range(14):
        of_a_user, of_nobody = (
            told(send(house.client(), name, WRONG), name) for name in ("wrong1", "nobody")
        )
        assert of_a_user == of_nobody
        house.clock.forward(31 * MINUTE)
    tries: dict[bytes, list[str]] = {}
    for subject, state in house.installation.database.read(states_of_attempts):
        tries.setdefault(subject, []).append(state)
    one, other = tries.values()
    assert one == other


def states_of_attempts(connection: Connection) -> list[tuple[bytes, str]]:
    rows = connection.execute(
        select(attempts.c.subject, attempts.c.state).order_by(attempts.c.started_at)
    )
    return [(row.subject, row.state) for row in rows]


def test_ac_21_every_kind_of_account_costs_the_same_work(accounts: House) -> None:
    """One hash, and the same statements in the same order. Times are for bench/: a test of them
    proves what else the machine was doing."""
    send(accounts.client(), "warmup", WRONG)
    work = {}
    for name, (_, password) in ACCOUNTS.items():
        client = accounts.client()
        page = client.get("/sign-in")
        hashes = accounts.installation.hashing.performed
        with statements() as heard:
            client.submit(page, "/sign-in", user_name=name, password=password)
        work[name] = accounts.installation.hashing.performed - hashes, heard
    assert work["nobody"][0] == 1
    assert len(work["nobody"][1]) > 5
    assert {name for name, done in work.items() if done != work["nobody"]} == set()


def test_ac_21_the_fifth_wrong_password_costs_the_same_for_a_name_that_nobody_has(
    house: House,
) -> None:
    """It is the one that begins a pause, and writes one event more than the others."""
    house.add("wrong1")
    send(house.client(), "warmup", WRONG)
    work = {}
    for name in ("wrong1", "nobody"):
        for number in range(1, 8):
            page = (client := house.client()).get("/sign-in")
            hashes = house.installation.hashing.performed
            with statements() as heard:
                client.submit(page, "/sign-in", user_name=name, password=WRONG)
            work[name, number] = house.installation.hashing.performed - hashes, heard
    assert all(work["wrong1", number] == work["nobody", number] for number in range(1, 8))
    assert len(work["nobody", 5][1]) > len(work["nobody", 4][1])
    assert {done[0] for done in work.values()} == {1}
