"""What is done to the log is found, and the first wrong number named: AC-66. All tampering is SQL.

Every test begins with a log of nine sealed events that is in order.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Delete, Update, delete, insert, select, update

from tests.helpers.audit_logs import ANNS, BOBS, AuditLog, make_log
from tests.helpers.clocks import MINUTE, SECOND
from twostep.core.audit_chain import Broken, Fault, Intact, Seal, chain
from twostep.core.keys import KeyPurpose
from twostep.crypto.identifiers import new_id
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit_chain
from twostep.flows.audit import lookup_of
from twostep.flows.audit_chain import verify_environment
from twostep.flows.checkpoints import Checkpoints, file_lines
from twostep.flows.keys import rotate
from twostep.storage import audit_chain as stored
from twostep.storage.audit_chain import NewSeal
from twostep.storage.database import Connection, Database
from twostep.storage.tables import events, people, seals


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    log = make_log(database, tmp_path).sealed(9)
    assert log.verify().in_order
    return log


@pytest.fixture(params=[2, 5_000])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Read so many rows at once: where a piece ends must not matter."""
    monkeypatch.setattr(audit_chain, "PIECE", request.param)
    size: int = request.param
    return size


def change(place: int, /, **values: Any) -> Update:
    return update(events).where(events.c.number == place).values(**values)


def remove(*numbers: int) -> Delete:
    return delete(events).where(events.c.number.in_(numbers))


def broken(log: AuditLog, checkpoints: Sequence[str] = ()) -> tuple[int, Fault]:
    verification = log.verify(checkpoints)
    assert not verification.in_order
    assert isinstance(verification.chain, Broken)
    return verification.chain.number, verification.chain.fault


def checkpoints_of(log: AuditLog, folder: Path) -> list[str]:
    path = folder / "checkpoints"
    Checkpoints(log.installation, path).write_due({}, now=log.clock(), at_the_end=True)
    return list(file_lines(path))


def test_a_log_that_nobody_touched_is_in_order(log: AuditLog, piece: int) -> None:
    verification = log.verify()
    assert verification.in_order
    assert isinstance(verification.chain, Intact)
    assert verification.chain.head.number == 9
    assert (verification.checked, verification.unsealed, verification.late) == (9, 0, False)
    assert verification.oldest_unsealed_at is None


def test_another_program_can_check_the_chain_as_it_is_documented(log: AuditLog) -> None:
    """docs/operate/audit.md, followed word by word on the bare rows."""
    key = log.installation.keys.current(KeyPurpose.AUDIT, environment_id=log.environment_id)
    seal = bytes(32)
    for row in log.rows(select(events).order_by(events.c.number)):
        members = {
            "actor": row.actor_id and row.actor_id.hex(),
            "at": row.happened_at,
            "data": json.loads(row.data),
            "environment": row.environment_id.hex(),
            "id": row.id.hex(),
            "kind": row.kind,
            "target": row.target_id and row.target_id.hex(),
            "visitor": row.visitor_id and row.visitor_id.hex(),
        }
        text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        seal = hmac.digest(key.secret.reveal(), seal + text.encode("utf-8"), "sha256")
        assert seal == row.mac
    assert seal == head(log).mac


def test_an_empty_log_is_in_order(database: Database, tmp_path: Path) -> None:
    verification = make_log(database, tmp_path).verify()
    assert verification.in_order
    assert verification.checked == 0


def test_an_environment_without_a_key_is_never_called_in_order(log: AuditLog) -> None:
    with pytest.raises(KeyMissing):
        verify_environment(log.database, log.installation.keys, new_id(), now=log.clock())


EDITS: list[dict[str, Any]] = [
    {"happened_at": 1},
    {"kind": "sign_in:password:refused"},
    {"kind": "sign_in:password:no such kind"},
    {"actor_id": None},
    {"actor_id": b"b" * 16},
    {"target_id": b"b" * 16},
    {"visitor_id": None},
    {"data": "{}"},
    {"data": '{"sign_in":"7"}'},
    {"data": '{ "sign_in":"00000000000000000000000000000004"}'},
    {"data": '{"sign_in":"7","sign_in":"00000000000000000000000000000004"}'},
    {"data": "[" * 100_000},
    {"data": ""},
    {"id": b"b" * 16},
    {"mac": bytes(32)},
    {"mac": b""},
    {"mac": None},
]


