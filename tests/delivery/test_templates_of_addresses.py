"""What is written to an address that is new, and to one that is not used any more."""

from __future__ import annotations

import pytest

from twostep.core.gsm7 import MOST_SEPTETS, size_of
from twostep.core.messages import MessageKind
from twostep.delivery.templates import Data, MessageTemplates, Place, Words
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
CODE: Data = {"code": "123456", "minutes": 30}
CHANGED: Data = {
    "field": "email", "address": "a•••@elsewhere.example", "by": "user", "at": 1,
    "browser": "Chrome <on> Windows", "network_address": "203.0.113.7",
}  # fmt: skip
NOWHERE = {"browser": "", "network_address": ""}


def place(language: str) -> Place:
    return Place(environment="Northside", host="login.northside.example", language=language)


def changed(language: str = "en", **data: str) -> Words:
    return TEMPLATES.mail(MessageKind.ADDRESS_CHANGED, {**CHANGED, **data}, place(language))


@pytest.mark.parametrize("language", languages())
def test_the_code_of_a_new_address_stands_in_every_part_and_fits_one_text(language: str) -> None:
    words = TEMPLATES.mail(MessageKind.CONFIRM_ADDRESS, CODE, place(language))
    for part in (words.subject, words.text, words.html):
        assert "123456" in part
        assert "http" not in part.replace("http-equiv", "")
    assert "30 minut" in words.text
    text = TEMPLATES.text(MessageKind.CONFIRM_ADDRESS, CODE, place(language))
    assert text.endswith("\n@login.northside.example #123456")
    assert size_of(text).fits


@pytest.mark.parametrize("language", languages())
def test_a_changed_address_is_told_masked_with_where_it_was_done(language: str) -> None:
    words = changed(language)
    for part in (words.text, words.html):
        assert "a•••@elsewhere.example" in part
        assert "203.0.113.7" in part
        assert "login.northside.example" in part
    assert "Chrome <on> Windows" in words.text
    assert "Chrome &lt;on&gt; Windows" in words.html
    assert "href" not in words.html
    text = TEMPLATES.text(MessageKind.ADDRESS_CHANGED, CHANGED, place(language))
    assert (size_of(text).fits, size_of(text).most) == (True, MOST_SEPTETS)


def test_who_did_what_is_said() -> None:
    by_user = changed().text
    entered = changed(by="administrator", **NOWHERE).text
    removed = changed(address="").text
    taken = changed(address="", by="administrator", **NOWHERE).text
    assert "was confirmed in your Security Settings" in by_user
    assert "An administrator of Northside entered a•••@elsewhere.example" in entered
    assert "An address was removed in your Security Settings" in removed
    assert "An administrator of Northside removed an address" in taken
    for text in (by_user, removed):
        assert "in this browser" in text
    for text in (entered, taken):
        assert "in this browser" not in text
    for text in (by_user, entered, removed, taken):
        assert "\n\n\n\n" not in text
