"""``twostep environment mail``, ``text`` and ``look``: what an environment has of its own.

Passwords come on standard input and never from an argument: the arguments of a program can be read
by everybody on the machine, and stay in the shell's history.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened
from twostep.cli.output import AsJson, print_json, print_table
from twostep.core.environments import LONGEST_NAME, Environment
from twostep.core.looks import (
    LEAST_CONTRAST,
    NotAColour,
    NotALogo,
    TooPale,
    checked_colour,
    checked_logo,
)
from twostep.core.messages import DeliveryKind
from twostep.core.users import NotAName, checked_name
from twostep.delivery.mail import Relay, Tls
from twostep.delivery.mail_form import NotAnAddress, demand_address
from twostep.delivery.relays import NotAMailServer, address_of, read_relay
from twostep.delivery.texts import Provider, WrongProvider
from twostep.flows.delivery_routes import (
    OwnDelivery,
    RouteUnusable,
    clear,
    own_delivery,
    set_mail,
    set_texts,
)
from twostep.flows.installation import Installation
from twostep.flows.looks import set_look
from twostep.flows.return_addresses import demand_room_for_reference

Name = Annotated[str, typer.Argument(help="The environment's name or address.")]
Clear = Annotated[bool, typer.Option("--clear", help="Have nothing of its own here any more.")]

_OF_MAIL = ("sender", "sender_name", "bounces")
_MOST_INPUT = 10_000


def mail(
    context: typer.Context,
    name: Name,
    relay: Annotated[
        str | None, typer.Option(help="Its mail server: smtp://user@mail.example.org:587.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Its password is read from standard input.")
    ] = False,
    starttls: Annotated[
        Tls, typer.Option(help="required, optional or never; as TWOSTEP_SMTP_STARTTLS.")
    ] = Tls.REQUIRED,
    rate: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Messages it takes in a minute.")
    ] = None,
    sender: Annotated[str | None, typer.Option(help="From which address.")] = None,
    sender_name: Annotated[str | None, typer.Option(help="From whom.")] = None,
    bounces: Annotated[str | None, typer.Option(help="Where reports of failure go.")] = None,
    clear_all: Clear = False,
    as_json: AsJson = False,
) -> None:
    """Show or set an environment's own mail server and sender. What it has not comes from the
    settings. A server that runs knows it within seconds.
    """
    found = None if relay is None else _relay(relay, starttls, password_stdin)
    if found is None and (password_stdin or rate is not None or starttls is not Tls.REQUIRED):
        raise Mistake("--relay says which mail server that is for.", Status.USAGE)
    said = zip(_OF_MAIL, (_address(sender), _short(sender_name), _bounces(bounces)), strict=True)
    changes = {part: value for part, value in said if value is not None}
    with opened(context) as installation:
        place = environment_meant(installation, name)
        if clear_all:
            clear(installation, place, DeliveryKind.MAIL)
            set_look(installation, place, dict.fromkeys(_OF_MAIL))
        if found is not None:
            set_mail(installation, place, found, rate=rate)
        if changes:
            set_look(installation, place, changes)
        _show(installation, place, as_json=as_json)


def text(
    context: typer.Context,
    name: Name,
    provider_stdin: Annotated[
        bool,
        typer.Option(
            "--provider-stdin",
            help="Its provider is read from standard input: an Apprise address with {to} in it.",
        ),
    ] = False,
    clear_all: Clear = False,
    as_json: AsJson = False,
) -> None:
    """Show or set an environment's own provider of text messages."""
    url = _provider() if provider_stdin else None
    with opened(context) as installation:
        place = environment_meant(installation, name)
        if clear_all:
            clear(installation, place, DeliveryKind.TEXT)
        if url is not None:
            set_texts(installation, place, url)
        _show(installation, place, as_json=as_json)


def look(
    context: typer.Context,
    name: Name,
    colour: Annotated[
        str | None, typer.Option(help="Of links and buttons, and in mails: #0b6e6e.")
    ] = None,
    logo: Annotated[
        Path | None, typer.Option(help="A PNG picture of up to 100 kB, for the head of pages.")
    ] = None,
    clear_all: Clear = False,
    as_json: AsJson = False,
) -> None:
    """Show or set an environment's own colour and logo."""
    changes: dict[str, str | None] = {}
    if clear_all:
        changes |= {"accent": None, "logo_name": None}
    if colour is not None:
        changes["accent"] = _colour(colour)
    picture = None if logo is None else _logo(logo)
    if picture is not None:
        changes["logo_name"] = sha256(picture).hexdigest()[:32]
    with opened(context) as installation:
        place = environment_meant(installation, name)
        if changes:
            set_look(installation, place, changes, logo=picture)
        _show(installation, place, as_json=as_json)


