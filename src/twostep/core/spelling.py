"""How a code is read aloud over a telephone: letter by letter, in words that nobody mishears.

The words are those of the radio alphabet of the ICAO (Annex 10, volume II, 5.2.1.3), which are the
same in every language. A digit stays a digit: everybody says it in their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WORDS: Final = (
    *("Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett"),
    *("Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango"),
    *("Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu"),
)

ALPHABET: Final[Mapping[str, str]] = MappingProxyType({word[0]: word for word in _WORDS})


def spelled(code: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each group of a code (``4XKQ-9TDM``) with what is said for its signs."""
    return tuple(
        (group, tuple(ALPHABET.get(sign, sign) for sign in group)) for group in code.split("-")
    )
