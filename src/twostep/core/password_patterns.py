"""Passwords that are long and still no work to guess: walks over the keyboard, runs, repetitions.

A list of common passwords cannot hold them all, and a rule of minimum length invites them. The
rules here look at shape alone, and are so loose that words and phrases in any language pass.
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import Final

PIECE: Final = 4
"""Fewer pieces than one for each four characters, and whoever types it follows a pattern."""

_WALKS: Final = (
    *("1234567890", "!@#$%^&*()"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("1qaz", "1qay", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "6zhn", "7ujm", "8ik", "9ol", "0p"),
)
"""Rows and slanting columns of the keyboards in common use (QWERTY, QWERTZ, AZERTY)."""

_STEPS: Final = frozenset(
    chain.from_iterable(
        ((one, other), (other, one)) for walk in _WALKS for one, other in pairwise(walk)
    )
)


def follows_a_pattern(password: str) -> bool:
    """Tell whether ``password`` is a short piece over and over, or made of runs and walks.

    "aaaaaaaaaaaaaaa", "abcabcabcabcabc", "123456789012345", "qwertyuiopasdfg" and
    "1qaz2wsx3edc4rfv" are; letter case makes no difference. "correct horse battery" is not.
    """
    folded = password.casefold()
    return _repeats(folded) or _pieces(folded) * PIECE <= len(folded)


def repeated_half(password: str) -> str | None:
    """Return the half of a password that is the same text twice; None for any other."""
    half = len(password) // 2
    return password[:half] if half and password[:half] * 2 == password else None


def _repeats(text: str) -> bool:
    """Whether a piece comes at least three times in a row and nothing else; the last may be cut."""
    periods = range(1, len(text) // 3 + 1)
    return any(text[period:] == text[:-period] for period in periods)


def _pieces(text: str) -> int:
    """How many pieces the text falls into where no step leads on from one character to the next."""
    return 1 + sum(not _leads_on(one, other) for one, other in pairwise(text))


def _leads_on(one: str, other: str) -> bool:
    """The same character, its neighbour in the alphabet, or its neighbour on the keyboard."""
    return abs(ord(one) - ord(other)) <= 1 or (one, other) in _STEPS
