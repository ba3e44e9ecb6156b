"""Mails that carry a link: to choose a new password, or the first one."""

from __future__ import annotations

import re

import pytest

from twostep.core.gsm7 import size_of
from twostep.core.messages import WITH_LINK, MessageKind
from twostep.delivery.templates import Data, MessageTemplates, Place
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
LINK = "https://login.northside.example/reset/" + "x" * 43
DATA: Data = {
    "link": LINK, "user_name": "ann <b>", "full_name": "Ann Lee", "minutes": 30, "hours": 72,
    "by_help_desk": 0,
}  # fmt: skip


def place(language: str) -> Place:
    return Place(environment="Northside", host="login.northside.example", language=language)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("by_help_desk", [0, 1])
@pytest.mark.parametrize("kind", sorted(WITH_LINK))
def test_the_link_stands_there_once_to_be_read_and_nowhere_else(
    kind: MessageKind, by_help_desk: int, language: str
) -> None:
    words = TEMPLATES.mail(kind, {**DATA, "by_help_desk": by_help_desk}, place(language))
    assert "Northside" in words.subject
    assert LINK not in words.subject
    assert words.text.count(LINK) == 1
    assert re.findall(r'href="([^"]*)"', words.html) == [LINK]
    assert "\n\n\n" not in words.text
    assert not words.text.startswith("\n")


@pytest.mark.parametrize("kind", sorted(WITH_LINK))
def test_what_an_administrator_typed_is_text(kind: MessageKind) -> None:
    words = TEMPLATES.mail(kind, DATA, place("en"))
    assert "ann <b>" in words.text
    assert "ann &lt;b&gt;" in words.html


def test_who_sent_it_is_said_and_that_nobody_is_signed_in() -> None:
    kind = MessageKind.PASSWORD_RESET
    asked = TEMPLATES.mail(kind, DATA, place("en")).text
    sent = TEMPLATES.mail(kind, {**DATA, "by_help_desk": 1}, place("en")).text
    assert asked.startswith("Somebody, probably you, has asked for a new password at Northside.")
    assert sent.startswith("The help desk of Northside has sent you this link.")
    assert "It works once, for 30 minutes. It signs nobody in" in asked


def test_an_invitation_greets_whoever_has_a_name() -> None:
    kind = MessageKind.INVITATION
    assert TEMPLATES.mail(kind, DATA, place("en")).text.startswith("Hello Ann Lee,")
    assert TEMPLATES.mail(kind, {**DATA, "full_name": ""}, place("en")).text.startswith("you have")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", sorted(WITH_LINK))
def test_a_text_message_never_holds_the_link(kind: MessageKind, language: str) -> None:
    text = TEMPLATES.text(kind, DATA, place(language))
    assert "http" not in text
    assert size_of(text).fits
