"""``twostep user export-data`` and ``erase``."""

from __future__ import annotations

import json
import stat

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD

HARBOUR = ("-e", "Harbour Clinic")


def test_a_copy_goes_to_the_output_or_a_new_file(operator: CommandLine) -> None:
    operator.done("user", "add", "ann", *HARBOUR, typed=f"{PASSWORD}\n")
    document = json.loads(operator.done("user", "export-data", "ann", *HARBOUR))
    assert document["user"]["name"] == "ann"
    file = operator.folder / "ann.json"
    operator.done("user", "export-data", "ann", *HARBOUR, "--file", str(file))
    assert json.loads(file.read_text())["environment"] == "Harbour Clinic"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = operator.refused("user", "export-data", "ann", *HARBOUR, "--file", str(file))
    assert "already" in said


def test_ac_83_a_person_is_erased_when_the_operator_means_it(operator: CommandLine) -> None:
    operator.done("user", "add", "ann", *HARBOUR, typed=f"{PASSWORD}\n")
    assert "--confirm" in operator.refused("user", "erase", "ann", *HARBOUR)
    assert "ann is erased" in operator.done("user", "erase", "ann", *HARBOUR, "--confirm")
    assert "no user 'ann'" in operator.refused("user", "erase", "ann", *HARBOUR, "--confirm")


def test_ac_76_the_last_one_who_manages_users_is_not_erased(operator: CommandLine) -> None:
    for name in ("ann", "bob"):
        operator.done("user", "add", name, *HARBOUR, "--administrator", typed=f"{PASSWORD}\n")
    operator.done("user", "erase", "bob", *HARBOUR, "--confirm")
    said = operator.refused("user", "erase", "ann", *HARBOUR, "--confirm")
    assert "the last one" in said