def test_an_edited_event_is_found(log: AuditLog, piece: int) -> None:
    """AC-66: edit."""
    (before,) = log.rows(select(events).where(events.c.number == 5))
    assert '"sign_in":"00000000000000000000000000000004"' in before.data
    for edit in EDITS:
        log.do(change(5, **edit))
        assert broken(log) == (5, Fault.CHANGED), edit
        log.do(change(5, **before._mapping))
        assert log.verify().in_order


@pytest.mark.parametrize("version", [2, 0, -1, None])
def test_an_event_under_a_key_that_does_not_exist_is_found(
    log: AuditLog, version: int | None
) -> None:
    """AC-66: edit."""
    log.do(change(5, key_version=version))
    assert broken(log) == (5, Fault.KEY_UNKNOWN)


def test_a_value_of_another_type_is_found(log: AuditLog, piece: int) -> None:
    """AC-66: edit. SQLite keeps any type in any column."""
    if log.database.kind != "sqlite":
        return
    for column, value in {
        "data": "x'7b7d'",
        "happened_at": "'soon'",
        "actor_id": "'somebody'",
        "target_id": "7",
        "mac": "'text'",
        "id": "'text'",
    }.items():
        (before,) = log.rows(select(events).where(events.c.number == 5))
        log.do(f"UPDATE events SET {column} = {value} WHERE number = 5")
        assert broken(log) == (5, Fault.CHANGED), column
        log.do(remove(5), insert(events).values(**before._mapping))
    assert log.verify().in_order
    for value in ("'five'", "5.5", "x'05'"):
        log.do(f"UPDATE events SET number = {value} WHERE number = 5")
        number, _fault = broken(log)
        assert number == 5, value
        log.do(f"UPDATE events SET number = 5 WHERE number = {value}")
    assert log.verify().in_order


@pytest.mark.parametrize("number", [1, 5])
def test_an_event_deleted_in_the_middle_is_found(log: AuditLog, piece: int, number: int) -> None:
    """AC-66: delete."""
    log.do(remove(number))
    assert broken(log) == (number, Fault.MISSING)


def test_a_gap_that_was_closed_up_is_found(log: AuditLog, piece: int) -> None:
    """AC-66: delete, with the later numbers moved down."""
    closed = [change(number, number=number - 1) for number in range(6, 10)]
    log.do(remove(5), *closed)
    assert broken(log) == (5, Fault.MISSING)


def test_a_sealed_event_made_unsealed_again_is_found(log: AuditLog) -> None:
    """AC-66: delete. It would be sealed once more, behind what came after it."""
    log.do(change(5, number=None, mac=None, key_version=None))
    assert broken(log) == (5, Fault.MISSING)
    assert log.seal() == 1
    assert broken(log) == (5, Fault.MISSING)


@pytest.mark.parametrize("number", [0, -1, -(2**62)])
def test_an_event_moved_out_of_the_way_is_found(log: AuditLog, piece: int, number: int) -> None:
    """AC-66: reorder. Below one is a place where a careless reader would not look."""
    log.do(change(9, number=number), delete(seals))
    assert broken(log) == ((0, Fault.FORKED) if number == 0 else (1, Fault.REORDERED))


def test_a_tail_that_was_cut_off_is_found(log: AuditLog, piece: int) -> None:
    """AC-66: truncate."""
    log.do(remove(8, 9))
    assert broken(log) == (8, Fault.TRUNCATED)


def test_a_log_of_which_nothing_is_left_is_found(log: AuditLog) -> None:
    """AC-66: truncate."""
    log.do(delete(events))
    assert broken(log) == (1, Fault.TRUNCATED)


