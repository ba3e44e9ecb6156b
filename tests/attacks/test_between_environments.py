"""Two environments in one process and one database: nothing of the one is worth anything in the
other. AC-69, AC-70, AC-72.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_bytes

import pytest
from sqlalchemy import select

from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, set_up, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.owners import CONFIRM
from tests.helpers.places import (
    Place,
    at_code,
    at_confirm,
    at_confirm_by_recovery,
    at_devices,
    at_new_password,
    at_password,
    at_recovery,
    at_recovery_codes,
    at_set_up,
    at_turn_off,
    at_verify,
    at_welcome,
)
from tests.helpers.sealed_rows import everything_in
from twostep.core.properties import find
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows.passwords import hash_new_password, seal_password
from twostep.flows.properties import set_in_environment
from twostep.storage import passwords, users
from twostep.storage.database import Connection
from twostep.storage.tables import attempts, devices, sessions

pytestmark = pytest.mark.sqlite_alone

PAGES = (
    *("/", "/security", "/security/password", "/security/two-step", "/sign-in"),
    *("/sign-in/code", "/sign-in/another-way", "/sign-in/set-up", "/sign-in/new-password"),
)


@pytest.fixture
def house(house: House) -> House:
    """Both environments ask for the same: what differs is only which one it is."""
    set_in_environment(
        house.installation, house.northside, find("two_step_verification"), "optional"
    )
    return house


def at_required_set_up(house: House) -> Place:
    house.set(house.northside, "two_step_verification", "required")
    return at_set_up(house)


def elsewhere(house: House, client: Client) -> Client:
    """A browser at the other environment that brings this one's cookies."""
    at_harbour = client.origin == str(house.harbour.primary)
    other = house.client(house.northside if at_harbour else house.harbour)
    other.cookies = dict(client.cookies)
    return other


@pytest.mark.parametrize(
    "make",
    [
        at_password,
        at_code,
        at_recovery,
        at_required_set_up,
        at_new_password,
        at_verify,
        at_confirm,
        at_confirm_by_recovery,
        at_turn_off,
        at_recovery_codes,
        at_devices,
        at_welcome,
    ],
)
def test_ac_69_no_cookie_and_no_form_of_one_environment_counts_in_another(
    make: Callable[[House], Place], house: House
) -> None:
    """Every page and the form, with every cookie and the token, at the other address: the same
    answers as to a browser that made its cookies up, and nothing changes."""
    place = make(house)
    csrf = place.csrf
    stranger, forger = elsewhere(house, place.client), elsewhere(house, place.client)
    forger.cookies = {name: value[::-1] for name, value in stranger.cookies.items()}
    before = everything_in(house.installation.database)
    for path in PAGES:
        found, made_up = stranger.twin().get(path), forger.twin().get(path)
        assert what_it_says(found) == what_it_says(made_up), path
        assert found.status == (200 if path == "/sign-in" else 303)
    answer = stranger.post(place.path, {"csrf": csrf} | dict(place.fields))
    assert answer.status in {303, 403, 410}
    assert "__Host-sess" not in stranger.cookies or stranger.cookies == place.client.cookies
    assert everything_in(house.installation.database) == before
    # At home everything is as it was.
    assert place.send().status == place.done


def test_ac_69_a_fresh_proof_of_one_environment_is_none_in_another(house: House) -> None:
    """AC-69: the same person in both, in one browser each, with an app each."""
    user = house.add()
    the_same_person(house, user)
    here, there = house.client(), house.client(house.northside)
    sign_in(here)
    sign_in(there)
    phone, _ = set_up(house, here), set_up(house, there)
    house.clock.forward(6 * MINUTE)
    dialog, act = "/security/two-step", "/security/two-step/turn-off"
    page = here.follow(here.submit(here.get(dialog), act))
    assert here.submit(page, CONFIRM, code=phone.code()).location == dialog
    assert there.submit(there.get(dialog), act).location == f"{CONFIRM}?act=turn-off"
    mixed = elsewhere(house, here)
    csrf = here.get("/").form("/sign-out").fields["csrf"]
    assert (mixed.post(act, {"csrf": csrf}).location or "/sign-in").startswith("/sign-in")
    assert here.submit(here.get(dialog), act).location == "/security?said=turned-off"
    assert "Turn Off" in there.get(dialog).text


