"""Reading a code aloud."""

from __future__ import annotations

from twostep.core.help_desk_codes import ALPHABET, shown
from twostep.core.spelling import ALPHABET as WORDS
from twostep.core.spelling import spelled


def test_each_group_is_said_in_words_that_nobody_mishears() -> None:
    assert spelled("4XKQ-9TDM") == (
        ("4XKQ", ("4", "X-ray", "Kilo", "Quebec")),
        ("9TDM", ("9", "Tango", "Delta", "Mike")),
    )


def test_every_sign_of_a_code_can_be_said_and_no_two_sound_alike() -> None:
    said = [sign for _, signs in spelled(shown(ALPHABET)) for sign in signs]
    assert len(set(said)) == len(ALPHABET)
    assert [sign for sign in said if len(sign) == 1] == list("0123456789")
    assert len(WORDS) == 26
