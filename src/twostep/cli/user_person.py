"""``twostep user export-data`` and ``erase``: what a person may ask of whoever keeps their data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, assert_never

import typer

from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, user_meant
from twostep.cli.output import InEnvironment, say
from twostep.flows.erasures import Erased, Nobody, erase_by_operator
from twostep.flows.person_data import export_by_operator
from twostep.flows.user_acts import LastManager

Name = Annotated[str, typer.Argument(help="The user's name.")]


def export_data(
    context: typer.Context,
    name: Name,
    file: Annotated[
        Path | None, typer.Option(help="A new file; standard output without it.")
    ] = None,
    environment: InEnvironment = None,
) -> None:
    """Give everything that is stored about one person, as JSON, without secrets."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        found = export_by_operator(installation, user_meant(installation, place, name))
    if file is None:
        typer.echo(found.text, nl=False)
        return
    write_new(file, found.text.encode())
    say(f"Everything about {name} lies in {file}. Give it to nobody but that person.")


def erase(
    context: typer.Context,
    name: Name,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="It cannot be undone, and you mean it.")
    ] = False,
    environment: InEnvironment = None,
) -> None:
    """Erase a person for ever. The audit log keeps what happened, without who they were."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        if not confirm:
            raise Mistake(
                f"This deletes everything about {user.name} and cannot be undone. Say --confirm if "
                "you mean it.",
                Status.USAGE,
            )
        outcome = erase_by_operator(installation, user)
    match outcome:
        case Erased(rows=rows):
            say(f"{user.name} is erased: {rows} rows are gone or empty.")
            say("Backups, exports and other systems' logs still hold what they held.")
        case LastManager():
            raise Mistake(
                f"{user.name} is the last one in {place.name} who can manage users. Grant that "
                "permission to somebody else first."
            )
        case Nobody():
            raise Mistake(f"{name} was erased a moment ago.")
        case _:
            assert_never(outcome)


def write_new(file: Path, content: bytes) -> None:
    """Write a file for its owner alone. Raises Mistake where there is one already."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise Mistake(f"There is a file {file} already. Nothing was written over it.") from None
    except FileNotFoundError:
        raise Mistake(f"There is no folder {file.absolute().parent} to put it in.") from None
    with os.fdopen(descriptor, "wb") as opened_file:
        opened_file.write(content)
        opened_file.flush()
        os.fsync(opened_file.fileno())
