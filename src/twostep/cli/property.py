"""``twostep property``: what an environment asks for, and what the installation does."""

from __future__ import annotations

from typing import Annotated

import typer

from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened
from twostep.cli.output import AsJson, InEnvironment, print_json, print_table, say
from twostep.core.properties import (
    CATALOGUE,
    BadValue,
    Property,
    Scope,
    UnknownProperty,
    effective,
    find,
)
from twostep.flows import properties
from twostep.flows.installation import Installation
from twostep.storage.properties import Change

app = typer.Typer(help="Properties of environments and of the installation.", no_args_is_help=True)


@app.command("set")
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The property's name.")],
    value: Annotated[str, typer.Argument(help="Its new value.")],
    environment: InEnvironment = None,
    default: Annotated[
        bool,
        typer.Option(
            "--installation-default", help="For environments without a value of their own."
        ),
    ] = False,
    floor: Annotated[
        bool,
        typer.Option("--installation-floor", help="No environment may be laxer than this."),
    ] = False,
) -> None:
    """Set a property."""
    if (environment is not None) + default + floor > 1:
        raise Mistake(
            "Choose one of --environment, --installation-default and --installation-floor.",
            Status.USAGE,
        )
    try:
        item = find(name)
        with opened(context) as installation:
            where, change = _set(installation, item, value, environment, default, floor)
    except UnknownProperty as unknown:
        raise Mistake(f"T{str(unknown)[1:]}.", Status.USAGE) from None
    except BadValue as bad:
        raise Mistake(f"{name} cannot be set so: {bad}.", Status.USAGE) from None
    before = "" if change.old is None else f" It was {_shown(item, change.old)}."
    say(f"{item.name} is now {_shown(item, change.new)} {where}.{before}")


def _set(
    installation: Installation,
    item: Property,
    value: str,
    environment: str | None,
    default: bool,
    floor: bool,
) -> tuple[str, Change]:
    if default:
        return "by default", properties.set_default(installation, item, value)
    if floor:
        return "at least, everywhere", properties.set_floor(installation, item, value)
    place = environment_meant(installation, environment)
    return f"in {place.name}", properties.set_in_environment(installation, place, item, value)


@app.command("list")
def list_(
    context: typer.Context, environment: InEnvironment = None, as_json: AsJson = False
) -> None:
    """List what holds in an environment, and whose value it is."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        stored = properties.stored_of(installation, place.id)
    found = [(item, effective(stored, item.name)) for item in CATALOGUE.values()]
    if as_json:
        print_json(
            {
                item.name: {
                    "value": item.kind.shown(holds.value),
                    "source": holds.source and holds.source.value,
                }
                for item, holds in found
            }
        )
        return
    print_table(
        ("Property", "Value", "From", "What it is"),
        [
            (item.name, item.kind.shown(holds.value), _from(holds.source), item.help)
            for item, holds in found
        ],
    )


def _shown(item: Property, value: str) -> str:
    """As people write it: a day is stored as a number."""
    return item.kind.shown(value) or "empty"


def _from(source: Scope | None) -> str:
    match source:
        case None:
            return "built in"
        case Scope.ENVIRONMENT:
            return "environment"
        case Scope.DEFAULT:
            return "installation's default"
        case Scope.FLOOR:
            return "installation's floor"
