"""``twostep database upgrade``, ``backup`` and ``restore``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from twostep.cli.mistakes import Mistake, Status, of_schema
from twostep.cli.opening import operator_of, settings_of
from twostep.cli.output import say
from twostep.clock import Clock
from twostep.storage.backups import TargetExists
from twostep.storage.backups import backup as copy_database
from twostep.storage.database_url import SqliteUrl, read_database_url
from twostep.storage.schema import Empty

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(
    context: typer.Context,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="On PostgreSQL: a backup has been made.")
    ] = False,
) -> None:
    """Bring the database to this version's schema. Stop all servers first.

    On SQLite a backup is made beside it. On PostgreSQL you make it, and say so with --confirm.
    """
    # Alembic is half a second of imports that only this needs.
    from twostep.flows.backups import upgrade_database  # noqa: PLC0415
    from twostep.storage.upgrades import WrongSchema  # noqa: PLC0415

    url, clock = settings_of(context).database_url, operator_of(context).clock
    if not isinstance(read_database_url(url), SqliteUrl) and not confirm:
        raise _backup_first(url, clock)
    try:
        done = upgrade_database(url, clock=clock)
    except WrongSchema as wrong:
        raise of_schema(wrong.state) from None
    except TargetExists as there:
        raise Mistake(f"The backup cannot be written: there is a file {there}.") from None
    if done.found == done.made:
        say(f"The database has the schema {done.made} already.")
        return
    say(f"The database now has the schema {done.made}; it had {done.found}.")
    if done.backup is not None:
        say(f"As it was before, it lies in {done.backup}.")


def _backup_first(url: str, clock: Clock) -> Mistake:
    from twostep.storage.upgrades import dump_command  # noqa: PLC0415 - as above

    command = shlex.join(dump_command(url, now=clock()))
    return Mistake(
        f"Make a backup first, for example with `{command}`, then say so with --confirm.",
        Status.USAGE,
    )


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The new file. It must not exist yet.")],
) -> None:
    """Copy the SQLite database to a file, while it is in use. The key file is not part of it."""
    source = _sqlite_path(context, "pg_dump")
    if not source.exists():
        raise of_schema(Empty())
    if not file.absolute().parent.is_dir():
        raise Mistake(f"There is no folder {file.absolute().parent} to put it in.")
    try:
        copy_database(source, file)
    except TargetExists:
        raise Mistake(f"There is a file {file} already. Nothing was written over it.") from None
    say(f"The database as it is now lies in {file}.")
    say("It can only be opened with the key file: keep a copy of that one, in another place.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup that `twostep backup` made.")],
    confirm: Annotated[
        bool, typer.Option("--confirm", help="The database of today is to be replaced.")
    ] = False,
) -> None:
    """Put a backup in the place of the SQLite database. Everybody has to sign in again."""
    from twostep.flows.backups import restore_backup  # noqa: PLC0415 - Alembic, as above
    from twostep.storage.restores import UnusableBackup, WrongBackupSchema  # noqa: PLC0415

    target = _sqlite_path(context, "pg_restore")
    if not file.is_file():
        raise Mistake(f"There is no file {file}.")
    if not confirm:
        raise Mistake(
            f"This replaces what is in {target}: whatever happened after the backup is gone, and "
            "everybody has to sign in again. Say --confirm if you mean it.",
            Status.USAGE,
        )
    try:
        restored = restore_backup(target, file, clock=operator_of(context).clock)
    except UnusableBackup:
        raise Mistake(f"{file} is not a whole backup. The database is as it was.") from None
    except WrongBackupSchema as wrong:
        raise Mistake(
            f"{file} is of another version of Twostep ({type(wrong.state).__name__.lower()}). The "
            "database is as it was. Bring a copy of the file to this version first: "
            f"`twostep --database COPY database upgrade`."
        ) from None
    say(f"The backup is in place, as generation {restored.generation}. All sessions have ended.")
    say("Codes of authenticator apps work again from the next one that an app shows.")


def _sqlite_path(context: typer.Context, instead: str) -> Path:
    address = read_database_url(settings_of(context).database_url)
    if isinstance(address, SqliteUrl):
        return address.path
    raise Mistake(
        f"This is for SQLite. A PostgreSQL database has its own program for it: {instead}.",
        Status.USAGE,
    )
