"""What became of one try to send a message."""

from __future__ import annotations

from dataclasses import dataclass

MOST_WORDS = 500
"""Characters of a server's answer that are kept."""

MOST_HEARD = 8_000
"""Characters of it that are looked at, for what must not be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server took it; whether it arrives is not known. ``words`` are its own: here and below
    not yet cut, and they may quote what was in the message.
    """

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The server said no to this message: for now (4xx), or for good."""

    code: int | None
    words: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """No answer to this message: nobody there, no TLS, not let in, or broken off.

    ``handed_over``: all of it was sent before, so that it may arrive after all.
    """

    words: str
    handed_over: bool = False


Outcome = Accepted | Refused | Unreachable


def words_of(text: object, *, most: int = MOST_WORDS) -> str:
    """A server's answer as one line that can be shown anywhere."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return " ".join(plain.split())[:most]
