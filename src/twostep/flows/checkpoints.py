"""Checkpoints: signed lines about how far each chain has come, outside the database: in a file, at
a syslog server, or both.

Whoever can write to the database can cut off the newest events together with their seals, or put an
older backup in their place: the chain that is left is whole. Only what was written down elsewhere
tells. So a line for each environment is appended here every five minutes, every thousand events,
and when a server stops. The file should be shipped to another machine, or lie on one.

Lines are added with one write at the end of the file, and are on the disk before anybody counts on
them. Several nodes may share a file, or each have its own: the check takes the lines of all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from twostep.core.audit_chain import (
    Checkpoint,
    NotACheckpoint,
    Seal,
    checkpoint_line,
    read_checkpoint,
)
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import KeyMissing, KeyRing
from twostep.delivery.syslog import Syslog, SyslogAway
from twostep.flows.installation import Installation
from twostep.storage import audit_chain
from twostep.storage.database import Connection

EVERY_MS: Final = 5 * 60 * 1_000
EVERY_EVENTS: Final = 1_000
"""SECURITY §5.7: five minutes or a thousand events, whichever comes first."""

KeyOf = Callable[[bytes, int], bytes]
"""The audit key of an environment in a version."""

RETRY_MS: Final = 60_000
"""For how long a syslog server that took no lines is left alone."""

_MARK: Final = "twostep audit checkpoint"

_log = structlog.get_logger("twostep.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What the lines say about one environment.

    ``forged`` are the numbers of lines that claim to be about it and whose signature does not fit:
    somebody wrote them, or changed them. ``torn`` are lines that are not JSON at all, as a power
    cut or a full disk leaves one; they say nothing, about any environment.
    """

    seals: Sequence[Seal]
    forged: Sequence[int]
    torn: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """``environment_id`` None: torn. ``checkpoint`` None: torn, or forged."""

    number: int
    environment_id: bytes | None
    checkpoint: Checkpoint | None = None


