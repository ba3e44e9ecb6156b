"""A restore brings back what was, and nothing that was ended since (AC-61)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from tests.helpers.clocks import SECOND
from tests.helpers.filled import APP, ENVIRONMENT, USER
from tests.storage.restoring import (
    NOW,
    STEP,
    backup_of,
    live_database,
    live_path,
    note,
    notes,
    use_code,
    values,
)
from twostep.storage.database import Connection, Database
from twostep.storage.restores import (
    Restored,
    restore,
    settle,
)
from twostep.storage.schema import Current, schema_state
from twostep.storage.tables import (
    authenticators,
    contacts,
    help_desk_codes,
    installation,
    links,
    messages,
    notices,
    people,
    sessions,
    sign_ins,
    spent_steps,
    users,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return live_path(tmp_path)


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    yield from live_database(path)


@pytest.fixture
def source(tmp_path: Path, path: Path, database: Database) -> Path:
    return backup_of(path, tmp_path)


def test_what_was_written_after_the_backup_is_gone_and_the_rest_is_back(
    path: Path, database: Database, source: Path
) -> None:
    note(database, "later")
    restore(path, source, now=NOW)
    assert notes(database) == set()
    assert schema_state(database) == Current()
    assert list(path.parent.glob(".*")) == []


def test_everything_that_was_open_is_ended_and_older_generations_are_void(
    path: Path, database: Database, source: Path
) -> None:
    assert restore(path, source, now=NOW) == Restored(generation=2, prepared_at=NOW)
    assert values(database, installation.c.generation) == [(2,)]
    assert values(database, sessions.c.ended_at, sessions.c.ended_by) == [(NOW, "restore")]
    assert values(database, sign_ins.c.state, sign_ins.c.ended_at, sign_ins.c.token_hash) == [
        ("dropped", NOW, None)
    ]
    assert values(database, links.c.used_at) == [(NOW,)]
    assert values(database, help_desk_codes.c.ended_at) == [(NOW,)]
    assert values(database, users.c.two_step_paused_until) == [(None,)]
    assert values(database, messages.c.state, messages.c.reason, messages.c.sealed) == [
        ("given_up", "restored", None)
    ]
    assert values(database, notices.c.id) == []
    assert values(database, contacts.c.state, contacts.c.code_hash) == [("waiting", None)]
    assert set(values(database, authenticators.c.offer_ends_at)) == {(NOW,)}


def test_the_same_backup_twice_makes_two_generations(
    path: Path, database: Database, source: Path
) -> None:
    assert restore(path, source, now=NOW).generation == 2
    assert restore(path, source, now=NOW).generation == 3


@pytest.mark.parametrize("step", [STEP - 1, STEP, STEP + 1])
def test_a_code_used_after_the_backup_cannot_be_used_again(
    path: Path, database: Database, source: Path, step: int
) -> None:
    assert use_code(database, step)
    settle(path, restore(path, source, now=NOW), now=NOW)
    assert not use_code(database, step)
    assert use_code(database, STEP + 2)


def test_nor_one_that_is_used_while_the_backup_is_on_its_way(
    path: Path, database: Database, source: Path
) -> None:
    restored = restore(path, source, now=NOW)
    much_later = NOW + 100 * SECOND
    step = much_later // (30 * SECOND) + 1
    assert not use_code(database, step)
    settle(path, restored, now=much_later)
    assert not use_code(database, step)
    assert use_code(database, step + 1)


def test_each_authenticator_has_steps_of_its_own_length(
    path: Path, database: Database, source: Path
) -> None:
    settle(path, restore(path, source, now=NOW), now=NOW)
    spent = values(database, authenticators.c.period_seconds, authenticators.c.last_step)
    assert sorted(spent) == [(period, NOW // (period * SECOND) + 1) for period in (30, 60)]


def test_steps_that_the_live_database_knows_to_be_spent_stay_spent_whatever_the_clock(
    path: Path, database: Database, source: Path
) -> None:
    # The clock was ahead when these were spent, and has been set right since.
    assert use_code(database, STEP + 1_000)
    hinted = insert(spent_steps).values(
        environment_id=ENVIRONMENT, authenticator_id=APP[60], step=77
    )
    database.write(lambda c: c.execute(hinted).close())
    settle(path, restore(path, source, now=NOW), now=NOW)
    assert not use_code(database, STEP + 1_000)
    assert use_code(database, STEP + 1_001)
    assert values(database, spent_steps.c.step) == [(77,)]


def test_a_step_that_was_spent_for_a_user_who_did_not_exist_then_is_no_obstacle(
    path: Path, database: Database, source: Path
) -> None:
    later = b"later app......."
    row = select(*[c for c in authenticators.c if c.name != "id"]).where(
        authenticators.c.id == APP[60]
    )

    def unit(connection: Connection) -> None:
        found = connection.execute(row).one()._asdict()
        connection.execute(insert(authenticators).values(**found, id=later))
        connection.execute(
            insert(spent_steps).values(environment_id=ENVIRONMENT, authenticator_id=later, step=1)
        )

    database.write(unit)
    restore(path, source, now=NOW)
    assert values(database, spent_steps.c.step) == []


def test_the_event_is_part_of_the_restore(path: Path, database: Database, source: Path) -> None:
    def record(connection: Connection, generation: int) -> None:
        row = insert(people).values(
            environment_id=ENVIRONMENT, id=USER, content=f"restored: {generation}"
        )
        connection.execute(row)

    restore(path, source, now=NOW, record=record)
    assert notes(database) == {"restored: 2"}


def test_without_its_event_there_is_no_restore(
    path: Path, database: Database, source: Path
) -> None:
    def record(_connection: Connection, _generation: int) -> None:
        raise KeyError

    note(database, "later")
    with pytest.raises(KeyError):
        restore(path, source, now=NOW, record=record)
    assert notes(database) == {"later"}
    assert list(path.parent.glob(".*")) == []
