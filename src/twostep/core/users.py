"""A user: somebody with a name in an environment.

What a user may use to sign in follows from what they have (a password, an authenticator), never
from a flag.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LONGEST_NAME = 150
"""In code points. Longer than any address of RFC 5321's usual mailboxes that people sign in with.
"""

LONGEST_FULL_NAME = 150
"""In code points, of what a person is called."""

_JOINERS = {"\u200c", "\u200d"}
"""Stand in names of several languages, and change how they are written."""

_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"}

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks by their category that show nothing: Unicode's Default_Ignorable_Code_Point
beyond those categories (DerivedCoreProperties), and the blank of Braille."""


class NotAName(ValueError):
    """The text cannot be a user's name: empty, too long, or with characters that cannot be seen."""


def name_key(name: str) -> str:
    """The form under which a name is looked up and is unique.

    NFKC, casefolded, without surrounding or doubled blanks and without invisible characters, so
    that every
    spelling that a person takes for the same name is the same name: it meets one user, and one
    counter of wrong
    passwords (AC-15). Any text has a key, because a name that cannot exist is counted as well.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(c for c in folded if not _shows_nothing(c))
    # What stood between a letter and its accent has kept them apart until now.
    return " ".join(unicodedata.normalize("NFKC", visible).split())


def without_controls(name: str) -> str:
    """What was typed, as a page may show it once more: without control characters, which no
    keyboard makes and no document may hold.
    """
    return "".join(c for c in name if unicodedata.category(c) != "Cc")


def checked_name(name: str) -> str:
    """The name as it is stored: NFC, surrounding blanks dropped. Raises NotAName."""
    tidy = unicodedata.normalize("NFC", name).strip()
    if not tidy or len(tidy) > LONGEST_NAME or not name_key(tidy):
        raise NotAName(tidy[:20])
    if any(_shows_nothing(c) for c in tidy):
        raise NotAName(tidy[:20])
    return tidy


def checked_full_name(name: str) -> str:
    """What a person is called, as it is stored: NFC, without surrounding or doubled blanks. Empty
    is fine: nobody said. Raises NotAName.
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if len(tidy) > LONGEST_FULL_NAME or any(
        _shows_nothing(c) and not (c in _JOINERS or _is_variation(c)) for c in tidy
    ):
        raise NotAName(tidy[:20])
    if tidy and not name_key(tidy):
        raise NotAName(tidy[:20])
    return tidy


def _shows_nothing(character: str) -> bool:
    return (
        unicodedata.category(character) in _INVISIBLE
        or character in _FILLERS
        or _is_variation(character)
    )


def _is_variation(character: str) -> bool:
    """Whether it chooses how the letter before it is drawn, as some names ask for."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


class SecondStep(StrEnum):
    """What somebody has set up for their second step, as lists tell it."""

    NONE = "none"
    APP = "app"
    CODES = "codes"
    """Codes are sent, because the user turned them on."""
    APP_AND_CODES = "app_and_codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as the rules see one. ``password_suspect_at``: somebody else seems to know the
    password. ``stays_since``: since when they want to stay signed in when they close the browser;
    None: they do not. ``full_name``: what the person is called; empty where nobody said.
    ``two_step_paused_at`` and ``two_step_paused_until``: a pause of their second step, from then
    until then (ms); None where there is none. ``set_up_code_asked_at``: since when a set-up code
    of an administrator is asked before they set an app up; None: it is not.
    """

    id: bytes
    environment_id: bytes
    name: str
    made_at: int
    password_generation: int
    second_step_generation: int
    disabled_at: int | None = None
    password_suspect_at: int | None = None
    stays_since: int | None = None
    full_name: str = ""
    two_step_paused_at: int | None = None
    two_step_paused_until: int | None = None
    set_up_code_asked_at: int | None = None

    def two_step_paused(self, now: int) -> bool:
        """Whether the pause of the second step runs. A time before its beginning, after a clock
        was set back, is no time of it.
        """
        begun, until = self.two_step_paused_at, self.two_step_paused_until
        return begun is not None and until is not None and begun <= now < until
