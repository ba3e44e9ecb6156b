"""Authenticator apps: which code a key shows when, and what a typed code is worth.

Promise: a code counts only in the step that now is and in the one before and after it, and
only if its step was never spent. Whoever guesses gets three chances in a million for each
guess that is evaluated (``core.lockouts`` bounds those), and no answer here helps the next guess:
a hint about a wrong clock spends the very step that it matched.

**Who spends which step.** This module only reads; the caller spends, in the transaction that
acts on the answer, by one conditional statement (DESIGN §2, AC-07):

* ``Accepted(step)``: raise the authenticator's ``last_step`` to ``step``, on the conditions that it
  is lower now and that ``step`` is not in the spent memory. No row changed: somebody else was
  faster, and the answer becomes ``AlreadyUsed``. Every older step is then spent as well, so a
  code seen over a shoulder is worth nothing once its owner has signed in with a newer one.
* ``ClockOff(step)``: put this one step into the spent memory, past or future, and leave
  ``last_step`` alone. Raising ``last_step`` to a future step would shut out the person who now
  does as told and sets the clock right: all codes until that step would count as used.
* A remembered step may be forgotten as soon as ``last_step`` has reached it, and not by time: a
  clock that is set back would bring it to life again. Hints are attempts, so the memory cannot
  outgrow the number of attempts that the lockouts allow.

    offered ──confirmed by a code──► active ──a new key confirmed──► replaced
       └──not confirmed in time──► (deleted)    └──turned off, or by an administrator──► removed

Sources: RFC 4226 (§5.3 truncation, §4 R6 key length), RFC 6238 (§4 steps, §5.2 window and
single use), NIST SP 800-63B-4 §3.1.4.
"""

import hmac
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Algorithm(StrEnum):
    """The hash of RFC 6238 §1.2, as ``otpauth://`` addresses spell it."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How a key becomes codes. ``period_seconds`` is RFC 6238's X; T0 is always 0."""

    algorithm: Algorithm
    digits: int
    period_seconds: int

    def __post_init__(self) -> None:
        """Raise ValueError outside RFC 4226's 6 to 8 digits (§5.3, R4) and 15 to 120 seconds.

        NIST SP 800-63B-4 §3.1.4.1 wants a new code at least every two minutes.
        """
        if not 6 <= self.digits <= 8:
            raise ValueError("a code has 6, 7 or 8 digits")
        if not 15 <= self.period_seconds <= 120:
            raise ValueError("a step lasts 15 to 120 seconds")


NEW_KEY: Final = Parameters(algorithm=Algorithm.SHA1, digits=6, period_seconds=30)
"""The only parameters of new keys: the widespread apps have them as constants, or ignore others
without a word (docs/decisions; SECURITY D-06). Others exist for imported keys alone."""

KEY_BYTES: Final = 20
"""Length of a new key: the 160 bits that RFC 4226 §4 R6 recommends."""

NO_STEP: Final = -1
"""``last_step`` of an authenticator whose codes nobody has used yet."""

STEPS_EITHER_WAY: Final = 1
"""RFC 6238 §5.2 recommends one step for delay, §6 allows both directions (SECURITY D-04)."""

STEPS_OF_HINT: Final = 10
"""How far beyond the window a code still tells that the phone's clock is off: five minutes.

So the hint covers the distances 2 to 11. Farther off, a person cannot be told from a guesser."""

CODES_VALID_AT_ONCE: Final = 2 * STEPS_EITHER_WAY + 1
"""k of the guessing arithmetic (SECURITY §4.5)."""


class AuthenticatorState(StrEnum):
    """Where a key is in its life; the drawing stands at the top of this module."""

    OFFERED = "offered"
    ACTIVE = "active"
    REPLACED = "replaced"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """A key of a user, without the key: that stays sealed until ``match_code`` needs it.

    ``last_step`` is the newest step spent, ``NO_STEP`` at first. ``made_at`` and
    ``confirmed_at`` are milliseconds; ``confirmed_at`` is None while the key is only offered.
    """

    id: bytes
    user_id: bytes
    state: AuthenticatorState
    parameters: Parameters
    last_step: int
    confirmed_at: int | None
    made_at: int


def step_at(now: int, parameters: Parameters) -> int:
    """Return the step of RFC 6238 §4.2 at ``now`` (milliseconds since 1970)."""
    return now // (parameters.period_seconds * 1000)


