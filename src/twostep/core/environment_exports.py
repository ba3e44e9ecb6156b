"""The form in which an environment is taken along: JSON lines, version 1.

    {"type": "twostep export", "version": 1, …}      the header
    {"type": "property", …}                          a value of the environment's own
    {"type": "audit_key", …}                         what sealed the events
    {"type": "user", …}                              a user, with all that belongs to them
    {"type": "person", …}                            what events refer to
    {"type": "event", …}                             in the order of their numbers
    {"type": "end", "lines": …, "sha256": …}         how many there were, and their hash

Threat: a file from elsewhere is believed nothing (AC-80). Each line has exactly the members that
are named here, each of its own type and within bounds; anything else is a line that is wrong, and
one wrong line is no import at all. Ids and bytes are hexadecimal, times milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

FORMAT: Final = "twostep export"
VERSION: Final = 1

LONGEST_LINE: Final = 1_000_000
"""Bytes. A user with a thousand devices has half of it."""

LATEST: Final = 253_402_300_799_000
"""The last second of the year 9999, in milliseconds."""

Check = Callable[[Any], Any]
"""Returns the value as it is stored. Raises WrongLine."""


class WrongLine(ValueError):
    """The line is not one of an export. The text says what is wrong, and repeats no secret."""


def written(kind: str, members: Mapping[str, object]) -> bytes:
    """One line with its newline."""
    text = json.dumps({"type": kind, **members}, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def read(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """The type of a line and its members. Raises WrongLine."""
    if len(line) > LONGEST_LINE:
        raise WrongLine("it is too long")
    try:
        members = json.loads(line)
        kind = members.pop("type")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise WrongLine("it is no line of an export") from None
    if not isinstance(kind, str):
        raise WrongLine("it is no line of an export")
    return kind, members


def record(members: object, checks: Mapping[str, Check]) -> dict[str, Any]:
    """The members, each as its check gives it; exactly these. Raises WrongLine."""
    if not isinstance(members, dict):
        raise WrongLine("a part of it is no object")
    missing, unknown = checks.keys() - members.keys(), members.keys() - checks.keys()
    if missing or unknown:
        raise WrongLine(f"its members are others: {', '.join(sorted(missing | unknown))[:100]}")
    found = {}
    for name, check in checks.items():
        try:
            found[name] = check(members[name])
        except WrongLine as wrong:
            raise WrongLine(f"{name}: {wrong}") from None
    return found


def several(checks: Mapping[str, Check], *, most: int) -> Check:
    """A list of records."""

    def check(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > most:
            raise WrongLine("no list, or too long a one")
        return [record(each, checks) for each in value]

    return check


def optional(check: Check) -> Check:
    """The same, or null."""
    return lambda value: None if value is None else check(value)


def nested(checks: Mapping[str, Check]) -> Check:
    """A record inside of one."""
    return lambda value: record(value, checks)


def text(longest: int, *, shortest: int = 0) -> Check:
    """Text of so many characters, without surrogates or the character zero."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise WrongLine("no text of this length")
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise WrongLine("text that cannot be stored")
        return value

    return check


def number(least: int, most: int) -> Check:
    """A whole number."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise WrongLine("no whole number within bounds")
        return value

    return check


def hexadecimal(least: int, most: int) -> Check:
    """So many bytes."""

    def check(value: Any) -> bytes:
        try:
            found = bytes.fromhex(value)
        except (TypeError, ValueError):
            found = b""
        if not least <= len(found) <= most or found.hex() != value:
            raise WrongLine("not hexadecimal, or of another length")
        return found

    return check


def one_of(values: frozenset[str]) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in values:
            raise WrongLine("none of the words that it may be")
        return value

    return check


ID: Final = hexadecimal(16, 16)
TIME: Final = number(0, LATEST)
GENERATION: Final = number(1, 2**31 - 1)
