"""``twostep environment``: the environments of the installation and their addresses."""

from __future__ import annotations

from typing import Annotated, assert_never

import typer

from twostep.cli import environment_delivery
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened
from twostep.cli.output import AsJson, print_json, print_table, say
from twostep.core.address_readiness import SentBy
from twostep.core.environments import LONGEST_NAME, Environment, NotAnOrigin, Origin
from twostep.core.users import NotAName
from twostep.flows import address_readiness, environments, links
from twostep.flows.environments import AddressTaken, EnvironmentNameTaken, checked_address
from twostep.flows.links import LASTS_MINUTES
from twostep.i18n.address_readiness import label

LIST_PATH = "/admin/readiness"

app = typer.Typer(help="Environments and their addresses.", no_args_is_help=True)
app.command("mail")(environment_delivery.mail)
app.command("text")(environment_delivery.text)
app.command("look")(environment_delivery.look)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As people will read it on the sign-in page.")],
    address: Annotated[
        str, typer.Option(help="Where it is reached, and where links lead: https://…")
    ],
    also: Annotated[list[str] | None, typer.Option(help="A further address of it.")] = None,
) -> None:
    """Add an environment, and print a link for its first administrator."""
    primary, others = _origin(address), [_origin(text) for text in also or ()]
    with opened(context) as installation:
        try:
            made = environments.add(installation, name=name, primary=primary, others=others)
        except NotAName:
            raise Mistake(
                f"The name must have 1 to {LONGEST_NAME} characters that can be seen.",
                Status.USAGE,
            ) from None
        match made:
            case EnvironmentNameTaken():
                raise Mistake(f"There is an environment {name!r} already. Choose another name.")
            case AddressTaken(origin=origin):
                raise Mistake(f"Another environment has the address {origin}. Choose another.")
            case Environment():
                link = links.invite_first_administrator(installation, made)
            case _:
                assert_never(made)
    say(f"{made.name} was added. It is reached at {', '.join(map(str, made.origins))}.")
    if link is not None:
        say(f"Its first administrator begins here, within {LASTS_MINUTES} minutes:")
        say(f"\n    {link.reveal()}\n")


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List all environments, the oldest first."""
    with opened(context) as installation:
        known = environments.all_of_them(installation)
    if as_json:
        print_json(
            [
                {
                    "name": each.name,
                    "address": str(each.primary),
                    "also": [str(origin) for origin in each.others],
                }
                for each in known
            ]
        )
        return
    print_table(
        ("Name", "Address", "Also"),
        [(each.name, str(each.primary), " ".join(map(str, each.others))) for each in known],
    )


@app.command("readiness")
def readiness(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Its name or address. Not needed for the only one.")
    ] = None,
    by: Annotated[SentBy, typer.Option(help="By which sent codes.")] = SentBy.EITHER,
    as_json: AsJson = False,
) -> None:
    """Count who could not be reached by codes that are sent, before they are relied on."""
    with opened(context) as installation:
        place = environment_meant(installation, name)
        found = address_readiness.counts(installation, place.id, by)
    if as_json:
        print_json(
            {
                gap.value: {"people": count.people, "more": count.more, "with_app": count.with_app}
                for gap, count in found.items()
            }
        )
        return
    print_table(
        ("What is missing", "People", "With an app"),
        [
            (
                label(gap, "en"),
                f"{'over ' if count.more else ''}{count.people}",
                str(count.with_app),
            )
            for gap, count in found.items()
        ],
    )
    say(f"Who they are is listed at {place.primary}{LIST_PATH}?by={by.value}")


def _origin(text: str) -> Origin:
    try:
        return checked_address(text)
    except NotAnOrigin as wrong:
        raise Mistake(f"{text} is not an address: {wrong}.", Status.USAGE) from None