def code_at(key: bytes, step: int, parameters: Parameters) -> str:
    """Return the code that ``key`` shows in ``step``, with its leading zeros.

    HOTP of RFC 4226 §5.3 over the step as an eight-byte counter. Raises OverflowError for a
    negative step.
    """
    digest = hmac.digest(key, step.to_bytes(8, "big"), parameters.algorithm.lower())
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**parameters.digits).zfill(parameters.digits)


class MalformedCode(ValueError):
    """What was typed cannot be a code. Says nothing about the text, which may be a password."""


LONGEST_TYPED: Final = 32
"""Characters of raw text that are looked at: a code of eight digits with a blank between any
two, and room for what copying adds. Checked first, because NFKC can lengthen a text 18-fold."""

LONGEST_CODE: Final = 12
"""Characters left after blanks and dashes are gone (SECURITY §3.1); the longest code that
Twostep sends has twelve digits (§5.1)."""


def normalise_code(text: str) -> str:
    """Return the ASCII digits that ``text`` means, leading zeros kept.

    "123 456", "123-456" and full-width digits are what people paste and what Japanese keyboards
    type. NFKC makes ASCII of compatibility digits; then blanks of any kind, dashes and the
    invisible marks that messages carry along (general categories Z, Cc, Cf, Pd) are dropped.
    Raises MalformedCode, before any key is touched, where more than digits or more than
    ``LONGEST_CODE`` of them remain, or nothing.
    """
    if len(text) > LONGEST_TYPED:
        raise MalformedCode("too long")
    folded = unicodedata.normalize("NFKC", text)
    code = "".join(character for character in folded if not is_separator(character))
    if len(code) > LONGEST_CODE:
        raise MalformedCode("too long")
    if not (code.isascii() and code.isdigit()):
        raise MalformedCode("not a row of digits")
    return code


def is_separator(character: str) -> bool:
    """Whether this is a blank, a dash or an invisible mark, which mean nothing by themselves."""
    category = unicodedata.category(character)
    return category.startswith("Z") or category in ("Cc", "Cf", "Pd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The code is right and its step unspent: the caller has to spend it, and may lose."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyUsed:
    """The code was right, and its step is spent (RFC 6238 §5.2: never twice)."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOff:
    """The code belongs to a step near the window: the phone's clock is off. A refusal.

    ``slow`` is True where the phone shows old codes. ``seconds`` is the distance in whole steps,
    ``minutes`` the same to be said aloud: rounded, at least 1.
    """

    step: int
    slow: bool
    seconds: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMatch:
    """The code belongs to no step that is worth talking about."""


Match = Accepted | AlreadyUsed | ClockOff | NoMatch


def match_code(
    key: bytes,
    code: str,
    *,
    now: int,
    parameters: Parameters,
    last_step: int,
    spent: Collection[int],
) -> Match:
    """Compare a code from ``normalise_code`` with all that ``key`` shows around ``now``.

    ``spent`` holds the steps that clock hints have spent (any order; older ones than ``last_step``
    may be missing). Every candidate is computed and compared in constant time whatever
    matched before it (AC-21), so the time taken tells nothing.

    Where codes of several steps happen to be equal, an unspent one inside the window wins,
    nearest to now first and the earlier of two (the later would spend more codes of its
    owner); then a spent one inside the window; then the nearest hint. A spent step outside the
    window is ``NoMatch``: the hint was given once, and is not given twice.
    """
    current = step_at(now, parameters)
    reach = STEPS_EITHER_WAY + STEPS_OF_HINT
    typed = code.encode()
    matching = [
        step
        for step in range(max(0, current - reach), current + reach + 1)
        if hmac.compare_digest(code_at(key, step, parameters).encode(), typed)
    ]
    by_nearness = sorted(matching, key=lambda step: (abs(step - current), step))
    inside = [step for step in by_nearness if abs(step - current) <= STEPS_EITHER_WAY]
    unspent = [step for step in by_nearness if step > last_step and step not in spent]
    acceptable = [step for step in unspent if step in inside]
    if acceptable:
        return Accepted(step=acceptable[0])
    if inside:
        return AlreadyUsed(step=inside[0])
    if unspent:
        return _clock_off(unspent[0], unspent[0] - current, parameters)
    return NoMatch()


def _clock_off(step: int, distance: int, parameters: Parameters) -> ClockOff:
    seconds = abs(distance) * parameters.period_seconds
    minutes = max(1, (seconds + 30) // 60)
    return ClockOff(step=step, slow=distance < 0, seconds=seconds, minutes=minutes)
