"""Making, loading and rotating the keys, on both databases, while servers run and processes are
killed."""

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from tests.helpers.clocks import DAY, START, HandClock
from tests.helpers.kills import killed_at
from tests.helpers.sealed_rows import (
    Filled,
    add_environment,
    add_user,
    all_rows,
    everything_in,
    fill,
    installation_on,
    open_everything,
    sealed_password,
)
from twostep.core.audit import EventKind, data_from_text
from twostep.core.keys import INSTALLATION_ID, KeyPurpose, KeyState, StoredKey
from twostep.crypto.boxes import BoxDamaged
from twostep.crypto.key_files import KeyFile, NoKeyFile, WrongKeyFile, new_master_key
from twostep.crypto.keys import KeyMissing
from twostep.crypto.tokens import TokenPurpose, issue, read
from twostep.flows import resealing
from twostep.flows.installation import Installation
from twostep.flows.keys import ROTATED, load_ring, make_installation_keys, report, rotate
from twostep.flows.resealing import context_of
from twostep.storage import keys as stored_keys
from twostep.storage import passwords
from twostep.storage.database import Connection, ConstraintBroken, Database, Unit, open_database
from twostep.storage.keys import SealedKind
from twostep.storage.tables import events, keys
from twostep.storage.units import T


@pytest.fixture
def source(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "twostep.key")


