"""The demo's mailbox keeps what a mail server would have got."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.delivery.test_mail import MAIL
from twostep.delivery.mailbox import MOST_SHOWN, KeptMail, Mailbox, read_mailbox
from twostep.delivery.outcomes import Accepted, Refused


def test_what_is_kept_is_read_the_newest_first(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    later = replace(MAIL, at=MAIL.at + 1, message_id="ff@login.example", subject="Later")
    for mail in (MAIL, later, MAIL):
        assert isinstance(asyncio.run(mailbox.send(mail)), Accepted)
    newest, oldest = read_mailbox(tmp_path)
    assert newest.subject == "Later"
    assert oldest == KeptMail(
        at=MAIL.at,
        to="ann@northside.example",
        sender="Northside <codes@login.example>",
        subject="Your Northside code is 123456",
        text="123456",
    )


def test_an_address_that_is_none_is_refused_here_too(tmp_path: Path) -> None:
    outcome = asyncio.run(Mailbox(tmp_path).send(replace(MAIL, to="ann, bo")))
    assert isinstance(outcome, Refused)
    assert read_mailbox(tmp_path) == []


def test_a_full_mailbox_shows_the_newest(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for number in range(MOST_SHOWN + 3):
        asyncio.run(mailbox.send(replace(MAIL, at=MAIL.at + number)))
    shown = read_mailbox(tmp_path)
    assert len(shown) == MOST_SHOWN
    assert shown[0].at == MAIL.at + MOST_SHOWN + 2
