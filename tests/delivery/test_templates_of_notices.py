"""What notices say: the point first, when and where, what to do, and nothing that could harm."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.clocks import START
from twostep.core.gsm7 import MOST_SEPTETS, size_of
from twostep.core.messages import ASKED_FOR, WITH_LINK, MessageKind
from twostep.core.notices import one_line
from twostep.delivery.mail_form import Mail, compose
from twostep.delivery.templates import Data, MessageTemplates, Place, Words
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
HOST = "login.northside.example"
LONGEST = "Harbour Clinic and the Northside Housing Association"
NOTICES = sorted(set(MessageKind) - ASKED_FOR - WITH_LINK - {MessageKind.ADDRESS_CHANGED})
DATA: Data = {
    "at": START, "browser": "Chrome on Windows", "network_address": "203.0.113.7", "support": "",
    "last": 0, "by": "", "left": 3, "first": 0, "what": "codes", "stopped": 0, "method": "",
    "purpose": "", "until": 0, "needs_code": 0, "by_second_step": 1,
}  # fmt: skip


def words(kind: MessageKind, language: str = "en", **data: str | int) -> Words:
    return TEMPLATES.mail(kind, {**DATA, **data}, place(language))


def place(language: str = "en", name: str = "Northside") -> Place:
    return Place(environment=name, host=HOST, language=language)


def as_text(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", NOTICES)
def test_every_notice_says_what_when_where_and_what_to_do(kind: MessageKind, language: str) -> None:
    said = words(kind, language)
    assert "Northside" in said.subject
    assert "Northside" in said.text.splitlines()[0]
    for text in (said.text, as_text(said.html)):
        for part in ("2026", "UTC", "Chrome", "Windows", "203.0.113.7", HOST):
            assert part in text
    assert "\n\n\n" not in said.text
    assert {"en": "January", "es": "enero"}[language] in said.text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_holds_no_link_and_no_place_for_a_code(kind: MessageKind, language: str) -> None:
    said = words(kind, language, code="918273", secret="JBSWY3DPEHPK3PXP")
    for text in (said.subject, said.text, said.html, TEMPLATES.text(kind, DATA, place(language))):
        assert "href" not in text
        assert "http" not in text
        assert "918273" not in text
        assert "JBSWY3DPEHPK3PXP" not in text


@pytest.mark.parametrize("name", ["", "Northside", "Harbour Clinic", LONGEST])
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", NOTICES)
def test_a_text_is_one_message_in_the_alphabet(kind: MessageKind, language: str, name: str) -> None:
    text = TEMPLATES.text(kind, DATA, place(language, name))
    assert (size_of(text).fits, size_of(text).most) == (True, MOST_SEPTETS)
    assert text.startswith(f"{name}: " if name else text[0])
    assert "\n" not in text


@pytest.mark.parametrize("kind", NOTICES)
def test_who_helps_is_named_or_is_the_administrator(kind: MessageKind) -> None:
    assert "Who helps you: Room 7 & Co" in words(kind, support="Room 7 & Co").text
    assert "Room 7 &amp; Co" in words(kind, support="Room 7 & Co").html
    assert "Your administrator helps you." in words(kind).text


@pytest.mark.parametrize("kind", NOTICES)
def test_the_last_one_of_a_day_says_so(kind: MessageKind) -> None:
    for last in (0, 1):
        said = words(kind, last=last)
        assert ("last message of this kind" in said.text) is bool(last)
        assert ("last message of this kind" in said.html) is bool(last)


@pytest.mark.parametrize("kind", NOTICES)
def test_what_is_not_known_of_the_place_is_left_out(kind: MessageKind) -> None:
    assert "from the network address 203.0.113.7." in words(kind, browser="").text
    nowhere = words(kind, browser="", network_address="").text
    assert "It happened on 1 January 2026, 00:00 UTC.\n" in nowhere


def test_each_notice_says_what_its_act_knows() -> None:
    used, made = MessageKind.RECOVERY_CODE_USED, MessageKind.RECOVERY_CODES_MADE
    assert "3 are left." in words(used).text
    assert "1 is left." in words(used, left=1).text
    assert "Your last recovery code" in words(used, left=0).text
    assert "Those before are good for nothing" in words(made).text
    assert "Those before" not in words(made, first=1).text
    assert "jo removed 2-Step Verification" in words(MessageKind.REMOVED, by="jo").text
    lockout = MessageKind.LOCKOUT
    assert "wrong passwords" in words(lockout, what="passwords").text
    assert "recovery codes were wrong" in words(lockout, what="recovery_codes").text
    assert "No more are taken for a while." in words(lockout).text
    assert "until an administrator unlocks" in words(lockout, stopped=1).text


def test_d_08_a_removal_or_a_pause_by_password_alone_says_so() -> None:
    for kind in (MessageKind.REMOVED, MessageKind.TWO_STEP_PAUSED):
        assert "because they have none" in words(kind, by_second_step=0).text
        assert "because they have none" not in words(kind).text


def test_what_an_administrator_does_says_until_when_and_what_comes_next() -> None:
    removed, paused, made = (
        MessageKind.REMOVED,
        MessageKind.TWO_STEP_PAUSED,
        MessageKind.HELP_DESK_CODE,
    )
    assert "you need the set-up code" in words(removed, needs_code=1).text
    assert "set-up code" not in words(removed).text
    assert "Until 1 January 2026, 00:00 UTC your password" in words(paused, until=START).text
    assert "jo paused 2-Step Verification" in words(paused, by="jo").text
    assert "A set-up code was made" in words(made, purpose="set_up").subject
    assert "The code works until 1 January 2026, 00:00 UTC." in words(made, until=START).text
    assert "jo made it." in words(made, by="jo").text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", [MessageKind.SET_UP, MessageKind.TURNED_OFF])
def test_codes_that_are_turned_on_or_off_are_no_app(kind: MessageKind, language: str) -> None:
    data = {**DATA, "method": "sent_codes"}
    said, app = TEMPLATES.mail(kind, data, place(language)), words(kind, language)
    assert said.subject != app.subject
    assert said.text.splitlines()[0].startswith(said.subject)
    for name in ("Harbour Clinic", LONGEST):
        text = TEMPLATES.text(kind, data, place(language, name))
        assert (size_of(text).fits, size_of(text).most) == (True, MOST_SEPTETS)
        assert text != TEMPLATES.text(kind, DATA, place(language, name))


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(ANY, ANY, ANY, st.sampled_from(NOTICES), st.sampled_from(languages()))
def test_ac_52_no_name_of_a_browser_or_environment_writes_a_header(
    name: str, browser: str, support: str, kind: MessageKind, language: str
) -> None:
    """AC-52, raw and encoded as of RFC 2047."""
    for nasty in ("", "\r\nBcc: x@a.example\r\n\r\n", "=?utf-8?q?=0D=0ABcc:_x=40a.example?="):
        data = {**DATA, "browser": one_line(browser + nasty), "support": support + nasty}
        said = TEMPLATES.mail(kind, data, place(language, name + nasty))
        mail = Mail(
            sender="codes@login.example", sender_name=name + nasty, to="ann@a.example",
            subject=said.subject, text=said.text, html=said.html, message_id="1@login.example",
            at=START, language=language,
        )  # fmt: skip
        read = message_from_bytes(compose(mail), policy=default)
        assert read["Bcc"] is None
        assert read["To"] == "ann@a.example"
        assert len(read.get_all("Subject", [])) == 1


@pytest.mark.parametrize("kind", NOTICES)
def test_what_a_browser_calls_itself_is_no_markup(kind: MessageKind) -> None:
    said = words(kind, browser="<img src=x> on <b>", by="<i>jo</i>")
    assert "<img" not in said.html
    assert "<i>" not in said.html
    assert "<img src=x> on <b>" in said.text