@pytest.fixture
def filled(database: Database, source: KeyFile) -> Filled:
    return fill(database, source)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a handful of rows takes several transactions."""
    monkeypatch.setattr(resealing, "BATCH", 2)


def keys_of(database: Database, purpose: KeyPurpose) -> list[StoredKey]:
    rows = database.read(stored_keys.all_of_them)
    return [row for row in rows if row.purpose is purpose]


def box_versions(database: Database, filled: Filled) -> set[int]:
    return {row.key_version for row in all_rows(database, filled.environments)}


# Making and loading them.


def test_the_first_start_makes_the_key_file_and_the_keys_and_the_second_makes_none(
    database: Database, source: KeyFile
) -> None:
    assert make_installation_keys(database, source, now=START)
    before = (source.path.read_bytes(), everything_in(database))
    assert not make_installation_keys(database, source, now=START + 1)
    assert (source.path.read_bytes(), everything_in(database)) == before
    load_ring(database, source, clock=HandClock())


def test_a_key_file_that_is_there_is_used(database: Database, source: KeyFile) -> None:
    key = new_master_key()
    source.create(key)
    assert make_installation_keys(database, source, now=START)
    assert {row.kek_id for row in database.read(stored_keys.all_of_them)} == {key.id}


def test_two_servers_that_start_for_the_first_time_at_once_have_the_same_keys(
    database_url: str, source: KeyFile
) -> None:
    databases = [open_database(database_url) for _ in range(4)]
    together = threading.Barrier(len(databases))
    made = []

    def start(database: Database) -> None:
        database.read(stored_keys.any_environment)
        together.wait()
        made.append(make_installation_keys(database, source, now=START))

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]
    secrets = [
        load_ring(database, source, clock=HandClock()).current(KeyPurpose.SESSION)
        for database in databases
    ]
    assert secrets == secrets[:1] * 4
    for database in databases:
        database.close()


def test_a_wrong_key_file_is_refused_and_nothing_is_written(
    database: Database, source: KeyFile, filled: Filled, tmp_path: Path
) -> None:
    """AC-63: the start stops, and what is there stays as it is."""
    before = everything_in(database)
    other = KeyFile(tmp_path / "other.key")
    other.create(new_master_key())
    content = other.path.read_bytes()
    assert not make_installation_keys(database, other, now=START)
    with pytest.raises(WrongKeyFile) as caught:
        load_ring(database, other, clock=HandClock())
    assert str(other.path) in str(caught.value)
    assert caught.value.environments == {INSTALLATION_ID, *filled.environments}
    assert everything_in(database) == before
    assert other.path.read_bytes() == content
    assert open_everything(
        database, load_ring(database, source, clock=HandClock()), filled.environments
    )


def test_a_lost_key_file_is_not_made_anew(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    """AC-63: a fresh key file would open nothing, and hide that the right one is gone."""
    source.path.unlink()
    before = everything_in(database)
    assert not make_installation_keys(database, source, now=START)
    with pytest.raises(NoKeyFile):
        load_ring(database, source, clock=HandClock())
    assert not source.path.exists()
    assert everything_in(database) == before


def test_a_database_in_use_that_lost_its_keys_is_given_no_new_ones(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    """AC-63, R-31."""
    installation = installation_on(database, source)
    database.write(lambda connection: connection.execute(delete(keys)))
    with pytest.raises(KeyMissing):
        make_installation_keys(database, source, now=START)
    with pytest.raises(KeyMissing):
        installation.keys.reload()
    assert database.read(stored_keys.all_of_them) == []


# Rotating.


def test_after_a_rotation_everything_lies_under_the_new_keys_and_opens(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    installation = installation_on(database, source)
    seen: list[tuple[int, int]] = []
    done = rotate(
        installation, now=START, progress=lambda count, total: seen.append((count, total))
    )
    assert (done.finished_earlier, done.resealed, done.damaged) == (False, 16, ())
    assert box_versions(database, filled) == {2}
    assert open_everything(database, installation.keys, filled.environments) == filled.contents
    assert seen == sorted(seen)
    assert seen[-1] == (16, 16)
    assert len(seen) > 4


def test_each_environment_gets_a_key_of_its_own(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    rotate(installation, now=START)
    secrets = {
        installation.keys.at_version(
            KeyPurpose.BOX, version, environment_id=environment_id
        ).secret.reveal()
        for environment_id in filled.environments
        for version in (1, 2)
    }
    assert len(secrets) == 4


def test_a_rotation_renews_what_it_says_and_retires_the_old_versions(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    rotate(installation_on(database, source), now=START + 5)
    for purpose in KeyPurpose:
        expected = [1, 2] if purpose in ROTATED else [1]
        for place in {row.environment_id for row in keys_of(database, purpose)}:
            rows = [row for row in keys_of(database, purpose) if row.environment_id == place]
            assert [row.version for row in rows] == expected
            assert rows[-1].state is KeyState.CURRENT
            assert [(row.state, row.retired_at) for row in rows[:-1]] == [
                (KeyState.RETIRED, START + 5)
            ] * (len(rows) - 1)


def test_only_what_was_asked_for_is_rotated(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    before = all_rows(database, filled.environments)
    rotate(
        installation_on(database, source),
        now=START,
        what=frozenset({KeyPurpose.SESSION, KeyPurpose.INDEX}),
    )
    assert [len(keys_of(database, purpose)) for purpose in KeyPurpose] == [
        2 if purpose in (KeyPurpose.BOX, KeyPurpose.AUDIT, KeyPurpose.SESSION) else 1
        for purpose in KeyPurpose
    ]
    assert {key.version for key in keys_of(database, KeyPurpose.BOX)} == {1}
    assert all_rows(database, filled.environments) == before


def test_each_environments_log_tells_of_the_rotation_once_also_when_it_was_stopped_and_finished(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    stale = load_ring(database, source, clock=HandClock())
    rotate(installation, now=START + 7)
    add_user(database, stale, filled.environments[0], name="late")
    assert rotate(installation, now=START + 8).finished_earlier
    told = events_in(database)
    assert [(event.environment_id, event.happened_at, event.kind) for event in told] == [
        (environment_id, START + 7, EventKind.KEYS_ROTATED)
        for environment_id in sorted(filled.environments)
    ]
    versions = {"audit": 2, "box": 2, "csrf": 2, "session": 2}
    assert [data_from_text(event.data) for event in told] == [versions] * 2


def test_a_rotation_that_cannot_write_its_event_makes_no_keys(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    """An act without its event cannot commit, and does not look like one that somebody else did."""
    installation = installation_on(database, source)
    rotate(installation, now=START)
    once = text("CREATE UNIQUE INDEX once ON events (environment_id, kind)")
    database.write(lambda connection: connection.execute(once))
    with pytest.raises(ConstraintBroken):
        rotate(installation, now=START)
    assert {key.version for key in keys_of(database, KeyPurpose.BOX)} == {1, 2}
    assert box_versions(database, filled) == {2}


def events_in(database: Database) -> Sequence[Any]:
    return database.read(
        lambda connection: connection.execute(
            select(events).order_by(events.c.environment_id, events.c.happened_at)
        ).all()
    )


def test_a_session_of_before_stays_good(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    keys = installation.keys.token_keys(KeyPurpose.SESSION)
    token = issue(keys, purpose=TokenPurpose.SESSION, environment_id=filled.environments[0])
    rotate(installation, now=START)
    fresh = load_ring(database, source, clock=HandClock()).token_keys(KeyPurpose.SESSION)
    assert fresh.current().version == 2
    found = read(
        token.text.reveal(),
        keys=fresh,
        purpose=TokenPurpose.SESSION,
        environment_id=filled.environments[0],
    )
    assert found == token


def test_a_running_server_reads_and_writes_all_through_a_rotation(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    """AC-64: another process, which nobody told of the rotation, at each step of it."""
    server = load_ring(database, source, clock=HandClock())
    environment_id = filled.environments[0]
    numbers = iter(range(100))

    def at_each_step(_done: int, _total: int) -> None:
        assert open_everything(database, server, filled.environments) == filled.contents
        name = f"new{next(numbers)}"
        filled.contents.update(add_user(database, server, environment_id, name=name))

    rotate(installation_on(database, source), now=START, progress=at_each_step)
    ring = load_ring(database, source, clock=HandClock())
    assert next(numbers) > 4
    assert open_everything(database, ring, filled.environments) == filled.contents
    assert box_versions(database, filled) == {2}


def test_what_a_server_seals_with_the_old_key_during_a_rotation_is_sealed_anew_as_well(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    """One that opens nothing meanwhile, and so does not learn of the new key."""
    stale = load_ring(database, source, clock=HandClock())
    environment_id = filled.environments[0]

    def at_the_end(done: int, total: int) -> None:
        if done == total and len(filled.contents) == 16:
            filled.contents.update(add_user(database, stale, environment_id, name="late"))

    done = rotate(installation_on(database, source), now=START, progress=at_the_end)
    assert (done.resealed, len(filled.contents)) == (18, 18)
    assert box_versions(database, filled) == {2}


def test_what_a_server_sealed_with_the_old_key_after_a_rotation_is_sealed_anew_by_the_next(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    stale = load_ring(database, source, clock=HandClock())
    installation = installation_on(database, source)
    rotate(installation, now=START)
    filled.contents |= add_user(database, stale, filled.environments[0], name="late")
    assert box_versions(database, filled) == {1, 2}
    done = rotate(installation, now=START + 10 * DAY)
    assert (done.finished_earlier, done.resealed) == (True, 2)
    assert box_versions(database, filled) == {2}
    assert open_everything(database, installation.keys, filled.environments) == filled.contents


class ChangedMeanwhile:
    """A database in which a user changes the password just before the rotation puts a box back."""

    def __init__(self, inner: Database, change: Unit[None]) -> None:
        self._inner, self._changes = inner, [change]
        self.kind, self.read = inner.kind, inner.read
        self.clock_skew, self.close = inner.clock_skew, inner.close

    def write(self, unit: Unit[T]) -> T:
        if self._changes and "put_back" in unit.__qualname__:
            self._inner.write(self._changes.pop())
        return self._inner.write(unit)


@pytest.mark.parametrize("knows_the_new_key", [False, True])
def test_a_password_changed_during_a_rotation_is_not_overwritten(
    database: Database, source: KeyFile, filled: Filled, knows_the_new_key: bool
) -> None:
    """AC-64: what the rotation read a moment ago is no longer the password."""
    installation = installation_on(database, source)
    row = next(r for r in all_rows(database, filled.environments) if r.kind is SealedKind.PASSWORD)
    server = load_ring(database, source, clock=HandClock())

    def change(connection: Connection) -> None:
        ring = installation.keys if knows_the_new_key else server
        fresh = sealed_password(ring, row.environment_id, row.user_id, b"new", changed_at=START + 9)
        passwords.put(connection, row.environment_id, row.user_id, fresh)

    meanwhile = ChangedMeanwhile(database, change)
    rotate(replace(installation, database=meanwhile), now=START)
    expected = filled.contents | {(row.kind, row.environment_id, row.id): b"new"}
    ring = load_ring(database, source, clock=HandClock())
    assert open_everything(database, ring, filled.environments) == expected


def test_a_row_that_does_not_open_is_told_of_and_does_not_keep_the_others_back(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    """AC-65: somebody moved a box; the rotation neither opens it nor stops at it, again and
    again."""
    installation = installation_on(database, source)
    victim, other = all_rows(database, filled.environments)[:2]
    database.write(
        lambda connection: stored_keys.put_resealed(
            connection, victim, sealed=other.sealed, key_version=1
        )
    )
    for version in (2, 3):
        done = rotate(installation, now=START + version)
        assert (done.finished_earlier, done.resealed) == (False, 15)
        assert [row.id for row in done.damaged] == [victim.id]
        damaged = replace(victim, sealed=other.sealed)
        rows = all_rows(database, filled.environments)
        assert [row for row in rows if row.key_version != version] == [damaged]
        with pytest.raises(BoxDamaged):
            installation.keys.open_box(damaged.sealed, key_version=1, context=context_of(damaged))


def test_two_rotations_at_once_end_well(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    together = threading.Barrier(2)
    installations = [installation_on(database, source) for _ in range(2)]

    def run(installation: Installation) -> None:
        together.wait()
        rotate(installation, now=START)

    threads = [threading.Thread(target=run, args=(each,)) for each in installations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ring = load_ring(database, source, clock=HandClock())
    newest = max(key.version for key in keys_of(database, KeyPurpose.BOX))
    assert open_everything(database, ring, filled.environments) == filled.contents
    assert box_versions(database, filled) == {newest}


# Deleting and reporting.


def test_an_old_key_is_deleted_by_the_next_rotation_a_day_after_nothing_lies_under_it(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    rotate(installation, now=START)
    assert rotate(installation, now=START + DAY).deleted_versions == 0
    assert rotate(installation, now=START + DAY + 1).deleted_versions == 2
    versions = {key.version for key in keys_of(database, KeyPurpose.BOX)}
    assert versions == {2, 3, 4}
    assert open_everything(database, installation.keys, filled.environments) == filled.contents


def test_a_key_that_a_row_still_needs_is_not_deleted_however_old(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    """AC-64: it goes when the report says 0 uses."""
    stale = load_ring(database, source, clock=HandClock())
    installation = installation_on(database, source)
    rotate(installation, now=START)
    filled.contents |= add_user(database, stale, filled.environments[0], name="late")
    done = rotate(installation, now=START + 400 * DAY)
    first, second = (
        [key.version for key in keys_of(database, KeyPurpose.BOX) if key.environment_id == place]
        for place in filled.environments
    )
    assert (done.finished_earlier, first, second) == (True, [1, 2], [2])
    assert open_everything(database, installation.keys, filled.environments) == filled.contents


def test_keys_of_tokens_stay_for_31_days_and_keys_of_the_audit_log_for_ever(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    rotate(installation, now=START)
    rotate(installation, now=START + 31 * DAY)
    assert [key.version for key in keys_of(database, KeyPurpose.SESSION)] == [1, 2, 3]
    rotate(installation, now=START + 31 * DAY + 1)
    assert [key.version for key in keys_of(database, KeyPurpose.SESSION)] == [2, 3, 4]
    rotate(installation, now=START + 4000 * DAY)
    assert {key.version for key in keys_of(database, KeyPurpose.AUDIT)} == {1, 2, 3, 4, 5}


def test_the_report_counts_the_rows_under_each_version(
    database: Database, source: KeyFile, filled: Filled
) -> None:
    installation = installation_on(database, source)
    stale = load_ring(database, source, clock=HandClock())
    rotate(installation, now=START)
    add_user(database, stale, filled.environments[1], name="late")
    rows = {
        (each.key.environment_id, each.key.version): each.rows
        for each in report(database)
        if each.key.purpose is KeyPurpose.BOX
    }
    one, other = filled.environments
    assert rows == {(one, 1): 0, (one, 2): 10, (other, 1): 2, (other, 2): 6}
    assert {each.rows for each in report(database) if each.key.purpose is not KeyPurpose.BOX} == {
        None
    }


# Being killed.


@pytest.fixture
def filled_url(database_url: str, source: KeyFile) -> tuple[str, Filled]:
    """A filled database that this process has closed: the ones that are killed open it."""
    database = open_database(database_url)
    made = fill(database, source)
    database.close()
    return database_url, made


def test_a_rotation_killed_wherever_it_may_be_loses_nothing_and_is_finished_by_the_next(
    filled_url: tuple[str, Filled], source: KeyFile, small_batches: None
) -> None:
    """AC-64: kill -9 at the first point of a rotation, at the second of the next one, and so on to
    its end.

    Every user's boxes open after each kill, and the next run does the rest and begins nothing new.
    """
    url, filled = filled_url

    def opens(database: Database) -> int:
        ring = load_ring(database, source, clock=HandClock())
        assert open_everything(database, ring, filled.environments) == filled.contents
        return max(key.version for key in keys_of(database, KeyPurpose.BOX))

    before, number, killed = 1, 0, True
    while killed:
        number += 1
        killed = killed_at(number, url, lambda db: rotate(installation_on(db, source), now=START))
        with closing(open_database(url)) as database:
            begun = opens(database)
            assert begun in {before, before + 1}
            unfinished = box_versions(database, filled) != {begun}
            done = rotate(installation_on(database, source), now=START)
            assert done.finished_earlier == unfinished
            before = opens(database)
            assert before == begun if unfinished else before == begun + 1
            assert box_versions(database, filled) == {before}
    assert number > 30


def test_a_rotation_killed_again_and_again_at_the_same_point_still_gets_on(
    filled_url: tuple[str, Filled], source: KeyFile, small_batches: None
) -> None:
    """AC-64: what was done stays done, so each life needs to do less."""
    url, filled = filled_url
    lives = 0
    while killed_at(8, url, lambda db: rotate(installation_on(db, source), now=START)):
        lives += 1
        assert lives < 50
    database = open_database(url)
    ring = load_ring(database, source, clock=HandClock())
    assert open_everything(database, ring, filled.environments) == filled.contents
    assert box_versions(database, filled) == {2}
    assert {key.version for key in keys_of(database, KeyPurpose.BOX)} == {1, 2}
    assert lives > 3
    database.close()


def test_an_environment_made_during_a_rotation_has_keys_of_its_own(
    database: Database, source: KeyFile, filled: Filled, small_batches: None
) -> None:
    server = load_ring(database, source, clock=HandClock())
    added: list[bytes] = []

    def at_each_step(_done: int, _total: int) -> None:
        if not added:
            added.append(b"new!" * 4)
            add_environment(database, server, added[0], name="new")
            filled.contents.update(add_user(database, server, added[0], name="first"))

    rotate(installation_on(database, source), now=START, progress=at_each_step)
    ring = load_ring(database, source, clock=HandClock())
    everywhere = [*filled.environments, *added]
    assert open_everything(database, ring, everywhere) == filled.contents
