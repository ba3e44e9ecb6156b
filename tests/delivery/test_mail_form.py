"""AC-52: whatever the words are, a mail has the same headers and one recipient."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twostep.delivery.mail_form import (
    MOST_IN_HEADER,
    Mail,
    NotAnAddress,
    compose,
    demand_address,
    one_line,
)

MAIL = Mail(
    sender="codes@login.example",
    sender_name="Northside",
    to="ann@northside.example",
    subject="Your Northside code is 123456",
    text="Your code is 123456.\n",
    html="<p>Your code is <b>123456</b>.</p>\n",
    message_id="0123456789abcdef@login.example",
    at=1_767_225_600_000,
    language="en",
)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted",
    "X-Auto-Response-Suppress",
]  # fmt: skip
WITH_HTML = [*HEADERS, "MIME-Version", "Content-Type"]

INJECTIONS = [
    "x\r\nBcc: eve@example.org",
    "x\nBcc: eve@example.org\n\nAnother body",
    "x\rBcc: eve@example.org",
    "x\0y",
    "x\u2028Bcc: eve@example.org",
    "x\u2029Bcc: eve@example.org",
    "x\x85Bcc: eve@example.org",
    "x\x0bBcc: eve@example.org\x0c\x1c\x1d\x1e",
    "=?utf-8?q?x=0D=0ABcc:_eve@example.org?=",
    "=?utf-8?b?eA0KQmNjOiBldmVAZXhhbXBsZS5vcmc=?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3D0D=3D0ABcc:_eve@example.org=3F=3D?=",
    "=?utf-8?q?a?=\r\n =?utf-8?q?b?=",
    "=?=?utf-8?q?x=0D=0ABcc:_e@e.example?=?=",
    '", <eve@example.org>, "',
    "Ann <eve@example.org>",
    "a" * 2000,
    "ł" * 2000,
    "😀" * 99,
    "\ud800",
    "\u202egnp.exe",
    "",
]
hidden = st.builds(
    lambda text, how: f"=?utf-8?{how}?{text}?=", st.text(), st.sampled_from(["q", "b", "Q", "B"])
)
pieces = st.one_of(st.text(), hidden, st.sampled_from(INJECTIONS))
any_text = st.lists(pieces, max_size=3).map("".join)


def faithful(content: bytes, headers: list[str]) -> None:
    """The headers are these and no others, to both of Python's parsers, and the lines are lines."""
    head = content.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in content.split(b"\r\n")), "RFC 5321 section 4.5.3.1.6"
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    for line in head.split(b"\r\n"):
        assert all(0x20 <= byte < 0x7F for byte in line)
        assert len(line) < 998
    for policy in (default, compat32):
        parsed = message_from_bytes(content, policy=policy)
        assert parsed.keys() == headers
        assert parsed["To"] == "ann@northside.example"
        assert not parsed.defects
    read = message_from_bytes(content, policy=default)
    assert [address.addr_spec for address in read["To"].addresses] == ["ann@northside.example"]
    assert [address.addr_spec for address in read["From"].addresses] == ["codes@login.example"]
    for name in ("Subject", "From"):
        said = str(make_header(decode_header(message_from_bytes(content, policy=compat32)[name])))
        assert said.replace("\r\n", "").isprintable(), said
        # What decodes a second time finds nothing to decode.
        assert "=?" not in said


@given(any_text, any_text, any_text, any_text)
@example(*[INJECTIONS[0]] * 4)
@example(*[INJECTIONS[8]] * 4)
@example(*[INJECTIONS[10]] * 4)
def test_ac_52_no_text_adds_a_header_or_a_recipient(
    name: str, subject: str, text: str, html: str
) -> None:
    """AC-52: raw, and encoded as RFC 2047 says (CPython #121650)."""
    mail = replace(MAIL, sender_name=name, subject=subject, text=text, html=html, language=name)
    faithful(compose(mail), WITH_HTML)


@pytest.mark.parametrize("text", INJECTIONS)
def test_ac_52_known_injections_come_to_nothing(text: str) -> None:
    mail = replace(MAIL, sender_name=text, subject=text, text=text, html=text, language=text)
    faithful(compose(mail), WITH_HTML)
    faithful(compose(replace(mail, subject=f"Your {text} code is 123456")), WITH_HTML)


