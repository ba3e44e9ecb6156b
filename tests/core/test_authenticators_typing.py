"""Codes as people type and paste them, and what cannot be one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.authenticators import MalformedCode, normalise_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("123456", "123456"),
        ("123 456", "123456"),
        (" 123456\n", "123456"),
        ("123\u00a0456", "123456"),
        ("123\u2009456", "123456"),
        ("123\u3000456", "123456"),
        ("123\u2028456", "123456"),
        ("123-456", "123456"),
        ("123\u2013456", "123456"),
        ("\u200e123456\u202c", "123456"),
        ("\ufeff123456", "123456"),
        ("123456\r\n\t", "123456"),
        ("\uff11\uff12\uff13 \uff14\uff15\uff16", "123456"),
        ("000000", "000000"),
        ("012345", "012345"),
        ("1 2 3 4 5 6 7 8", "12345678"),
        ("123456789012", "123456789012"),
        ("1 2 3 4 5 6 7 8 9 0 1 2", "123456789012"),
        (" " * 26 + "123456", "123456"),
    ],
)
def test_codes_as_people_type_and_paste_them_are_understood(typed: str, code: str) -> None:
    assert normalise_code(typed) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-",
        "12345a",
        "12.456",
        "12,456",
        "+123456",
        "1e5",
        "1_000",
        "0x1234",
        "\u00bd23456",
        "\u0661\u0662\u0663\u0664\u0665\u0666",  # NFKC leaves Arabic-Indic digits as they are
        "\ud800",
        "correct horse battery",
        "1234567890123",
        "1" * 33,
        " " * 33,
        " " * 27 + "123456",
        "\ufdfa" * 32,  # one character that NFKC makes eighteen of
    ],
)
def test_what_cannot_be_a_code_is_malformed(typed: str) -> None:
    with pytest.raises(MalformedCode):
        normalise_code(typed)


@given(st.text(max_size=40))
def test_any_text_gives_one_to_twelve_ascii_digits_or_is_malformed(text: str) -> None:
    try:
        code = normalise_code(text)
    except MalformedCode:
        return
    assert 1 <= len(code) <= 12
    assert set(code) <= set("0123456789")


def test_the_refusal_does_not_repeat_what_was_typed() -> None:
    """People type their password into the wrong field."""
    with pytest.raises(MalformedCode) as refused:
        normalise_code("hunter2 hunter2")
    assert "hunter2" not in str(refused.value)


@given(st.text(alphabet="0123456789", min_size=1, max_size=12), st.sampled_from("\u3000 -\u200b"))
def test_separators_and_wide_digits_never_change_what_a_code_means(code: str, mark: str) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert normalise_code(mark.join(code)) == code
    assert normalise_code(wide) == code
