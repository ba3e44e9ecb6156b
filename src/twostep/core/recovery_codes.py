"""Recovery codes: what one is, and how it is read off a sheet of paper (SECURITY §5.1).

    07 4XKQ-9TDM-2H8R-P6WZ
    │  └─ 16 characters of Crockford's base32: 80 random bits
    └─ the slot, 01 to 10

Promise: whatever a person makes of the sixteen characters on the way from paper to keyboard (small
letters, blanks, dashes of any kind, O for 0, I or L for 1), it is read as what was printed, and no
two codes that were printed differently are read alike.

The slot is no secret. It says which of the ten a try is to be compared with, so that a try costs
one hash and not ten, and costs it whether that slot was used, is unused or was never filled:
whoever measures learns nothing (AC-10). A slot that no sheet has is refused unread, like any other
text that cannot be a code.

Sources: NIST SP 800-63B-4 §4.2.1.1 (at least 64 bits, used once); Douglas Crockford's base32, whose
alphabet leaves out I, L, O and U.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from twostep.core.authenticators import is_separator
from twostep.core.policies import Method, TwoStepVerification
from twostep.core.sign_in import SignedIn, next_step
from twostep.core.situations import ProofKind, Situation

CODES: Final = 10
"""Codes of one set: enough for a lost phone and some bad weeks, few enough for half a page."""

FEW: Final = 2
"""From here down the person is told to make new ones (ASVS 6.4.5: fewer than three)."""

CHARACTERS: Final = 16
RANDOM_BYTES: Final = 10
"""80 bits (SECURITY §5.1), which are 16 characters of five bits with nothing left over."""

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

LONGEST_TYPED: Final = 80
"""Characters of raw text that are looked at: eighteen with a blank or a dash around each, and room
for what copying adds. Checked first, because NFKC can lengthen a text 18-fold."""

ACTS: Final = frozenset({"new-key", "turn-off"})
"""The acts for which a recovery code is fresh proof, like a code of the app: what somebody does
about an app that is lost (AC-32). Everything else waits until it is set up again."""

_GROUP: Final = 4
_SLOT_DIGITS: Final = 2
_MEANT: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


class NotARecoveryCode(ValueError):
    """What was typed cannot be a code. Says nothing about the text, which may be another secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCode:
    """One code: its slot, from 1 on, and its sixteen characters, which do not print by accident."""

    slot: int
    characters: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The code as it stands on paper: ``07 4XKQ-9TDM-2H8R-P6WZ``."""
        groups = (self.characters[start : start + _GROUP] for start in range(0, CHARACTERS, _GROUP))
        return f"{self.slot:0{_SLOT_DIGITS}} {'-'.join(groups)}"


def new_code(slot: int, random: bytes) -> RecoveryCode:
    """The code of that slot that these random bytes are. Raises ValueError where they are not ten,
    or the slot is none.
    """
    if len(random) != RANDOM_BYTES or not 1 <= slot <= CODES:
        raise ValueError("a code is ten random bytes in one of the slots")
    number = int.from_bytes(random, "big")
    characters = "".join(
        ALPHABET[number >> shift & 31] for shift in range(5 * (CHARACTERS - 1), -1, -5)
    )
    return RecoveryCode(slot=slot, characters=characters)


def read_code(text: str) -> RecoveryCode:
    """The code that was typed. Raises NotARecoveryCode, before anything is looked up or hashed.

    NFKC makes ASCII of full-width letters; then blanks of any kind, dashes and invisible marks are
    dropped, wherever they stand.
    """
    if len(text) > LONGEST_TYPED:
        raise NotARecoveryCode("too long")
    folded = unicodedata.normalize("NFKC", text).upper().translate(_MEANT)
    plain = "".join(character for character in folded if not is_separator(character))
    slot, characters = plain[:_SLOT_DIGITS], plain[_SLOT_DIGITS:]
    if len(characters) != CHARACTERS or not set(characters) <= set(ALPHABET):
        raise NotARecoveryCode("not sixteen characters after the slot")
    if not (slot.isascii() and slot.isdigit()) or not 1 <= int(slot) <= CODES:
        raise NotARecoveryCode("no slot in front")
    return RecoveryCode(slot=int(slot), characters=characters)


def few(left: int) -> bool:
    """Whether so few are left that the person should make new ones."""
    return left <= FEW


def newest_second_step_is_one(situation: Situation) -> bool:
    """Whether the person of this sign-in or session last proved themselves by a recovery code: the
    app has not been at hand since, and should be set up again.
    """
    by_app = situation.newest({ProofKind.AUTHENTICATOR})
    by_code = situation.newest({ProofKind.RECOVERY_CODE})
    return by_code is not None and (by_app is None or by_app < by_code)


def are_of_use(situation: Situation) -> bool:
    """Whether codes would be of any use: there is an app that one could stand in for, and the
    environment asks for second steps and lets them be these.
    """
    policy = situation.policy
    return (
        policy.two_step_verification is not TwoStepVerification.OFF
        and Method.RECOVERY_CODE in policy.methods
        and Method.AUTHENTICATOR in situation.credentials.methods(policy)
    )


def may_be_made(situation: Situation, now: int) -> bool:
    """Whether the person may make codes now. ``situation.asked`` says how fresh a proof must be.

    It takes no recovery code. One code could otherwise make ten, and whoever came by a single one
    would never need the app: codes are for recovery (SECURITY §0.3).
    """
    return (
        are_of_use(situation)
        and not situation.asked.takes_recovery_code
        and isinstance(next_step(situation, now), SignedIn)
    )