def cut_off_with_seals(log: AuditLog) -> None:
    """The last two, as an older backup would have it: a chain that ends well in itself."""
    (seventh,) = log.rows(select(events).where(events.c.number == 7))
    log.do(
        remove(8, 9),
        update(seals).where(seals.c.number == 9).values(number=7, mac=seventh.mac),
    )


def test_a_tail_cut_off_with_its_seals_is_found_by_a_checkpoint_alone(
    log: AuditLog, tmp_path: Path
) -> None:
    """AC-66: truncate. Without a checkpoint nothing could tell, which the documentation says."""
    lines = checkpoints_of(log, tmp_path)
    assert log.verify(lines).checkpoints == 1
    cut_off_with_seals(log)
    assert log.verify().in_order
    assert broken(log, lines) == (8, Fault.TRUNCATED)


@pytest.mark.parametrize("more", [1, 2, 3])
def test_a_history_that_goes_on_from_an_older_backup_is_found_by_a_checkpoint(
    log: AuditLog, tmp_path: Path, more: int
) -> None:
    """AC-66: fork."""
    lines = checkpoints_of(log, tmp_path)
    cut_off_with_seals(log)
    log.record_many(more)
    assert log.seal() == more
    assert log.verify().in_order
    expected = (9, Fault.FORKED) if more > 1 else (9, Fault.TRUNCATED)
    assert broken(log, lines) == expected


def rewritten(log: AuditLog, number: int) -> None:
    """The event gets other data, and from there on the chain is made anew, with the real key."""
    key = log.installation.keys.current(KeyPurpose.AUDIT, environment_id=log.environment_id)

    def act(connection: Connection) -> None:
        connection.execute(change(number, data='{"sign_in":"another"}'))
        page = stored.page(connection, log.environment_id, after=stored.FIRST, most=100)
        mac = page.entries[number - 2].mac
        new = []
        for entry in page.entries[number - 1 :]:
            assert entry.event is not None
            mac = chain(mac, entry.event, key=key.secret.reveal())
            new.append(
                NewSeal(
                    event_id=entry.event.id,
                    happened_at=entry.event.at,
                    number=entry.number,
                    mac=mac,
                    key_version=1,
                )
            )
        for seal in new:
            connection.execute(change(seal.number, number=None))
        stored.put_seals(connection, log.environment_id, new, now=log.clock())

    log.database.write(lambda connection: connection.execute(delete(seals)))
    log.database.write(act)


def test_a_history_rewritten_with_the_key_is_found_by_a_checkpoint_alone(
    log: AuditLog, tmp_path: Path
) -> None:
    """AC-66: fork, by somebody who has the database and the key file."""
    lines = checkpoints_of(log, tmp_path)
    rewritten(log, 5)
    assert log.verify().in_order
    assert broken(log, lines) == (9, Fault.FORKED)


def test_two_events_with_one_number_are_found(log: AuditLog, piece: int) -> None:
    """AC-66: fork. Whoever owns the database can drop the index that forbids it, and
    the two may lie on either side of where a piece ends.
    """
    (fourth,) = log.rows(select(events).where(events.c.number == 4))
    log.do("DROP INDEX uq_events_number")
    for id_, fault in ((bytes(16), Fault.REORDERED), (b"\xff" * 16, Fault.FORKED)):
        copy = dict(fourth._mapping) | {"id": id_, "data": "{}"}
        log.do(insert(events).values(**copy))
        assert broken(log) == (4, fault)
        log.do(delete(events).where(events.c.id == id_))
    assert log.verify().in_order


@pytest.mark.parametrize("first", [1, 4, 8])
def test_two_events_in_each_others_place_are_found(log: AuditLog, piece: int, first: int) -> None:
    """AC-66: reorder."""
    log.do(
        change(first, number=100),
        change(first + 1, number=first),
        change(100, number=first + 1),
    )
    assert broken(log) == (first, Fault.REORDERED)


def test_two_events_that_changed_places_but_kept_their_macs_are_found(log: AuditLog) -> None:
    """AC-66: reorder."""
    fourth, fifth = log.rows(select(events).where(events.c.number.in_([4, 5])))
    log.do(
        change(4, number=100, mac=fifth.mac),
        change(5, number=4, mac=fourth.mac),
        change(100, number=5),
    )
    assert broken(log) == (4, Fault.CHANGED)


