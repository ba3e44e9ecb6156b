"""The file that tells what the database cannot: signed lines, when they are due, and reading them.

What a checkpoint finds is in test_audit_chain.py.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from tests.helpers.audit_logs import AuditLog, make_log
from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.receivers import datagrams
from twostep.core.audit_chain import Seal
from twostep.crypto.identifiers import new_id
from twostep.delivery.syslog import read_syslog
from twostep.flows import checkpoints
from twostep.flows.checkpoints import (
    Checkpoints,
    Lines,
    append_lines,
    file_lines,
    read_lines,
)
from twostep.flows.keys import rotate
from twostep.flows.sealing import seal_all
from twostep.storage.database import Database
from twostep.storage.tables import events, seals


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture
def few_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a line is due after three events."""
    monkeypatch.setattr(checkpoints, "EVERY_EVENTS", 3)


def seal_and_write(log: AuditLog, writer: Checkpoints, count: int = 0) -> int:
    """A round of the sealer with so many new events; how many lines it wrote."""
    log.record_many(count)
    sealed = seal_all(log.installation, now=log.clock())
    heads = {one.environment_id: one.head for one in sealed}
    return writer.write_due(heads, now=log.clock())


def numbers_in(path: Path) -> list[tuple[int, int]]:
    """The number and the count of each line."""
    lines = [json.loads(line) for line in file_lines(path)]
    return [(line["number"], line["count"]) for line in lines]


def lines_about(log: AuditLog, path: Path) -> Lines:
    return read_lines(log.installation.keys, log.environment_id, file_lines(path))


