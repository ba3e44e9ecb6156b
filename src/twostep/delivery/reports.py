"""A mail that reports what became of another one (RFC 3464), as a mail server sends it.

Threat: anybody can write to the address that takes them, and write anything. So only a beginning
of the mail is read; nothing of the mail that it says it is about is looked at; and what is found is
no more than a claim, until the address it was sent to proves which message is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from enum import StrEnum
from typing import Any, Final

from twostep.core.addresses import mask_mail
from twostep.delivery.outcomes import words_of

MOST_BYTES: Final = 256 * 1024
"""Of a report that are read. What it says stands before the mail that it returns."""

MOST_RECIPIENTS: Final = 10

_TO: Final = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
"""Where mail servers write down to whom a mail came."""

_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
"""RFC 3463 section 2."""

_ADDRESS: Final = re.compile(r"""[^\s<>()\[\],;:"']+@[^\s<>()\[\],;:"']+""")
_CODE: Final = re.compile(r"\d{6,}", re.ASCII)
"""Codes have six digits at the least, and so have telephone numbers."""

_HIDDEN_CODE: Final = "••••••"


class Action(StrEnum):
    """What a server did with the mail (RFC 3464 section 2.3.3), as far as it matters here."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a mail claims. ``recipients``: to whom it came. ``words`` begin with the status, such as
    ``5.1.1``, and hold neither an address nor a code.
    """

    recipients: tuple[str, ...]
    action: Action
    status: str
    words: str


def read_report(content: bytes, *, recipient: str | None = None) -> Report | None:
    """The report that a mail is, or None. ``recipient``: to whom it came, where the mail server has
    said so. Raises nothing, whatever the bytes are.
    """
    try:
        message = BytesParser(policy=compat32).parsebytes(content[:MOST_BYTES])
        found = next(_claims(message), None)
        if found is None:
            return None
        action, status, words = found
        recipients = (recipient,) if recipient else tuple(_recipients(message))
        return Report(recipients=recipients, action=action, status=status, words=words)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # Python's parser was written for mails of people who mean well.
        return None


def _claims(message: Message[Any, Any]) -> Iterator[tuple[Action, str, str]]:
    """What stands in the parts that are made for it: those of the mail itself, and not those of a
    mail in it.
    """
    if message.get_content_maintype() != "multipart":
        return
    for part in _parts(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        # The first block is about the mail as a whole, each other one about a recipient.
        for block in _parts(part)[1:]:
            action = str(block.get("Action", "")).strip().lower()
            if action in set(Action):
                status = _STATUS.match(str(block.get("Status", "")).strip())
                code = "" if status is None else status[0]
                diagnosis = str(block.get("Diagnostic-Code", ""))
                yield Action(action), code, _words(code, diagnosis)


def _parts(message: Message[Any, Any]) -> Sequence[Message[Any, Any]]:
    parts = message.get_payload()
    return [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else ()


def _words(status: str, diagnosis: str) -> str:
    """``smtp; 550 5.1.1 <ann@…> unknown`` without the kind of server, the address and any code."""
    said = words_of(diagnosis.rpartition("smtp;")[2] if "smtp;" in diagnosis else diagnosis)
    said = _ADDRESS.sub(lambda found: mask_mail(found[0]), said)
    said = _CODE.sub(_HIDDEN_CODE, said)
    return words_of(f"{status} {said}")


def _recipients(message: Message[Any, Any]) -> Iterator[str]:
    lines = [str(value) for name in _TO for value in message.get_all(name, [])]
    for _, address in getaddresses(lines[:MOST_RECIPIENTS])[:MOST_RECIPIENTS]:
        if address:
            yield address
