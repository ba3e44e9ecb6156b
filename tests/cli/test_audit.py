"""``twostep audit verify``. What it finds is tested in tests/flows; here, what it says."""

import json
import sqlite3
from contextlib import closing

from tests.helpers.clocks import MINUTE
from tests.helpers.command_line import CommandLine
from twostep.app import build_installation, close
from twostep.flows.checkpoints import Checkpoints
from twostep.flows.sealing import seal, seal_all


def sealed(operator: CommandLine) -> None:
    installation = build_installation(operator.settings, clock=operator.clock)
    seal(installation, now=operator.clock())
    close(installation)


def tamper(operator: CommandLine, statement: str) -> None:
    with closing(sqlite3.connect(operator.folder / "twostep.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_log_that_nobody_touched_is_in_order(operator: CommandLine) -> None:
    sealed(operator)
    said = operator.run("audit", "verify")
    assert said.status == 0
    assert "Harbour Clinic: 2 events, an unbroken chain." in said.output
    (harbour, northside) = operator.run("audit", "verify", "--json").json
    assert harbour["in_order"] is northside["in_order"] is True
    (one,) = operator.run("audit", "verify", "-e", "northside housing", "--json").json
    assert one["environment"] == "Northside Housing"


def test_a_changed_event_is_named_and_the_status_says_so(operator: CommandLine) -> None:
    sealed(operator)
    tamper(operator, "UPDATE events SET happened_at = happened_at + 1 WHERE number = 2")
    said = operator.run("audit", "verify")
    assert said.status == 4
    assert "broken at number 2" in said.output
    assert "not in order" in said.error
    found = operator.run("audit", "verify", "--json")
    assert found.status == 4
    assert {each["broken_at"] for each in found.json} == {2}


def test_a_log_that_nobody_seals_is_not_in_order(operator: CommandLine) -> None:
    assert operator.run("audit", "verify").status == 0
    operator.clock.forward(2 * MINUTE)
    said = operator.run("audit", "verify")
    assert said.status == 4
    assert "nobody seals" in said.output


def test_checkpoints_show_what_was_cut_off_at_the_end(operator: CommandLine) -> None:
    sealed(operator)
    operator.done("property", "set", "session_hours", "8", "-e", "Harbour Clinic")
    file = operator.folder / "checkpoints"
    installation = build_installation(operator.settings, clock=operator.clock)
    heads = {one.environment_id: one.head for one in seal_all(installation, now=operator.clock())}
    Checkpoints(installation, file).write_due(heads, now=operator.clock(), at_the_end=True)
    close(installation)
    assert operator.run("audit", "verify", "--checkpoints", str(file)).status == 0
    tamper(operator, "DELETE FROM seals WHERE number = 3")
    tamper(operator, "DELETE FROM events WHERE number = 3")
    assert operator.run("audit", "verify").status == 0
    said = operator.run("audit", "verify", "--checkpoints", str(file))
    assert said.status == 4
    assert "compared with 1 checkpoints" in said.output


def test_an_environment_that_is_gone_with_its_whole_log_is_told_by_checkpoints(
    operator: CommandLine,
) -> None:
    """An older backup in the database's place may lack a whole environment: nothing else tells."""
    sealed(operator)
    line = json.dumps({"environment_id": "ab" * 16, "number": 7})
    file = operator.folder / "checkpoints"
    file.write_text(f"<110>1 host twostep audit checkpoint - {line}\n{line}\n")
    ask = ("audit", "verify", "--checkpoints", str(file))
    said = operator.run(*ask)
    assert said.status == 4
    assert said.output.count("ab" * 16) == 1
    found = operator.run(*ask, "--json").json
    assert (found[-1]["environment_id"], found[-1]["fault"]) == ("ab" * 16, "gone")
    assert operator.run(*ask, "-e", "Harbour Clinic").status == 0


def test_checkpoints_of_the_settings_are_used_by_themselves(operator: CommandLine) -> None:
    file = operator.folder / "checkpoints"
    file.write_text("not a line of ours\n")
    toml = operator.folder / "settings.toml"
    toml.write_text('checkpoint_file = "checkpoints"\n')
    sealed(operator)
    said = operator.run("--config", str(toml), "audit", "verify")
    assert "checkpoint lines that cannot be read: 1" in said.output
    assert said.status == 0
    missing = operator.refused("audit", "verify", "--checkpoints", "nowhere")
    assert "nowhere: No such file" in missing
