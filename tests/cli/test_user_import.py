"""``twostep user import``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command_line import CommandLine

HARBOUR = ("-e", "Harbour Clinic")

LIST = """user_name,full_name,email,invite
ann,Ann Lee,ann@harbour.example,yes
bo,Bo Leeds,,no
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "people.csv"
    made.write_text(LIST)
    return made


def names(operator: CommandLine) -> list[str]:
    return [user["name"] for user in operator.run("user", "list", *HARBOUR, "--json").json]


def test_a_list_is_imported_as_a_whole(operator: CommandLine, file: Path) -> None:
    said = operator.done("user", "import", str(file), *HARBOUR)
    assert said == "2 users were added to Harbour Clinic, and 1 of them invited.\n"
    assert names(operator) == ["ann", "bo"]
    assert operator.run("user", "list", "-e", "Northside Housing", "--json").json == []


def test_every_line_that_is_wrong_is_named_and_nobody_is_made(
    operator: CommandLine, file: Path
) -> None:
    operator.done("user", "import", str(file), *HARBOUR)
    file.write_text(LIST.replace("bo,", "ANN,") + "cy,Cy,nonsense,no\ndot,Dot,,no\n")
    refused = operator.run("user", "import", str(file), *HARBOUR)
    assert refused.status == 1
    assert "Line 2 (ann): There is a user of this name already" in refused.error
    assert "Line 3 (ANN): Line 2 has this user name already" in refused.error
    assert "Line 4 (cy): The address is none that mail can be sent to." in refused.error
    assert "3 of 4 lines are wrong. Nobody was made." in refused.error
    assert names(operator) == ["ann", "bo"]


def test_a_list_can_be_looked_at_without_importing_it(operator: CommandLine, file: Path) -> None:
    said = operator.done("user", "import", str(file), *HARBOUR, "--check")
    assert said == "Nothing is wrong with these 2 users. Nobody was made.\n"
    assert names(operator) == []


def test_what_is_no_list_is_said_so(operator: CommandLine, file: Path) -> None:
    file.write_bytes(b"user_name\nJos\xe9\n")
    refused = operator.run("user", "import", str(file), *HARBOUR)
    assert "the letters cannot be read" in refused.error
    file.write_text("ann,Ann\n")
    assert "must name the columns" in operator.run("user", "import", str(file), *HARBOUR).error
    other = operator.run("user", "import", str(file), *HARBOUR, "--language", "xx")
    assert "The languages are" in other.error
