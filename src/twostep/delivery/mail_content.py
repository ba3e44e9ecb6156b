"""The content of a mail, in the two steps that SMTP has for it (RFC 5321 section 4.1.1.4).

``aiosmtplib.SMTP.data`` does both at once, and when it fails nobody can tell whether anything was
handed over. Here the caller knows: before :func:`open_content` returned, nothing was.
"""

from __future__ import annotations

import re
from typing import Final

from aiosmtplib import SMTP, SMTPDataError, SMTPResponse, SMTPServerDisconnected

_GO_ON: Final = 354
"""The server waits for the content (RFC 5321 section 4.3.2)."""

_TAKEN: Final = 250

_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
"""A line that begins with a dot gets a second one (RFC 5321 section 4.5.2)."""


async def open_content(client: SMTP) -> None:
    """Ask whether the server takes the content. Raises SMTPException, SMTPDataError among them
    where it does not.
    """
    answer = await client.execute_command(b"DATA")
    if answer.code != _GO_ON:
        raise SMTPDataError(answer.code, answer.message)


async def hand_content(client: SMTP, content: bytes, *, patience: float) -> SMTPResponse:
    """Hand it over, once :func:`open_content` has returned. Lines end with CRLF, the last one too.

    ``patience`` is how long the answer may take, in seconds. Raises SMTPException: afterwards the
    server may have it all the same, unless it said no (SMTPDataError).
    """
    protocol = client.protocol
    if protocol is None:
        raise SMTPServerDisconnected("the mail server closed the connection")
    protocol.write(_LEADING_DOT.sub(b"..", content) + b".\r\n")
    answer = await protocol.read_response(timeout=patience)
    if answer.code != _TAKEN:
        raise SMTPDataError(answer.code, answer.message)
    return answer
