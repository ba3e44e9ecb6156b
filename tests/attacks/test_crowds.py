"""AC-68: many at once. Who comes too late is told so, and everybody else is served."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, enrolled, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name, at_welcome, signed_in
from tests.helpers.sealed_rows import everything_in
from twostep.core.audit import Visitor
from twostep.core.lockouts import Purpose
from twostep.core.sign_in import MOST_PENDING
from twostep.crypto import password_hashes
from twostep.crypto import passwords as hashing
from twostep.crypto.identifiers import new_id
from twostep.crypto.passwords import QUEUE, Busy
from twostep.flows.visitors import networks_of
from twostep.storage import lockouts
from twostep.storage.database import Connection
from twostep.storage.lockouts import NewAttempt
from twostep.storage.tables import attempts, sign_ins


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def test_ac_68_a_user_has_five_sign_ins_pending_and_the_oldest_gives_way(house: House) -> None:
    name = a_name()
    phone = enrolled(house, name)
    clients = []
    for _ in range(MOST_PENDING + 3):
        house.clock.forward(1)
        client = house.client()
        assert sign_in(client, name).location == "/sign-in/code"
        clients.append(client)
    assert MOST_PENDING == 5
    rows = house.installation.database.read(
        lambda connection: connection.execute(
            select(sign_ins.c.id).where(sign_ins.c.state == "pending")
        ).all()
    )
    assert len(rows) == MOST_PENDING
    assert [client.get("/sign-in/code").status for client in clients] == [303] * 3 + [200] * 5
    page = clients[3].get("/sign-in/code")
    assert clients[3].submit(page, "/sign-in/code", code=phone.code()).location == "/"


@contextmanager
def hashing_stands_still(house: House) -> Iterator[threading.Event]:
    """Both hashing threads are busy until the event is set."""
    go_on = threading.Event()
    begun = threading.Barrier(3)

    def hold() -> None:
        with house.installation.hashing.admit():
            house.installation.hashing.take_turn(wait, asked_at=None)

    def wait() -> None:
        begun.wait()
        go_on.wait()

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    begun.wait()
    try:
        yield go_on
    finally:
        go_on.set()
        for thread in threads:
            thread.join()


def test_ac_68_a_hundred_passwords_at_once_are_queued_or_sent_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 wait, the others are told when to come again at once, no try of theirs is used up, and
    whoever wants something else is answered meanwhile."""
    ready = [(client := house.client(), client.get("/sign-in")) for _ in range(100)]
    before = count_attempts(house)
    peak = at_once(monkeypatch)
    with ThreadPoolExecutor(100) as pool, hashing_stands_still(house) as go_on:
        posts = [pool.submit(post, *who, f"nobody{n}") for n, who in enumerate(ready)]
        away = []
        for done in as_completed(posts):
            away.append(done.result())
            if len(away) == 100 - QUEUE:
                break
        assert {answer.status for answer in away} == {503}
        assert all(int(answer.header("retry-after") or 0) > 0 for answer in away)
        for path, status in (("/healthz", 200), ("/sign-in", 200), ("/security", 303)):
            assert house.client().get(path).status == status
        go_on.set()
        answers = [done.result() for done in posts]
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {403, 503}
    assert statuses.count(503) >= 100 - QUEUE
    assert max(peak) <= 2
    tried = count_attempts(house)
    assert tried["failed"] - before.get("failed", 0) == statuses.count(403)
    assert tried.get("open", 0) == before.get("open", 0)
    name = a_name()
    house.add(name)
    assert sign_in(house.client(), name).location == "/"


def post(client: Client, page: Answer, name: str) -> Answer:
    return client.submit(page, "/sign-in", user_name=name, password=PASSWORD)


def at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many hashes run at the same time: each takes 19 MiB."""
    seen, running, lock = [0], [0], threading.Lock()
    plain = password_hashes.nothing_matches

    def counted(*arguments: object) -> bool:
        with lock:
            running[0] += 1
            seen.append(running[0])
        try:
            return plain(*arguments)  # type: ignore[arg-type]
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(hashing, "nothing_matches", counted)
    return seen


def count_attempts(house: House) -> dict[str, int]:
    states = house.installation.database.read(
        lambda connection: list(connection.execute(select(attempts.c.state)).scalars())
    )
    return {state: states.count(state) for state in set(states)}


def test_ac_68_a_block_of_addresses_that_only_guesses_is_told_to_wait(house: House) -> None:
    """SECURITY §5.4: from a thousand failures in ten minutes on, whatever the name, and for
    whatever other environment; live sessions go on."""
    name = a_name()
    client = signed_in(house, name)
    fail_a_thousand_times(house)
    for environment in (house.harbour, house.northside):
        answer = sign_in(house.client(environment), name)
        assert answer.status == 429
        assert int(answer.header("retry-after") or 0) > 0
    assert client.get("/").status == 200
    house.clock.forward(11 * 60_000)
    assert sign_in(house.client(), name).location == "/"


def fail_a_thousand_times(house: House) -> None:
    visitor = Visitor(address="127.0.0.1", browser="")
    networks = networks_of(house.installation.keys, visitor)

    def act(connection: Connection) -> None:
        for _ in range(1_000):
            lockouts.add(
                connection,
                NewAttempt(
                    id=new_id(),
                    environment_id=house.northside.id,
                    subject=new_id(),
                    purpose=Purpose.PASSWORD,
                    state="failed",
                    browser_id=bytes(32),
                    network=networks.block,
                    wider_network=networks.wider,
                    started_at=house.clock(),
                ),
            )

    house.installation.database.write(act)


def test_ac_68_a_full_queue_is_said_before_a_try_is_used_up(house: House) -> None:
    """Whatever form asks for a hash: changing a password, and the first administrator's too."""
    name = a_name()
    client = signed_in(house, name)
    page = client.get("/security/password")
    place = at_welcome(house)
    welcome = place.client.get(place.path)
    before = everything_in(house.installation.database)
    tickets = []
    while True:
        try:
            tickets.append(house.installation.hashing.admit())
        except Busy:
            break
    typed = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    answers = [
        client.submit(page, "/security/password", **typed),
        place.client.submit(welcome, place.path, **place.fields),
        sign_in(house.client(), name),
    ]
    for ticket in tickets:
        ticket.__exit__(None, None, None)
    assert [answer.status for answer in answers] == [503] * 3
    assert everything_in(house.installation.database) == before
    assert place.send().status == 303
    assert client.submit(page, "/security/password", **typed).status == 303
