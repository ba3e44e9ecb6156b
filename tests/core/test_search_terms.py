"""By which words a user is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.search_terms import LONGEST_WORD, MOST_TERMS, MOST_WORDS, terms_of, words_of


def finds(typed: str, name: str, full_name: str = "") -> bool:
    """Whether a search for this finds a user of that name."""
    terms, words = terms_of(name, full_name), words_of(typed)
    return bool(words) and all(any(term.startswith(word) for term in terms) for word in words)


@pytest.mark.parametrize(
    "typed",
    ["ann", "an", "lee", "ANN LEE", "lee ann", "ann.lee", "ann.l", "42", "  lee  "],
)
def test_a_user_is_found_by_the_beginning_of_any_word(typed: str) -> None:
    assert finds(typed, "ann.lee42", "Ann Lee-42")


@pytest.mark.parametrize("typed", ["nn", "ee", "ann bo", "annlee", ""])
def test_and_by_nothing_else(typed: str) -> None:
    assert not finds(typed, "ann.lee", "Ann Lee")


@pytest.mark.parametrize(
    ("typed", "full_name"),
    [
        ("garcia", "José García"),
        ("GARCÍA", "José Garcia"),
        ("obrien", "Conor OBrien"),
        ("brien", "Conor O'Brien"),
        ("o'br", "Conor O'Brien"),
        ("obrien", "Conor O'Brien"),
        ("o’brien", "Conor O'Brien"),
        ("O'BRIEN", "Conor O’Brien"),
        ("o'brien", "Conor OBrien"),
        ("isil", "Işıl Çığ"),
        ("IŞIL ÇIĞ", "Işıl Çığ"),
        ("ışıl", "Işıl Çığ"),
        ("soren", "Søren Ægir"),
        ("aegir", "Søren Ægir"),
        ("lukasz", "Łukasz"),
        ("strasse", "Eva Straße"),
        ("ｌｅｅ", "Ann Lee"),
        ("김", "김민지"),
        ("محمد", "مُحَمَّد"),
    ],
)
def test_capitals_accents_and_wide_letters_make_no_difference(typed: str, full_name: str) -> None:
    assert finds(typed, "someone", full_name)


@pytest.mark.parametrize("typed", ["Lee, Ann", "lee,", "Lee; Ann", "lee, an"])
def test_the_comma_of_a_list_of_names_is_no_part_of_a_word(typed: str) -> None:
    assert finds(typed, "ann", "Ann Lee")


def test_a_user_name_that_is_an_address_is_found_by_its_beginning() -> None:
    assert finds("ann@north", "ann@northside.example")
    assert finds("northside", "ann@northside.example")


def test_a_name_without_letters_is_found_as_a_whole() -> None:
    assert terms_of("---") == ("---",)
    assert finds("--", "---")


def test_a_name_of_accents_alone_is_still_found() -> None:
    assert finds("\u0301", "\u0301")


def test_what_another_term_begins_with_is_stored_once() -> None:
    assert terms_of("ann.lee", "Ann Lee") == ("ann.lee", "lee")


def test_a_name_of_very_many_words_fills_no_table() -> None:
    many = " ".join(f"w{number:03}" for number in range(200))
    found = terms_of("ann", many)
    assert len(found) == MOST_TERMS
    assert found[0] == "ann"


def test_a_search_of_very_many_words_asks_for_a_few() -> None:
    assert len(words_of("a1 b2 c3 d4 e5 f6 g7")) == MOST_WORDS
    assert words_of("x" * 1000) == ("x" * LONGEST_WORD,)


def test_a_word_that_another_one_begins_with_asks_for_nothing_more() -> None:
    assert words_of("le lee") == ("lee",)
    assert words_of("ann ann") == ("ann",)


@given(st.text(max_size=20), st.text(max_size=20))
def test_everybody_is_found_by_their_own_names(name: str, full_name: str) -> None:
    for typed in (name, full_name, f"{full_name} {name}"):
        assert finds(typed, name, full_name) or not words_of(typed)


@given(st.text(max_size=200), st.text(max_size=200))
def test_terms_are_few_short_and_begin_no_other(name: str, full_name: str) -> None:
    terms = terms_of(name, full_name)
    assert len(terms) <= MOST_TERMS
    assert all(0 < len(term) <= LONGEST_WORD for term in terms)
    assert not any(a != b and b.startswith(a) for a in terms for b in terms)
