"""AC-65, end to end: whoever can write to the database, but has no key, moves sealed passwords and
authenticators about. Neither of the two people gets in by it, nor does anybody else, and each is
told as after any wrong try; the operator's log says what it was.
"""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from sqlalchemy import Table, select, update

from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, Phone, enrolled, set_up, sign_in
from tests.helpers.http import Client
from tests.helpers.places import at_set_up, at_verify
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import users
from twostep.storage.database import Connection
from twostep.storage.tables import authenticators, passwords

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def with_password(house: House, name: str, password: str, *, northside: bool = False) -> User:
    made = users.add(
        house.installation,
        house.northside if northside else house.harbour,
        name=name,
        password=Secret(password),
    )
    assert isinstance(made, User)
    return made


def swap(house: House, table: Table, *columns: str) -> None:
    """What the two rows of the table have in these columns changes places."""

    def act(connection: Connection) -> None:
        first, second = connection.execute(select(table)).all()
        for row, other in ((first, second), (second, first)):
            put(connection, table, row, {name: getattr(other, name) for name in columns})

    house.installation.database.write(act)


def put(connection: Connection, table: Table, row: Any, values: dict[str, Any]) -> None:
    key = [column == getattr(row, column.name) for column in table.primary_key]
    connection.execute(update(table).where(*key).values(values))


@pytest.mark.parametrize("columns", [["sealed"], ["sealed", "key_version", "changed_at"]])
@pytest.mark.parametrize("northside", [False, True])
def test_ac_65_swapped_passwords_let_nobody_in(
    columns: list[str], northside: bool, house: House
) -> None:
    """Within an environment and across two; with what belongs to the box and without."""
    house.set(house.northside, "two_step_verification", "optional")
    with_password(house, "ann", PASSWORD)
    house.clock.forward(1)
    with_password(house, "bob", OTHER_PASSWORD, northside=northside)
    there = house.northside if northside else house.harbour
    assert sign_in(house.client(), "ann", PASSWORD).location == "/"
    assert sign_in(house.client(there), "bob", OTHER_PASSWORD).location == "/"
    swap(house, passwords, *columns)
    with structlog.testing.capture_logs() as logs:
        for name, environment in (("ann", house.harbour), ("bob", there)):
            for password in (PASSWORD, OTHER_PASSWORD):
                answer = sign_in(house.client(environment), name, password)
                assert (answer.status, answer.header("set-cookie")) == (403, None)
                assert "do not match" in answer.text
    assert "password_box_damaged" in {entry["event"] for entry in logs}
    swap(house, passwords, *columns)
    assert sign_in(house.client(), "ann", PASSWORD).location == "/"


def test_ac_65_an_old_password_under_the_new_ones_date_lets_nobody_in(house: House) -> None:
    with_password(house, "ann", PASSWORD)
    old = house.installation.database.read(
        lambda connection: connection.execute(select(passwords)).one()
    )
    client = house.client()
    sign_in(client, "ann", PASSWORD)
    house.clock.forward(1)
    page = client.get("/security/password")
    client.submit(
        page, "/security/password", current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"
    house.installation.database.write(
        lambda connection: put(connection, passwords, old, {"sealed": old.sealed})
    )
    for password in (PASSWORD, OTHER_PASSWORD):
        assert sign_in(house.client(), "ann", password).status == 403


def code(client: Client, typed: str) -> Any:
    return client.submit(client.get("/sign-in/code"), "/sign-in/code", code=typed)


def two_with_apps(house: House, *, northside: bool) -> tuple[Phone, Phone]:
    there = house.northside if northside else house.harbour
    return enrolled(house, "ann"), enrolled(house, "bob", there)


@pytest.mark.parametrize("northside", [False, True])
def test_ac_65_swapped_authenticators_let_nobody_in(northside: bool, house: House) -> None:
    """Neither with one's own code nor with the other's, and each try is counted."""
    phones = two_with_apps(house, northside=northside)
    there = house.northside if northside else house.harbour
    swap(house, authenticators, "sealed", "key_version")
    with structlog.testing.capture_logs() as logs:
        for name, environment in (("ann", house.harbour), ("bob", there)):
            client = house.client(environment)
            assert sign_in(client, name).location == "/sign-in/code"
            for left, phone in zip((4, 3), phones, strict=True):
                answer = code(client, phone.code())
                assert answer.status == 403
                assert "did not match" in answer.text
                assert str(left) in answer.text.split("did not match")[1][:80]
            assert "__Host-sess" not in client.cookies
    assert "authenticator_box_damaged" in {entry["event"] for entry in logs}
    assert "request_failed" not in {entry["event"] for entry in logs}
    swap(house, authenticators, "sealed", "key_version")
    house.clock.forward(MINUTE)
    client = house.client()
    sign_in(client, "ann")
    assert code(client, phones[0].code()).location == "/"


def test_ac_65_a_key_given_to_another_user_is_no_key_of_theirs(house: House) -> None:
    """The whole row moved: ann's authenticator, with its id, now says that it is bob's."""
    phone = enrolled(house, "ann")
    bob = house.add("bob")
    house.installation.database.write(
        lambda connection: connection.execute(update(authenticators).values(user_id=bob.id))
    )
    client = house.client()
    assert sign_in(client, "bob").location == "/sign-in/code"
    answer = code(client, phone.code())
    assert answer.status == 403
    assert client.get("/").status == 303


def test_ac_65_a_key_on_offer_that_was_changed_is_shown_to_nobody(house: House) -> None:
    """In a sign-in and in a session: back to the start, and a new one is made there."""
    for place, back in ((at_set_up(house), "/sign-in?"), (at_verify(house), "/security")):
        house.installation.database.write(
            lambda connection: connection.execute(update(authenticators).values(sealed=bytes(60)))
        )
        page = place.client.get(place.page or place.path)
        assert page.status == 303
        assert (page.location or "").startswith(back)
        csrf = place.client.get("/").form().fields["csrf"] if place.page else ""
        answer = place.client.post(place.path, {"csrf": csrf} | dict(place.fields))
        assert answer.status in {303, 403}
    client = house.client()
    house.add("cai")
    sign_in(client, "cai")
    set_up(house, client)
