"""What a report claims, and that no mail does any harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.delivery_reports import report
from twostep.delivery.reports import MOST_BYTES, Action, Report, read_report

TO = "bounces+abc@login.example"


def test_a_report_says_to_whom_it_came_what_happened_and_why() -> None:
    assert read_report(report(TO)) == Report(
        recipients=(TO,),
        action=Action.FAILED,
        status="5.1.1",
        words="5.1.1 550 5.1.1 <a•••@northside.example>: unknown, code ••••••",
    )


def test_a_server_that_still_tries_says_so() -> None:
    content = report(TO, action="Delayed", status="4.4.1", diagnosis="smtp; 451 later")
    read = read_report(content)
    assert read is not None
    assert (read.action, read.words) == (Action.DELAYED, "4.4.1 451 later")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "failed!"])
def test_what_is_no_failure_is_no_report(action: str) -> None:
    assert read_report(report(TO, action=action)) is None


def test_a_status_that_is_none_is_left_out() -> None:
    read = read_report(report(TO, status="<script>", diagnosis="x-unix; no such user"))
    assert read is not None
    assert (read.status, read.words) == ("", "x-unix; no such user")


def test_who_it_came_to_is_what_the_mail_server_says_where_it_does() -> None:
    read = read_report(report("forged@login.example"), recipient=TO)
    assert read is not None
    assert read.recipients == (TO,)


def test_a_report_inside_of_another_mail_is_none() -> None:
    """Somebody may have forwarded it, or written it."""
    inner = report(TO).decode()
    forwarded = (
        f"To: {TO}\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n"
        f"Content-Type: message/rfc822\r\n\r\n{inner}\r\n--outer--\r\n"
    )
    assert read_report(forwarded.encode()) is None
    within = report(TO, action="delivered", original=inner.replace("edge", "other"))
    assert read_report(within) is None


def test_an_ordinary_mail_is_none() -> None:
    assert read_report(b"") is None
    assert read_report(b"To: a@b.example\r\nSubject: hello\r\n\r\nAction: failed\r\n") is None


def test_more_than_the_beginning_is_not_read() -> None:
    late = report(TO).replace(b"I'm sorry", b"x" * MOST_BYTES)
    assert read_report(late) is None
    huge = report(TO) + b"y" * 50_000_000
    assert read_report(huge) == read_report(report(TO))


def test_a_mail_of_many_boxes_is_survived() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth)
        for depth in range(5_000)
    )
    assert read_report(nested) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        report(TO).replace(
            b"message/delivery-status", b"message/delivery-status; charset=\xff\xfe"
        ),
        report(TO).replace(b"Action: failed", b"Action: =?utf-8?q?fai=6ced?="),
        report(TO).replace(b'boundary="edge"', b"boundary*=utf-9''edge"),
        report(TO).replace(b"Content-Type: message/delivery-status", b"Content-Type: /;;="),
        report(TO).replace(b"To: ", b"To: \xff<,,@@>("),
    ],
)
def test_what_is_broken_raises_nothing(spoilt: bytes) -> None:
    read_report(spoilt)


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/report; boundary=x\r\n\r\n", b"--x\r\n", b"--x--\r\n",
        b"Content-Type: message/delivery-status\r\n\r\n", b"\r\n", b"Action: failed\r\n",
        b"Status: 5.1.1\r\n", b"Diagnostic-Code: smtp; ann@b.example 123456\r\n",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: message/rfc822\r\n\r\n",
        b"To: a+b@c.example\r\n", b"\xff\xfe", b"=?utf-8?b?QWN0aW9u?=", b"\0",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join))
def test_whatever_the_bytes_are_no_words_hold_an_address_or_a_code(content: bytes) -> None:
    read = read_report(content)
    if read is not None:
        assert "ann@" not in read.words
        assert "123456" not in read.words
        assert read.words.isprintable()
        assert len(read.words) <= 500
