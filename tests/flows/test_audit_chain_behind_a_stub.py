"""A log whose oldest events retention has taken: whole behind its stub, and nowhere else.

AC-66, SECURITY section 5.7. Taken away by hand here, as retention does it: the events and the stub
in one transaction.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from tests.helpers.audit_logs import AuditLog, make_log
from twostep.core.audit_chain import Broken, Fault, Intact
from twostep.core.audit_stubs import Stub, stub_line
from twostep.core.keys import KeyPurpose
from twostep.storage import audit_stubs
from twostep.storage.database import Connection, Database
from twostep.storage.tables import events, seals, stubs


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path).sealed(9)


def stub_of(log: AuditLog, number: int, key: bytes | None = None) -> str:
    """What retention would sign after it has taken so many."""
    (row,) = log.rows(select(events).where(events.c.number == number))
    stub = Stub(
        environment_id=log.environment_id,
        number=number,
        mac=row.mac,
        before=row.happened_at + 1,
        at=log.clock(),
        key_version=row.key_version,
    )
    place = log.environment_id
    own = log.installation.keys.current(KeyPurpose.AUDIT, environment_id=place).secret.reveal()
    return stub_line(stub, key=key or own)


def take(log: AuditLog, number: int, line: str) -> None:
    def act(connection: Connection) -> None:
        connection.execute(delete(events).where(events.c.number <= number))
        audit_stubs.put(connection, log.environment_id, line)

    log.database.write(act)


def test_a_log_behind_its_stub_is_in_order_and_says_where_it_begins(log: AuditLog) -> None:
    take(log, 3, stub_of(log, 3))
    found = log.verify()
    assert found.in_order
    assert (found.behind, found.checked) == (3, 6)


def test_a_newer_stub_takes_the_place_of_the_one_before(log: AuditLog) -> None:
    for number in (3, 5):
        take(log, number, stub_of(log, number))
    assert log.verify().behind == 5
    assert len(log.rows(stubs.select())) == 1


def test_it_goes_on_behind_it(log: AuditLog) -> None:
    take(log, 9, stub_of(log, 9))
    assert log.verify().in_order
    log.record()
    log.seal()
    found = log.verify()
    assert isinstance(found.chain, Intact)
    assert found.chain.head.number == 10


def test_ac_66_events_that_were_deleted_without_a_stub_are_missed(log: AuditLog) -> None:
    log.do(delete(events).where(events.c.number <= 3))
    assert log.verify().chain == Broken(number=1, fault=Fault.MISSING)


def test_ac_66_a_stub_that_nobody_signed_leaves_the_beginning_missing(log: AuditLog) -> None:
    take(log, 3, stub_of(log, 3, key=b"another key".ljust(32)))
    assert log.verify().chain == Broken(number=1, fault=Fault.MISSING)


def test_ac_66_more_deleted_than_the_stub_says_is_missed(log: AuditLog) -> None:
    take(log, 3, stub_of(log, 3))
    log.do(delete(events).where(events.c.number == 4))
    assert log.verify().chain == Broken(number=4, fault=Fault.MISSING)


def test_ac_66_an_older_stub_put_back_leaves_a_gap(log: AuditLog) -> None:
    older = stub_of(log, 2)
    take(log, 5, stub_of(log, 5))
    log.do(update(stubs).values(line=older))
    assert log.verify().chain == Broken(number=3, fault=Fault.MISSING)


def test_ac_66_the_tail_cut_off_behind_a_stub_is_missed(log: AuditLog) -> None:
    take(log, 3, stub_of(log, 3))
    log.do(delete(events).where(events.c.number == 9))
    assert log.verify().chain == Broken(number=9, fault=Fault.TRUNCATED)
    assert log.rows(seals.select())


def test_ac_71_the_stub_of_another_environment_is_none_here(log: AuditLog) -> None:
    other = log.elsewhere()
    take(log, 3, stub_of(log, 3))
    other.record_many(3)
    other.seal()
    assert other.verify().in_order
    assert other.verify().behind == 0
