"""``twostep demo``: everything in one throw-away folder, to be tried at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostep.app import build_installation, close, configure_logs
from twostep.cli import demo_people
from twostep.cli.first_start import make_installation
from twostep.cli.listening import demand_free_port, is_free
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import operator_of
from twostep.cli.output import AsJson, print_json
from twostep.cli.serving import run_server
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment, Origin, parse_origin
from twostep.core.policies import TwoStepVerification
from twostep.core.properties import CATALOGUE
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import environments, properties, users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.installation import Installation
from twostep.settings import DEFAULT_PORT, DemoSettings

PORTS_TRIED = 100
MOST_USERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment of the demo.

    ``host`` is its primary address, for browsers, which take every name below ``localhost`` for
    this machine. ``plain_host`` is for scripts: Python and Node do not resolve such a name.
    """

    name: str
    host: str
    plain_host: str
    two_step: TwoStepVerification
    sends_codes: bool = False

    def origin(self, port: int) -> Origin:
        """The address that is printed for people."""
        return parse_origin(f"http://{self.host}:{port}")

    def plain_origin(self, port: int) -> Origin:
        """The address that is printed for scripts."""
        return parse_origin(f"http://{self.plain_host}:{port}")


PLACES = (
    Place(
        name="Harbour Clinic",
        host="harbour.localhost",
        plain_host="127.0.0.1",
        two_step=TwoStepVerification.OPTIONAL,
        sends_codes=True,
    ),
    Place(
        name="Northside Housing",
        host="northside.localhost",
        plain_host="localhost",
        two_step=TwoStepVerification.REQUIRED,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the demo, with the password that is printed."""

    place: Place
    name: str
    password: Secret[str]
    administrator: bool


def demo(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="8000, or the next free one.")
    ] = None,
    number: Annotated[
        int, typer.Option("--users", min=1, max=MOST_USERS, help="Users in each environment.")
    ] = 2,
    as_json: AsJson = False,
) -> None:
    """Try Twostep: two environments with a few users, printed with their passwords, in a folder
    that is removed at the end. Serves until it is interrupted.
    """
    chosen = _port(port)
    clock = operator_of(context).clock
    with tempfile.TemporaryDirectory(prefix="twostep-demo-") as folder:
        # Its own settings and no others: a demo must never touch what serves people.
        mailbox = Path(folder, "mailbox")
        mailbox.mkdir()
        settings = DemoSettings(
            data_dir=Path(folder), port=chosen, log_level="warning", mailbox=mailbox
        )
        configure_logs(settings)
        make_installation(settings, clock=clock)
        installation = build_installation(settings, clock=clock)
        try:
            people = list(_populate(installation, chosen, number))
        finally:
            close(installation)
        tell = _tell_script if as_json else _tell_person
        ready = partial(tell, people, chosen)
        run_server(settings, clock=clock, when_ready=ready, ends_with_terminal=True)


def _port(wanted: int | None) -> int:
    if wanted is not None:
        demand_free_port("127.0.0.1", wanted)
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        if is_free(port):
            return port
    raise Mistake(
        f"Every port from {DEFAULT_PORT} to {DEFAULT_PORT + PORTS_TRIED - 1} is in use. "
        "Choose another with --port.",
        Status.USAGE,
    )


def _populate(installation: Installation, port: int, number: int) -> Iterator[Person]:
    for which, place in enumerate(PLACES):
        made = environments.add(
            installation,
            name=place.name,
            primary=place.origin(port),
            others=[place.plain_origin(port)],
        )
        assert isinstance(made, Environment)
        properties.set_in_environment(
            installation, made, CATALOGUE["two_step_verification"], place.two_step.value
        )
        if place.sends_codes:
            properties.set_in_environment(installation, made, CATALOGUE["allow_email_codes"], "yes")
        administrator = demo_people.ADMINISTRATORS[which]
        yield _add(installation, place, made, administrator, administrator=True)
        for index in range(number):
            name = demo_people.user_name(which, index)
            yield _add(installation, place, made, name, administrator=False)


def _add(
    installation: Installation,
    place: Place,
    environment: Environment,
    name: str,
    *,
    administrator: bool,
) -> Person:
    """Somebody new, whose password passes the rules. Dice may throw one that does not."""
    while True:
        password = demo_people.password()
        added = users.add(
            installation,
            environment,
            name=name,
            password=password,
            full_name=demo_people.full_name(name),
            administrator=administrator,
        )
        if isinstance(added, User):
            address = f"{name}@{place.host.replace('.localhost', '.example')}"
            set_for_user(installation, added, ContactKind.EMAIL, address, language="en")
            return Person(place=place, name=name, password=password, administrator=administrator)


def _role(person: Person) -> str:
    return "administrator" if person.administrator else "user"


def _tell_script(people: list[Person], port: int) -> None:
    print_json(
        {
            "url": str(PLACES[0].plain_origin(port)),
            "users": [
                {
                    "name": person.name,
                    "password": person.password.reveal(),
                    "role": _role(person),
                    "url": str(person.place.plain_origin(port)),
                }
                for person in people
            ],
            "mailbox": f"{PLACES[0].plain_origin(port)}/mailbox",
        }
    )


_TO_TRY = """\
What to try
  1  At Harbour Clinic, sign in as ann. The password is enough there.
  2  Security Settings, 2-Step Verification, Configure: scan the picture
     with an authenticator app, and type the code that it shows.
  3  Sign out, and in again: now the code is asked.
  4  At Northside Housing, sign in as cleo. A second step is required
     there, so it is set up before anything else opens.
  5  At Harbour Clinic, sign in as morgan: System Admin, Security,
     Authentication Settings, Required. Then bo is sent a code at
     sign-in, with nothing to set up: it lies in the mailbox.
"""


def _tell_person(people: list[Person], port: int) -> None:
    console = Console(highlight=False)
    console.print("\n[bold]Twostep is running,[/bold] in a folder that goes when you stop it.")
    for place in PLACES:
        optional = place.two_step is TwoStepVerification.OPTIONAL
        manner = "optional" if optional else "required"
        console.print(f"\n[bold]{place.name}[/bold]   2-Step Verification: {manner}")
        console.print(f"  [cyan]{place.origin(port)}[/cyan]   or {place.plain_origin(port)}\n")
        table = Table(box=None, pad_edge=True, show_header=False, padding=(0, 3, 0, 2))
        for person in people:
            if person.place is place:
                role = "administrator" if person.administrator else ""
                table.add_row(person.name, person.password.reveal(), Text(role, style="dim"))
        console.print(table)
    console.print("\n[bold]Mailbox[/bold]   every message that would be sent")
    console.print(f"  [cyan]{PLACES[0].origin(port)}/mailbox[/cyan]")
    console.print(f"\n{_TO_TRY}")
    console.print("Press Ctrl-C to stop.", style="dim")
