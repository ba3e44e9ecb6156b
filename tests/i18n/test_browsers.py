"""Browsers as people call them."""

import pytest

from twostep.i18n.browsers import browser_in
from twostep.web.browsers import browser_name

IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.2 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("name", "spanish"),
    [
        ("Chrome on Windows", "Chrome en Windows"),
        (browser_name(IPAD), "Safari en iPhone o iPad"),
        ("Browser on the go on Mac", "Browser on the go en Mac"),
        ("100% Browser on 5% System", "100% Browser en 5% System"),
        ("curl", "curl"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_the_language_of_the_page(name: str, spanish: str) -> None:
    assert browser_in(name, "es") == spanish
    assert browser_in(name, "en") == name
