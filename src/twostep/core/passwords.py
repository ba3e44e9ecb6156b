"""What a new password must be, and in which spelling every password is checked.

Promise (NIST SP 800-63B-4 §3.1.1, ASVS 5.0 V6.2): length is the only thing asked for. No kinds
of characters are demanded, nothing is cut off or trimmed, every printable character of Unicode
counts as one, and a password never expires by age. Refused is what a guesser tries first: common
passwords, patterns, and the words that stand around the sign-in form. A refusal says which of
these it was, and never repeats the password.

The rules hold when a password is chosen, never when one is checked: a stored password that no
longer meets them still signs in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.password_patterns import follows_a_pattern, repeated_half

PRODUCT: Final = ("Twostep", "2-Step Verification")

LONGEST: Final = 256
"""Code points: far above the 64 that NIST §3.1.1.2 wants at least. UTF-8 makes at most four bytes
of each, so no password is longer than the 1,024 bytes that are ever hashed (SECURITY §5.1)."""

LEAST_SHORTEST: Final = 8
MOST_SHORTEST: Final = 64
"""Between these an environment may set its minimum. NIST allows 8 only beside a second step, and
15 is the default; above 64 people would be refused what NIST §3.1.1.2 says must be accepted."""

SPARE: Final = 4
"""A context word with at most so many other characters is still that word (ASVS 6.2.11)."""

SHORTEST_WORD: Final = 4
"""Shorter words stand inside too many others; a name of three letters is no hint by itself."""


def normalise_password(password: str) -> str:
    """Return ``password`` in NFC, the one change that is ever made to it (NIST §3.1.1.2).

    The same password typed on another system, with another way to write its accents, is then
    the same. Blanks at either end, letter case and everything else stay as typed (ASVS 6.2.8).
    """
    return unicodedata.normalize("NFC", password)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the environment asks: the fewest code points of a new password."""

    shortest: int = 15

    def __post_init__(self) -> None:
        """Raise ValueError outside of what an environment may ask."""
        if not LEAST_SHORTEST <= self.shortest <= MOST_SHORTEST:
            raise ValueError(f"the minimum lies between {LEAST_SHORTEST} and {MOST_SHORTEST}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What anybody can read around the sign-in form, besides the product's own name.

    docs/operate/passwords.md lists these sources (ASVS 6.1.2).
    """

    environment_name: str
    hosts: tuple[str, ...]
    user_name: str


class ProblemKind(StrEnum):
    """Why a new password is refused. ``i18n`` holds a sentence for each."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNUSABLE_CHARACTER = "unusable_character"
    CONTEXT_WORD = "context_word"
    COMMON = "common"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal, with the numbers that its sentence needs as sorted pairs.

    Data: ``least`` of TOO_SHORT, ``most`` of TOO_LONG, ``source`` of CONTEXT_WORD ("product",
    "environment", "host" or "user_name"). Never a part of the password.
    """

    kind: ProblemKind
    data: tuple[tuple[str, int | str], ...] = ()


def problems(
    password: str, *, rules: Rules, context: Context, is_common: Callable[[str], bool]
) -> tuple[Problem, ...]:
    """Return what is wrong with a new password; nothing where it may be used.

    ``is_common`` looks up one whole password, already in NFC. One that has the wrong length or
    cannot be used at all is looked at no further.
    """
    if len(password) > _MOST_TYPED or len(normal := normalise_password(password)) > LONGEST:
        return (Problem(ProblemKind.TOO_LONG, (("most", LONGEST),)),)
    if any(unicodedata.category(mark) in _UNUSABLE for mark in normal):
        return (Problem(ProblemKind.UNUSABLE_CHARACTER),)
    if len(normal) < rules.shortest:
        return (Problem(ProblemKind.TOO_SHORT, (("least", rules.shortest),)),)
    return tuple(_guessable(normal, context, is_common))


_MOST_TYPED: Final = 4 * LONGEST
"""Canonical decomposition makes at most four code points of one, so a longer text cannot be short
enough in NFC; normalising it first would cost an attacker nothing and us time."""

_UNUSABLE: Final = frozenset({"Cc", "Cs"})
"""Control characters, NUL among them, cannot be typed into a password field (a browser drops line
ends), so they only come from a slip at the command line. Half a surrogate pair is not text. All
else is allowed: joiners are parts of emoji, and code points that this Unicode version does not
know may be emoji of the next."""


def _guessable(
    normal: str, context: Context, is_common: Callable[[str], bool]
) -> Iterator[Problem]:
    source = _context_source(normal, context)
    if source is not None:
        yield Problem(ProblemKind.CONTEXT_WORD, (("source", source),))
    half = repeated_half(normal)
    if is_common(normal) or (half is not None and is_common(half)):
        yield Problem(ProblemKind.COMMON)
    if follows_a_pattern(normal):
        yield Problem(ProblemKind.PATTERN)


def context_words(context: Context) -> dict[str, str]:
    """Return each context word as it is compared (folded), and which source it comes from.

    Whole names and their parts: "Northside Housing" gives "northsidehousing", "northside" and
    "housing". The last label of a host (com, org) says nothing and is left out.
    """
    sources = {
        "product": PRODUCT,
        "environment": (context.environment_name,),
        "host": [label for host in context.hosts for label in _labels(host)],
        "user_name": (context.user_name, context.user_name.partition("@")[0]),
    }
    words: dict[str, str] = {}
    for source, texts in sources.items():
        for text in texts:
            for word in (text, *re.split(r"[\W_]+", text)):
                folded = _fold(word)
                if len(folded) >= SHORTEST_WORD:
                    words.setdefault(folded, source)
    return words


def _labels(host: str) -> list[str]:
    labels = host.split(".")
    return labels[:-1] or labels


def _context_source(normal: str, context: Context) -> str | None:
    """Where the context word comes from that the password consists of; None where it does not.

    All context words are taken out, the longest first. If some were there and at most ``SPARE``
    characters remain, the password is nothing but these words: alone, repeated, or together.
    """
    words = context_words(context)
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
    folded = _fold(normal)
    found = pattern.findall(folded)
    spare = len(folded) - sum(len(word) for word in found)
    return words[found[0]] if found and spare <= SPARE else None


_LEET: Final = str.maketrans("013457@$!|l€+", "oieastasiiiet")
"""What people write for letters. On both sides "l" becomes "i": 1, ! and | stand for both."""


def _fold(text: str) -> str:
    """Return ``text`` as words are compared: without case, accents, blanks, dots and dashes."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (mark for mark in plain if not unicodedata.combining(mark))
    return re.sub(r"[\s._-]", "", "".join(kept)).translate(_LEET)
