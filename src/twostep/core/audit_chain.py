"""The chain over the audit log, and the check that finds what was done to it.

Promise: whoever can write to the database but has no audit key cannot edit, delete, insert or
reorder sealed events, nor cut off the newest, without ``verify`` naming the first number that is
wrong (AC-66). Each environment has a chain of its own: event number ``i`` is sealed with

    mac(i) = HMAC-SHA-256(audit key, mac(i-1) + canonical_json(event i)),    mac(0) = 32 zero bytes

Cutting off the tail together with the seals leaves a shorter chain that is whole in itself, and
so does going on from a restored backup. Only something outside the database tells: checkpoints,
signed lines that are sent to a second place. Whoever has the key *and* the database can rewrite
all that no checkpoint has seen, which is why the second place should be another machine.

Where retention has taken the oldest entries, a signed stub says which number was the last of them,
and what its MAC was: there the chain begins (``core.audit_stubs``).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from twostep.core.audit import Event, canonical_json
from twostep.core.signed_lines import NotSigned, signed_line, signed_members

GENESIS: Final = bytes(32)
"""What the first event of an environment is chained to."""


def chain(previous: bytes, event: Event, *, key: bytes) -> bytes:
    """Return the MAC that seals ``event`` behind the entry whose MAC is ``previous``."""
    return hmac.digest(key, previous + canonical_json(event), "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvent:
    """An event in its place. Numbers count from 1 without gaps within an environment.

    ``event`` is None where the stored row cannot be read as an event at all; ``verify`` names it.
    """

    number: int
    event: Event | None
    mac: bytes
    key_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the chain was known to be at that number: the newest seal, or a checkpoint's."""

    number: int
    mac: bytes


BEGINNING: Final = Seal(number=0, mac=GENESIS)
"""Where a chain begins from which nothing was taken."""


class Fault(StrEnum):
    """What is wrong with the chain, as far as can be told."""

    CHANGED = "changed"
    """This entry is not what was sealed in its place: edited, put in, or sealed without the key."""

    MISSING = "missing"
    """Here an entry, or several, are gone; the later ones are still there."""

    REORDERED = "reordered"
    """The entry that belongs here stands elsewhere."""

    TRUNCATED = "truncated"
    """From here on entries are gone that a seal or a checkpoint has seen."""

    FORKED = "forked"
    """Two histories: this number is claimed twice, or what stands here is whole in itself but not
    what a seal or a checkpoint has seen. They part here, or after the last number seen alike. An
    entry that a stub says was taken away, and that is there, is claimed twice as well."""

    KEY_UNKNOWN = "key_unknown"
    """The key that sealed this entry is not at hand, so nothing can be said from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intact:
    """Nothing is wrong. ``head`` is the newest entry; number 0 where the log is empty."""

    head: Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first entry that is wrong. All before ``number`` are as they were sealed."""

    number: int
    fault: Fault


VerificationResult = Intact | Broken


def verify(
    entries: Iterable[SealedEvent],
    *,
    key_of: Callable[[int], bytes],
    expected: Iterable[Seal] = (),
    start: Seal = BEGINNING,
) -> VerificationResult:
    """Check the chain of one environment from its first entry.

    ``entries`` come in the order of their numbers and are read once, one at a time, so a log of
    any size fits. ``key_of`` gives the audit key of a version and raises KeyError for one that
    it has not. ``expected`` is what is known from elsewhere: the newest seal of the database,
    and every checkpoint that was sent away; kept in memory, in any order.

    ``start`` is the number and the MAC of the last entry that retention took away, as a stub says
    whose signature the caller has checked: the first entry here is the one behind it. What is
    expected before it can no longer be compared; what is expected there must be what the stub says.
    """
    known = _by_number(expected, start)
    if known.pop(start.number, {start.mac}) != {start.mac}:
        return Broken(number=start.number, fault=Fault.FORKED)
    last = start
    rest = iter(entries)
    for entry in rest:
        number = last.number + 1
        if entry.number != number:
            return _misnumbered(entry.number, last, start)
        try:
            right = _follows(entry, last, key_of)
        except KeyError:
            return Broken(number=number, fault=Fault.KEY_UNKNOWN)
        if not right:
            return Broken(number=number, fault=_what_broke(entry, rest, last, key_of, known))
        if known.pop(number, {entry.mac}) != {entry.mac}:
            return Broken(number=number, fault=Fault.FORKED)
        last = Seal(number=number, mac=entry.mac)
    if known:
        return Broken(number=last.number + 1, fault=Fault.TRUNCATED)
    return Intact(head=last)


