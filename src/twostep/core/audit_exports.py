"""The sealed export: one environment's whole chain as a file that is checked without a database.

Lines of JSON, in this order, and nothing else:

    {"type": "twostep audit export 1", "environment_id": …, "environment": …, "at": …}
    a stub (``core.audit_stubs``), where retention has taken the oldest entries
    {"event": …, "key_version": …, "mac": …, "number": …}     for each entry, in order
    {"type": "twostep audit end 1", …, "signature": …}        up to where the chain went

Promise: whoever has no audit key cannot change, delete, put in, reorder or cut off a line without
the check naming the first number that is wrong. The last line is signed, so that a file which was
cut off is not taken for a short log; that an older export was put in the place of this one, only
checkpoints tell. It holds no name and no address: those stand in ``people``, which stays behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from twostep.core.audit import Event, EventKind, canonical_json
from twostep.core.audit_chain import Seal, SealedEvent
from twostep.core.signed_lines import NotSigned, signed_line, signed_members

_HEADER: Final = "twostep audit export 1"
_END: Final = "twostep audit end 1"

LONGEST_LINE: Final = 100_000
"""An event has some 500 characters, and 20,000 at the very most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whose log it is, and when it was written (ms). The end signs it: see ``end_line``."""

    environment_id: bytes
    environment: str
    at: int


class NotAnExport(ValueError):
    """The file does not begin like a sealed export."""


def header_line(header: Header) -> str:
    """The first line, without its newline."""
    return _json(
        {
            "type": _HEADER,
            "environment_id": header.environment_id.hex(),
            "environment": header.environment,
            "at": header.at,
        }
    )


def read_header(line: str) -> Header:
    """What the first line says. Raises NotAnExport."""
    try:
        members = json.loads(line[:LONGEST_LINE])
        header = Header(
            environment_id=bytes.fromhex(members["environment_id"]),
            environment=_text(members["environment"]),
            at=_number(members["at"]),
        )
        spelt = header_line(header)
    except (KeyError, TypeError, ValueError, RecursionError) as wrong:
        raise NotAnExport("not a sealed export of an audit log") from wrong
    if spelt != line.removesuffix("\n"):
        raise NotAnExport("not a sealed export of an audit log")
    return header


def entry_line(entry: SealedEvent) -> str:
    """An entry, without its newline. The event stands there as it is sealed."""
    event = "null" if entry.event is None else canonical_json(entry.event).decode()
    return (
        f'{{"event":{event},"key_version":{entry.key_version},'
        f'"mac":"{entry.mac.hex()}","number":{entry.number}}}'
    )


def read_entry(line: str, *, last: Seal, key_version: int) -> SealedEvent:
    """The entry of a line; one that cannot be read stands in the place behind ``last``, sealed with
    the key of that version.

    A line reads in the one spelling that ``entry_line`` gives it: nothing can be added to it that
    somebody would read and that is not sealed.
    """
    try:
        members = json.loads(line if len(line) <= LONGEST_LINE else "")
        key_version = _number(members["key_version"])
        entry = SealedEvent(
            number=_number(members["number"]),
            event=None if members["event"] is None else _event(members["event"]),
            mac=bytes.fromhex(members["mac"]),
            key_version=key_version,
        )
        if entry_line(entry) == line:
            return entry
    except (KeyError, TypeError, ValueError, RecursionError):
        pass
    return SealedEvent(number=last.number + 1, event=None, mac=b"", key_version=key_version)


def end_line(header: Header, head: Seal, *, key_version: int, key: bytes) -> str:
    """The last line, without its newline, signed with the audit key. It holds the SHA-256 of the
    first one: the name of the environment stands nowhere else, and another one put there would
    pass one log off as another's.
    """
    return signed_line(_end_members(header, head, key_version), key=key)


def is_end(line: str) -> bool:
    """Whether the line claims to be the last one."""
    return f'"type":"{_END}"' in line[:1_000] and '"event":' not in line[:20]


def read_end(line: str, header: Header, *, key_of: Callable[[int], bytes]) -> Seal | None:
    """Up to where the chain went when the file was written; None where the line was not signed so,
    for this environment and at this moment.
    """
    try:
        members = signed_members(line, purpose=_END, key_of=key_of)
        head = Seal(number=_number(members["number"]), mac=bytes.fromhex(str(members["mac"])))
        right = _end_members(header, head, _number(members["key_version"]))
    except (NotSigned, KeyError, TypeError, ValueError):
        return None
    return head if dict(members) == right else None


def _end_members(header: Header, head: Seal, key_version: int) -> dict[str, object]:
    return {
        "type": _END,
        "environment_id": header.environment_id.hex(),
        "at": header.at,
        "header": hashlib.sha256(header_line(header).encode("utf-8")).hexdigest(),
        "number": head.number,
        "mac": head.mac.hex(),
        "key_version": key_version,
    }


def _event(members: Any) -> Event:
    """Raises KeyError, TypeError and ValueError."""
    return Event(
        id=bytes.fromhex(members["id"]),
        environment_id=bytes.fromhex(members["environment"]),
        at=_number(members["at"]),
        kind=EventKind(members["kind"]),
        actor=_reference(members["actor"]),
        target=_reference(members["target"]),
        visitor=_reference(members["visitor"]),
        data=dict(members["data"]),
    )


def _reference(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _text(value: object) -> str:
    """Raises TypeError."""
    if isinstance(value, str):
        return value
    raise TypeError("not text")


def _number(value: object) -> int:
    """Raises TypeError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError("not a number")


def _json(members: dict[str, object]) -> str:
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
