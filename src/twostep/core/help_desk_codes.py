"""Help-desk codes: what one is, what it is for, and how it is read off a telephone (MISSION B-4).

    4XKQ-9TDM                    for today's work: 8 characters of Crockford's base32, 40 bits
    4XKQ-9TDM-2H8R-P6WZ-7V3C     for set-up: 20 characters, 100 bits (SECURITY §5.1)

One for today's work stands beside the password, lives for a day at most, is good for one user alone
and is counted like every other code: after five wrong ones there is a pause, so 40 bits are more
than anybody can guess at. One for set-up lets somebody bind a phone of their own, which is why it
has the length of an enrolment pass.

The alphabet leaves out I, L, O and U, so that what is read aloud is heard as it was meant.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from twostep.core.authenticators import is_separator

MINUTE: Final = 60_000

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

SHORTEST_MINUTES: Final = 10
LONGEST_MINUTES: Final = 24 * 60
"""10 minutes to 24 hours (MISSION B-4; NIST SP 800-63B-4 section 4.2.1.2 for the upper end)."""

MOST_USES: Final = 10
"""Uses of one code for today's work: a day of signing in on a few devices."""

SET_UP_MINUTES: Final = 24 * 60
"""How long a set-up code lives that a removal shows (SECURITY §5.1: enrolment pass, 24 hours)."""

LONGEST_NOTE: Final = 200
"""Characters of the note beside the reason."""

LONGEST_TYPED: Final = 80
"""Characters of raw text that are looked at, before NFKC, which can lengthen a text 18-fold."""

RANDOM_BYTES: Final = 13
"""Enough for twenty characters of five bits."""

_GROUP: Final = 4
_MEANT: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


class HelpDeskPurpose(StrEnum):
    """What a code is for."""

    TODAY = "today"
    """It opens one kind of session, ``1h``, that ends with the code and changes nothing about how
    somebody signs in."""
    SET_UP = "set_up"
    """It lets its user set up an app, in the place of the second step that they do not have."""


LENGTHS: Final = {HelpDeskPurpose.TODAY: 8, HelpDeskPurpose.SET_UP: 20}


class HelpReason(StrEnum):
    """Why the help desk helped; on the screen a list in words, in the audit log this."""

    LOST_PHONE = "lost_phone"
    NEW_PHONE = "new_phone"
    FORGOT_PHONE = "forgot_phone"
    APP_BROKEN = "app_broken"
    NO_MESSAGE = "no_message"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What code is to be made, and why. Its numbers are within their bounds."""

    purpose: HelpDeskPurpose
    minutes: int
    uses: int
    reason: HelpReason
    note: str


class Unusable(StrEnum):
    """What of a new code cannot be so."""

    MINUTES = "minutes"
    USES = "uses"
    NOTE = "note"


class NotAHelpDeskCode(ValueError):
    """What was typed cannot be a code. Says nothing about the text, which may be another secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCode:
    """What was typed, read. Its characters do not print by accident."""

    purpose: HelpDeskPurpose
    characters: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """A code that was neither withdrawn nor replaced, and whose time is not over (``ends_at``,
    milliseconds). ``uses_left`` may be none: the session that the last use opened goes on.
    """

    id: bytes
    purpose: HelpDeskPurpose
    ends_at: int
    uses_left: int


def unusable(minutes: int, uses: int, note: str) -> Unusable | None:
    """What is out of its bounds, or None."""
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        return Unusable.MINUTES
    if not 1 <= uses <= MOST_USES:
        return Unusable.USES
    return Unusable.NOTE if len(note) > LONGEST_NOTE else None


def new_characters(purpose: HelpDeskPurpose, random: bytes) -> str:
    """The characters of a new code. Raises ValueError for too few random bytes."""
    if len(random) < RANDOM_BYTES:
        raise ValueError("a code is made of thirteen random bytes")
    number = int.from_bytes(random, "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTHS[purpose]))


def shown(characters: str) -> str:
    """As it is read aloud: groups of four."""
    return "-".join(
        characters[start : start + _GROUP] for start in range(0, len(characters), _GROUP)
    )


def read(text: str) -> TypedCode:
    """The code that was typed: small letters, blanks, dashes, O for 0 and I or L for 1 do not
    matter. Raises NotAHelpDeskCode before anything is looked up.
    """
    if len(text) > LONGEST_TYPED:
        raise NotAHelpDeskCode("too long")
    folded = unicodedata.normalize("NFKC", text).upper().translate(_MEANT)
    characters = "".join(character for character in folded if not is_separator(character))
    if not set(characters) <= set(ALPHABET):
        raise NotAHelpDeskCode("a character that no code has")
    for purpose, length in LENGTHS.items():
        if len(characters) == length:
            return TypedCode(purpose=purpose, characters=characters)
    raise NotAHelpDeskCode("no code is that long")
