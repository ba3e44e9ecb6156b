"""What is done to a sealed export is found, without a database, and the first wrong number named.

AC-66, B-9. Every test begins with an export of nine events that is in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from tests.helpers.audit_logs import ANNS, NAMES, AuditLog, make_log
from twostep.core.audit_chain import GENESIS, Broken, Fault, Intact, Seal, SealedEvent, chain
from twostep.core.audit_exports import NotAnExport, end_line, entry_line, read_entry
from twostep.core.audit_stubs import Stub, stub_line
from twostep.core.environments import Environment, Origin
from twostep.core.keys import KeyPurpose
from twostep.flows import audit_exports
from twostep.flows.audit_exports import ExportChecked, NotAKeyFile
from twostep.flows.checkpoints import Checkpoints, file_lines
from twostep.flows.keys import rotate
from twostep.storage import people
from twostep.storage.database import Database
from twostep.storage.tables import events, seals

KEYS = {1: b"a" * 32}
OTHER = {1: b"b" * 32}


@dataclass
class Export:
    """The lines of a file, and what its check needs."""

    log: AuditLog
    place: Environment
    lines: list[str]
    keys: dict[int, bytes]

    def check(
        self,
        lines: Sequence[str] | None = None,
        *,
        checkpoints: Sequence[str] = (),
        keys: dict[int, bytes] | None = None,
    ) -> ExportChecked:
        rest = iter(f"{line}\n" for line in (self.lines if lines is None else lines))
        return audit_exports.check_export(
            audit_exports.header_of(rest),
            rest,
            key_of=(keys or self.keys).__getitem__,
            checkpoints=checkpoints,
        )

    def broken(
        self, lines: Sequence[str], checkpoints: Sequence[str] = ()
    ) -> tuple[int, Fault] | None:
        found = self.check(lines, checkpoints=checkpoints)
        if isinstance(found.chain, Intact):
            return None
        assert not found.in_order
        return found.chain.number, found.chain.fault


def taken(log: AuditLog) -> Export:
    place = Environment(
        id=log.environment_id,
        name="harbour",
        primary=Origin("https", "harbour.example", 443),
    )
    lines = [line.rstrip("\n") for line in audit_exports.export_lines(log.installation, place)]
    keys = audit_exports.keys_in(audit_exports.key_text(log.installation, place), place.id)
    return Export(log, place, lines, dict(keys))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database: the check asks for none."""
    return sqlite_url


@pytest.fixture
def export(database: Database, tmp_path: Path) -> Export:
    export = taken(make_log(database, tmp_path).sealed(9))
    assert export.check().in_order
    assert len(export.lines) == 11
    return export


def test_an_export_that_nobody_touched_is_in_order(export: Export) -> None:
    found = export.check()
    assert isinstance(found.chain, Intact)
    assert (found.chain.head.number, found.checked, found.behind) == (9, 9, 0)
    assert found.header.environment == "harbour"


def test_it_holds_no_name_and_no_address(export: Export) -> None:
    """AC-83: those can be erased where they are, and not from a file that was taken away."""
    text = "\n".join(export.lines)
    for personal in (*NAMES, ANNS.address, ANNS.browser):
        assert personal not in text


def test_ac_83_whoever_is_erased_changes_no_line_of_it(export: Export) -> None:
    log = export.log
    now = log.clock()
    log.database.write(lambda c: people.erase(c, log.environment_id, log.ann, now=now))
    later = taken(log)
    assert later.lines[1:10] == export.lines[1:10]
    assert later.check().in_order
    assert log.verify().in_order


def test_an_empty_log_is_exported_and_checked(database: Database, tmp_path: Path) -> None:
    empty = taken(make_log(database, tmp_path))
    assert empty.check().chain == Intact(head=Seal(number=0, mac=GENESIS))


def test_it_is_checked_over_a_change_of_keys(export: Export) -> None:
    rotate(export.log.installation, now=export.log.clock())
    export.log.record()
    export.log.seal()
    later = taken(export.log)
    assert set(later.keys) == {1, 2}
    assert later.check().in_order
    first_alone = {1: later.keys[1]}
    found = later.check(keys=first_alone).chain
    assert isinstance(found, Broken)
    assert found.fault is Fault.KEY_UNKNOWN


def test_another_key_fits_nothing(export: Export) -> None:
    found = export.check(keys=OTHER).chain
    assert found == Broken(number=1, fault=Fault.CHANGED)


# --- change, delete, reorder, truncate, fork