def test_an_event_put_in_at_the_end_is_found(log: AuditLog, piece: int) -> None:
    """AC-66: fork. A number and a MAC can be invented; a MAC that fits cannot."""
    (ninth,) = log.rows(select(events).where(events.c.number == 9))
    invented = dict(ninth._mapping) | {"id": new_id(), "number": 10}
    log.do(insert(events).values(**invented))
    assert broken(log) == (10, Fault.CHANGED)


def test_an_event_put_in_unsealed_is_counted_and_called_late(log: AuditLog) -> None:
    """AC-66: an insert that no sealer wrote shows as long as it waits."""
    (ninth,) = log.rows(select(events).where(events.c.number == 9))
    happened_at = log.clock() - MINUTE - 1
    invented = dict(ninth._mapping) | {
        "id": new_id(), "number": None, "mac": None, "key_version": None,
        "happened_at": happened_at, "data": "not as Twostep writes it",
    }  # fmt: skip
    log.do(insert(events).values(**invented))
    assert log.seal() == 0
    verification = log.verify()
    assert isinstance(verification.chain, Intact)
    assert (verification.unsealed, verification.oldest_unsealed_at) == (1, happened_at)
    assert verification.late
    assert not verification.in_order


def test_an_event_that_waits_for_its_second_is_no_fault(log: AuditLog) -> None:
    log.record()
    log.clock.forward(MINUTE)
    verification = log.verify()
    assert verification.in_order
    assert verification.unsealed == 1
    log.clock.forward(1)
    assert not log.verify().in_order


def test_seals_that_were_deleted_are_found(log: AuditLog) -> None:
    log.record()
    log.seal()
    log.do(delete(seals).where(seals.c.number == 10))
    assert broken(log) == (10, Fault.FORKED)
    log.do(delete(seals))
    assert broken(log) == (1, Fault.FORKED)


def test_a_seal_that_was_edited_is_found(log: AuditLog) -> None:
    log.do(update(seals).values(mac=bytes(32)))
    assert broken(log) == (9, Fault.FORKED)
    log.do(update(seals).values(number=12))
    assert broken(log) == (10, Fault.TRUNCATED)


def test_what_is_sealed_while_the_check_runs_is_no_fault(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "PIECE", 3)
    heard: list[tuple[int, int]] = []

    def hear(done: int, total: int) -> None:
        heard.append((done, total))
        if len(heard) == 1:
            log.record_many(4)
            log.seal()

    verification = verify_environment(
        log.database,
        log.installation.keys,
        log.environment_id,
        now=log.clock(),
        progress=hear,
    )
    assert verification.in_order
    assert verification.checked == 13
    assert heard == [(3, 9), (6, 9), (9, 9), (12, 12), (13, 13)]


def test_a_chain_goes_on_over_a_rotation_of_the_key(log: AuditLog) -> None:
    rotate(log.installation, now=log.clock())
    log.record_many(3)
    assert log.seal() >= 3
    versions = [
        row.key_version for row in log.rows(select(events.c.key_version).order_by(events.c.number))
    ]
    assert versions[:9] == [1] * 9
    assert set(versions[9:]) == {2}
    verification = log.verify()
    assert verification.in_order
    assert verification.checked == len(versions)


def test_the_log_of_another_environment_does_not_pass_for_this_one(log: AuditLog) -> None:
    """AC-66: a whole chain, put with its seals in the place of another."""
    other = log.elsewhere().sealed(3)
    log.do(
        delete(events).where(events.c.environment_id == log.environment_id),
        delete(seals).where(seals.c.environment_id == log.environment_id),
        update(events).values(environment_id=log.environment_id),
        update(seals).values(environment_id=log.environment_id),
    )
    assert broken(log) == (1, Fault.CHANGED)
    assert other.environment_id != log.environment_id


