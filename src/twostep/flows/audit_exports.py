"""``twostep audit export`` and the check of what it wrote: ``twostep audit verify --export``.

The export is the chain of one environment with nothing of its people, see ``core.audit_exports``.
The check asks for no database and no installation: for the file, the audit key of the environment,
and the checkpoints that were kept elsewhere.

Threat: the audit key that checks a log can also forge one. Whoever is given it (``key_lines``)
could write a log that passes the check, and only checkpoints that were never in their hands would
tell. So it is given to whoever checks, for the time of the check, and rotated afterwards; better
still, it stays with the operator, who runs the check under the auditor's eyes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.audit_chain import (
    BEGINNING,
    Broken,
    Fault,
    Intact,
    Seal,
    SealedEvent,
    VerificationResult,
    verify,
)
from twostep.core.audit_exports import (
    Header,
    NotAnExport,
    end_line,
    entry_line,
    header_line,
    is_end,
    read_end,
    read_entry,
    read_header,
)
from twostep.core.audit_stubs import NotAStub, is_stub, read_stub
from twostep.core.environments import Environment
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit
from twostep.flows.audit_chain import PIECE, Progress
from twostep.flows.checkpoints import read_lines_by
from twostep.flows.installation import Installation
from twostep.storage import audit_chain, audit_stubs
from twostep.storage.audit_chain import Page

KEY_TYPE: Final = "twostep audit key 1"


class NotAKeyFile(ValueError):
    """The file holds no audit key of this environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChecked:
    """What was found in a sealed export.

    ``chain`` names the first number that is wrong, or the newest entry where none is. ``behind`` is
    the number of the last entry that retention had taken away, 0 where none was. ``checked`` is how
    many entries were read, ``checkpoints`` how many lines they were compared with; ``forged_lines``
    and ``torn_lines`` are the numbers of lines that could not be.
    """

    header: Header
    chain: VerificationResult
    behind: int
    checked: int
    checkpoints: int
    forged_lines: Sequence[int]
    torn_lines: Sequence[int]

    @property
    def in_order(self) -> bool:
        """Whether nothing is wrong. A torn line of checkpoints is no tampering."""
        return isinstance(self.chain, Intact) and not self.forged_lines


def note(installation: Installation, environment: Environment, *, what: str) -> None:
    """Write down that the operator takes the sealed log, or its key, away as a file."""
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.AUDIT_EXPORTED,
            environment_id=environment.id,
            now=installation.clock(),
            what=what,
        )
    )


def export_lines(
    installation: Installation,
    environment: Environment,
    *,
    progress: Progress = lambda done, total: None,
) -> Iterator[str]:
    """The lines of the sealed export, each with its newline, read piece by piece.

    Raises KeyMissing, DatabaseAway and DatabaseBusy.
    """
    key = installation.keys.current(KeyPurpose.AUDIT, environment_id=environment.id)
    header = Header(
        environment_id=environment.id, environment=environment.name, at=installation.clock()
    )
    yield f"{header_line(header)}\n"
    # Read before the entries: if the log is trimmed meanwhile, the file lacks some, and the check
    # says so.
    stub = installation.database.read(lambda c: audit_stubs.newest(c, environment.id))
    if stub is not None:
        yield f"{stub}\n"
    done, after = 0, audit_chain.FIRST
    while True:
        page = _page(installation, environment.id, after)
        for entry in page.entries:
            yield f"{entry_line(entry)}\n"
        done += len(page.entries)
        progress(done, max(done, page.head.number))
        if page.next is None:
            break
        after = page.next
    end = end_line(header, page.head, key_version=key.version, key=key.secret.reveal())
    yield f"{end}\n"


def key_text(installation: Installation, environment: Environment) -> str:
    """The audit keys of one environment, in every version, as the text of a file.

    Raises KeyMissing.
    """
    ring, id_ = installation.keys, environment.id
    newest = ring.current(KeyPurpose.AUDIT, environment_id=id_)
    keys = {newest.version: newest.secret.reveal().hex()}
    for version in range(1, newest.version):
        try:
            older = ring.at_version(KeyPurpose.AUDIT, version, environment_id=id_)
        except KeyMissing:
            continue
        keys[version] = older.secret.reveal().hex()
    members = {
        "type": KEY_TYPE,
        "environment_id": id_.hex(),
        "environment": environment.name,
        "keys": {str(version): keys[version] for version in sorted(keys)},
    }
    return f"{json.dumps(members, ensure_ascii=False, indent=2)}\n"


