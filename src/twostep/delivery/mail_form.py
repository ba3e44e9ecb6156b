"""From what is to be said to the bytes of a mail, whatever the words are (AC-52).

Threat: somebody's name, a device's label, the name of an environment carries a line break, plainly
or hidden in an encoded word (RFC 2047), and becomes a header of its own: another recipient, another
body. Python's own ``email`` package has unfolded such words into headers (CPython #121650). So no
header here goes through it. Each is a line of ours: printable ASCII, or words that we encode
ourselves; text that looks like an encoded word already is broken up first, so that no program that
decodes once too often finds anything; and an address is checked letter by letter, so that it can
never be two.

The same mail always gives the same bytes: a message that is sent again is the same message.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

MOST_IN_HEADER: Final = 150
"""Characters of a subject or a name that are sent. Ours are shorter."""

_ENCODED_BYTES: Final = 45
"""In base64, with what RFC 2047 section 2 puts around them, 72 characters of the 75 allowed."""

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN: Final = re.compile(r"[ -~]*", re.ASCII)
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LOCAL: Final = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*", re.ASCII)


class NotAnAddress(ValueError):
    """The text is not exactly one address that mail can be sent to. It is not repeated here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one address.

    ``message_id`` is the part between the angle brackets, and stays the same at each try; ``at`` is
    when the message was written (ms). ``html`` None: plain text alone. ``envelope_sender`` is where
    reports of failure go, where that is not the sender.
    """

    sender: str
    sender_name: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    message_id: str
    at: int
    language: str
    envelope_sender: str | None = None


def demand_address(text: str) -> str:
    """The text, if it is one address in the form of RFC 5321's Mailbox without quotes.

    Letters outside ASCII may stand before the @ (RFC 6531); a domain with them is written in its
    ASCII form. Raises NotAnAddress.
    """
    name, _, domain = text.rpartition("@")
    local = "".join("a" if not letter.isascii() and letter.isalnum() else letter for letter in name)
    fits = len(name.encode("utf-8", "replace")) <= 64 and len(text) <= 254 and "=?" not in text
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise NotAnAddress("this is not one address that mail can be sent to")
    return text


def one_line(text: str) -> str:
    """The text as a header may hold it: one line, no control characters, nothing that looks like an
    encoded word, and not too long.
    """
    # Not printable: controls, halves of characters, separators of lines, and what is not seen.
    letters = (letter if letter.isprintable() else " " for letter in text)
    calm = " ".join("".join(letters).split())
    return calm.replace("=?", "= ?").replace("?=", "? =")[:MOST_IN_HEADER].strip()


def compose(mail: Mail) -> bytes:
    """The mail as it goes to the server. Raises NotAnAddress."""
    to, sender = demand_address(mail.to), demand_address(mail.sender)
    headers = [
        _header("From", _mailbox(mail.sender_name, sender)),
        _header("To", to),
        _header("Subject", _text(mail.subject)),
        _header("Date", format_datetime(_BEGINNING + timedelta(milliseconds=mail.at))),
        _header("Message-ID", f"<{demand_address(mail.message_id)}>"),
        _header("Content-Language", _language(mail.language)),
        # RFC 3834: whoever answers by themselves (an absence note) does not answer this.
        _header("Auto-Submitted", "auto-generated"),
        _header("X-Auto-Response-Suppress", "All"),
    ]
    return b"".join(headers) + _body(mail)


def _header(name: str, value: str) -> bytes:
    """One header. The last look at what all others have made sure of."""
    lines = value.split("\r\n")
    if not all(_PLAIN.fullmatch(line) or _is_international(name, line) for line in lines) or any(
        not line.startswith(" ") for line in lines[1:]
    ):
        raise ValueError(f"the header {name} would not be one line of text")
    return f"{name}: {value}\r\n".encode()


def _is_international(name: str, line: str) -> bool:
    """An address with letters outside ASCII stands as it is, in UTF-8 (RFC 6532)."""
    return name in {"From", "To"} and line.isprintable()


def _text(text: str) -> str:
    """Words for a header: plain, or encoded where they are not ASCII or too long for a line."""
    line = one_line(text)
    if _PLAIN.fullmatch(line) and len(line) <= 66:
        return line
    return "\r\n ".join(f"=?utf-8?b?{_base64(part)}?=" for part in _parts(line))


def _parts(line: str) -> list[str]:
    """Pieces of whole characters: RFC 2047 section 5 lets none be cut."""
    parts = [""]
    for letter in line:
        if len((parts[-1] + letter).encode()) > _ENCODED_BYTES:
            parts.append("")
        parts[-1] += letter
    return parts


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _mailbox(name: str, address: str) -> str:
    line = one_line(name)
    if not line:
        return address
    if _PLAIN.fullmatch(line) and len(line) <= 66:
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        fold = "" if len(escaped) + len(address) < 66 else "\r\n"
        return f'"{escaped}"{fold} <{address}>'
    return f"{_text(name)}\r\n <{address}>"


def _language(language: str) -> str:
    return language if re.fullmatch(r"[A-Za-z]{2,3}", language, re.ASCII) else "en"


def _body(mail: Mail) -> bytes:
    """Content headers, an empty line, and the parts: nothing in it came from outside but texts."""
    body = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    body.set_content(_calm(mail.text))
    if mail.html is not None:
        body.add_alternative(_calm(mail.html), subtype="html")
        # By itself it would be drawn anew for each try.
        body.set_boundary(
            f"=_{base64.b32encode(mail.message_id.encode()).decode().strip('=')}"[:60]
        )
    return bytes(body)


def _calm(text: str) -> str:
    """A body without controls but line ends and tabs, and without halves of characters."""
    letters = (letter if letter in "\n\t" or _speaks(letter) else " " for letter in text)
    return "".join(letters)


def _speaks(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cs"}
