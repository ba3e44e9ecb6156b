"""A user: somebody with a name in an environment.

What a user may use to sign in follows from what they have (a password, an authenticator), never
from a flag.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 150
"""In code points. Longer than any address of RFC 5321's usual mailboxes that people sign in with.
"""

_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


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
    visible = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(visible.split())


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
    if any(unicodedata.category(c) in _INVISIBLE for c in tidy):
        raise NotAName(tidy[:20])
    return tidy


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as the rules see one. ``password_suspect_at``: somebody else seems to know the
    password. ``stays_since``: since when they want to stay signed in when they close the browser;
    None: they do not.
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
