"""``twostep doctor``: whether everything is there that Twostep needs, one line for each thing.

It changes nothing and sends nothing: it connects to the mail servers, logs in and says good-bye,
and asks DNS what the senders' domains say.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer

from twostep.app import CANNOT_START, build_installation, close, key_source
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, operator_of, settings_of
from twostep.cli.output import AsJson, InEnvironment, print_json, print_table
from twostep.cli.templates import what_is_wrong
from twostep.core.environments import Environment
from twostep.core.looks import NO_LOOK, Look
from twostep.delivery.findings import Finding, Verdict
from twostep.delivery.mail import Relay
from twostep.delivery.relay_examination import examine_relay
from twostep.flows import environments
from twostep.flows.delivery_routes import OwnDelivery, RouteUnusable, own_delivery
from twostep.flows.installation import Installation
from twostep.flows.readiness import MOST_SKEW
from twostep.settings import Settings
from twostep.storage.faults import DatabaseAway, DatabaseBusy
from twostep.storage.schema import NEWEST

HERE = "this machine"
SETTINGS = "settings"

_SERVER = re.compile(r"(\[(?P<six>[^\]]+)\]|(?P<other>[^:\[]+|[^\[]+(?=$)))(:(?P<port>\d{1,5}))?")

_SHOWN = {
    Verdict.GOOD: "ok",
    Verdict.MIND: "mind",
    Verdict.WRONG: "WRONG",
    Verdict.UNKNOWN: "?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A finding, and where: on this machine, in the settings, or in which environment."""

    where: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is to be looked at: mail servers, and senders with where reports about theirs go."""

    relays: list[tuple[str, Relay, str]] = field(default_factory=list)
    senders: dict[tuple[str, str | None], str] = field(default_factory=dict)


def doctor(
    context: typer.Context,
    dkim_selector: Annotated[
        list[str] | None, typer.Option(help="The name of a DKIM key of yours. May be repeated.")
    ] = None,
    name_server: Annotated[
        str | None, typer.Option(help="Ask this name server: an IP address, or ADDRESS:PORT.")
    ] = None,
    environment: InEnvironment = None,
    as_json: AsJson = False,
) -> None:
    """Look at the key file, the database, the clock, the templates, the mail servers, and at SPF,
    DKIM and DMARC of the senders. Sends nothing. Ends with status 1 where something is wrong.
    """
    settings, clock = settings_of(context), operator_of(context).clock
    server = None if name_server is None else _server(name_server)
    lines = [_key_line(settings), _templates_line(settings)]
    sending = Sending()
    try:
        installation = build_installation(settings, clock=clock)
    except CANNOT_START as error:
        lines.append(_line(HERE, Verdict.WRONG, "database", str(error)))
        lines += _look_at_settings(settings, sending)
    else:
        try:
            lines += _database_lines(installation)
            lines += _look_at_settings(settings, sending)
            for place in _places(installation, environment):
                lines += _look_at(installation, settings, place, sending)
        finally:
            close(installation)
    lines += asyncio.run(_examined(sending, dkim_selector or (), server, now=clock()))
    _tell(lines, as_json=as_json)


def _server(text: str) -> tuple[str, int]:
    parts = _SERVER.fullmatch(text)
    if parts is None:
        raise Mistake("--name-server is an IP address, or ADDRESS:PORT.", Status.USAGE)
    try:
        return str(ipaddress.ip_address(parts["six"] or parts["other"])), int(parts["port"] or 53)
    except ValueError:
        raise Mistake("--name-server is an IP address, or ADDRESS:PORT.", Status.USAGE) from None


def _key_line(settings: Settings) -> Line:
    source = key_source(settings)
    try:
        source.read()
    except (*CANNOT_START, OSError) as error:
        return _line(HERE, Verdict.WRONG, "key", str(error))
    return _line(HERE, Verdict.GOOD, "key", f"{source.name} can be used")


def _templates_line(settings: Settings) -> Line:
    folder = settings.templates_dir
    wrong = what_is_wrong(folder)
    if wrong is not None:
        return _line(HERE, Verdict.WRONG, "templates", wrong)
    words = "ours alone" if folder is None else f"ours, and those of {folder}"
    return _line(HERE, Verdict.GOOD, "templates", f"{words}, can be used")


def _database_lines(installation: Installation) -> Iterator[Line]:
    """It was opened, so its schema is this version's."""
    yield _line(HERE, Verdict.GOOD, "database", f"it has the schema {NEWEST}, as it should")
    try:
        skew = installation.database.clock_skew(installation.clock)
    except (DatabaseAway, DatabaseBusy) as error:
        yield _line(HERE, Verdict.WRONG, "clock", str(error))
        return
    words = f"{abs(skew) / 1000:.1f} seconds from the database's"
    verdict = Verdict.GOOD if abs(skew) <= MOST_SKEW else Verdict.WRONG
    yield _line(HERE, verdict, "clock", words)


