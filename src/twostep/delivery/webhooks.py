"""A signed request to an address of the operator's (a webhook).

    Twostep-Timestamp: 1760000000
    Twostep-Signature: sha256=<HMAC-SHA-256 of the timestamp, a dot and the body>

Whoever receives it makes the same with the shared secret, compares in constant time, and refuses a
timestamp that is more than five minutes off: then neither a body nor an old request can be put in
by somebody else. Only an answer 200 to 299 counts as taken; redirects are not followed.
"""

from __future__ import annotations

import hmac
import http.client
import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

SECONDS: Final = 10
SHORTEST_SECRET: Final = 32


class NotAWebhook(ValueError):
    """The text is not an address to which events may go."""


class WebhookAway(Exception):
    """The request was not taken. The text says why, without the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address, and the secret that signs what goes there."""

    url: str
    secret: str = field(repr=False)

    def post(self, body: bytes, *, at: int) -> None:
        """Send the body. ``at`` in milliseconds. Raises WebhookAway."""
        parts = urlsplit(self.url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        target = parts.path or "/"
        if parts.query:
            target = f"{target}?{parts.query}"
        headers = {"content-type": "application/json", "user-agent": "twostep"}
        headers |= signed(body, self.secret, at=at)
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            # So much and no more of whatever it is.
            answer.read(10_000)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise WebhookAway(getattr(error, "strerror", None) or type(error).__name__) from error
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise WebhookAway(f"it answered {answer.status}")


def read_webhook(url: str, secret: str) -> Webhook:
    """Raises NotAWebhook, which does not repeat the text: it may hold a password."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise NotAWebhook("not an address") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.fragment:
        raise NotAWebhook("an address begins with https://")
    if parts.scheme == "http" and not _on_loopback(parts.hostname):
        raise NotAWebhook("events go over https:// alone, but to this machine")
    if parts.username or parts.password:
        raise NotAWebhook("the secret signs; an address holds no password")
    if any(ord(character) <= 32 or ord(character) > 126 for character in url.strip()):
        raise NotAWebhook("an address has no blanks and no letters beyond ASCII")
    if len(secret) < SHORTEST_SECRET:
        raise NotAWebhook(f"the secret has {SHORTEST_SECRET} characters or more")
    return Webhook(url=url.strip(), secret=secret)


def signed(body: bytes, secret: str, *, at: int) -> dict[str, str]:
    """The headers that show whose the body is. ``at`` in milliseconds."""
    timestamp = str(at // 1000)
    mac = hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256")
    return {"twostep-timestamp": timestamp, "twostep-signature": f"sha256={mac.hex()}"}


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)


def _on_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
