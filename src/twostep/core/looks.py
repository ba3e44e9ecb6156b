"""How an environment presents itself: colour, logo, sender, and what may be a colour or a logo.

A colour of the operator's choice carries text: links, and the words on buttons. WCAG 2.2 asks for a
contrast of 4.5 to 1 (success criterion 1.4.3). No colour reaches that on white and on a dark ground
both, so the operator's colour has to reach it on the light grounds, and the dark theme gets a
lighter shade of it that reaches it there.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of any size."""

LIGHT_GROUNDS: Final = ("#ffffff", "#f3f6f6")
DARK_GROUNDS: Final = ("#11181a", "#1a2326")
"""As the style sheet has them: ``--ground`` and ``--surface``."""
INK_ON_DARK_ACCENT: Final = "#062524"

MOST_LOGO_BYTES: Final = 100_000
MOST_LOGO_PIXELS: Final = 2_000
"""On each side. A small file may unfold to a picture that fills a phone's memory."""

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class NotAColour(ValueError):
    """The text is not a colour such as ``#0b6e6e``."""


class TooPale(ValueError):
    """Words in this colour could not be read on a light ground. ``contrast``: what it reaches."""

    def __init__(self, contrast: float) -> None:
        super().__init__(f"a contrast of {contrast:.2f} to 1")
        self.contrast = contrast


class NotALogo(ValueError):
    """The file is not a PNG picture of up to 100 kB and 2,000 pixels. The text says what is
    wrong.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What an environment has of its own; None: as the installation has it.

    ``bounces`` is where reports of failure go. ``logo_name`` changes with the logo.
    """

    sender: str | None = None
    sender_name: str | None = None
    bounces: str | None = None
    accent: str | None = None
    logo_name: str | None = None


NO_LOOK: Final = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shades:
    """A colour as the pages use it, in the light theme and in the dark one, and while pressed."""

    light: str
    light_pressed: str
    dark: str
    dark_pressed: str


def checked_colour(text: str) -> str:
    """The colour in lower case. Raises NotAColour and TooPale."""
    if not _COLOUR.fullmatch(text.strip()):
        raise NotAColour("a colour is written as #0b6e6e")
    colour = text.strip().lower()
    reached = min(contrast(colour, ground) for ground in LIGHT_GROUNDS)
    if reached < LEAST_CONTRAST:
        raise TooPale(reached)
    return colour


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, *contrast ratio*)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def shades_of(colour: str) -> Shades:
    """A checked colour, with the lighter shade of it that can be read in the dark theme."""
    dark = next(
        shade
        for shade in (_mixed(colour, "#ffffff", step / 20) for step in range(21))
        if all(
            contrast(shade, other) >= LEAST_CONTRAST
            for other in (*DARK_GROUNDS, INK_ON_DARK_ACCENT)
        )
    )
    return Shades(
        light=colour,
        light_pressed=_mixed(colour, "#000000", 0.25),
        dark=dark,
        dark_pressed=_mixed(dark, "#ffffff", 0.25),
    )


def stored_shades(colour: str | None) -> Shades | None:
    """Those of a colour from the database; none where it is none, or somebody changed it: it goes
    into a style sheet.
    """
    try:
        return None if colour is None else shades_of(checked_colour(colour))
    except (NotAColour, TooPale):
        return None


def checked_logo(content: bytes) -> bytes:
    """A PNG picture as browsers may be given it. Raises NotALogo.

    Its frame is read and its pixels are not: signature, size, and the pieces up to the end (PNG
    specification, sections 5.2, 5.3 and 11.2.1), with nothing behind it.
    """
    if len(content) > MOST_LOGO_BYTES:
        raise NotALogo(f"it has more than {MOST_LOGO_BYTES // 1000} kB")
    if not content.startswith(_PNG):
        raise NotALogo("it is not a PNG picture")
    kinds: list[bytes] = []
    at = len(_PNG)
    while at + 12 <= len(content) and (not kinds or kinds[-1] != b"IEND"):
        length, kind = struct.unpack_from(">I4s", content, at)
        kinds.append(kind)
        at += 12 + length
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or at != len(content):
        raise NotALogo("it is not a whole PNG picture")
    width, height = struct.unpack_from(">II", content, 16)
    if not (0 < width <= MOST_LOGO_PIXELS and 0 < height <= MOST_LOGO_PIXELS):
        raise NotALogo(f"it has more than {MOST_LOGO_PIXELS} pixels on a side")
    return content


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
