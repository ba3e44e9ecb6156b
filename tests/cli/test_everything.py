"""``twostep export`` and ``import``; what they move is tested in tests/flows."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD

HARBOUR = ("-e", "Harbour Clinic")
PASSPHRASE = "a passphrase of some length\n"
MOVED = ("--address", "http://moved.localhost:8000", "--name", "Moved")


@pytest.fixture
def file(operator: CommandLine) -> Path:
    """An export with one user."""
    operator.done("user", "add", "ann", *HARBOUR, "--administrator", typed=f"{PASSWORD}\n")
    made = operator.folder / "harbour.export"
    said = operator.done("export", str(made), *HARBOUR, typed=PASSPHRASE)
    assert "Harbour Clinic lies in" in said
    assert "Recovery codes" in said
    return made


def elsewhere(operator: CommandLine) -> CommandLine:
    folder = operator.folder / "elsewhere"
    folder.mkdir()
    return CommandLine(folder)


def test_an_export_is_sealed_for_its_owner_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert b"ann" not in content
    assert b"argon2" not in content
    assert list(file.parent.glob("*.part")) == []


def test_it_is_imported_into_an_empty_folder(operator: CommandLine, file: Path) -> None:
    empty = operator.folder / "empty"
    empty.mkdir()
    there = CommandLine(empty)
    said = there.done("import", str(file), typed=PASSPHRASE)
    assert "Harbour Clinic: 1 users" in said
    assert "People sign in at http://harbour.localhost:8000." in said
    (ann,) = there.run("user", "list", "--json").json
    assert ann["name"] == "ann"
    assert len(ann["permissions"]) == 6
    there.clock.now = operator.clock()
    assert "is here already" in there.refused("import", str(file), typed=PASSPHRASE)


def test_a_wrong_passphrase_imports_nothing(operator: CommandLine, file: Path) -> None:
    there = elsewhere(operator)
    said = there.refused("import", str(file), typed="another passphrase altogether\n")
    assert "does not open this file" in said
    assert there.run("environment", "list", "--json").json == []


def test_a_short_passphrase_and_a_file_that_is_there_are_refused(
    operator: CommandLine, file: Path
) -> None:
    assert "already" in operator.refused("export", str(file), *HARBOUR, typed=PASSPHRASE)
    other = operator.folder / "other"
    assert "characters" in operator.refused("export", str(other), *HARBOUR, typed="short\n")
    assert not other.exists()


def test_plain_text_is_written_where_somebody_insists_and_warned_of(
    operator: CommandLine, file: Path
) -> None:
    plain = operator.folder / "plain"
    said = operator.run("export", str(plain), *HARBOUR, "--unsafe-plain")
    assert "WARNING" in said.error
    assert b"argon2id" in plain.read_bytes()
    assert stat.S_IMODE(plain.stat().st_mode) == 0o600
    there = elsewhere(operator)
    assert "1 users" in there.done("import", str(plain), *MOVED)


def test_what_is_wrong_in_a_file_is_named_by_its_line(operator: CommandLine, file: Path) -> None:
    plain = operator.folder / "plain"
    operator.run("export", str(plain), *HARBOUR, "--unsafe-plain")
    plain.write_bytes(plain.read_bytes().replace(b'"name":"ann"', b'"name":""', 1))
    said = elsewhere(operator).refused("import", str(plain), *MOVED)
    assert "Nothing was imported" in said
    assert "line 3: name: no text of this length" in said


def test_a_taken_name_or_address_says_the_way_out(operator: CommandLine, file: Path) -> None:
    there = elsewhere(operator)
    there.done("environment", "add", "Harbour Clinic", "--address", "http://x.localhost:8000")
    assert "--name" in there.refused("import", str(file), typed=PASSPHRASE)
    said = there.refused(
        "import", str(file), "--name", "Y", "--address", "http://x.localhost:8000", typed=PASSPHRASE
    )
    assert "--address" in said
