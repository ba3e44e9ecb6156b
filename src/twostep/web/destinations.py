"""Where a person was going before they had to sign in: a path of our own origin, or nothing.

One function decides, and what it gives back is built from what it understood, so that no browser
can read the
text in another way than we did. Applications on other origins join with a later issue.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 500

_PLAIN = re.compile(r"[\x21-\x7e]+\Z")


def own_path(text: str | None) -> str | None:
    """The path (and query) where it lies on our own origin and is not part of signing in; None for
    all else.

    Backslashes, control characters, blanks and non-ASCII are refused, because browsers mend them
    each in its own
    way; so is a second slash at the beginning, which would name another host.
    """
    if not text or len(text) > LONGEST or not _PLAIN.match(text) or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        # A bracket in what would be a host.
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return None
    if text.startswith("//") or _is_of_signing_in(parts.path):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


_OF_SIGNING_IN = frozenset(
    {
        *("sign-in", "sign-out", "healthz", "readyz", "csp-reports", "static"),
        # Links that are used once.
        *("welcome", "reset", "invitation", "break-glass"),
    }
)


def _is_of_signing_in(path: str) -> bool:
    return path.split("/")[1] in _OF_SIGNING_IN
