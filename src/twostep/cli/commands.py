"""All commands. Each stands in the module of its word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twostep import __version__
from twostep.cli import (
    audit,
    audit_stream,
    break_glass,
    demo,
    doctor,
    environment,
    everything,
    key,
    message,
    permission,
    serve,
    user,
    user_import,
    user_person,
)
from twostep.cli import database as databases
from twostep.cli import property as properties
from twostep.cli.opening import Operator, operator_of

app = typer.Typer(
    name="twostep",
    help="A self-hosted sign-in service that gives any web application 2-step verification.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"twostep {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="A settings file (TOML).")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="The folder of twostep.db and twostep.key.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="A SQLite file, or postgresql://user@host/name.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Settings also come from variables TWOSTEP_… and from twostep.toml in this folder."""
    given = {"config": config, "data_dir": data_dir, "database": database}
    context.obj = Operator(clock=operator_of(context).clock, options=given)


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
app.add_typer(environment.app, name="environment")
user.app.command("import")(user_import.import_users)
user.app.command("export-data")(user_person.export_data)
user.app.command("erase")(user_person.erase)
app.add_typer(user.app, name="user")
app.add_typer(permission.app, name="permission")
app.command("break-glass")(break_glass.break_glass)
app.add_typer(properties.app, name="property")
app.add_typer(key.app, name="key")
audit.app.command("stream")(audit_stream.stream)
app.add_typer(audit.app, name="audit")
app.add_typer(message.app, name="message")
app.add_typer(databases.app, name="database")
app.command("backup")(databases.backup)
app.command("restore")(databases.restore)
app.command("export")(everything.export)
app.command("import")(everything.import_)
