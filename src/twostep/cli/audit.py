"""``twostep audit``: checking the audit log, on an installation, a copy of it, or an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from twostep.cli import audit_export
from twostep.cli.key import progress_bar
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, settings_of
from twostep.cli.output import AsJson, InEnvironment, moment, print_json, say
from twostep.core.audit_chain import Broken
from twostep.core.environments import Environment
from twostep.flows import environments
from twostep.flows.audit_chain import Verification, verify_environment
from twostep.flows.audit_exports import ExportChecked
from twostep.flows.checkpoints import environments_in
from twostep.flows.installation import Installation

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.command("verify")
def verify(
    context: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(help="A file of checkpoints, from where nobody could change it."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Check this file of `twostep audit export`, and no database."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="With --export: a file of `twostep audit key`. No installation is used."),
    ] = None,
    environment: InEnvironment = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing in the log was changed, taken out or put in. Exit status 4 where it was.

    Without checkpoints, events cut off at the end together with their seals are not missed.
    """
    if export is not None and environment is not None:
        raise Mistake("--environment is for the database: an export names its own.", Status.USAGE)
    if export is not None:
        found_there = audit_export.check_file(context, export, key, checkpoints or [])
        _tell_of_export(found_there, as_json=as_json)
    elif key is not None:
        raise Mistake("--key is for --export: the database has its own keys.", Status.USAGE)
    else:
        lines = _lines(context, checkpoints)
        found, gone = _checked(context, lines, environment)
        _tell(found, gone, as_json=as_json)


@app.command("export")
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The file to be made; it must not be there yet.")],
    environment: InEnvironment = None,
) -> None:
    """Write the whole sealed log of an environment to a file, to be checked elsewhere.

    It names nobody. That it was taken away is written into the log.
    """
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        lines = audit_export.write_export(installation, place, out)
    say(f"{out}: {lines} lines. Check them with `twostep audit verify --export {out}`.")


@app.command("key")
def key_file(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The file to be made; it must not be there yet.")],
    environment: InEnvironment = None,
) -> None:
    """Write the audit key of an environment to a file, for whoever is to check an export.

    Whoever has it can forge a log as well. That it was taken away is written into the log.
    """
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        audit_export.write_key(installation, place, out)
    say(f"{out}: the audit key of {place.name}.")
    say(
        "Whoever has it can check this log, and forge it. Hand it over by another way than the log,"
    )
    say("have it deleted after the check, and then give the log a new one: `twostep key rotate`.")


def _checked(
    context: typer.Context, lines: Sequence[str], environment: str | None
) -> tuple[Sequence[tuple[Environment, Verification]], Sequence[bytes]]:
    """What was found in each environment, and the ids of those that only checkpoints know."""
    with opened(context) as installation:
        if environment is not None:
            place = environment_meant(installation, environment)
            return [(place, _check(installation, place, lines))], ()
        places = environments.all_of_them(installation)
        gone = environments_in(lines).difference(place.id for place in places)
        return [(place, _check(installation, place, lines)) for place in places], sorted(gone)


def _tell(
    found: Sequence[tuple[Environment, Verification]], gone: Sequence[bytes], *, as_json: bool
) -> None:
    if as_json:
        print_json([*(_as_json(place, each) for place, each in found), *map(_gone_as_json, gone)])
    else:
        for place, each in found:
            for sentence in _sentences(place, each):
                say(sentence)
        for id_ in gone:
            say(f"{id_.hex()}: there are checkpoints of this environment, and it is not here.")
    if gone or not all(each.in_order for _, each in found):
        raise Mistake("The audit log is not in order.", Status.TAMPERED)


def _gone_as_json(id_: bytes) -> dict[str, object]:
    return {"environment": None, "environment_id": id_.hex(), "in_order": False, "fault": "gone"}


def _tell_of_export(found: ExportChecked, *, as_json: bool) -> None:
    if as_json:
        print_json(audit_export.as_json(found))
    else:
        for sentence in audit_export.sentences(found):
            say(sentence)
    if not found.in_order:
        raise Mistake("The audit log is not in order.", Status.TAMPERED)


def _lines(context: typer.Context, files: Sequence[Path] | None) -> list[str]:
    usual = settings_of(context).checkpoint_file
    if files is None:
        files = [usual] if usual is not None and usual.exists() else []
    return [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]


def _check(installation: Installation, place: Environment, lines: Sequence[str]) -> Verification:
    with progress_bar(place.name) as tell:
        return verify_environment(
            installation.database,
            installation.keys,
            place.id,
            now=installation.clock(),
            checkpoints=lines,
            progress=tell,
        )


def _sentences(place: Environment, found: Verification) -> Iterator[str]:
    if isinstance(found.chain, Broken):
        yield f"{place.name}: broken at number {found.chain.number} ({found.chain.fault.value})."
    else:
        yield f"{place.name}: {found.checked} events, an unbroken chain."
    if found.behind:
        yield f"    begins behind number {found.behind}: what was before is past its time"
    yield f"    compared with {found.checkpoints} checkpoints; {found.unsealed} wait to be sealed"
    if found.forged_lines:
        yield f"    checkpoint lines that nobody signed: {_numbers(found.forged_lines)}"
    if found.torn_lines:
        yield f"    checkpoint lines that cannot be read: {_numbers(found.torn_lines)}"
    if found.late and found.oldest_unsealed_at is not None:
        yield f"    nobody seals: an event waits since {moment(found.oldest_unsealed_at)}"
    if found.changed_people:
        yield f"    personal data changed: {_ids(found.changed_people)}"
    if found.lost_people:
        yield f"    personal data gone that an event refers to: {_ids(found.lost_people)}"


def _numbers(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:10]))


def _ids(ids: Sequence[bytes]) -> str:
    return ", ".join(id_.hex() for id_ in ids)


def _as_json(place: Environment, found: Verification) -> dict[str, object]:
    broken = found.chain if isinstance(found.chain, Broken) else None
    return {
        "environment": place.name,
        "in_order": found.in_order,
        "begins_behind": found.behind,
        "events": found.checked,
        "broken_at": broken and broken.number,
        "fault": broken and broken.fault.value,
        "checkpoints": found.checkpoints,
        "forged_lines": list(found.forged_lines),
        "torn_lines": list(found.torn_lines),
        "unsealed": found.unsealed,
        "late": found.late,
        "changed_people": [id_.hex() for id_ in found.changed_people],
        "lost_people": [id_.hex() for id_ in found.lost_people],
    }
