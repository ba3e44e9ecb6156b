"""Codes that are sent: their bounds, their life, what may be typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.situations import NOW
from twostep.core.sent_codes import (
    AGAIN_AFTER,
    LONGEST,
    LONGEST_LIFE,
    MINUTE,
    SHORTEST,
    TRIES,
    CodeRules,
    MalformedCode,
    SentCode,
    digits_of,
    normalise,
)


def sent(*, tries: int = 0, lives: int = LONGEST_LIFE) -> SentCode:
    return SentCode(
        id=bytes(16), length=6, made_at=NOW, expires_at=NOW + lives, tries=tries, sent_before=0
    )


def test_the_numbers_are_those_that_the_documents_promise() -> None:
    """CS-3, SECURITY 5.4, NIST SP 800-63B-4 section 3.1.3.2."""
    assert (SHORTEST, LONGEST, LONGEST_LIFE, TRIES) == (6, 12, 600_000, 5)
    assert AGAIN_AFTER == 30_000
    assert CodeRules() == CodeRules(length=6, lives=10 * MINUTE)


@pytest.mark.parametrize("length", [5, 13])
def test_a_length_outside_of_the_bounds_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        CodeRules(length=length)


@pytest.mark.parametrize("lives", [0, 10 * MINUTE + 1])
def test_a_life_outside_of_the_bounds_is_refused(lives: int) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        CodeRules(lives=lives)


def test_a_code_takes_tries_until_its_time_or_five_are_over() -> None:
    assert sent().takes_tries(NOW)
    assert sent(lives=MINUTE).takes_tries(NOW + MINUTE - 1)
    assert not sent(lives=MINUTE).takes_tries(NOW + MINUTE)
    assert sent(tries=4).takes_tries(NOW)
    assert not sent(tries=5).takes_tries(NOW)


def test_the_next_one_may_be_asked_for_after_half_a_minute() -> None:
    assert sent().again_at() == NOW + 30_000


@given(st.integers(SHORTEST, LONGEST), st.data())
def test_a_code_keeps_its_leading_zeros_and_is_read_back(length: int, data: st.DataObject) -> None:
    rules = CodeRules(length=length)
    number = data.draw(st.integers(0, 10**length - 1))
    code = digits_of(number, rules)
    assert len(code) == length
    assert normalise(code) == code
    assert normalise(f" {code[:3]} {code[3:]}\n") == code
    assert normalise(f"{code[:3]}-{code[3:]}") == code


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_a_number_that_does_not_fit_makes_no_code(number: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        digits_of(number, CodeRules())


def test_digits_of_another_alphabet_are_digits() -> None:
    assert normalise("١٢٣٤٥٦") == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567890123", "12345a", "½½½½½½", "1" * 5000])
def test_what_cannot_be_a_code_is_told_apart(typed: str) -> None:
    with pytest.raises(MalformedCode):
        normalise(typed)


@pytest.mark.parametrize(
    "pasted",
    [
        "Your Northside code is 699156",
        "Your Northside code is 699156.",
        "Northside: your code is 699156\n\n@northside.example #699156",
        "699156 works for 10 minutes",
        "(699156)",
        "Su código: ٦٩٩١٥٦",
        "code 699156 " + "x" * 388,
    ],
)
def test_a_pasted_message_with_one_code_in_it_is_that_code(pasted: str) -> None:
    assert normalise(pasted) == "699156"


@pytest.mark.parametrize(
    "pasted",
    [
        "Not 699156 but 123456",
        "699156 was sent to 5550142199",
        "Your code is",
        "Your code is 12345, or 1234567890123",
        "Summer699156",
        "699156a is no code",
        "_699156_",
        "code 699156 " + "x" * 389,
    ],
)
def test_a_pasted_text_with_no_code_or_several_is_none(pasted: str) -> None:
    """One form is one try (AC-11), and a password in the wrong field is no try at all."""
    with pytest.raises(MalformedCode):
        normalise(pasted)