class Checkpoints:
    """Writes the lines, for the one thread that seals."""

    def __init__(self, installation: Installation, place: Path | Syslog) -> None:
        """``place``: a file, or a syslog server."""
        self._installation = installation
        self._place = place
        self._not_before = 0
        self._written: dict[bytes, int] | None = None
        self._looked_at: int | None = None

    def write_due(self, sealed: Mapping[bytes, Seal], *, now: int, at_the_end: bool = False) -> int:
        """Write the lines that are due after these environments were sealed; how many.

        ``at_the_end`` writes one for every chain that has gone on since its last line; one that
        has become shorter (somebody restored a backup) has its line at once. A place that cannot be
        written to is logged as an error and tried again later: it does not keep events from being
        sealed. Raises DatabaseAway and DatabaseBusy.
        """
        if now < self._not_before <= now + RETRY_MS and not at_the_end:
            return 0
        heads, least = sealed, EVERY_EVENTS
        if at_the_end or self._is_time(now):
            heads, least = self._installation.database.read(_all_heads), 1
            self._looked_at = now
        try:
            return self._write(heads, least, now) if heads else 0
        except OSError as error:
            _log.error("checkpoint_not_written", file=str(self._place), why=error.strerror)
        except SyslogAway as away:
            # Each try may take as long as a connection is waited for, and nothing is sealed then.
            self._not_before = now + RETRY_MS
            _log.error("checkpoint_not_sent", why=str(away))
        return 0

    def _write(self, heads: Mapping[bytes, Seal], least: int, now: int) -> int:
        if self._written is None:
            self._written = self._from_file()
        written = self._written
        lines: dict[bytes, str] = {}
        for id_, head in heads.items():
            before = written.get(id_, 0)
            if before <= head.number < before + least:
                continue
            line = self._line(id_, head, before, now)
            if line is not None:
                lines[id_] = line
        if lines:
            self._put(tuple(lines.values()), now)
        written.update({id_: heads[id_].number for id_ in lines})
        return len(lines)

    def _put(self, lines: Sequence[str], now: int) -> None:
        if isinstance(self._place, Syslog):
            self._place.send(lines, at=now, kind="checkpoint")
        else:
            append_lines(self._place, lines)

    def _is_time(self, now: int) -> bool:
        """A clock that was set back must not put checkpoints off."""
        return self._looked_at is None or not self._looked_at <= now < self._looked_at + EVERY_MS

    def _from_file(self) -> dict[bytes, int]:
        """The number in each environment's last line, as an earlier process left them. What a
        syslog server has taken cannot be read back: there each process begins with a line.
        """
        found: dict[bytes, int] = {}
        if isinstance(self._place, Path) and self._place.exists():
            for line in _read(_keys_in(self._installation.keys), file_lines(self._place)):
                if line.checkpoint is not None:
                    found[line.checkpoint.environment_id] = line.checkpoint.number
        return found

    def _line(self, environment_id: bytes, head: Seal, before: int, now: int) -> str | None:
        try:
            key = self._installation.keys.current(KeyPurpose.AUDIT, environment_id=environment_id)
        except KeyMissing as missing:
            _log.error("audit_key_missing", environment=environment_id.hex(), why=str(missing))
            return None
        checkpoint = Checkpoint(
            environment_id=environment_id,
            number=head.number,
            mac=head.mac,
            at=now,
            count=max(0, head.number - before),
            key_version=key.version,
        )
        return checkpoint_line(checkpoint, key=key.secret.reveal())


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Add lines at the end of a file, made with mode 0600, and see them onto the disk.

    A line that an earlier power cut left half is ended first, so that it spoils no other. Raises
    OSError.
    """
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        rest = ("\n" * torn + "".join(f"{line}\n" for line in lines)).encode()
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        _sync_folder(path.parent)


def file_lines(path: Path) -> Iterator[str]:
    """The lines of a file of checkpoints. Raises OSError: no file is not the same as no lines."""
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from file


def read_lines(keys: KeyRing, environment_id: bytes, lines: Iterable[str]) -> Lines:
    """What these lines say about one environment."""
    return read_lines_by(_keys_in(keys), environment_id, lines)


def read_lines_by(key_of: KeyOf, environment_id: bytes, lines: Iterable[str]) -> Lines:
    """The same, with keys that stand in no ring. ``key_of`` raises KeyError for one it has not."""
    found = list(_read(key_of, lines, only=environment_id))
    about = [line for line in found if line.environment_id is not None]
    return Lines(
        seals=[line.checkpoint.seal for line in about if line.checkpoint is not None],
        forged=[line.number for line in about if line.checkpoint is None],
        torn=[line.number for line in found if line.environment_id is None],
    )


def environments_in(lines: Iterable[str]) -> frozenset[bytes]:
    """The ids of the environments that these lines claim to be about. One that is not in the
    database is gone from it with its whole log, which nothing else would tell; or the lines are
    another installation's.
    """
    ids = {_environment_of(_without_header(line)) for line in lines}
    return frozenset(id_ for id_ in ids if id_ is not None)


def _read(key_of: KeyOf, lines: Iterable[str], *, only: bytes | None = None) -> Iterator[_Line]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        line = _without_header(line)  # noqa: PLW2901
        id_ = _environment_of(line)
        if id_ is None:
            yield _Line(number=number, environment_id=None)
        elif only in {None, id_}:
            checkpoint = _checkpoint(key_of, id_, line)
            yield _Line(number=number, environment_id=id_, checkpoint=checkpoint)


def _without_header(line: str) -> str:
    """In a file of a syslog server's a line has its header before it."""
    return line[line.find("{") :] if _MARK in line else line


def _environment_of(line: str) -> bytes | None:
    """Which environment the line claims to be about, before anything of it is believed."""
    try:
        return bytes.fromhex(json.loads(line)["environment_id"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def _checkpoint(key_of: KeyOf, environment_id: bytes, line: str) -> Checkpoint | None:
    try:
        return read_checkpoint(line.strip(), key_of=lambda version: key_of(environment_id, version))
    except NotACheckpoint:
        return None


def _keys_in(ring: KeyRing) -> KeyOf:
    """The audit keys of a ring."""

    def key_of(environment_id: bytes, version: int) -> bytes:
        try:
            key = ring.at_version(KeyPurpose.AUDIT, version, environment_id=environment_id)
        except KeyMissing as missing:
            raise KeyError(version) from missing
        return key.secret.reveal()

    return key_of


def _all_heads(connection: Connection) -> dict[bytes, Seal]:
    ids = audit_chain.environments_logged(connection)
    return {id_: audit_chain.head_of(connection, id_) for id_ in ids}


def _sync_folder(folder: Path) -> None:
    """A new file is on the disk when its name is, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
