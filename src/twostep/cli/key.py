"""``twostep key``: changing the keys that the database is sealed with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from twostep.app import key_source
from twostep.cli.mistakes import Mistake
from twostep.cli.opening import opened, settings_of
from twostep.cli.output import AsJson, moment, print_json, print_table, say
from twostep.core.keys import INSTALLATION_ID
from twostep.flows import environments, keys
from twostep.flows.resealing import Progress as Tell
from twostep.flows.rotations import change_master_key

app = typer.Typer(help="The keys that the database is sealed with.", no_args_is_help=True)


@app.command("rotate")
def rotate(
    context: typer.Context,
    master: Annotated[
        bool, typer.Option("--master", help="Change the master key in the key file instead.")
    ] = False,
) -> None:
    """Make new keys and seal everything anew, while servers run. It may be stopped at any moment:
    the next call goes on where it was.
    """
    with opened(context) as installation:
        if master:
            with progress_bar("Wrapping keys") as tell:
                source = key_source(settings_of(context))
                done = change_master_key(installation, source, progress=tell)
            say(f"The master key was changed; {done.rewrapped} keys are wrapped by the new one.")
            say("Keep a copy of the key file, apart from the backups of the database.")
            return
        with progress_bar("Sealing anew") as tell:
            rotation = keys.rotate(installation, now=installation.clock(), progress=tell)
    if rotation.finished_earlier:
        say("A rotation that had been stopped is finished now.")
    count = rotation.resealed
    say(f"{count} {'row was' if count == 1 else 'rows were'} sealed anew.")
    if rotation.damaged:
        raise Mistake(
            f"{len(rotation.damaged)} rows cannot be opened: somebody changed them, or the disk "
            "did. Their users cannot sign in with them. Compare with a backup."
        )


@app.command("report")
def report(context: typer.Context, as_json: AsJson = False) -> None:
    """List all keys, in every version, and how many rows are sealed with each."""
    with opened(context) as installation:
        found = keys.report(installation.database)
        names = {each.id: each.name for each in environments.all_of_them(installation)}
    names[INSTALLATION_ID] = "(installation)"
    if as_json:
        print_json(
            [
                {
                    "environment": names.get(each.key.environment_id),
                    "purpose": each.key.purpose.value,
                    "version": each.key.version,
                    "state": each.key.state.value,
                    "made_at": each.key.made_at,
                    "master_key": each.key.kek_id,
                    "rows": each.rows,
                }
                for each in found
            ]
        )
        return
    print_table(
        ("Environment", "Key", "Version", "State", "Made", "Rows"),
        [
            (
                names.get(each.key.environment_id, "?"),
                each.key.purpose.value,
                str(each.key.version),
                each.key.state.value,
                moment(each.key.made_at),
                "" if each.rows is None else str(each.rows),
            )
            for each in found
        ],
    )


@contextmanager
def progress_bar(what: str) -> Iterator[Tell]:
    """A bar on standard error, for people who wait; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        if not bar.console.is_terminal:
            bar.disable = True
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