def _relay(text: str, starttls: Tls, has_password: bool) -> Relay:
    if starttls is Tls.WRAPPED:
        raise Mistake("That is said by smtps:// in --relay.", Status.USAGE)
    try:
        found = read_relay(text, starttls=starttls)
    except NotAMailServer:
        raise Mistake(
            "--relay must be an address such as smtp://user@mail.example.org:587 or "
            "smtps://mail.example.org, without a password.",
            Status.USAGE,
        ) from None
    if (found.user is None) == has_password:
        raise Mistake(
            "A user has a password, and a password a user: smtp://USER@… and --password-stdin go "
            "together.",
            Status.USAGE,
        )
    if not has_password:
        return found
    return read_relay(text, starttls=starttls, password=_from_standard_input("password"))


def _provider() -> str:
    url = _from_standard_input("provider")
    try:
        Provider(url)
    except WrongProvider as wrong:
        raise Mistake(f"{str(wrong).capitalize()}.", Status.USAGE) from None
    return url


def _from_standard_input(what: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(what.capitalize(), hide_input=True))
    try:
        line = sys.stdin.readline(_MOST_INPUT).strip("\r\n")
    except UnicodeDecodeError:
        raise Mistake(f"The {what} on standard input is not UTF-8.") from None
    if not line:
        raise Mistake(f"No {what} came on standard input.", Status.USAGE)
    return line


def _address(text: str | None) -> str | None:
    try:
        return None if text is None else demand_address(text.strip())
    except NotAnAddress:
        raise Mistake("A sender is one email address.", Status.USAGE) from None


def _bounces(text: str | None) -> str | None:
    try:
        return None if text is None else demand_room_for_reference(demand_address(text.strip()))
    except NotAnAddress as wrong:
        raise Mistake(f"--bounces: {wrong}.", Status.USAGE) from None


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        short = checked_name(text)
    except NotAName:
        short = ""
    if not 0 < len(short) <= LONGEST_NAME:
        raise Mistake(
            f"A sender's name must have 1 to {LONGEST_NAME} characters that can be seen.",
            Status.USAGE,
        )
    return short


def _colour(text: str) -> str:
    try:
        return checked_colour(text)
    except NotAColour as wrong:
        raise Mistake(f"{str(wrong).capitalize()}.", Status.USAGE) from None
    except TooPale as pale:
        raise Mistake(
            f"Words in {text} could not be read: its contrast with the ground is "
            f"{pale.contrast:.1f} to 1, and has to be {LEAST_CONTRAST}. Choose a darker one.",
            Status.USAGE,
        ) from None


def _logo(file: Path) -> bytes:
    try:
        with file.open("rb") as opened_file:
            # More than is allowed, and no more of whatever it is.
            return checked_logo(opened_file.read(1_000_000))
    except NotALogo as wrong:
        raise Mistake(f"{file} cannot be a logo: {wrong}.", Status.USAGE) from None


def _show(installation: Installation, place: Environment, *, as_json: bool) -> None:
    try:
        ways = own_delivery(installation, place.id)
    except RouteUnusable:
        raise Mistake(
            "What is stored cannot be opened: somebody changed it, or the disk did. Set it again, "
            "or clear it."
        ) from None
    parts = _parts(ways)
    if as_json:
        print_json({"name": place.name, **parts})
        return
    print_table(
        ("Of its own", place.name),
        [
            (part.replace("_", " "), "(as the settings say)" if value is None else str(value))
            for part, value in parts.items()
        ],
    )


def _parts(ways: OwnDelivery) -> dict[str, str | int | bool | None]:
    """Without passwords; of a provider, whose address holds one, only that there is one."""
    own, seen = ways.relay, ways.look
    return {
        "relay": None if own is None else address_of(own.relay),
        "starttls": None if own is None else own.relay.tls.value,
        "rate": None if own is None else own.rate,
        "sender": seen.sender,
        "sender_name": seen.sender_name,
        "bounces": seen.bounces,
        "text_provider": None if ways.texts is None else "set",
        "colour": seen.accent,
        "logo": None if seen.logo_name is None else "set",
    }
