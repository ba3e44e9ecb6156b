"""``twostep message``."""

from __future__ import annotations

from contextlib import closing

import pytest
from typer.testing import CliRunner

from tests.helpers.command_line import CommandLine
from tests.helpers.delivery_reports import report
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import Writers, outgoing_to, relay_of
from twostep.app import build_installation
from twostep.cli.commands import app
from twostep.cli.opening import Operator
from twostep.core.messages import MessageState
from twostep.flows import environments, users


def piped(operator: CommandLine, content: bytes, *more: str) -> str:
    """What is said of one mail on standard input, with status 0."""
    result = CliRunner().invoke(
        app,
        ["--data-dir", str(operator.folder), "message", "bounce", *more],
        input=content,
        obj=Operator(clock=operator.clock),
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result
    return result.stdout


@pytest.fixture
def ann(operator: CommandLine) -> Writers:
    """Of Northside Housing, with a message that was accepted."""
    typed = "correct horse battery staple 7\n"
    operator.done("user", "add", "ann", "-e", "northside housing", typed=typed)
    installation = build_installation(operator.settings, clock=operator.clock)
    place = environments.find(installation, "northside housing")
    assert place is not None
    found = users.find(installation, place, "ann")
    assert found is not None
    return Writers(installation, place, found.id, operator.clock)


def test_a_report_of_a_message_of_ours_marks_it_as_bounced(
    operator: CommandLine, ann: Writers
) -> None:
    with closing(ann.database), PostOffice() as office:
        message = ann.queue("918273")
        outgoing = outgoing_to(relay_of(office), envelope_sender="bounces@login.example")
        ann.send_all_due(outgoing)
        address = office.mails[0].sender
        nobody = "bounces@login.example"
        assert "Not ours" in piped(operator, report(nobody))
        assert "Not ours" in piped(operator, report(address), "--to", nobody)
        assert ann.state(message) is MessageState.ACCEPTED
        late = report(address, action="delayed", diagnosis="smtp; 451 later", status="4.4.1")
        assert piped(operator, late) == "A message is late: 4.4.1 451 later\n"
        said = piped(operator, report(nobody), "--to", address)
        assert said.startswith("A message came back: 5.1.1 550")
        assert "ann@" not in said
        assert "918273" not in said
        assert ann.state(message) is MessageState.BOUNCED
        assert "Not ours" in piped(operator, report(address))
    ann.installation.hashing.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\xff\x00" * 1000, b"Subject: I am on holiday\r\n\r\nUntil Monday.\r\n"],
    ids=["empty", "no mail", "rubbish", "an absence note"],
)
def test_any_other_mail_is_not_ours_and_no_fault(operator: CommandLine, content: bytes) -> None:
    assert "Not ours" in piped(operator, content)


def test_a_mail_of_fifty_megabytes_is_read_to_its_end_and_forgotten(operator: CommandLine) -> None:
    assert "Not ours" in piped(operator, b"x" * 50_000_000)
