"""How long a text message is: in septets of the GSM 7-bit alphabet, or in UTF-16 where that will
not do.

One short message carries 140 bytes: 160 septets of the alphabet of 3GPP TS 23.038 section 6.2.1, or
70 units of UTF-16 as soon as one character is outside of it. What is longer is cut into several
messages, or cut off by a gateway, and a code in the second half never comes. So what is sent fits
into one.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

MOST_SEPTETS: Final = 160
MOST_UNITS: Final = 70

ESCAPED: Final = frozenset("\f^{}\\[~]|€")
"""The extension table (section 6.2.1.1): an escape before each, so two septets."""

ALPHABET: Final = (
    frozenset(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    )
    | ESCAPED
)
"""The default alphabet and its extension, without the escape character itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much room a text takes of how much there is in one message."""

    used: int
    most: int

    @property
    def fits(self) -> bool:
        """Whether it is one message."""
        return self.used <= self.most


def size_of(text: str) -> Size:
    """The room that a text takes."""
    if ALPHABET.issuperset(text):
        septets = sum(2 if character in ESCAPED else 1 for character in text)
        return Size(used=septets, most=MOST_SEPTETS)
    units = sum(2 if ord(character) > 0xFFFF else 1 for character in text)
    return Size(used=units, most=MOST_UNITS)


def plainer(text: str) -> str:
    """The text in the alphabet: accents that it lacks are taken off, and what is then still outside
    is left out, so that "Łódź" becomes "odz".

    For a name in a message that would otherwise have 70 units instead of 160 septets.
    """
    letters = (_plain_letter(character) for character in unicodedata.normalize("NFC", text))
    return " ".join("".join(letters).split())


def _plain_letter(character: str) -> str:
    if character in ALPHABET:
        return character
    if character in _DASHES_AND_QUOTES:
        return _DASHES_AND_QUOTES[character]
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if part in ALPHABET)


_DASHES_AND_QUOTES: Final = {
    "‐": "-", "‑": "-", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "`": "'",
}  # fmt: skip
