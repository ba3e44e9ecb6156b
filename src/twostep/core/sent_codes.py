"""Codes that are sent by email or text message: how long they are, how long they live, how often
one may be asked for.

A sent code belongs to one sign-in (or session) and one method. A new one takes the place of the one
before and resets no counter; wrong ones count against the account like those of an app (SECURITY
section 5.4), and against the code itself, which is dead after five.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND

SHORTEST: Final = 6
LONGEST: Final = 12
"""**TFA Code Length** (CS-3). Six digits are the least that NIST SP 800-63B-4 section 3.1.3.2
takes."""

LONGEST_LIFE: Final = 10 * MINUTE
"""**TFA Code Expiration Minutes** at the most (the same section; ASVS 6.5.5)."""

TRIES: Final = 5
"""Wrong tries that a code stands. The next code begins anew; the account's counter does not."""

AGAIN_AFTER: Final = 30 * SECOND
"""Between two codes of one sign-in and method."""

OFFER_OTHERS_AFTER: Final = 2
"""So many codes that did not come, and the page shows the other ways first (CS-7)."""

LONGEST_TYPED: Final = 400
"""Longer than that is no code, whatever stands in it: room for the message that it came with, which
people copy as a whole."""

_SEPARATORS: Final = re.compile(r"[\s\-.·]+")

_BY_ITSELF: Final = re.compile(rf"(?<!\w)\d{{{SHORTEST},{LONGEST}}}(?!\w)")
"""A row of digits that no letter touches: a password that was typed into the wrong field
(``Summer202627``) holds no code, and stays a slip that costs no try."""


class SentFor(StrEnum):
    """What a code is for. One that was sent for one thing matches nothing at the other (AC-09)."""

    SIGN_IN = "sign_in"
    FRESH_PROOF = "fresh_proof"


class MalformedCode(ValueError):
    """What was typed cannot be a code that was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRules:
    """What an environment has set. ``lives`` in milliseconds."""

    length: int = SHORTEST
    lives: int = LONGEST_LIFE

    def __post_init__(self) -> None:
        """Raises ValueError outside of the bounds above."""
        if not SHORTEST <= self.length <= LONGEST:
            raise ValueError(f"a code of {self.length} digits")
        if not 0 < self.lives <= LONGEST_LIFE:
            raise ValueError(f"a code that lives for {self.lives} milliseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """A code as it is stored, without its digits. Times in milliseconds.

    ``sent_before``: how many codes of this sign-in and method came before it.
    """

    id: bytes
    length: int
    made_at: int
    expires_at: int
    tries: int
    sent_before: int

    def takes_tries(self, now: int) -> bool:
        """Whether it can still be right. A clock that was set back makes none older (AC-58)."""
        return self.tries < TRIES and now < self.expires_at

    def again_at(self) -> int:
        """When the next one may be asked for."""
        return self.made_at + AGAIN_AFTER


def digits_of(number: int, rules: CodeRules) -> str:
    """The code of a number below 10 to the power of its length, leading zeros kept."""
    if not 0 <= number < 10**rules.length:
        raise ValueError("the number does not fit")
    return str(number).zfill(rules.length)


def normalise(typed: str) -> str:
    """The digits that were typed, without what people put between them. Raises MalformedCode.

    A whole message may be pasted ("Your Northside code is 123456") where it holds one code, however
    often; of two we would have to choose, and one form is one try. Digits of other alphabets are
    taken too: a keyboard may give them.
    """
    if len(typed) > LONGEST_TYPED:
        raise MalformedCode
    text = _SEPARATORS.sub("", typed)
    if SHORTEST <= len(text) <= LONGEST and text.isdecimal():
        return _ascii(text)
    found = {_ascii(digits) for digits in _BY_ITSELF.findall(typed)}
    if len(found) != 1:
        raise MalformedCode
    return found.pop()


def _ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits)
