"""Addresses in SQL: one that counts, one that waits, and a code that is used up once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import insert

from tests.helpers.at_once import at_once
from twostep.core.contacts import CODE_TRIES, Contact, ContactKind, EnteredBy
from twostep.storage import contacts
from twostep.storage.contacts import COUNTING, WAITING, Code, StoredContact
from twostep.storage.database import Connection, Database
from twostep.storage.tables import environments, users

HERE, ELSEWHERE = b"environment.....", b"environment.2..."
ANN, BO = b"ann.............", b"bo.............."
OLD, NEW, OTHER = b"old.............", b"new.............", b"other..........."
NOW = 1_767_225_600_000


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    """Ann and Bo, each in two environments."""

    def unit(connection: Connection) -> None:
        for environment, name in ((HERE, "a"), (ELSEWHERE, "b")):
            connection.execute(
                insert(environments).values(
                    id=environment, name=name, name_key=name, made_at=NOW,
                    remembering_generation=1, off_generation=1,
                )
            )  # fmt: skip
            for id_, user in ((ANN, "ann"), (BO, "bo")):
                connection.execute(
                    insert(users).values(
                        environment_id=environment, id=id_, name=user, name_key=user,
                        password_generation=1, second_step_generation=1, made_at=NOW,
                    )
                )  # fmt: skip

    database.write(unit)


def address(
    id_: bytes, *, counts: bool, user: bytes = ANN, environment: bytes = HERE
) -> StoredContact:
    return StoredContact(
        environment_id=environment,
        contact=Contact(
            id=id_,
            user_id=user,
            kind=ContactKind.EMAIL,
            entered_by=EnteredBy.USER,
            confirmed_at=NOW if counts else None,
            changed_at=NOW,
        ),
        sealed=b"sealed",
        key_version=1,
        masked="a•••@a.example",
        address_hash=b"h" * 32,
        language="es",
        code=None if counts else Code(hashed=b"c" * 32, key_version=1, ends_at=NOW + 10),
    )


def put(database: Database, *new: StoredContact) -> None:
    for each in new:
        database.write(partial(contacts.put, new=each))


def of(database: Database, user: bytes = ANN, environment: bytes = HERE) -> set[StoredContact]:
    return set(database.read(lambda c: contacts.of_user(c, environment, user)))


def test_an_address_comes_back_as_it_was_put(database: Database) -> None:
    counts, waits = address(OLD, counts=True), address(NEW, counts=False)
    put(database, counts, waits)
    assert of(database) == {counts, waits}
    assert of(database, BO) == of(database, environment=ELSEWHERE) == set()


def test_one_that_waits_takes_the_place_of_one_that_waits_alone(database: Database) -> None:
    put(database, address(OLD, counts=True), address(NEW, counts=False))
    put(database, address(OTHER, counts=False))
    assert {each.contact.id for each in of(database)} == {OLD, OTHER}


def test_one_that_counts_takes_the_place_of_both(database: Database) -> None:
    put(database, address(OLD, counts=True), address(NEW, counts=False))
    put(database, address(b"bos", counts=False, user=BO), address(OTHER, counts=True))
    assert {each.contact.id for each in of(database)} == {OTHER}
    assert {each.contact.id for each in of(database, BO)} == {b"bos"}


def test_a_code_takes_five_tries_until_its_end_and_of_its_own_user_alone(
    database: Database,
) -> None:
    put(database, address(NEW, counts=False))

    def tried(*place: bytes, now: int = NOW) -> Code | None:
        return database.write(lambda c: contacts.reserve_try(c, *place, now=now))

    assert tried(HERE, BO, NEW) is None
    assert tried(ELSEWHERE, ANN, NEW) is None
    assert tried(HERE, ANN, OLD) is None
    assert tried(HERE, ANN, NEW, now=NOW + 10) is None
    for count in range(1, CODE_TRIES + 1):
        reserved = tried(HERE, ANN, NEW)
        assert reserved is not None
        assert (reserved.hashed, reserved.tries) == (b"c" * 32, count)
    assert tried(HERE, ANN, NEW) is None


def test_of_many_tries_at_once_five_are_taken(database: Database) -> None:
    put(database, address(NEW, counts=False))

    def attempt() -> bool:
        return (
            database.write(lambda c: contacts.reserve_try(c, HERE, ANN, NEW, now=NOW)) is not None
        )

    assert sum(at_once([attempt] * 12)) == CODE_TRIES


def test_an_address_is_confirmed_once_and_the_old_one_is_gone(database: Database) -> None:
    waits = address(NEW, counts=False)
    put(database, address(OLD, counts=True), waits)

    def confirm(user: bytes = ANN) -> bool:
        return database.write(lambda c: contacts.confirm(c, HERE, user, waits.contact, now=NOW + 5))

    assert not confirm(BO)
    assert sum(at_once([confirm] * 4)) == 1
    (now_counts,) = of(database)
    confirmed = replace(waits.contact, confirmed_at=NOW + 5, changed_at=NOW + 5)
    assert now_counts == replace(waits, contact=confirmed, code=None)


def test_what_counts_and_what_waits_are_removed_each_by_itself(database: Database) -> None:
    put(database, address(OLD, counts=True), address(NEW, counts=False))

    def remove(state: str, user: bytes = ANN) -> bytes | None:
        return database.write(
            lambda c: contacts.remove(c, HERE, user, ContactKind.EMAIL, state=state)
        )

    assert remove(COUNTING, BO) is None
    assert remove(WAITING) == NEW
    assert {each.contact.id for each in of(database)} == {OLD}
    assert remove(COUNTING) == OLD
    assert remove(COUNTING) is None


def test_a_restored_backup_has_no_code_that_confirms(database: Database) -> None:
    put(database, address(NEW, counts=False))
    database.write(contacts.end_codes)
    assert not database.write(
        lambda c: contacts.confirm(c, HERE, ANN, address(NEW, counts=False).contact, now=NOW)
    )
    assert [each.code for each in of(database)] == [None]


def test_a_user_turns_codes_on_and_off(database: Database) -> None:
    def since(user: bytes = ANN) -> int | None:
        return database.read(lambda c: contacts.codes_wanted_at(c, HERE, user))

    assert since() is None
    database.write(lambda c: contacts.want_codes(c, HERE, ANN, since=NOW))
    assert (since(), since(BO)) == (NOW, None)
    database.write(lambda c: contacts.want_codes(c, HERE, ANN, since=None))
    assert since() is None