def edited(line: str, **event: object) -> str:
    members = json.loads(line)
    members["event"] |= event
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


Hand = Callable[[list[str]], list[str]]

CHANGES: dict[str, tuple[Hand, int, Fault]] = {
    "changed": (
        lambda x: [*x[:4], edited(x[4], at=1), *x[5:]], 4, Fault.CHANGED,
    ),
    "changed to another kind": (
        lambda x: [*x[:4], edited(x[4], kind="admin:user:unlocked"), *x[5:]], 4, Fault.CHANGED,
    ),
    "changed to no kind": (
        lambda x: [*x[:4], edited(x[4], kind="nothing"), *x[5:]], 4, Fault.CHANGED,
    ),
    "no line of ours": (lambda x: [*x[:4], "{", *x[5:]], 4, Fault.CHANGED),
    "first changed": (lambda x: [x[0], edited(x[1], at=1), *x[2:]], 1, Fault.CHANGED),
    "last changed": (lambda x: [*x[:9], edited(x[9], at=1), x[10]], 9, Fault.CHANGED),
    "deleted": (lambda x: [*x[:4], *x[5:]], 4, Fault.MISSING),
    "first deleted": (lambda x: [x[0], *x[2:]], 1, Fault.MISSING),
    "reordered": (lambda x: [*x[:4], x[5], x[4], *x[6:]], 4, Fault.MISSING),
    "twice": (lambda x: [*x[:5], x[4], *x[5:]], 4, Fault.FORKED),
    "cut off with its end": (lambda x: x[:8], 8, Fault.TRUNCATED),
    "cut off before its end": (lambda x: [*x[:8], x[10]], 8, Fault.TRUNCATED),
    "the end alone": (lambda x: x[:10], 10, Fault.TRUNCATED),
    "everything": (lambda x: x[:1], 1, Fault.TRUNCATED),
    "more behind the end": (lambda x: [*x, x[9]], 10, Fault.CHANGED),
    "an end in the middle": (lambda x: [*x[:5], x[10], *x[5:]], 5, Fault.CHANGED),
    "another environment's name": (
        lambda x: [x[0].replace('"harbour"', '"northside"'), *x[1:]], 10, Fault.CHANGED,
    ),
    "an end of another moment": (
        lambda x: [x[0].replace('"at":', '"at":1'), *x[1:]], 10, Fault.CHANGED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_ac_66_what_is_done_to_a_file_is_found_and_the_first_wrong_entry_named(
    name: str, export: Export
) -> None:
    hand, number, fault = CHANGES[name]
    assert export.broken(hand(list(export.lines))) == (number, fault)


@pytest.mark.parametrize("number", range(1, 10))
def test_ac_66_a_change_is_named_wherever_it_is(number: int, export: Export) -> None:
    lines = list(export.lines)
    lines[number] = edited(lines[number], target="00" * 16)
    assert export.broken(lines) == (number, Fault.CHANGED)


def forged(export: Export, keys: dict[int, bytes], kept: int) -> list[str]:
    """Another history behind the first ``kept`` entries, by somebody who has these keys."""
    header = audit_exports.header_of(iter(export.lines))
    lines, last = export.lines[: kept + 1], Seal(number=0, mac=GENESIS)
    for line in export.lines[1:10]:
        entry = read_entry(line, last=last, key_version=1)
        if entry.number > kept:
            assert entry.event is not None
            event = replace(entry.event, at=entry.event.at + 1)
            mac = chain(last.mac, event, key=keys[1])
            entry = SealedEvent(number=entry.number, event=event, mac=mac, key_version=1)
            lines = [*lines, entry_line(entry)]
        last = Seal(number=entry.number, mac=entry.mac)
    return [*lines, end_line(header, last, key_version=1, key=keys[1])]


def test_ac_66_a_history_forged_without_the_key_is_found_where_it_parts(export: Export) -> None:
    assert export.broken(forged(export, OTHER, 4)) == (5, Fault.CHANGED)


def test_ac_66_a_history_forged_with_the_key_is_whole_and_only_checkpoints_tell(
    export: Export, tmp_path: Path
) -> None:
    """What the documents say of whoever has the audit key."""
    lines = forged(export, export.keys, 4)
    assert export.broken(lines) is None
    assert export.broken(lines, checkpoint_lines(export, tmp_path)) == (9, Fault.FORKED)


def checkpoint_lines(export: Export, folder: Path) -> list[str]:
    path = folder / "elsewhere"
    now = export.log.clock()
    Checkpoints(export.log.installation, path).write_due({}, now=now, at_the_end=True)
    return list(file_lines(path))


def test_ac_66_a_tail_cut_off_in_the_database_with_its_seals_is_told_by_checkpoints(
    export: Export, tmp_path: Path
) -> None:
    lines = checkpoint_lines(export, tmp_path)
    export.log.do(delete(events).where(events.c.number > 6), text("delete from seals"))
    found = taken(export.log).check(checkpoints=lines)
    assert found.chain == Broken(number=7, fault=Fault.TRUNCATED)
    assert found.checkpoints == 1


def test_a_tail_cut_off_in_the_database_without_its_seals_is_missed_by_the_end(
    export: Export,
) -> None:
    export.log.do(delete(events).where(events.c.number > 6))
    assert taken(export.log).check().chain == Broken(number=7, fault=Fault.TRUNCATED)
    assert export.log.rows(seals.select())


def test_a_row_that_was_tampered_with_is_exported_as_one_that_cannot_be_read(
    export: Export,
) -> None:
    export.log.do("update events set kind = 'nothing' where number = 4")
    assert taken(export.log).check().chain == Broken(number=4, fault=Fault.CHANGED)


def test_checkpoint_lines_that_nobody_signed_are_named(export: Export, tmp_path: Path) -> None:
    (line,) = checkpoint_lines(export, tmp_path)
    forged_line = line.replace('"number":9', '"number":8')
    found = export.check(checkpoints=[line, forged_line, "torn"])
    assert (found.forged_lines, found.torn_lines, found.checkpoints) == ([2], [3], 1)
    assert not found.in_order


# --- behind a stub


def behind_stub(export: Export, number: int, keys: dict[int, bytes]) -> list[str]:
    """The same log after retention has taken the first entries."""
    entry = json.loads(export.lines[number])
    stub = Stub(
        environment_id=export.place.id,
        number=number,
        mac=bytes.fromhex(entry["mac"]),
        before=entry["event"]["at"] + 1,
        at=export.log.clock(),
        key_version=1,
    )
    return [export.lines[0], stub_line(stub, key=keys[1]), *export.lines[number + 1 :]]


def test_a_log_that_begins_behind_a_stub_is_in_order(export: Export) -> None:
    found = export.check(behind_stub(export, 3, export.keys))
    assert found.in_order
    assert (found.behind, found.checked) == (3, 6)


def test_a_stub_that_nobody_signed_leaves_the_beginning_missing(export: Export) -> None:
    assert export.broken(behind_stub(export, 3, OTHER)) == (1, Fault.MISSING)


def test_more_deleted_than_the_stub_says_is_missing(export: Export) -> None:
    lines = behind_stub(export, 3, export.keys)
    assert export.broken([*lines[:2], *lines[3:]]) == (4, Fault.MISSING)
    assert export.broken([lines[0], *lines[2:]]) == (1, Fault.MISSING)


def test_a_line_that_cannot_be_read_behind_a_stub_is_named_by_its_place(export: Export) -> None:
    lines = behind_stub(export, 3, export.keys)
    assert export.broken([*lines[:2], "{", *lines[3:]]) == (4, Fault.CHANGED)


# --- files of keys, and files that are none


def test_the_keys_of_another_environment_are_refused(export: Export) -> None:
    text = audit_exports.key_text(export.log.installation, export.place)
    with pytest.raises(NotAKeyFile):
        audit_exports.keys_in(text, b"f" * 16)


@pytest.mark.parametrize("text", ["", "[]", "{}", "x", '{"type": "twostep audit key 1"}'])
def test_a_file_that_holds_no_keys_is_refused(text: str) -> None:
    with pytest.raises(NotAKeyFile):
        audit_exports.keys_in(text, b"f" * 16)


def test_a_file_that_is_no_export_is_refused(export: Export) -> None:
    for lines in ([], export.lines[1:]):
        with pytest.raises(NotAnExport):
            export.check(lines)


def test_the_keys_of_the_installation_check_as_well(export: Export) -> None:
    key_of = audit_exports.keys_of(export.log.installation, export.place.id)
    key = export.log.installation.keys.current(KeyPurpose.AUDIT, environment_id=export.place.id)
    assert key_of(key.version) == key.secret.reveal()
    with pytest.raises(KeyError):
        key_of(7)


def test_the_environment_is_the_headers_and_no_other_is_read(export: Export) -> None:
    """AC-71."""
    other = export.log.elsewhere()
    other.record()
    other.seal()
    assert taken(export.log).lines[1:10] == export.lines[1:10]
