"""``twostep serve``: what it tells the operator about addresses."""

import json
from pathlib import Path

import pytest

from tests.helpers.command_line import CommandLine
from tests.helpers.server import RunningServer, free_port
from twostep.cli.mistakes import Status


def warnings(server: RunningServer) -> set[str]:
    lines = [json.loads(line) for line in server.log.splitlines()]
    return {line["event"] for line in lines if line["level"] == "warning"}


def test_the_first_address_is_the_one_that_was_given(server: RunningServer) -> None:
    server.start()
    assert f'"addresses": ["{server.address}"]' in server.log
    assert warnings(server) == set()


@pytest.mark.parametrize(
    ("option", "warning"),
    [("--address", "address_of_no_environment"), ("--port", "port_of_no_environment")],
)
def test_an_address_or_port_that_leads_to_no_environment_is_warned_of(
    tmp_path: Path, option: str, warning: str
) -> None:
    """Nobody would be found there: the environment's address is what counts, and it is kept."""
    first = RunningServer(tmp_path / "place")
    with first:
        assert first.stop() == 0
    port = first.port if option == "--address" else free_port()
    later = RunningServer(tmp_path / "place", port=port)
    later.arguments = ["serve", "--port", str(port)]
    if option == "--address":
        later.arguments += ["--address", "https://login.example.org"]
    (tmp_path / "place" / "server.log").unlink()
    with later:
        assert warning in warnings(later)
        assert f'"addresses": ["{first.address}"]' in later.log


def test_a_template_that_cannot_be_used_is_told_in_a_line_and_nothing_is_begun(
    tmp_path: Path, operator: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ours" / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "sms.txt").write_text("{% if %}")
    monkeypatch.setenv("TWOSTEP_TEMPLATES_DIR", str(tmp_path / "ours"))
    said = operator.run("serve", "--port", str(free_port()))
    assert said.status == Status.USAGE
    assert "sms.txt" in said.error