def _misnumbered(number: int, last: Seal, start: Seal) -> Broken:
    if number == last.number or 0 < number <= start.number:
        return Broken(number=number, fault=Fault.FORKED)
    fault = Fault.MISSING if number > last.number else Fault.REORDERED
    return Broken(number=last.number + 1, fault=fault)


def _by_number(seals: Iterable[Seal], start: Seal) -> dict[int, set[bytes]]:
    known: dict[int, set[bytes]] = {}
    for seal in seals:
        if seal.number < max(start.number, 1):
            continue  # A log that was empty then says nothing about what it holds now.
        known.setdefault(seal.number, set()).add(seal.mac)
    return known


def _follows(entry: SealedEvent, last: Seal, key_of: Callable[[int], bytes]) -> bool:
    key = key_of(entry.key_version)
    if entry.event is None:
        return False
    right = chain(last.mac, entry.event, key=key)
    return hmac.compare_digest(right, entry.mac)


def _what_broke(
    entry: SealedEvent,
    rest: Iterator[SealedEvent],
    last: Seal,
    key_of: Callable[[int], bytes],
    known: dict[int, set[bytes]],
) -> Fault:
    """Tell an edited entry from one that is gone or stands elsewhere, reading to the end.

    The entry that follows ``last`` may come later: then they were reordered. If the chain ends
    in a MAC that is known, but under a smaller number, the numbers were closed up over a gap.
    """
    newest = entry
    for newest in rest:
        try:
            if _follows(newest, last, key_of):
                return Fault.REORDERED
        except KeyError:
            continue
    if any(newest.mac in macs and number > newest.number for number, macs in known.items()):
        return Fault.MISSING
    return Fault.CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of one environment's chain, to be kept where the database's writer cannot reach.

    ``count`` is how many entries the checkpoint adds to the one before it; ``at`` milliseconds.
    """

    environment_id: bytes
    number: int
    mac: bytes
    at: int
    count: int
    key_version: int

    @property
    def seal(self) -> Seal:
        """What ``verify`` compares with."""
        return Seal(number=self.number, mac=self.mac)


class NotACheckpoint(ValueError):
    """The line is no checkpoint of this installation, or was changed."""


_PURPOSE: Final = "twostep audit checkpoint 1"


def checkpoint_line(checkpoint: Checkpoint, *, key: bytes) -> str:
    """Return the checkpoint as one line of JSON without its newline, signed with HMAC-SHA-256."""
    return signed_line(_members(checkpoint), key=key)


def read_checkpoint(line: str, *, key_of: Callable[[int], bytes]) -> Checkpoint:
    """Return the checkpoint of a line. Raises NotACheckpoint where it is not exactly as signed."""
    try:
        members = dict(signed_members(line, purpose=_PURPOSE, key_of=key_of))
        checkpoint = Checkpoint(
            environment_id=bytes.fromhex(str(members["environment_id"])),
            number=_number(members["number"]),
            mac=bytes.fromhex(str(members["mac"])),
            at=_number(members["at"]),
            count=_number(members["count"]),
            key_version=_number(members["key_version"]),
        )
    except NotSigned as wrong:
        raise NotACheckpoint("not a checkpoint of this installation") from wrong
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotACheckpoint("not a checkpoint") from wrong
    if members != _members(checkpoint):
        raise NotACheckpoint("not as a checkpoint is spelt")
    return checkpoint


def _number(value: object) -> int:
    """Raises TypeError."""
    if isinstance(value, int):
        return value
    raise TypeError("not a number")


def _members(checkpoint: Checkpoint) -> dict[str, object]:
    members = asdict(checkpoint)
    hexadecimal = {"environment_id": checkpoint.environment_id.hex(), "mac": checkpoint.mac.hex()}
    return {**members, **hexadecimal, "type": _PURPOSE}
