"""The name of a browser: a label that people recognise, from a text that anybody can write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.web.browsers import LONGEST_READ, UNKNOWN, browser_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"

IPHONE = "iPhone; CPU iPhone OS 18_0 like Mac OS X"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Safari/537.36", "Chrome on Windows"),
        (
            f"Mozilla/5.0 ({IPHONE}) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone or iPad",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("", UNKNOWN),
        ("what is this", UNKNOWN),
    ],
)
def test_a_browser_is_named_as_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_ac_68_no_more_is_read_than_a_browser_sends() -> None:
    known = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert browser_name(known + "x" * 60_000) == browser_name(known + "x" * LONGEST_READ)
    assert browser_name(" " * LONGEST_READ + known) == UNKNOWN


@given(st.text(max_size=500))
def test_r_31_any_text_has_a_short_name(agent: str) -> None:
    name = browser_name(agent)
    assert len(name) <= 2 * LONGEST_READ
