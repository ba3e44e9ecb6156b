"""``twostep export`` and ``twostep import``: an environment on its way to another installation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, assert_never

import typer

from twostep.cli.first_start import make_installation
from twostep.cli.key import progress_bar
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, operator_of, settings_of
from twostep.cli.output import InEnvironment, say
from twostep.core.environments import NotAnOrigin
from twostep.crypto import sealed_files
from twostep.crypto.sealed_files import SHORTEST_PASSPHRASE, NotASealedFile, WrongPassphrase
from twostep.crypto.secret import Secret
from twostep.flows.environment_exports import export_lines
from twostep.flows.environment_imports import (
    EnvironmentThere,
    FileChanged,
    Imported,
    import_environment,
)
from twostep.flows.environments import AddressTaken, EnvironmentNameTaken, checked_address
from twostep.flows.export_reading import WrongExport, lines_in

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="A file whose first line is the passphrase; it is asked for without one."),
]

_PIECE = 64 * 1024


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The new file. It must not exist yet.")],
    environment: InEnvironment = None,
    passphrase_file: PassphraseFile = None,
    unsafe_plain: Annotated[
        bool, typer.Option("--unsafe-plain", help="Write all secrets so that anybody reads them.")
    ] = False,
) -> None:
    """Write an environment to a file: users, password hashes, keys of apps, addresses, devices,
    properties, permissions and the audit log. Sealed with a passphrase.
    """
    if file.exists():
        raise Mistake(f"There is a file {file} already. Nothing was written over it.")
    passphrase = None if unsafe_plain else _passphrase(passphrase_file, new=True)
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        with progress_bar(place.name) as tell:
            lines = export_lines(installation, place, progress=tell)
            _write(file, lines if passphrase is None else sealed_files.sealed(lines, passphrase))
    say(f"{place.name} lies in {file}.")
    if passphrase is None:
        warning = (
            "WARNING: it holds the keys of everybody's app and the hash of everybody's password, "
            "for whoever can read it. Delete it as soon as it was imported."
        )
        typer.echo(warning, err=True)
    say("Recovery codes, sessions and what devices remember do not come along.")


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What twostep export wrote.")],
    address: Annotated[
        list[str] | None,
        typer.Option(help="Where people sign in here, in the place of where they did."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is called here.")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Import an environment from a file, all of it or nothing. Into an empty folder too: what an
    installation needs is made there first.
    """
    if not file.is_file():
        raise Mistake(f"There is no file {file}.")
    try:
        origins = [checked_address(each) for each in address or ()]
    except NotAnOrigin as wrong:
        raise Mistake(f"--address: {wrong}.", Status.USAGE) from None
    passphrase = _passphrase(passphrase_file, new=False) if _is_sealed(file) else None
    make_installation(settings_of(context), clock=operator_of(context).clock)
    with opened(context) as installation, progress_bar(file.name) as tell, _explained():
        outcome = import_environment(
            installation,
            lambda: lines_in(_pieces(file, passphrase)),
            trusted=passphrase is not None,
            origins=origins,
            name=name,
            progress=tell,
        )
    _say(outcome)


@contextmanager
def _explained() -> Iterator[None]:
    """What can be wrong with a file, in words. Nothing was imported then."""
    try:
        yield
    except WrongExport as wrong:
        raise _mistake(wrong) from None
    except (NotASealedFile, WrongPassphrase):
        raise Mistake(
            "The passphrase does not open this file, or the file is damaged. Nothing was imported."
        ) from None
    except FileChanged:
        raise Mistake("The file changed while it was read. Nothing was imported.") from None
    except NotAnOrigin as wrong:
        raise Mistake(
            f"Its address cannot be used here ({wrong}). Give another one with --address."
        ) from None


def _say(
    outcome: Imported | EnvironmentThere | EnvironmentNameTaken | AddressTaken,
) -> None:
    match outcome:
        case Imported():
            place = outcome.environment
            say(f"{place.name}: {outcome.users} users and {outcome.events} events are here now.")
            say(f"People sign in at {place.primary}.")
            if outcome.without_codes:
                say(f"{outcome.without_codes} users had recovery codes and have to make new ones.")
            for each in outcome.differences:
                say(f"{each.name} was {each.there!r} there and is {each.here!r} here.")
        case EnvironmentThere():
            raise Mistake("This environment is here already. Nothing was imported.")
        case EnvironmentNameTaken():
            raise Mistake("Another environment has its name. Give another one with --name.")
        case AddressTaken(origin=origin):
            raise Mistake(
                f"Another environment has the address {origin}. Give another one with --address."
            )
        case _:
            assert_never(outcome)


def _mistake(wrong: WrongExport) -> Mistake:
    named = [f"line {line.number}: {line.why}" for line in wrong.lines]
    return Mistake("\n".join(["Nothing was imported. What is wrong:", *named]))


def _is_sealed(file: Path) -> bool:
    with file.open("rb") as opened_file:
        return sealed_files.is_sealed(opened_file.read(100))


def _pieces(file: Path, passphrase: Secret[str] | None) -> Iterator[bytes]:
    with file.open("rb") as opened_file:
        if passphrase is not None:
            yield from sealed_files.opened(opened_file, passphrase)
            return
        while piece := opened_file.read(_PIECE):
            yield piece


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """The file has its name when all of it is on the disk. Whatever was interrupted is named
    ``.part`` and holds nothing that could be imported.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        raise Mistake(f"There is no folder {file.absolute().parent} to put it in.") from None
    try:
        with os.fdopen(descriptor, "wb") as written:
            # One that was there before keeps its mode otherwise.
            os.fchmod(written.fileno(), 0o600)
            for piece in pieces:
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        os.link(part, file)
    except FileExistsError:
        raise Mistake(f"There is a file {file} already. Nothing was written over it.") from None
    finally:
        part.unlink(missing_ok=True)


def _passphrase(file: Path | None, *, new: bool) -> Secret[str]:
    if file is not None:
        try:
            with file.open(encoding="utf-8") as opened_file:
                text = opened_file.readline(10_000).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise Mistake(f"The passphrase cannot be read from {file}.") from None
    elif sys.stdin.isatty():
        text = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new))
    else:
        text = sys.stdin.readline(10_000).rstrip("\r\n")
    if new and len(text) < SHORTEST_PASSPHRASE:
        raise Mistake(
            f"A passphrase has {SHORTEST_PASSPHRASE} characters or more: with the file, it opens "
            "everybody's account.",
            Status.USAGE,
        )
    return Secret(text)
