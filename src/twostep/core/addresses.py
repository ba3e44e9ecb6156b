"""Where a message goes, as it may be shown: masked.

Whoever owns an address knows it again by a mask; whoever looks over a shoulder, or reads a log,
learns nothing that a message could be sent to (SECURITY §5.8).
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "•••"

_GATEWAY_NUMBER: Final = re.compile(r"\+?\d{5,15}", re.ASCII)
"""What stands before the @ of a gateway's address; E.164 allows fifteen digits."""


def mask_mail(address: str) -> str:
    """``ann@northside.example`` as ``a•••@northside.example``.

    A gateway's address is a telephone number's, so it shows two digits. A name of one or two
    characters shows none of them: one would be half of it.
    """
    name, _, domain = address.rpartition("@")
    if _GATEWAY_NUMBER.fullmatch(name):
        return f"{mask_number(name)}@{domain}"
    shown = name[0] if len(name) > 2 else ""
    return f"{shown}{HIDDEN}@{domain}"


def mask_number(number: str) -> str:
    """``+1 555 123 45 42`` as ``•••• 42``."""
    digits = [character for character in number if character.isdigit()]
    return f"•••• {''.join(digits[-2:])}" if len(digits) > 4 else "••••"
