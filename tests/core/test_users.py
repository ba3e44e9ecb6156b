"""Names: which texts are one name, and which are none at all."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.users import (
    LONGEST_FULL_NAME,
    LONGEST_NAME,
    NotAName,
    checked_full_name,
    checked_name,
    name_key,
    without_controls,
)


@pytest.mark.parametrize(
    "spelling",
    [
        "ann lee",
        "ANN LEE",
        "Ann  Lee",
        "  ann lee\t",
        "ann\u00a0lee",
        "ann\u3000lee",
        "ａｎｎ　ｌｅｅ",
        "ann\u200b lee",
        "a\u00adnn lee",
        "ann lee\ufeff",
        "ann lee\u3164",
        "ann\uffa0 lee",
        "ann\u034f lee",
        "ann lee\ufe0f",
        "ann lee\U000e0100",
        "ann\u2800 lee",
        "\u202eann lee",
        "ａnn lee",
    ],
)
def test_ac_15_every_spelling_of_a_name_is_that_name(spelling: str) -> None:
    """AC-15: one name, so one user and one counter."""
    assert name_key(spelling) == "ann lee"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José", "Jose\u0301"),
        ("STRASSE", "straße"),
        ("ﬁnn", "finn"),
        ("Ｊｏ", "jo"),
        ("ſam", "Sam"),
        ("Jose\u034f\u0301", "José"),
        ("Jose\u200d\u0301", "José"),
    ],
)
def test_ac_15_letters_that_unicode_takes_for_each_other_are_the_same(one: str, other: str) -> None:
    """AC-15 again."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("other", ["ann", "annlee", "ann lee.", "ann.lee", "ann-lee", "аnn lee"])
def test_another_name_stays_another(other: str) -> None:
    """The last begins with a Cyrillic letter: it is another name, and nobody's."""
    assert name_key(other) != name_key("ann lee")


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    """So a name that was looked up once is found again, whatever it was typed as."""
    assert name_key(name_key(name)) == name_key(name)


@given(st.text(max_size=40))
def test_upper_and_lower_case_are_one_name(name: str) -> None:
    assert name_key(name.upper()) == name_key(name.upper().lower())


def test_a_name_is_kept_as_it_was_typed_but_for_blanks_around_it() -> None:
    assert checked_name("  Ann Lee ") == "Ann Lee"
    assert checked_name("Jose\u0301") == "José"
    assert checked_name("x" * LONGEST_NAME) == "x" * LONGEST_NAME


@pytest.mark.parametrize(
    "text",
    ["", "   ", "x" * (LONGEST_NAME + 1), "a\u200bnn", "a\nb", "\u202eann", "a\ud800", "\u00ad"],
)
def test_what_cannot_be_read_off_a_screen_is_no_name(text: str) -> None:
    with pytest.raises(NotAName):
        checked_name(text)


@pytest.mark.parametrize("unseen", ["\u00ad", "\u3164", "\u1160", "\u2800", "\u034f", "\ufe0f"])
def test_a_name_of_marks_that_are_all_dropped_is_none(unseen: str) -> None:
    """It would have the empty key, and every other such name as well."""
    assert name_key(unseen) == ""
    for checked in (checked_name, checked_full_name):
        with pytest.raises(NotAName):
            checked(f" {unseen}\N{NO-BREAK SPACE}{unseen}")


@pytest.mark.parametrize("unseen", ["\u3164", "\uffa0", "\u2800", "\u034f", "\ufe0f", "\U000e0100"])
def test_ac_80_no_two_users_have_names_that_look_the_same_by_what_cannot_be_seen(
    unseen: str,
) -> None:
    """AC-80: whatever Unicode calls it, a letter or a mark, it shows nothing."""
    assert unicodedata.category(unseen) in {"Lo", "Mn", "So"}
    with pytest.raises(NotAName):
        checked_name(f"ann{unseen}")


def test_what_was_typed_is_shown_again_without_control_characters_and_with_all_else() -> None:
    assert without_controls("a\0n\x1bn\x7f\x85\t") == "ann"
    typed = " Ánn\u200c<b> \u202e\U0001f600 "
    assert without_controls(typed) == typed


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann Lee", "Ann Lee"),
        ("  Ann   Lee ", "Ann Lee"),
        ("", ""),
        ("  ", ""),
        ("Jose\u0301", "José"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("a" * LONGEST_FULL_NAME, "a" * LONGEST_FULL_NAME),
    ],
)
def test_what_a_person_is_called_is_kept_tidily_and_may_be_nothing(typed: str, stored: str) -> None:
    assert checked_full_name(typed) == stored


@pytest.mark.parametrize(
    "typed", ["a" * (LONGEST_FULL_NAME + 1), "Ann\u202eLee", "Ann\x00", "\ufeffAnn"]
)
def test_what_cannot_be_seen_is_in_no_full_name(typed: str) -> None:
    with pytest.raises(NotAName):
        checked_full_name(typed)