def keys_in(text: str, environment_id: bytes) -> Mapping[int, bytes]:
    """The keys of such a file, by their versions. Raises NotAKeyFile."""
    try:
        members = json.loads(text)
        if members["type"] != KEY_TYPE:
            raise NotAKeyFile("not a file of audit keys")
        if members["environment_id"] != environment_id.hex():
            raise NotAKeyFile("the audit key of another environment")
        return {int(version): bytes.fromhex(key) for version, key in members["keys"].items()}
    except NotAKeyFile:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as wrong:
        raise NotAKeyFile("not a file of audit keys") from wrong


def keys_of(installation: Installation, environment_id: bytes) -> Callable[[int], bytes]:
    """The audit keys of this installation, for a check on the machine that serves."""
    ring = installation.keys

    def key_of(version: int) -> bytes:
        try:
            key = ring.at_version(KeyPurpose.AUDIT, version, environment_id=environment_id)
        except KeyMissing as missing:
            raise KeyError(version) from missing
        return key.secret.reveal()

    return key_of


def header_of(lines: Iterator[str]) -> Header:
    """What the first line says; it is taken off. Raises NotAnExport."""
    first = next(lines, None)
    if first is None:
        raise NotAnExport("an empty file")
    return read_header(first)


def check_export(
    header: Header,
    lines: Iterator[str],
    *,
    key_of: Callable[[int], bytes],
    checkpoints: Iterable[str] = (),
) -> ExportChecked:
    """Check the lines behind the header, reading each once. ``key_of`` gives the audit key of a
    version and raises KeyError for one that it has not.
    """
    known = read_lines_by(lambda _, version: key_of(version), header.environment_id, checkpoints)
    reading = _Reading(header, lines, key_of)
    chain: VerificationResult | None = reading.begin()
    if chain is None:
        found = verify(reading.entries(), key_of=key_of, expected=known.seals, start=reading.start)
        chain = reading.compared_with_end(found)
    return ExportChecked(
        header=header,
        chain=chain,
        behind=reading.start.number,
        checked=reading.done,
        checkpoints=len(known.seals),
        forged_lines=known.forged,
        torn_lines=known.torn,
    )


class _Reading:
    """One pass over the lines of an export."""

    def __init__(
        self, header: Header, lines: Iterator[str], key_of: Callable[[int], bytes]
    ) -> None:
        self._header = header
        self._lines = lines
        self._key_of = key_of
        self._first: str | None = None
        self._end: Seal | None = None
        self.start = BEGINNING
        self.done = 0

    def begin(self) -> Broken | None:
        """Look whether the chain begins behind a stub; what is wrong with it, or None."""
        self._first = next(self._lines, None)
        if self._first is None or not is_stub(self._first):
            return None
        place = self._header.environment_id
        try:
            stub = read_stub(self._first.rstrip("\n"), environment_id=place, key_of=self._key_of)
        except NotAStub:
            return Broken(number=1, fault=Fault.MISSING)
        self._first, self.start = None, stub.seal
        return None

    def entries(self) -> Iterator[SealedEvent]:
        """The entries, until the line that says that there are no more."""
        last, version = self.start, 1
        while (line := self._next()) is not None:
            if is_end(line):
                self._end = read_end(line, self._header, key_of=self._key_of)
                if self._end is not None and self._next() is None:
                    return
                # A line that nobody signed, or more behind it: both were put there.
                self._end = None
            entry = read_entry(line, last=last, key_version=version)
            last, version = Seal(number=entry.number, mac=entry.mac), entry.key_version
            self.done += 1
            yield entry

    def compared_with_end(self, found: VerificationResult) -> VerificationResult:
        """The result, after a look at where the log ended when it was exported."""
        if isinstance(found, Broken):
            return found
        if self._end is None or self._end.number > found.head.number:
            return Broken(number=found.head.number + 1, fault=Fault.TRUNCATED)
        if self._end == found.head:
            return found
        return Broken(number=min(self._end.number + 1, found.head.number), fault=Fault.FORKED)

    def _next(self) -> str | None:
        line, self._first = self._first or next(self._lines, None), None
        return None if line is None else line.rstrip("\n")


def _page(installation: Installation, environment_id: bytes, after: tuple[int, bytes]) -> Page:
    return installation.database.read(
        lambda connection: audit_chain.page(connection, environment_id, after=after, most=PIECE)
    )