def _places(installation: Installation, text: str | None) -> Sequence[Environment]:
    if text is not None:
        return [environment_meant(installation, text)]
    return environments.all_of_them(installation)


def _look_at_settings(settings: Settings, sending: Sending) -> Iterator[Line]:
    outgoing = settings.outgoing()
    if settings.relay is None:
        yield _line(SETTINGS, Verdict.MIND, "mail server", "none is set: TWOSTEP_SMTP")
        return
    sender = outgoing.sender
    sending.relays.append((SETTINGS, settings.relay, outgoing.envelope_sender or sender))
    sending.senders.setdefault((sender, outgoing.envelope_sender), SETTINGS)


def _look_at(
    installation: Installation, settings: Settings, place: Environment, sending: Sending
) -> Iterator[Line]:
    try:
        ways = own_delivery(installation, place.id)
    except RouteUnusable as error:
        yield _line(place.name, Verdict.WRONG, "own delivery", f"{error}: set it again")
        return
    if ways == OwnDelivery():
        return
    outgoing, look = settings.outgoing(), ways.look
    sender, bounces = look.sender or outgoing.sender, look.bounces or outgoing.envelope_sender
    if ways.relay is not None:
        relay = settings.with_ours(ways.relay.relay)
        sending.relays.append((place.name, relay, bounces or sender))
    if _mails(look) != _mails(NO_LOOK) or ways.relay is not None:
        sending.senders.setdefault((sender, bounces), place.name)


def _mails(look: Look) -> tuple[str | None, str | None]:
    return look.sender, look.bounces


async def _examined(
    sending: Sending, selectors: Sequence[str], server: tuple[str, int] | None, *, now: int
) -> list[Line]:
    # A tenth of a second of imports that only this needs.
    from twostep.delivery.sender_domains import Names, examine_domain  # noqa: PLC0415

    names = Names(server)
    looked = await asyncio.gather(
        *(examine_relay(relay, sender=sender, now=now) for _, relay, sender in sending.relays),
        *(
            examine_domain(names, sender=sender, return_address=bounces, selectors=selectors)
            for sender, bounces in sending.senders
        ),
    )
    wheres = [where for where, _, _ in sending.relays] + list(sending.senders.values())
    return [
        Line(where=where, finding=finding)
        for where, findings in zip(wheres, looked, strict=True)
        for finding in findings
    ]


def _line(where: str, verdict: Verdict, what: str, words: str) -> Line:
    plain = " ".join(words.split())
    return Line(where=where, finding=Finding(verdict=verdict, what=what, words=plain))


def _tell(lines: Sequence[Line], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "where": line.where,
                    "what": line.finding.what,
                    "verdict": line.finding.verdict.value,
                    "found": line.finding.words,
                }
                for line in lines
            ]
        )
    else:
        rows = [
            (_SHOWN[line.finding.verdict], line.where, line.finding.what, line.finding.words)
            for line in lines
        ]
        print_table(("", "Where", "What", "Found"), rows)
    if any(line.finding.verdict is Verdict.WRONG for line in lines):
        raise typer.Exit(Status.REFUSED)
