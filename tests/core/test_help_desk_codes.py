"""What a help-desk code is, and how it is read off a telephone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.help_desk_codes import (
    ALPHABET,
    LENGTHS,
    LONGEST_MINUTES,
    LONGEST_NOTE,
    LONGEST_TYPED,
    MOST_USES,
    RANDOM_BYTES,
    SHORTEST_MINUTES,
    HelpDeskPurpose,
    NotAHelpDeskCode,
    Unusable,
    new_characters,
    read,
    shown,
    unusable,
)

purposes = st.sampled_from(HelpDeskPurpose)
random = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(purposes, random)
def test_what_is_read_aloud_is_read_back_as_it_was(purpose: HelpDeskPurpose, dice: bytes) -> None:
    characters = new_characters(purpose, dice)
    assert len(characters) == LENGTHS[purpose]
    assert set(characters) <= set(ALPHABET)
    for typed in (
        shown(characters),
        characters.lower(),
        f"  {shown(characters).replace('-', ' – ')} ",
        characters.replace("0", "o").replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) for c in characters),
    ):
        found = read(typed)
        assert (found.purpose, found.characters) == (purpose, characters)


@given(random, random)
def test_two_throws_of_the_dice_are_two_codes(one: bytes, other: bytes) -> None:
    """100 bits of the thirteen bytes are in a code for set-up, and 40 in one for today."""
    for purpose, bits in ((HelpDeskPurpose.SET_UP, 100), (HelpDeskPurpose.TODAY, 40)):
        differ = (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")) % (1 << bits) != 0
        assert (new_characters(purpose, one) != new_characters(purpose, other)) == differ


def test_too_few_dice_are_no_code() -> None:
    with pytest.raises(ValueError, match="thirteen"):
        new_characters(HelpDeskPurpose.TODAY, b"123456789012")


@pytest.mark.parametrize(
    "text",
    ["", "1234567", "123456789", "1" * 19, "UUUUUUUU", "123é5678", "1" * (LONGEST_TYPED + 1)],
)
def test_what_cannot_be_a_code_is_refused_unread(text: str) -> None:
    with pytest.raises(NotAHelpDeskCode) as refused:
        read(text)
    assert text == "" or text not in str(refused.value)


def test_a_code_does_not_print_by_accident() -> None:
    assert "4XKQ" not in repr(read("4XKQ-9TDM"))


@pytest.mark.parametrize(
    ("minutes", "uses", "note", "what"),
    [
        (SHORTEST_MINUTES, 1, "", None),
        (LONGEST_MINUTES, MOST_USES, "x" * LONGEST_NOTE, None),
        (SHORTEST_MINUTES - 1, 1, "", Unusable.MINUTES),
        (LONGEST_MINUTES + 1, 1, "", Unusable.MINUTES),
        (60, 0, "", Unusable.USES),
        (60, MOST_USES + 1, "", Unusable.USES),
        (60, 1, "x" * (LONGEST_NOTE + 1), Unusable.NOTE),
    ],
)
def test_a_code_has_bounds(minutes: int, uses: int, note: str, what: Unusable | None) -> None:
    assert unusable(minutes, uses, note) is what