def test_the_first_round_writes_how_far_each_chain_has_come(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    assert seal_and_write(log, writer) == 0
    assert not path.exists()
    log.sealed(2)
    log.elsewhere().sealed(5)
    writer = Checkpoints(log.installation, path)
    assert seal_and_write(log, writer) == 2
    assert sorted(numbers_in(path)) == [(2, 2), (5, 5)]


def test_a_line_is_due_after_five_minutes_in_which_something_was_sealed(
    log: AuditLog, path: Path
) -> None:
    writer = Checkpoints(log.installation, path)
    assert seal_and_write(log, writer, 1) == 1
    begin = log.clock()
    log.record_many(2)
    log.clock.now = begin + 5 * MINUTE - 1
    assert seal_and_write(log, writer) == 0
    log.clock.now = begin + 5 * MINUTE
    assert seal_and_write(log, writer) == 1
    log.clock.forward(5 * MINUTE)
    assert seal_and_write(log, writer) == 0
    assert numbers_in(path) == [(1, 1), (3, 2)]


def test_a_clock_that_was_set_back_puts_no_line_off(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    assert seal_and_write(log, writer, 1) == 1
    log.clock.forward(-60 * MINUTE)
    assert seal_and_write(log, writer, 1) == 1


def test_a_line_is_due_after_so_many_events_at_once(
    log: AuditLog, path: Path, few_events: None
) -> None:
    writer = Checkpoints(log.installation, path)
    assert [seal_and_write(log, writer, count) for count in (1, 2, 1, 2, 7)] == [1, 0, 1, 0, 1]
    assert numbers_in(path) == [(1, 1), (4, 3), (13, 9)]


def test_the_numbers_of_the_specification_are_the_ones_in_use() -> None:
    """SECURITY §5.7."""
    assert (checkpoints.EVERY_EVENTS, checkpoints.EVERY_MS) == (1_000, 300_000)


def test_at_the_end_every_chain_that_went_on_has_its_line(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    log.elsewhere().sealed(2)
    assert seal_and_write(log, writer, 1) == 2
    log.sealed(1)
    assert writer.write_due({}, now=log.clock(), at_the_end=True) == 1
    assert writer.write_due({}, now=log.clock(), at_the_end=True) == 0


def test_a_new_process_goes_on_where_the_file_ends(log: AuditLog, path: Path) -> None:
    assert seal_and_write(log, Checkpoints(log.installation, path), 3) == 1
    again = Checkpoints(log.installation, path)
    assert seal_and_write(log, again) == 0
    assert again.write_due({}, now=log.clock(), at_the_end=True) == 0
    assert seal_and_write(log, Checkpoints(log.installation, path), 2) == 1
    assert numbers_in(path) == [(3, 3), (5, 2)]


def test_a_chain_that_became_shorter_is_written_down_at_once(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    assert seal_and_write(log, writer, 4) == 1
    (third,) = log.rows(events.select().where(events.c.number == 3))
    log.do(
        delete(events).where(events.c.number == 4),
        update(seals).values(number=3, mac=third.mac),
    )
    assert writer.write_due({}, now=log.clock(), at_the_end=True) == 1
    assert numbers_in(path) == [(4, 4), (3, 0)]
    assert not log.verify(file_lines(path)).in_order


def test_a_line_says_what_the_newest_seal_says_and_is_signed(log: AuditLog, path: Path) -> None:
    seal_and_write(log, Checkpoints(log.installation, path), 2)
    (head,) = log.rows(seals.select())
    lines = lines_about(log, path)
    assert lines == Lines(seals=[Seal(number=2, mac=head.mac)], forged=[], torn=[])


@pytest.mark.parametrize("member", ["number", "mac", "at", "count", "environment_id", "signature"])
def test_a_line_of_which_anything_was_changed_is_forged(
    log: AuditLog, path: Path, member: str
) -> None:
    seal_and_write(log, Checkpoints(log.installation, path), 2)
    other = log.elsewhere().environment_id
    (line,) = file_lines(path)
    members: dict[str, Any] = json.loads(line)
    value = members[member]
    members[member] = value + 1 if isinstance(value, int) else value[::-1]
    if member == "environment_id":
        members[member] = other.hex()
    about = other if member == "environment_id" else log.environment_id
    lines = read_lines(log.installation.keys, about, [json.dumps(members)])
    assert lines == Lines(seals=[], forged=[1], torn=[])


def test_a_line_under_a_key_that_does_not_exist_is_forged(log: AuditLog, path: Path) -> None:
    seal_and_write(log, Checkpoints(log.installation, path), 1)
    (line,) = file_lines(path)
    forged = line.replace('"key_version":1', '"key_version":9')
    assert read_lines(log.installation.keys, log.environment_id, [forged]).forged == [1]


def test_lines_from_before_a_rotation_of_the_key_are_still_read(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    seal_and_write(log, writer, 1)
    rotate(log.installation, now=log.clock())
    log.clock.forward(5 * MINUTE)
    seal_and_write(log, writer, 1)
    assert len(lines_about(log, path).seals) == 2
    assert log.verify(file_lines(path)).in_order


@pytest.mark.parametrize(
    "junk", ["{", "not json", "[]", "7", '{"environment_id":7}', '{"environment_id":"xyz"}', "\0"]
)
def test_a_line_that_is_none_is_torn_and_the_others_count(
    log: AuditLog, path: Path, junk: str
) -> None:
    writer = Checkpoints(log.installation, path)
    seal_and_write(log, writer, 1)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{junk}\n\n")
    log.clock.forward(5 * MINUTE)
    seal_and_write(log, Checkpoints(log.installation, path), 1)
    lines = lines_about(log, path)
    assert [seal.number for seal in lines.seals] == [1, 2]
    assert (lines.torn, lines.forged) == ([3], [])


@pytest.mark.parametrize("junk", ["[" * 100_000, "\\xff\\xfe", "9" * 100_000])
def test_no_line_can_stop_the_check(log: AuditLog, path: Path, junk: str) -> None:
    seal_and_write(log, Checkpoints(log.installation, path), 1)
    path.write_bytes(path.read_bytes() + junk.encode("latin-1") + b"\xff\n")
    assert len(lines_about(log, path).seals) == 1


def test_a_line_that_a_power_cut_left_half_spoils_no_other(log: AuditLog, path: Path) -> None:
    writer = Checkpoints(log.installation, path)
    seal_and_write(log, writer, 1)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    log.clock.forward(5 * MINUTE)
    assert seal_and_write(log, writer, 1) == 1
    lines = lines_about(log, path)
    assert [seal.number for seal in lines.seals] == [1, 2]
    assert lines.torn == [2]


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        append_lines(path, ["a"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lines_are_added_and_never_written_over(path: Path) -> None:
    append_lines(path, ["a", "b"])
    append_lines(path, ["c"])
    assert path.read_text() == "a\nb\nc\n"


def test_lines_are_on_the_disk_before_they_count(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync: Callable[[int], None] = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    append_lines(path, ["a"])
    assert synced == [str(path), str(path.parent)], "a new file, and its name"
    append_lines(path, ["b"])
    assert synced[2:] == [str(path)]


def test_a_file_that_cannot_be_written_is_told_and_tried_again(log: AuditLog, path: Path) -> None:
    path.mkdir()
    writer = Checkpoints(log.installation, path / "deeper" / "checkpoints")
    with capture_logs() as logged:
        assert seal_and_write(log, writer, 1) == 0
    assert [entry["event"] for entry in logged] == ["checkpoint_not_written"]
    assert logged[0]["log_level"] == "error"
    assert log.verify().unsealed == 0
    (path / "deeper").mkdir()
    log.clock.forward(5 * MINUTE)
    assert seal_and_write(log, writer) == 1


def test_something_that_is_no_file_is_told_and_keeps_nothing_from_being_sealed(
    log: AuditLog, path: Path
) -> None:
    path.mkdir()
    writer = Checkpoints(log.installation, path)
    for _ in range(2):
        log.clock.forward(5 * MINUTE)
        with capture_logs() as logged:
            assert seal_and_write(log, writer, 1) == 0
        assert [entry["event"] for entry in logged] == ["checkpoint_not_written"]
    path.rmdir()
    log.clock.forward(5 * MINUTE)
    assert seal_and_write(log, writer) == 1


def test_no_file_is_not_the_same_as_no_lines(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(file_lines(path))


def test_an_environment_without_a_key_keeps_no_other_from_its_line(
    log: AuditLog, path: Path
) -> None:
    writer = Checkpoints(log.installation, path)
    seal = Seal(number=5_000, mac=bytes(32))
    log.sealed(1)
    assert writer.write_due({}, now=log.clock()) == 1
    with capture_logs() as logged:
        heads = {new_id(): seal, log.environment_id: seal}
        assert writer.write_due(heads, now=log.clock() + SECOND) == 1
    assert [entry["event"] for entry in logged] == ["audit_key_missing"]


# --- a syslog server


def test_ac_66_a_syslog_server_gets_the_lines_and_they_are_read_out_of_its_file(
    log: AuditLog,
) -> None:
    log.record()
    sealed = {one.environment_id: one.head for one in seal_all(log.installation, now=log.clock())}
    with datagrams() as received:
        server = read_syslog(f"udp://127.0.0.1:{received.port}")
        assert Checkpoints(log.installation, server).write_due(sealed, now=log.clock()) == 1
        (message,) = received.wait_for(1)
    # As it lies in the server's file: with its header before it.
    found = read_lines(log.installation.keys, log.environment_id, [message.decode()])
    assert [seal.number for seal in found.seals] == [1]
    assert (found.forged, found.torn) == ([], [])
    forged = message.decode().replace('"number":1', '"number":2')
    assert read_lines(log.installation.keys, log.environment_id, [forged]).forged == [1]


def test_a_syslog_server_that_is_away_is_left_alone_for_a_minute(log: AuditLog) -> None:
    log.record()
    seal_all(log.installation, now=log.clock())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    checkpoints = Checkpoints(log.installation, read_syslog(f"tcp://127.0.0.1:{port}"))
    with capture_logs() as logged:
        for _ in range(3):
            assert checkpoints.write_due({}, now=log.clock()) == 0
    assert [entry["event"] for entry in logged] == ["checkpoint_not_sent"]
    log.clock.forward(6 * MINUTE)
    with capture_logs() as logged:
        checkpoints.write_due({}, now=log.clock())
    assert [entry["event"] for entry in logged] == ["checkpoint_not_sent"]
