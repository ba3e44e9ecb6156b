"""A value that must not be seen by accident.

Secrets reach the outside by being printed: in a log line, in the local variables of a traceback, in
a JSON answer that dumped one field too many. A ``Secret`` prints as ``Secret(…)``, cannot be
pickled, copied or turned into JSON, and gives its value only to whoever writes ``.reveal()``, which
is easy to search for.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from typing_extensions import override

T = TypeVar("T", str, bytes)


class Secret(Generic[T]):
    """Holds a ``str`` or ``bytes``. Two with the same value are equal, found in constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value: T = value

    def reveal(self) -> T:
        """The value itself. Keep it out of variables that live long, and out of every message."""
        return self._value

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._value), _as_bytes(other.reveal()))

    __hash__ = None  # type: ignore[assignment]  # A hash table compares in a time that tells.

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    @override
    def __format__(self, spec: str) -> str:
        return "Secret(…)"

    @override
    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied; reveal() it where it is needed")


def _as_bytes(value: str | bytes) -> bytes:
    """Type and value in one, so that text and bytes are never taken for equal."""
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    return b"b" + value


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVersion:
    """One version of a key. Versions count from 1."""

    version: int
    secret: Secret[bytes]
