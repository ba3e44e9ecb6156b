"""How a key reaches a phone: the ``otpauth://`` address of the QR code, and the key as text.

Promise: the address means the same to every widespread app, and two accounts never share a
label. The limits of the three apps that the screen names are facts found by running or reading
them: Google Authenticator hides the label's prefix when it equals ``issuer=``; FreeOTP reads
the prefix alone; Microsoft Authenticator keys its entries by the label and **overwrites**
another entry of the same label, so a clash would cost somebody a key.

The address *is* the key: it goes into the one page that shows it, and never into a log, a
redirect or a link (SECURITY §5.8).
"""

import base64
import hashlib
import unicodedata
from typing import Final
from urllib.parse import quote

from twostep.core.authenticators import NEW_KEY, Parameters

LONGEST_ISSUER: Final = 60
LONGEST_ACCOUNT: Final = 80
"""Bytes of a name after percent-encoding. With both names at their longest the address has 264
bytes, which a QR code of version 12 carries at error correction M: 65 modules, three pixels
each even on a screen 320 pixels wide, quiet zone and margins included."""


def key_as_text(key: bytes) -> str:
    """Return ``key`` in base32, upper case, without padding: what apps accept by hand.

    The padding ``=`` "should be omitted" (the key URI format), and some apps refuse it.
    """
    return base64.b32encode(key).decode("ascii").rstrip("=")


def key_in_groups(key: bytes) -> str:
    """Return ``key_as_text`` in groups of four, to be typed from a screen.

    Apps drop the blanks; a person keeps their place.
    """
    text = key_as_text(key)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def otpauth_address(
    *, issuer: str, account: str, key: bytes, parameters: Parameters = NEW_KEY
) -> str:
    """Return the ``otpauth://totp/`` address for one account.

    ``issuer`` should name the environment, so that a person with two employers can tell them
    apart; ``account`` is the user name. Raises ValueError where either is blank.

    The parameters are left out for a new key: every app has SHA-1, six digits and 30 seconds
    as its defaults or as its only possibility, and 35 characters fewer make a coarser picture
    that scans from farther off. An imported key with other parameters spells all three out.
    """
    shown_issuer = _for_label(issuer, LONGEST_ISSUER)
    shown_account = _for_label(account, LONGEST_ACCOUNT)
    address = (
        f"otpauth://totp/{shown_issuer}:{shown_account}"
        f"?secret={key_as_text(key)}&issuer={shown_issuer}"
    )
    if parameters == NEW_KEY:
        return address
    return (
        f"{address}&algorithm={parameters.algorithm}"
        f"&digits={parameters.digits}&period={parameters.period_seconds}"
    )


def _for_label(name: str, longest: int) -> str:
    """Return ``name`` percent-encoded, without a colon, in at most ``longest`` bytes.

    ``%20`` and never ``+``, which apps show as a plus. A colon would end the issuer early in
    apps that split after decoding, so it becomes a hyphen. A name too long is cut at a
    character and marked with the start of its SHA-256: two long names that begin alike stay
    two labels.
    """
    words = unicodedata.normalize("NFC", name).replace(":", "-").split()
    if not words:
        raise ValueError("a label needs a name")
    plain = " ".join(words)
    encoded = quote(plain, safe="")
    if len(encoded) <= longest:
        return encoded
    mark = "~" + hashlib.sha256(plain.encode()).hexdigest()[:8]
    kept = plain
    while len(quote(kept, safe="")) > longest - len(mark):
        kept = kept[:-1]
    return quote(kept.rstrip(), safe="") + mark
