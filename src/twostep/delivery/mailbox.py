"""A mailbox in place of a mail server, for ``twostep demo``: each message is a file of a folder.

Everybody who opens its page reads every code, which is what a demo is for and nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Final

from twostep.delivery.mail_form import Mail, NotAnAddress, compose
from twostep.delivery.outcomes import Accepted, Outcome, Refused, words_of

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A message of the mailbox. ``at`` is when it was written (ms)."""

    at: int
    to: str
    sender: str
    subject: str
    text: str


class Mailbox:
    """Takes mails, and keeps them."""

    def __init__(self, folder: Path) -> None:
        """The folder exists."""
        self._folder = folder

    async def send(self, mail: Mail) -> Outcome:
        """Keep it. The same message again takes its own place."""
        try:
            content = compose(mail)
        except NotAnAddress as error:
            return Refused(code=None, words=words_of(error), permanent=True)
        name = f"{mail.at:015}-{mail.message_id.partition('@')[0]}"
        aside = self._folder / f"{name}.new"
        aside.write_bytes(content)
        # In one step, so that nobody reads half a message.
        aside.replace(self._folder / f"{name}.eml")
        return Accepted(words="250 kept in the mailbox of the demo")

    async def close(self) -> None:
        """Nothing is open."""


def read_mailbox(folder: Path) -> Sequence[KeptMail]:
    """The newest messages, the newest first."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:MOST_SHOWN]
    return [_read(file) for file in files]


def _read(file: Path) -> KeptMail:
    message = message_from_bytes(file.read_bytes(), policy=default)
    body = message.get_body(preferencelist=("plain",))
    return KeptMail(
        at=int(file.name.partition("-")[0]),
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        text="" if body is None else body.get_content().replace("\r\n", "\n").strip(),
    )
