"""The stub that retention leaves where it took the oldest entries of the audit log.

Promise: whoever can write to the database but has no audit key can take nothing away in the name of
retention. The stub names the last entry that was taken and its MAC, signed with the audit key; the
chain begins behind it (``core.audit_chain.verify``, ``start``). An older stub put back leaves a
gap, none at all a missing beginning, and one of another environment is none here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twostep.core.audit_chain import Seal
from twostep.core.signed_lines import NotSigned, signed_line, signed_members


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """Entries 1 to ``number`` of an environment are gone. Times in milliseconds.

    ``mac`` seals the last of them. ``before``: what happened from that moment on was kept, as far
    as the order of the numbers lets it. ``at``: when they were taken.
    """

    environment_id: bytes
    number: int
    mac: bytes
    before: int
    at: int
    key_version: int

    @property
    def seal(self) -> Seal:
        """Where the chain begins: ``verify`` takes it for ``start``."""
        return Seal(number=self.number, mac=self.mac)


class NotAStub(ValueError):
    """The line is no stub of this environment, or was changed."""


_PURPOSE: Final = "twostep audit stub 1"


def stub_line(stub: Stub, *, key: bytes) -> str:
    """Return the stub as one line of JSON without its newline, signed with HMAC-SHA-256."""
    return signed_line(_members(stub), key=key)


def read_stub(line: str, *, environment_id: bytes, key_of: Callable[[int], bytes]) -> Stub:
    """Return the stub of a line. Raises NotAStub where it is not exactly as signed, or is about
    another environment than ``environment_id``.
    """
    try:
        members = dict(signed_members(line, purpose=_PURPOSE, key_of=key_of))
        stub = Stub(
            environment_id=environment_id,
            number=_number(members["number"]),
            mac=bytes.fromhex(str(members["mac"])),
            before=_number(members["before"]),
            at=_number(members["at"]),
            key_version=_number(members["key_version"]),
        )
    except NotSigned as wrong:
        raise NotAStub("not a stub of this installation") from wrong
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotAStub("not a stub") from wrong
    if members != _members(stub):
        raise NotAStub("a stub of another environment, or of another spelling")
    return stub


def is_stub(line: str) -> bool:
    """Whether the line claims to be a stub."""
    return f'"type":"{_PURPOSE}"' in line[:1_000] and '"event":' not in line[:20]


def _number(value: object) -> int:
    """Raises TypeError."""
    if isinstance(value, int):
        return value
    raise TypeError("not a number")


def _members(stub: Stub) -> dict[str, object]:
    return {
        "at": stub.at,
        "before": stub.before,
        "environment_id": stub.environment_id.hex(),
        "key_version": stub.key_version,
        "mac": stub.mac.hex(),
        "number": stub.number,
        "type": _PURPOSE,
    }