@given(any_text)
def test_a_header_s_text_is_one_short_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= MOST_IN_HEADER
    assert line.isprintable()
    assert "=?" not in line


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), max_size=60))
def test_harmless_words_arrive_as_they_are(words: str) -> None:
    subject = f"Your {words}code"
    if "=?" in subject or "?=" in subject:
        return
    read = message_from_bytes(compose(replace(MAIL, subject=subject)), policy=default)
    assert str(read["Subject"]) == subject


@pytest.mark.parametrize(
    "name", ["Northside", 'The "Best" \\ Clinic, Ltd.', "Łódź", "a" * 100, "北" * 100]
)
def test_the_sender_s_name_arrives_as_it_is(name: str) -> None:
    content = compose(replace(MAIL, sender_name=name))
    header = message_from_bytes(content, policy=compat32)["From"]
    said, address = parseaddr(header.replace("\r\n", ""))
    assert str(make_header(decode_header(said))) == name
    assert address == "codes@login.example"


def test_a_mail_says_what_it_is() -> None:
    read = message_from_bytes(compose(MAIL), policy=default)
    assert read["Date"].datetime.isoformat() == "2026-01-01T00:00:00+00:00"
    assert read["Message-ID"] == "<0123456789abcdef@login.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Content-Language"] == "en"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content() == "Your code is 123456.\r\n"
    assert html.get_content() == "<p>Your code is <b>123456</b>.</p>\r\n"


def test_ac_67_a_mail_that_is_printed_shows_neither_its_words_nor_its_address() -> None:
    assert "code is" not in repr(MAIL)
    assert "ann@" not in repr(MAIL)


def test_without_html_it_is_plain_text_alone() -> None:
    read = message_from_bytes(compose(replace(MAIL, html=None, subject="")), policy=default)
    assert not read.is_multipart()
    assert read.get_content_type() == "text/plain"
    assert read["Subject"] == ""
    assert read.get_content() == "Your code is 123456.\r\n"


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose(MAIL) == compose(replace(MAIL))
    assert compose(MAIL) != compose(replace(MAIL, message_id="other@login.example"))


@pytest.mark.parametrize(
    "address",
    ["ann@northside.example", "o'hara+codes@mail.example.org", "5551234567@text.example", "a@b",
     "ann@localhost", "jürgen@example.org", "ann@xn--bcher-kva.example"],
)  # fmt: skip
def test_an_address_is_an_address(address: str) -> None:
    assert demand_address(address) == address


@pytest.mark.parametrize(
    "text",
    ["", "ann", "@example.org", "ann@", "ann@a.example,bo@b.example", "ann@a.example bo@b.example",
     "ann@a.example;bo@b.example", "<ann@a.example>", "Ann <ann@a.example>", '"ann bo"@a.example',
     "ann@a.example\n", "ann@a.example\r\nBcc: eve@e.example", "an\0n@a.example", "ann@a..example",
     ".ann@a.example", "ann.@a.example", "ann@-a.example", "ann@[127.0.0.1]", "ann@bücher.example",
     "a" * 65 + "@a.example", "a@" + "b" * 64, "ann@" + "a." * 126 + "example",
     "ann@a.example(comment)", "ann@bo@a.example", "ann\u2028@a.example", "\ud800@a.example",
     "=?utf-8?q?ann=0d=0a?=@a.example", "an\u200bn@a.example"],
)  # fmt: skip
def test_what_is_not_exactly_one_address_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        demand_address(text)
    assert text == "" or text not in str(refused.value)
    for mail in (
        replace(MAIL, to=text),
        replace(MAIL, sender=text),
        replace(MAIL, message_id=text),
    ):
        with pytest.raises(NotAnAddress):
            compose(mail)


@given(any_text)
def test_ac_52_any_text_for_an_address_is_one_address_or_none(text: str) -> None:
    try:
        content = compose(replace(MAIL, to=text))
    except NotAnAddress:
        return
    read = message_from_bytes(content, policy=default)
    assert len(read["To"].addresses) == 1
    assert read.keys() == WITH_HTML