def test_a_name_or_an_address_that_was_changed_is_found(log: AuditLog) -> None:
    """The chain covers references only, so each row of people has a mark of its own."""
    log.record(actor=log.bob, target=log.bob, visitor=BOBS)
    assert log.seal() == 1
    before = {row.id: row for row in log.rows(select(people))}
    assert len(before) == 4
    for id_, row in before.items():
        one = people.update().where(people.c.id == id_)
        assert row.content is not None
        for content in (
            row.content.replace("Ann", "Amy").replace("Bob", "Rob").replace("203", "204")
            .replace("2001", "2002"),
            "", "{}", "[]", '"text"', "[" * 100_000, '{"mark":"00"}', '{"mark":7}',
        ):  # fmt: skip
            log.do(one.values(content=content))
            verification = log.verify()
            assert not verification.in_order
            assert list(verification.changed_people) == [id_]
        log.do(one.values(content=row.content))
    assert log.verify().in_order


def test_rows_of_people_that_changed_places_are_found(log: AuditLog) -> None:
    log.record(actor=log.bob, target=log.bob, visitor=BOBS)
    visitors = log.rows(select(people).where(people.c.lookup.is_not(None)))
    one, other = (people.c.id == row.id for row in visitors)
    log.do(
        people.update().where(one).values(content=visitors[1].content),
        people.update().where(other).values(content=visitors[0].content),
    )
    assert set(log.verify().changed_people) == {row.id for row in visitors}


def test_a_visitor_led_to_somebody_elses_row_is_found(log: AuditLog) -> None:
    """What Ann does from now on would be written down as done from Bob's address."""
    log.record(actor=log.bob, target=log.bob, visitor=BOBS)
    anns = lookup_of(log.installation.keys, log.environment_id, ANNS)
    bobs = lookup_of(log.installation.keys, log.environment_id, BOBS)
    log.do(
        people.delete().where(people.c.lookup == anns),
        people.update().where(people.c.lookup == bobs).values(lookup=anns),
    )
    verification = log.verify()
    assert len(verification.changed_people) == 1
    assert len(verification.lost_people) == 1


def test_a_row_of_people_that_was_deleted_is_found(log: AuditLog) -> None:
    log.do(people.delete().where(people.c.id == log.ann))
    verification = log.verify()
    assert list(verification.lost_people) == [log.ann]
    assert not verification.in_order


def test_no_more_people_are_named_than_somebody_would_read(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "PIECE", 4)
    for number in range(12):
        visitor = ANNS.__class__(address=f"192.0.2.{number}", browser="Chromium")
        log.record(visitor=visitor)
    log.do(people.update().values(content="{}"))
    assert len(log.verify().changed_people) == 10
    log.do(people.delete())
    assert len(log.verify().lost_people) == 10


def test_a_checkpoint_line_that_somebody_changed_is_named(log: AuditLog, tmp_path: Path) -> None:
    (line,) = checkpoints_of(log, tmp_path)
    forged = line.replace('"number":9', '"number":8')
    assert forged != line
    verification = log.verify([line, forged, "half a li"])
    assert (verification.forged_lines, verification.torn_lines) == ([2], [3])
    assert not verification.in_order
    assert log.verify([line, "half a li"]).in_order, "a power cut is no tampering"


def test_checkpoints_of_other_environments_say_nothing_about_this_one(
    log: AuditLog, tmp_path: Path
) -> None:
    log.elsewhere().sealed(3)
    lines = checkpoints_of(log, tmp_path)
    assert len(lines) == 2
    assert log.verify(lines).checkpoints == 1


def test_an_older_checkpoint_still_holds_when_the_log_has_gone_on(
    log: AuditLog, tmp_path: Path
) -> None:
    lines = checkpoints_of(log, tmp_path)
    log.record_many(2)
    log.seal()
    log.clock.forward(SECOND)
    verification = log.verify(lines)
    assert verification.in_order
    assert verification.chain == Intact(head=head(log))


def head(log: AuditLog) -> Seal:
    return log.database.read(lambda connection: stored.head_of(connection, log.environment_id))
