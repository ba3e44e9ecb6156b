"""The size of a text message, held to the tables of 3GPP TS 23.038."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.gsm7 import ALPHABET, ESCAPED, MOST_SEPTETS, MOST_UNITS, Size, plainer, size_of


def test_the_alphabet_has_127_characters_and_ten_with_an_escape() -> None:
    """The table has 128 places, one of which is the escape itself."""
    assert len(ESCAPED) == 10
    assert len(ALPHABET - ESCAPED) == 127
    assert "\x1b" not in ALPHABET


@pytest.mark.parametrize(
    ("text", "used", "most"),
    [
        ("", 0, 160),
        ("a" * 160, 160, 160),
        ("@login.example.org #123456", 26, 160),
        ("€", 2, 160),
        ("[Northside]", 13, 160),
        ("à", 1, 160),
        ("ó", 1, 70),
        ("a" * 69 + "ó", 70, 70),
        ("ł", 1, 70),
        ("😀", 2, 70),
        ("a\tb", 3, 70),
        ("`", 1, 70),
    ],
)
def test_a_text_is_as_long_as_the_standard_says(text: str, used: int, most: int) -> None:
    assert size_of(text) == Size(used=used, most=most)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a" * 160, True), ("a" * 161, False), ("€" * 80, True), ("€" * 80 + "a", False),
     ("ł" * 70, True), ("ł" * 71, False), ("😀" * 35, True), ("😀" * 36, False)],
)  # fmt: skip
def test_one_message_holds_160_septets_or_70_units(text: str, fits: bool) -> None:
    assert size_of(text).fits is fits


@given(st.text())
def test_a_text_outside_the_alphabet_is_counted_as_utf_16(text: str) -> None:
    size = size_of(text + "ł")
    assert size.most == MOST_UNITS
    assert size.used == len((text + "ł").encode("utf-16-be", "surrogatepass")) // 2


@given(st.text(st.sampled_from(sorted(ALPHABET))))
def test_each_escaped_character_takes_two_septets(text: str) -> None:
    size = size_of(text)
    assert size.most == MOST_SEPTETS
    assert size.used == len(text) + sum(text.count(character) for character in ESCAPED)


@given(st.text())
def test_what_is_made_plainer_is_in_the_alphabet_and_stays_as_it_is(text: str) -> None:
    plain = plainer(text)
    assert ALPHABET.issuperset(plain)
    assert plainer(plain) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Northside", "Northside"),
        ("Clínica Harbour", "Clinica Harbour"),
        ("Café Ñandú", "Café Ñandu"),
        (unicodedata.normalize("NFD", "Café"), "Café"),
        ("Łódź", "odz"),
        ("北区住宅", ""),
        ("a – b", "a - b"),
        ("O’Hara `x`", "O'Hara 'x'"),
        ("  two \n lines ", "two lines"),
    ],
)
def test_accents_that_the_alphabet_lacks_are_taken_off(text: str, plain: str) -> None:
    assert plainer(text) == plain
