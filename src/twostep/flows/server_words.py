"""A server's words as they may be kept: without what was in the message.

Servers quote the recipient, filters quote the subject, which holds the code; in groups, over
several lines, or in the form in which it was sent (AC-67). So the words are looked through as a
whole, and cut afterwards: otherwise most of a code could stand at the cut.
"""

from __future__ import annotations

import re
from typing import Final

from twostep.delivery.outcomes import MOST_WORDS
from twostep.flows.messages import Content, masked
from twostep.storage.messages import Claimed

HIDDEN_CODE: Final = "••••••"

_BETWEEN: Final = r"\W{0,3}"
"""Between two digits: a space, a hyphen, a line's end."""

_ENCODED_WORD: Final = re.compile(r"=\?[^\s?]*\?[BbQq]\?[^\s?]*(?:\?=)?")
"""RFC 2047 section 2: a header as it was sent. Nobody reads it, and it may hold the code."""


def hide(words: str, message: Claimed, content: Content) -> str:
    """The words without the address and without what was secret in the message."""
    shown = masked(message.route, content.to)
    number = content.to.partition("@")[0].lstrip("+")
    words = _ENCODED_WORD.sub(HIDDEN_CODE, words)
    words = re.sub(re.escape(content.to), lambda _: shown, words, flags=re.IGNORECASE)
    if number.isdecimal():
        # Of a gateway's address, or of a number, the digits alone say whose it is.
        words = re.sub(rf"(?<!\d){number}(?!\d)", shown.partition("@")[0], words)
    if code := str(content.data.get("code", "")):
        words = re.sub(_BETWEEN.join(map(re.escape, code)), HIDDEN_CODE, words)
    if link := str(content.data.get("link", "")):
        # A server may quote the end alone, which is the secret.
        words = words.replace(link.rpartition("/")[2], HIDDEN_CODE)
    return words[:MOST_WORDS]
