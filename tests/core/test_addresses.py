"""Masks: enough to know one's own address again, and nothing to send to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.addresses import mask_mail, mask_number


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("ann@northside.example", "a•••@northside.example"),
        ("ab@northside.example", "•••@northside.example"),
        ("a@northside.example", "•••@northside.example"),
        ("5551234542@text.example", "•••• 42@text.example"),
        ("+15551234542@text.example", "•••• 42@text.example"),
        ("1234@text.example", "1•••@text.example"),
    ],
)
def test_a_mail_address_shows_its_first_letter_and_its_domain(address: str, masked: str) -> None:
    assert mask_mail(address) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+1 555 123 45 42", "•••• 42"), ("15551234542", "•••• 42"), ("1234", "••••"), ("", "••••")],
)
def test_a_number_shows_its_last_two_digits(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.from_regex(r"[a-z0-9.+_-]{3,64}", fullmatch=True))
def test_a_mask_says_one_letter_or_two_digits_of_a_name(name: str) -> None:
    masked = mask_mail(f"{name}@example.org")
    shown = masked.removesuffix("@example.org").replace("•", "").strip()
    assert len(shown) <= 2
    assert len(shown) == 1 or shown == name[-2:]
