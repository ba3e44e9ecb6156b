"""``twostep audit stream``: an environment's events on their way to another system.

The secret of a webhook comes on standard input and never from an argument: the arguments of a
program can be read by everybody on the machine, and stay in the shell's history.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened
from twostep.cli.output import AsJson, InEnvironment, moment, print_json, say
from twostep.core.environments import Environment
from twostep.delivery.syslog import NotASyslog, address_of, read_syslog
from twostep.delivery.webhooks import NotAWebhook, Webhook, read_webhook
from twostep.flows.audit_streams import (
    Receiver,
    Standing,
    Stream,
    StreamUnusable,
    clear_stream,
    set_stream,
    standing_of,
)
from twostep.flows.installation import Installation


def stream(
    context: typer.Context,
    webhook: Annotated[
        str | None,
        typer.Option(help="An https:// address; its secret is read from standard input."),
    ] = None,
    syslog: Annotated[
        str | None, typer.Option(help="tls://host:6514, tcp://, udp:// or unix:///dev/log.")
    ] = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="With names and addresses, which cannot be erased.")
    ] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="All events, and not only those to come.")
    ] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Stream nothing any more.")] = False,
    environment: InEnvironment = None,
    as_json: AsJson = False,
) -> None:
    """Show or set where an environment's events are streamed to. Servers know it within seconds."""
    if sum((webhook is not None, syslog is not None, clear)) > 1:
        raise Mistake("Choose one of --webhook, --syslog and --clear.", Status.USAGE)
    receiver = _receiver(webhook, syslog)
    if receiver is None and (resolved or from_beginning):
        raise Mistake("--webhook or --syslog says where to.", Status.USAGE)
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        if clear:
            clear_stream(installation, place)
        if receiver is not None:
            wanted = Stream(receiver=receiver, resolved=resolved)
            set_stream(installation, place, wanted, from_beginning=from_beginning)
        found = _standing(installation, place)
    if as_json:
        print_json({"environment": place.name, **_as_json(found)})
    else:
        for sentence in _sentences(place.name, found):
            say(sentence)


def _standing(installation: Installation, place: Environment) -> Standing | None:
    try:
        return standing_of(installation, place)
    except StreamUnusable:
        raise Mistake(
            "What is stored cannot be opened: somebody changed it, or the disk did. Set it again, "
            "or clear it."
        ) from None


def _receiver(webhook: str | None, syslog: str | None) -> Receiver | None:
    try:
        if webhook is not None:
            return read_webhook(webhook, _secret())
        return None if syslog is None else read_syslog(syslog)
    except (NotASyslog, NotAWebhook) as wrong:
        raise Mistake(f"{str(wrong).capitalize()}.", Status.USAGE) from None


def _secret() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Secret", hide_input=True))
    return sys.stdin.readline(10_000).strip("\r\n")


def _sentences(name: str, found: Standing | None) -> list[str]:
    if found is None:
        return [f"The events of {name} are streamed nowhere."]
    whom = "with names and addresses" if found.stream.resolved else "people as references"
    said = [
        f"The events of {name} go to {_address(found.stream.receiver)}, {whom}.",
        f"    taken up to number {found.position}; {found.behind} wait",
    ]
    if found.sent_at is not None:
        said.append(f"    last taken at {moment(found.sent_at)}")
    if found.failures:
        said.append(f"    the last {found.failures} tries failed: {found.why}")
    return said


def _as_json(found: Standing | None) -> dict[str, object]:
    if found is None:
        return {"to": None}
    return {
        "to": _address(found.stream.receiver),
        "resolved": found.stream.resolved,
        "position": found.position,
        "behind": found.behind,
        "failures": found.failures,
        "why": found.why,
        "sent_at": found.sent_at,
    }


def _address(receiver: Receiver) -> str:
    return receiver.url if isinstance(receiver, Webhook) else address_of(receiver)
