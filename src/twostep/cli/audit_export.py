"""``twostep audit export``, ``twostep audit key``, and the check of what they wrote."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import typer

from twostep.cli.key import progress_bar
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import opened
from twostep.cli.output import moment
from twostep.core.audit_chain import Broken, Fault
from twostep.core.audit_exports import NotAnExport
from twostep.core.environments import Environment
from twostep.flows import audit_exports
from twostep.flows.audit_exports import ExportChecked, NotAKeyFile
from twostep.flows.installation import Installation


def write_export(installation: Installation, environment: Environment, out: Path) -> int:
    """Write the sealed log into a new file that nobody else can read; how many lines."""
    with _new_file(out) as file, progress_bar(environment.name) as tell:
        audit_exports.note(installation, environment, what="sealed")
        lines = audit_exports.export_lines(installation, environment, progress=tell)
        return _write(file, lines)


def write_key(installation: Installation, environment: Environment, out: Path) -> None:
    """Write the audit keys of the environment into a new file that nobody else can read."""
    with _new_file(out) as file:
        audit_exports.note(installation, environment, what="key")
        _write(file, [audit_exports.key_text(installation, environment)])


def check_file(
    context: typer.Context, export: Path, key: Path | None, checkpoints: Sequence[Path]
) -> ExportChecked:
    """Check a sealed export. Without a file of keys, this installation's are taken."""
    with export.open(encoding="utf-8", errors="replace", newline="\n") as file:
        total = os.fstat(file.fileno()).st_size
        with progress_bar(export.name) as tell:
            lines = _counted(file, lambda done: tell(done, total))
            try:
                header = audit_exports.header_of(lines)
                ask: dict[str, Any] = {"checkpoints": _lines(checkpoints)}
                if key is not None:
                    text = key.read_text("utf-8", "replace")
                    keys = audit_exports.keys_in(text, header.environment_id)
                    return audit_exports.check_export(header, lines, key_of=keys.__getitem__, **ask)
                with opened(context) as installation:
                    key_of = audit_exports.keys_of(installation, header.environment_id)
                    return audit_exports.check_export(header, lines, key_of=key_of, **ask)
            except (NotAnExport, NotAKeyFile) as wrong:
                file_meant = key if isinstance(wrong, NotAKeyFile) else export
                raise Mistake(f"{file_meant}: {wrong}.", Status.USAGE) from wrong


def sentences(found: ExportChecked) -> Iterator[str]:
    """What was found, for a person."""
    place = found.header.environment
    written = moment(found.header.at)
    chain = found.chain
    if isinstance(chain, Broken):
        yield f"{place}: broken at number {chain.number} ({chain.fault.value})."
    else:
        yield f"{place}: {found.checked} events, an unbroken chain, as of {written}."
    if found.behind:
        yield f"    begins behind number {found.behind}: what was before is past its time"
    yield f"    compared with {found.checkpoints} checkpoints"
    if found.checkpoints and isinstance(chain, Broken) and chain.fault is Fault.TRUNCATED:
        yield f"    the export is as of {written}: checkpoints from after that go further"
    if not found.checkpoints:
        yield "    without checkpoints, a whole older or forged log is not told from the true one"
    if found.forged_lines:
        yield f"    checkpoint lines that nobody signed: {_numbers(found.forged_lines)}"
    if found.torn_lines:
        yield f"    checkpoint lines that cannot be read: {_numbers(found.torn_lines)}"


def as_json(found: ExportChecked) -> dict[str, object]:
    """What was found, for a script."""
    broken = found.chain if isinstance(found.chain, Broken) else None
    return {
        "environment": found.header.environment,
        "in_order": found.in_order,
        "exported_at": found.header.at,
        "begins_behind": found.behind,
        "events": found.checked,
        "broken_at": broken and broken.number,
        "fault": broken and broken.fault.value,
        "checkpoints": found.checkpoints,
        "forged_lines": list(found.forged_lines),
        "torn_lines": list(found.torn_lines),
    }


def _numbers(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:10]))


def _lines(files: Sequence[Path]) -> list[str]:
    return [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]


def _counted(lines: Iterable[str], tell: Any) -> Iterator[str]:
    """The lines, while it is told how many of the file's bytes they are."""
    done = 0
    for number, line in enumerate(lines):
        done += len(line.encode()) if not line.isascii() else len(line)
        if number % 1_000 == 0:
            tell(done)
        yield line
    tell(done)


@contextmanager
def _new_file(out: Path) -> Iterator[TextIO]:
    """A file that was made just now: what could not be taken away leaves no event that it was, and
    what was written half leaves no file. Raises Mistake where one of that name is there already.
    """
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as there:
        raise Mistake(f"{out} is there already. Nothing was written.") from there
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        try:
            yield file
        except BaseException:
            out.unlink(missing_ok=True)
            raise


def _write(file: TextIO, lines: Iterable[str]) -> int:
    count = 0
    for count, line in enumerate(lines, start=1):  # noqa: B007 - counted
        file.write(line)
    file.flush()
    os.fsync(file.fileno())
    return count
