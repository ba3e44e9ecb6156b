"""Our cookies: their names, how they are read, how they are set.

Each has the prefix ``__Host-`` and with it Secure, Path=/ and no Domain (RFC 6265bis section
4.1.3.2), so that
neither a sibling host nor a page over plain HTTP can set one. A request that carries one of them
twice is refused:
somebody planted one, and no rule could tell which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from starlette.responses import Response

from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest

SESSION = "__Host-sess"
PENDING = "__Host-pend"
VISITOR = "__Host-pre"

OURS = frozenset({SESSION, PENDING, VISITOR})

LANGUAGE = "__Host-lang"
"""The language that somebody chose in this browser."""

DEVICE = re.compile(r"__Host-dev-[0-9a-f]{8}\Z")
"""One for each user who signed in in this browser; the digits are a keyed hash of the user."""

MOST_DEVICES = 5
"""People who can share a browser and each be remembered in it."""

DEVICE_LASTS = 365 * 24 * 60 * 60
"""In seconds. Browsers keep no cookie longer than 400 days (RFC 6265bis)."""

LANGUAGE_LASTS = DEVICE_LASTS

LONGEST_READ = 16 * 1024


def read_cookies(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Our cookies in the request; others are not looked at. Raises StopRequest where one comes
    twice.

    A cookie that is not of the form ``name=value`` is passed over: browsers share a host's cookie
    jar with
    whatever ran there before, and a stranger's broken cookie must not lock anybody out.
    """
    lines = [value for name, value in headers if name == b"cookie"]
    if sum(map(len, lines)) > LONGEST_READ:
        raise StopRequest(Matter.TOO_LARGE, 431)
    found: dict[str, str] = {}
    for pair in b";".join(lines).split(b";"):
        name, equals, value = pair.strip().partition(b"=")
        decoded = name.decode("latin-1")
        if not equals or not (decoded in OURS or decoded == LANGUAGE or DEVICE.match(decoded)):
            continue
        if decoded in found:
            raise StopRequest(Matter.COOKIE_TWICE, 400)
        found[decoded] = value.decode("latin-1")
    return found


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set one of our cookies; ``max_age`` in seconds, None for as long as the browser is open."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Have the browser forget one of our cookies.

    By Max-Age alone: an ``Expires`` beside it would be the machine's clock in an answer that must
    not differ from another by a byte (AC-19).
    """
    set_cookie(response, name, "", max_age=0)


def keep_device(response: Response, name: str, value: str, cookies: Mapping[str, str]) -> None:
    """Have the browser keep the cookie that tells who it is, and drop the oldest beyond five."""
    others = [other for other in cookies if DEVICE.match(other) and other != name]
    # Browsers send the cookies of one path oldest first (RFC 6265 section 5.4).
    for other in others[: max(0, len(others) - (MOST_DEVICES - 1))]:
        drop_cookie(response, other)
    set_cookie(response, name, value, max_age=DEVICE_LASTS)
