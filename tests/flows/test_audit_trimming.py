"""Retention: what it takes, what it leaves, and that nobody can use it to hide anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from structlog.testing import capture_logs

from tests.helpers.audit_logs import ANNS, BOBS, AuditLog, make_log
from tests.helpers.clocks import DAY
from twostep.core.audit import EventKind
from twostep.core.audit_chain import Broken, Fault, Intact
from twostep.flows import audit_trimming
from twostep.flows.audit_chain import Verification, verify_environment
from twostep.flows.audit_trimming import trim
from twostep.flows.checkpoints import Checkpoints
from twostep.flows.keys import rotate
from twostep.flows.sealing import seal
from twostep.storage import people
from twostep.storage.database import Connection, Database
from twostep.storage.tables import events, seals, stubs


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    """Five events of ten days ago, five of today; all sealed."""
    made = make_log(database, tmp_path)
    for _ in range(5):
        made.record(visitor=ANNS)
    sealed(made)
    made.clock.forward(10 * DAY)
    for _ in range(5):
        made.record(visitor=BOBS, actor=made.bob)
    sealed(made)
    return made


def sealed(log: AuditLog) -> None:
    seal(log.installation, now=log.clock())


def numbers(log: AuditLog) -> list[int]:
    return log.database.read(
        lambda c: list(
            c.execute(
                select(events.c.number)
                .where(events.c.environment_id == log.environment_id)
                .order_by(events.c.number)
            ).scalars()
        )
    )


def verified(log: AuditLog, lines: tuple[str, ...] = ()) -> Verification:
    return verify_environment(
        log.database,
        log.installation.keys,
        log.environment_id,
        now=log.clock(),
        checkpoints=lines,
    )


def test_what_is_older_goes_and_the_rest_is_in_order(log: AuditLog) -> None:
    assert trim(log.installation, days=9) == 5
    sealed(log)
    assert numbers(log) == [6, 7, 8, 9, 10, 11]
    found = verified(log)
    assert found.in_order
    assert isinstance(found.chain, Intact)
    assert found.chain.head.number == 11


def test_the_log_says_what_was_taken(log: AuditLog) -> None:
    trim(log.installation, days=9)
    row = log.database.read(
        lambda c: c.execute(
            select(events.c.data).where(events.c.kind == EventKind.AUDIT_TRIMMED.value)
        ).scalar_one()
    )
    assert '"entries":5' in row
    assert '"through":5' in row


def test_nothing_young_enough_is_taken_and_a_second_round_finds_nothing(log: AuditLog) -> None:
    assert trim(log.installation, days=11) == 0
    assert trim(log.installation, days=9) == 5
    assert trim(log.installation, days=9) == 0


def test_the_newest_sealed_event_stays_whatever_its_age(log: AuditLog) -> None:
    log.clock.forward(100 * DAY)
    assert trim(log.installation, days=1) == 9
    assert numbers(log)[0] in {None, 10}
    sealed(log)
    assert verified(log).in_order


def test_it_goes_on_behind_its_own_stub_and_a_rotated_key(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches of two: each of them leaves a log that is whole, as a kill would leave it."""
    monkeypatch.setattr(audit_trimming, "BATCH", 2)
    rotate(log.installation, now=log.clock())
    log.record()
    sealed(log)
    assert trim(log.installation, days=9) == 5
    log.clock.forward(20 * DAY)
    log.record()
    sealed(log)
    assert trim(log.installation, days=9) > 5
    sealed(log)
    assert verified(log).in_order


def test_a_visitor_to_whom_no_event_refers_any_more_is_forgotten(log: AuditLog) -> None:
    trim(log.installation, days=9)
    contents = log.database.read(
        lambda c: [row.content for row in people.after_id(c, log.environment_id, b"", most=100)]
    )
    text = " ".join(content for content in contents if content)
    assert ANNS.address not in text
    assert BOBS.address in text


def test_ac_66_a_log_that_was_changed_is_not_cleared_away(log: AuditLog) -> None:
    log.database.write(
        lambda c: c.execute(
            update(events).where(events.c.number == 2).values(happened_at=events.c.happened_at + 1)
        )
    )
    with capture_logs() as logged:
        assert trim(log.installation, days=9) == 0
    assert logged[0]["event"] == "audit_not_trimmed"
    assert logged[0]["at"] == 2
    assert numbers(log) == list(range(1, 11))


@pytest.mark.parametrize("forgery", ["changed", "deleted", "older", "other"])
def test_ac_66_a_stub_that_was_tampered_with_is_found(forgery: str, log: AuditLog) -> None:
    def stub(connection: Connection) -> str:
        return str(connection.execute(select(stubs.c.line)).scalar_one())

    trim(log.installation, days=9)
    first = log.database.read(stub)
    log.clock.forward(20 * DAY)
    log.record()
    sealed(log)
    trim(log.installation, days=9)
    line = log.database.read(stub)
    if forgery == "deleted":
        log.database.write(lambda c: c.execute(delete(stubs)))
    else:
        new = {
            "changed": line.replace('"number":', '"number":1'),
            "older": first,
            "other": line.replace(log.environment_id.hex(), "ab" * 16),
        }[forgery]
        assert new != line
        log.database.write(lambda c: c.execute(update(stubs).values(line=new)))
    found = verified(log)
    assert isinstance(found.chain, Broken)
    assert found.chain.fault in {Fault.MISSING, Fault.FORKED}


def test_ac_66_who_deletes_the_oldest_without_a_key_is_found(log: AuditLog) -> None:
    log.database.write(lambda c: c.execute(delete(events).where(events.c.number <= 5)))
    found = verified(log)
    assert found.chain == Broken(number=1, fault=Fault.MISSING)


def test_checkpoints_from_before_the_stub_are_no_fault(log: AuditLog, tmp_path: Path) -> None:
    file = tmp_path / "checkpoints"
    Checkpoints(log.installation, file).write_due({}, now=log.clock())
    trim(log.installation, days=9)
    log.record()
    sealed(log)
    Checkpoints(log.installation, file).write_due({}, now=log.clock())
    log.clock.forward(30 * DAY)
    log.record()
    sealed(log)
    trim(log.installation, days=9)
    lines = tuple(file.read_text().splitlines())
    sealed(log)
    found = verified(log, lines)
    assert found.in_order
    assert found.checkpoints >= 2


def test_a_kill_in_the_middle_of_a_batch_leaves_everything(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("twostep.flows.audit.record", killed)
    with pytest.raises(KeyboardInterrupt):
        trim(log.installation, days=9)
    monkeypatch.undo()
    assert numbers(log) == list(range(1, 11))
    assert log.database.read(lambda c: c.execute(select(func.count()).select_from(seals)).scalar())


def test_two_nodes_at_once_take_it_once(log: AuditLog) -> None:
    other = log.on(log.database)
    assert trim(log.installation, days=9) + trim(other.installation, days=9) == 5
    sealed(log)
    assert verified(log).in_order
