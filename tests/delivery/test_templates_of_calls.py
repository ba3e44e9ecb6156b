"""The message with which a caller is checked: what it is for, and what it is not."""

from __future__ import annotations

import pytest

from twostep.core.gsm7 import size_of
from twostep.core.messages import MessageKind
from twostep.delivery.templates import Data, MessageTemplates, Place
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
CODE: Data = {"code": "123456", "minutes": 10}
KIND = MessageKind.CHECK_CALLER


def place(language: str) -> Place:
    return Place(environment="Northside", host="login.northside.example", language=language)


def test_whoever_did_not_call_is_told_that_somebody_pretends_to_be_them() -> None:
    words = TEMPLATES.mail(KIND, CODE, place("en"))
    assert words.subject == "123456: read this to the Northside help desk"
    for text in (words.text, words.html):
        assert "read this code to them" in text
        assert "It signs nobody in." in text
        assert "If you did not call the help desk, somebody pretends to be you" in text


@pytest.mark.parametrize("language", languages())
def test_no_link_stands_in_it_and_no_phone_types_it_into_a_page(language: str) -> None:
    """A phone offers a code to the site that its last line names; this one is for a voice."""
    words = TEMPLATES.mail(KIND, CODE, place(language))
    assert "href" not in words.html
    assert "northside.example" not in words.text
    text = TEMPLATES.text(KIND, CODE, place(language))
    assert "123456" in text
    assert "@login.northside.example" not in text
    assert size_of(text).fits
