"""``twostep audit export`` and ``key``, and ``verify`` of what they wrote, without a database."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.test_audit import sealed
from tests.helpers.command_line import CommandLine

HARBOUR = ("-e", "Harbour Clinic")


@pytest.fixture
def taken(operator: CommandLine) -> tuple[Path, Path]:
    """The log and the key of an environment as files, and the database gone."""
    sealed(operator)
    log, key = operator.folder / "log.jsonl", operator.folder / "audit.key"
    operator.done("audit", "export", "--out", str(log), *HARBOUR)
    operator.done("audit", "key", "--out", str(key), *HARBOUR)
    (operator.folder / "twostep.db").rename(operator.folder / "gone")
    return log, key


def test_an_export_is_checked_with_its_key_and_nothing_else(
    operator: CommandLine, taken: tuple[Path, Path]
) -> None:
    """B-9: offline."""
    log, key = taken
    said = operator.run("audit", "verify", "--export", str(log), "--key", str(key))
    assert said.status == 0
    assert "Harbour Clinic: 2 events, an unbroken chain" in said.output
    assert "without checkpoints" in said.output
    found = operator.run("audit", "verify", "--export", str(log), "--key", str(key), "--json").json
    assert found["in_order"] is True
    assert (found["events"], found["broken_at"], found["begins_behind"]) == (2, None, 0)


def test_a_changed_line_is_named_and_the_status_says_so(
    operator: CommandLine, taken: tuple[Path, Path]
) -> None:
    log, key = taken
    lines = log.read_text().splitlines()
    members = json.loads(lines[2])
    members["event"]["data"]["note"] = "put in"
    lines[2] = json.dumps(members, sort_keys=True, separators=(",", ":"))
    log.write_text("\n".join(lines) + "\n")
    said = operator.run("audit", "verify", "--export", str(log), "--key", str(key))
    assert said.status == 4
    assert "broken at number 2 (changed)" in said.output
    assert "not in order" in said.error


def test_the_installation_that_wrote_it_needs_no_file_of_keys(operator: CommandLine) -> None:
    sealed(operator)
    log = operator.folder / "log.jsonl"
    operator.done("audit", "export", "--out", str(log), *HARBOUR)
    elsewhere = operator.run("audit", "verify", "--export", str(log), "-e", "harbour")
    assert (elsewhere.status, "names its own" in elsewhere.error) == (2, True)
    assert operator.run("audit", "verify", "--export", str(log)).status == 0


def test_both_files_are_the_owners_alone_and_nothing_is_written_over(
    operator: CommandLine, taken: tuple[Path, Path]
) -> None:
    for file in taken:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (operator.folder / "gone").rename(operator.folder / "twostep.db")
    for command, file in zip(("export", "key"), taken, strict=True):
        before = file.read_text()
        refused = operator.refused("audit", command, "--out", str(file), *HARBOUR)
        assert "is there already" in refused
        assert file.read_text() == before


def test_that_they_were_taken_away_stands_in_the_log(operator: CommandLine) -> None:
    sealed(operator)
    operator.done("audit", "key", "--out", str(operator.folder / "key"), *HARBOUR)
    operator.done("audit", "export", "--out", str(operator.folder / "first"), *HARBOUR)
    sealed(operator)
    log = operator.folder / "second"
    operator.done("audit", "export", "--out", str(log), *HARBOUR)
    kinds = [json.loads(line).get("event", {}) for line in log.read_text().splitlines()]
    exported = [event["data"] for event in kinds if event.get("kind") == "admin:audit:exported"]
    assert sorted(data["what"] for data in exported) == ["key", "sealed"]


def test_what_was_not_taken_away_stands_nowhere_in_the_log(operator: CommandLine) -> None:
    sealed(operator)
    there = operator.folder / "there"
    there.write_text("")
    for command in ("key", "export"):
        assert "is there already" in operator.refused(
            "audit", command, "--out", str(there), *HARBOUR
        )
    log = operator.folder / "log"
    operator.done("audit", "export", "--out", str(log), *HARBOUR)
    sealed(operator)
    found = operator.run("audit", "verify", *HARBOUR, "--json").json
    assert found[0]["events"] == 3  # two of the beginning, and the one export


def test_a_file_of_another_kind_is_refused(operator: CommandLine, taken: tuple[Path, Path]) -> None:
    log, key = taken
    refused = operator.refused("audit", "verify", "--export", str(key), "--key", str(key))
    assert "not a sealed export" in refused
    refused = operator.refused("audit", "verify", "--export", str(log), "--key", str(log))
    assert "not a file of audit keys" in refused
    binary = operator.folder / "binary"
    binary.write_bytes(bytes(range(256)))
    refused = operator.refused("audit", "verify", "--export", str(log), "--key", str(binary))
    assert "not a file of audit keys" in refused


def test_a_key_without_an_export_is_refused(operator: CommandLine) -> None:
    assert "--key is for --export" in operator.refused("audit", "verify", "--key", "any")
