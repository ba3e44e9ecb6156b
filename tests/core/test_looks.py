"""Colours that can be read, and pictures that are pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.pictures import piece, png
from tests.house.source import PACKAGE
from twostep.core.looks import (
    DARK_GROUNDS,
    INK_ON_DARK_ACCENT,
    LEAST_CONTRAST,
    LIGHT_GROUNDS,
    MOST_LOGO_BYTES,
    MOST_LOGO_PIXELS,
    NotAColour,
    NotALogo,
    TooPale,
    checked_colour,
    checked_logo,
    contrast,
    shades_of,
    stored_shades,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # Both are the examples of WCAG's own explanations: just not enough, and just enough.
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_contrast_is_measured_as_wcag_has_it(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_a_colour_is_refused_or_can_be_read_in_both_themes(colour: str) -> None:
    reached = min(contrast(colour, ground) for ground in LIGHT_GROUNDS)
    if reached < LEAST_CONTRAST:
        with pytest.raises(TooPale) as pale:
            checked_colour(colour)
        assert pale.value.contrast == reached
        return
    shades = shades_of(checked_colour(colour.upper()))
    assert shades.light == colour
    for light in (shades.light, shades.light_pressed):
        assert all(contrast(light, ground) >= LEAST_CONTRAST for ground in LIGHT_GROUNDS)
    for dark in (shades.dark, shades.dark_pressed):
        grounds = (*DARK_GROUNDS, INK_ON_DARK_ACCENT)
        assert all(contrast(dark, ground) >= LEAST_CONTRAST for ground in grounds)


@pytest.mark.parametrize(
    "text", ["", "0b6e6e", "#0b6", "#0b6e6g", "red", "#0b6e6e;}", "#0b6e6e\n#"]
)
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(NotAColour):
        checked_colour(text)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    style = (PACKAGE / "static" / "app.css").read_text(encoding="utf-8")
    light, dark = style.split("prefers-color-scheme: dark", maxsplit=1)
    for ground in LIGHT_GROUNDS:
        assert ground in light
    for ground in (*DARK_GROUNDS, INK_ON_DARK_ACCENT):
        assert ground in dark


def test_a_png_picture_is_a_logo() -> None:
    assert checked_logo(png()) == png()
    assert checked_logo(png(MOST_LOGO_PIXELS, MOST_LOGO_PIXELS))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a PNG"),
        (b"GIF89a" + b"\0" * 100, "not a PNG"),
        (png()[:-1], "whole"),
        (png()[:8], "whole"),
        (png() + b"<script>alert(1)</script>", "whole"),
        (b"\x89PNG\r\n\x1a\n" + piece(b"IEND", b""), "whole"),
        (png(MOST_LOGO_PIXELS + 1, 1), "pixels"),
        (png(0, 1), "pixels"),
        (png(1, 2**31), "pixels"),
        (png(more=piece(b"tEXt", b"\0" * MOST_LOGO_BYTES)), "kB"),
    ],
)
def test_anything_else_is_no_logo(content: bytes, why: str) -> None:
    with pytest.raises(NotALogo, match=why):
        checked_logo(content)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda more: png()[:8] + more))
def test_whatever_the_bytes_are_they_are_a_logo_or_not(content: bytes) -> None:
    with pytest.raises(NotALogo):
        checked_logo(content)


@pytest.mark.parametrize("stored", [None, "#fffff0", "red", "#0b6e6e; } body { display: none"])
def test_a_stored_colour_that_was_changed_by_hand_is_none(stored: str | None) -> None:
    """It goes into a style sheet."""
    assert stored_shades(stored) is None
    assert stored_shades("#0b6e6e") == shades_of("#0b6e6e")
