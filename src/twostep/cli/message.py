"""``twostep message``: what the operator's mail server hands to Twostep."""

from __future__ import annotations

import sys
from typing import Annotated, assert_never

import typer

from twostep.cli.opening import opened
from twostep.cli.output import say
from twostep.delivery.reports import MOST_BYTES, Report, read_report
from twostep.flows.bounces import Taken, take_report

app = typer.Typer(help="Messages.", no_args_is_help=True)


@app.command("bounce")
def bounce(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(help="The address it came to. Without it, as its header says."),
    ] = None,
) -> None:
    """Take one mail from standard input that reports what became of a message. The mail server
    pipes it here; a mail about anything else changes nothing, and ends with status 0 all the same.
    """
    report = read_report(_one_mail(), recipient=to)
    if report is None:
        say("Not ours: this mail is no report of a delivery.")
        return
    with opened(context) as installation:
        taken = take_report(installation, report)
    say(_sentence(taken, report))


def _one_mail() -> bytes:
    """Its beginning. The rest is read as well, for a mail server that would mind, and forgotten."""
    beginning = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(MOST_BYTES):
        pass
    return beginning


def _sentence(taken: Taken, report: Report) -> str:
    match taken:
        case Taken.BOUNCED:
            return f"A message came back: {report.words}"
        case Taken.LATE:
            return f"A message is late: {report.words}"
        case Taken.NOT_OURS:
            return "Not ours: no message that waits for a report has this address."
        case _:
            assert_never(taken)