def what_it_says(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.location, len(answer.body)


def test_ac_70_no_id_of_a_session_but_ones_own_ends_anything(house: House) -> None:
    """The same answer for the session of another user, of another environment, of nobody, and for
    what is no id."""
    house.add("ann")
    house.add("bob")
    house.add("ann", house.northside)
    mine, victim, far = house.client(), house.client(), house.client(house.northside)
    sign_in(mine)
    sign_in(victim, "bob")
    sign_in(far)
    ids = session_ids(house)
    assert len(ids) == 3
    other_ids = [id_.hex() for id_ in ids]
    answers = set()
    before = everything_in(house.installation.database)
    for chosen in (*other_ids, token_bytes(16).hex(), "", "00", "zz", "é" * 32, "\x00", "Others"):
        csrf = mine.get("/security").form().fields["csrf"]
        answer = mine.post("/security/sessions/end", {"csrf": csrf, "session": chosen})
        answers.add((answer.status, answer.location))
    assert answers == {(303, "/security?said=no-other-session")}
    assert everything_in(house.installation.database) == before
    assert [c.get("/").status for c in (mine, victim, far)] == [200, 200, 200]


def test_ac_70_no_id_of_a_device_but_ones_own_forgets_anything(house: House) -> None:
    """AC-70, R-21: the same answer for the device of another user, of oneself in another
    environment, of nobody, for the current one, and for what is no id.
    """
    user = house.add("ann")
    the_same_person(house, user)
    house.add("bob")
    mine, victim, far = house.client(), house.client(), house.client(house.northside)
    sign_in(mine)
    sign_in(victim, "bob")
    sign_in(far)
    ids = [id_.hex() for id_ in device_ids(house)]
    assert len(ids) == 3
    csrf = mine.get("/security").form().fields["csrf"]
    before = everything_in(house.installation.database)
    answers = set()
    for chosen in (*ids, token_bytes(16).hex(), "", "00", "zz", "é" * 32, "\x00", "Others"):
        answer = mine.post("/security/devices/forget", {"csrf": csrf, "device": chosen})
        answers.add((answer.status, answer.location))
    assert answers == {(303, "/security?said=no-other-device")}
    assert everything_in(house.installation.database) == before
    mine.post("/security/devices/forget", {"csrf": csrf, "device": "others"})
    assert [c.get("/").status for c in (mine, victim, far)] == [200, 200, 200]


def device_ids(house: House) -> list[bytes]:
    return house.installation.database.read(
        lambda connection: list(connection.execute(select(devices.c.id)).scalars())
    )


def session_ids(house: House) -> list[bytes]:
    return house.installation.database.read(
        lambda connection: list(connection.execute(select(sessions.c.id)).scalars())
    )


def test_ac_70_a_link_of_another_environment_is_a_link_of_none(house: House) -> None:
    place = at_welcome(house)
    empty = at_welcome(house)
    unknown = f"/welcome/{'x' * 43}"
    for client in (empty.client, house.client(), house.client(house.northside)):
        found, made_up = client.twin().get(place.path), client.twin().get(unknown)
        assert what_it_says(found) == what_it_says(made_up)
        assert found.status == 410
        before = everything_in(house.installation.database)
        csrf = client.get("/sign-in").form().fields["csrf"]
        sent = client.post(place.path, {"csrf": csrf} | dict(place.fields))
        assert sent.status == 410
        assert everything_in(house.installation.database) == before
    assert place.send().location == "/sign-in?said=ready"


def test_ac_70_a_link_that_was_used_is_a_link_of_none(house: House) -> None:
    place = at_welcome(house)
    csrf = place.csrf
    assert place.send().status == 303
    again = place.client.post(place.path, {"csrf": csrf} | dict(place.fields))
    assert again.status == 410
    assert place.client.get(place.path).status == 410


def the_same_person(house: House, user: User) -> None:
    """A user of the other environment with the same name, the same id and the same password: a
    database brought over from elsewhere could hold one."""
    twin = replace(user, environment_id=house.northside.id)
    phc = hash_new_password(house.installation, Secret(PASSWORD))
    sealed = seal_password(
        house.installation, twin.environment_id, twin.id, phc, changed_at=house.clock()
    )

    def act(connection: Connection) -> None:
        users.add(connection, twin, key=twin.name)
        passwords.put(connection, twin.environment_id, twin.id, sealed)

    house.installation.database.write(act)


@pytest.mark.both_databases
def test_ac_72_users_of_one_name_and_one_id_share_nothing(house: House) -> None:
    """Counters, sessions, keys, passwords, pending sign-ins: what happens here does not happen
    there."""
    user = house.add()
    the_same_person(house, user)
    there = house.client(house.northside)
    assert sign_in(there).location == "/"

    here = house.client()
    sign_in(here)
    set_up(house, here)
    assert there.get("/").status == 200
    assert there.get("/security/two-step").location == "/security"
    assert sign_in(house.client(house.northside)).location == "/"

    page = here.get("/security/password")
    changed = here.submit(
        page, "/security/password", current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert changed.location == "/security?said=password-saved"
    assert there.get("/").status == 200
    assert sign_in(house.client(house.northside)).location == "/"

    for _ in range(6):
        sign_in(house.client(), password="wrong one altogether")
    assert sign_in(house.client(), password=OTHER_PASSWORD).status == 403
    assert sign_in(house.client(house.northside)).location == "/"

    csrf = here.get("/security").form().fields["csrf"]
    here.post("/security/sessions/end", {"csrf": csrf, "session": "others"})
    house.clock.forward(MINUTE)
    assert there.get("/").status == 200


def test_ac_72_codes_are_counted_in_their_own_environment(house: House) -> None:
    user = house.add()
    the_same_person(house, user)
    here, there = house.client(), house.client(house.northside)
    sign_in(here)
    sign_in(there)
    phone, other = set_up(house, here), set_up(house, there)
    assert phone.key != other.key
    house.clock.forward(MINUTE)
    for _ in range(5):
        client = house.client()
        sign_in(client)
        page = client.get("/sign-in/code")
        client.submit(page, "/sign-in/code", code=phone.wrong_code())
    locked = house.client()
    sign_in(locked)
    assert locked.get("/sign-in/code").status == 403
    free = house.client(house.northside)
    sign_in(free)
    page = free.get("/sign-in/code")
    assert page.status == 200
    # The code of the same moment, of the app that was set up here: nothing there.
    wrong = free.submit(page, "/sign-in/code", code=phone.code())
    assert wrong.status == 403
    assert free.submit(wrong, "/sign-in/code", code=other.code()).location == "/"


def test_ac_72_a_name_that_nobody_has_is_counted_in_its_own_environment(house: House) -> None:
    for _ in range(6):
        sign_in(house.client(), "nobody")
    sign_in(house.client(house.northside), "nobody")
    found = house.installation.database.read(
        lambda connection: connection.execute(
            select(attempts.c.environment_id, attempts.c.subject, attempts.c.state)
        ).all()
    )
    here = {row.subject for row in found if row.environment_id == house.harbour.id}
    there = {row.subject for row in found if row.environment_id == house.northside.id}
    assert len(here) == len(there) == 1
    assert here != there
    assert [row.state for row in found if row.environment_id == house.northside.id] == ["failed"]
    assert "refused" in [row.state for row in found if row.environment_id == house.harbour.id]


def test_ac_72_the_same_password_is_stored_in_no_two_ways_that_look_alike(house: House) -> None:
    user = house.add()
    the_same_person(house, user)
    rows = everything_in(house.installation.database)["passwords"]
    sealed = [part for row in rows for part in row if isinstance(part, bytes) and len(part) > 16]
    assert len(sealed) == 2
    assert sealed[0] != sealed[1]
