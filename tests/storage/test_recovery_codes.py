"""Recovery codes in SQL: whole sets, and each code spent once, whoever else does what meanwhile."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import insert, select, update

from tests.helpers.at_once import at_once
from twostep.storage import recovery_codes
from twostep.storage.database import Connection, Database
from twostep.storage.recovery_codes import CodeSet
from twostep.storage.tables import environments, users
from twostep.storage.tables import recovery_codes as table

HERE, ELSEWHERE = b"environment.....", b"environment.2..."
ANN, BO = b"ann.............", b"bo.............."
NOW = 1_767_225_600_000
FIRST = [f"first {slot}" for slot in range(1, 11)]
SECOND = [f"second {slot}" for slot in range(1, 11)]


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    """Ann and Bo, each in two environments."""

    def unit(connection: Connection) -> None:
        for environment, name in ((HERE, "a"), (ELSEWHERE, "b")):
            numbers = {"remembering_generation": 1, "off_generation": 1}
            connection.execute(
                insert(environments).values(
                    id=environment, name=name, name_key=name, made_at=NOW, **numbers
                )
            )
            for id_, user in ((ANN, "ann"), (BO, "bo")):
                connection.execute(
                    insert(users).values(
                        environment_id=environment,
                        id=id_,
                        name=user,
                        name_key=user,
                        password_generation=1,
                        second_step_generation=1,
                        made_at=NOW,
                    )
                )

    database.write(unit)


def put(
    database: Database,
    hashed: list[str],
    *,
    replaces: int | None = None,
    now: int = NOW,
    user: bytes = ANN,
    environment: bytes = HERE,
) -> bool:
    return database.write(
        lambda connection: recovery_codes.put_set(
            connection, environment, user, hashed=hashed, replaces=replaces, now=now
        )
    )


def use_up(
    database: Database,
    slot: int = 3,
    compared: str = "first 3",
    *,
    user: bytes = ANN,
    environment: bytes = HERE,
) -> bool:
    return database.write(
        lambda connection: recovery_codes.use_up(
            connection, environment, user, slot=slot, compared=compared, now=NOW + 5
        )
    )


def set_of(database: Database, user: bytes = ANN, environment: bytes = HERE) -> CodeSet | None:
    return database.read(lambda connection: recovery_codes.set_of(connection, environment, user))


def hashes(database: Database) -> list[str]:
    return database.read(
        lambda connection: list(
            connection.execute(
                select(table.c.hashed)
                .where(table.c.environment_id == HERE, table.c.user_id == ANN)
                .order_by(table.c.slot)
            ).scalars()
        )
    )


def test_a_set_is_one_person_s_in_one_environment(database: Database) -> None:
    assert set_of(database) is None
    assert put(database, FIRST)
    assert set_of(database) == CodeSet(made_at=NOW, left=10)
    assert set_of(database, BO) is None
    assert set_of(database, environment=ELSEWHERE) is None
    assert put(database, SECOND, environment=ELSEWHERE)
    assert hashes(database) == FIRST


def test_a_new_set_takes_the_place_of_the_one_that_it_was_to_replace(database: Database) -> None:
    put(database, FIRST)
    use_up(database)
    assert put(database, SECOND, replaces=NOW, now=NOW + 9)
    assert hashes(database) == SECOND
    assert set_of(database) == CodeSet(made_at=NOW + 9, left=10)


@pytest.mark.parametrize("replaces", [None, NOW - 1, NOW + 9])
def test_a_set_that_was_not_to_be_replaced_stays(database: Database, replaces: int | None) -> None:
    """A form that is sent twice, or late, makes nothing void."""
    put(database, FIRST)
    use_up(database)
    assert not put(database, SECOND, replaces=replaces, now=NOW + 9)
    assert hashes(database) == FIRST
    assert set_of(database) == CodeSet(made_at=NOW, left=9)


@pytest.mark.parametrize("replaces", [None, NOW])
def test_of_many_who_make_codes_at_once_one_does_and_its_set_is_whole(
    database: Database, replaces: int | None
) -> None:
    if replaces is not None:
        put(database, FIRST)
    sets = [[f"{number} in {slot}" for slot in range(1, 11)] for number in range(20)]
    done = at_once([partial(put, database, made, replaces=replaces, now=NOW + 1) for made in sets])
    assert sum(done) == 1
    assert hashes(database) == sets[done.index(True)]


def test_a_set_that_was_tampered_with_is_not_half_replaced(database: Database) -> None:
    put(database, FIRST)
    database.write(
        lambda connection: connection.execute(
            update(table).where(table.c.slot == 7).values(made_at=1)
        )
    )
    with pytest.raises(RuntimeError, match="not all of one set"):
        put(database, SECOND, replaces=NOW)
    assert hashes(database) == FIRST


def test_a_slot_tells_what_it_holds_used_or_not(database: Database) -> None:
    def slot(number: int, user: bytes = ANN) -> tuple[str, int | None] | None:
        found = database.read(
            lambda connection: recovery_codes.in_slot(connection, HERE, user, slot=number)
        )
        return None if found is None else (found.hashed, found.used_at)

    assert slot(3) is None
    put(database, FIRST)
    use_up(database)
    assert slot(3) == ("first 3", NOW + 5)
    assert slot(4) == ("first 4", None)
    assert slot(11) is None
    assert slot(3, BO) is None


def test_ac_10_a_code_is_spent_once_however_many_ask_at_once(database: Database) -> None:
    """AC-10, R-17."""
    put(database, FIRST)
    assert sum(at_once([lambda: use_up(database)] * 100)) == 1
    assert set_of(database) == CodeSet(made_at=NOW, left=9)
    assert not use_up(database)


def test_nothing_but_the_very_code_that_was_compared_is_spent(database: Database) -> None:
    """R-16: and nobody else's."""
    put(database, FIRST)
    put(database, SECOND, user=BO)
    assert not use_up(database, 3, "first 4")
    assert not use_up(database, 3, "first 3", user=BO)
    assert not use_up(database, 3, "first 3", environment=ELSEWHERE)
    put(database, SECOND, replaces=NOW, now=NOW + 9)
    assert not use_up(database, 3, "first 3")
    assert set_of(database) == CodeSet(made_at=NOW + 9, left=10)
    assert set_of(database, BO) == CodeSet(made_at=NOW, left=10)


def test_deleting_tells_how_many_were_still_good(database: Database) -> None:
    put(database, FIRST)
    put(database, SECOND, user=BO)
    use_up(database)

    def delete() -> int:
        return database.write(lambda connection: recovery_codes.delete_set(connection, HERE, ANN))

    assert delete() == 9
    assert delete() == 0
    assert set_of(database) is None
    assert set_of(database, BO) == CodeSet(made_at=NOW, left=10)
