"""An environment: a tenant with its own users, properties and addresses, chosen by the request's
host.

An address is an exact origin (scheme, host, port). One host belongs to one environment, so nothing
that a
browser sends can choose another one; a host that belongs to none is refused.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_NAME = 100

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
_PORT = re.compile(r"[0-9]{1,5}\Z")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotAnOrigin(ValueError):
    """The text is not an exact origin such as ``https://login.example.org``. The message says what
    is wrong.
    """


class NotAHost(ValueError):
    """The Host header is not one host with, perhaps, a port."""


@dataclass(frozen=True, slots=True)
class Origin:
    """An exact origin, lower case, its port always explicit."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:  # type: ignore[explicit-override]  # typing.override is Python 3.12
        """As browsers write it in the Origin header: the default port is left out."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """As browsers write it in the Host header."""
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return self.host
        return f"{self.host}:{self.port}"

    @property
    def on_loopback(self) -> bool:
        """Whether the host is this machine by its very name (RFC 6761 section 6.3), never by a
        look-up.
        """
        return is_loopback_host(self.host)


def is_loopback_host(host: str) -> bool:
    """``localhost``, a name below it, or an address of the loopback range."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def parse_origin(text: str) -> Origin:
    """The origin that the operator wrote. Raises NotAnOrigin with what is wrong in words."""
    try:
        parts = urlsplit(text.strip())
    except ValueError as wrong:
        raise NotAnOrigin("it is not an address") from wrong
    if parts.scheme not in _DEFAULT_PORTS:
        raise NotAnOrigin("it must begin with http:// or https://")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise NotAnOrigin("it must be scheme, host and port alone, without a path or a user")
    try:
        host, port = parse_host(parts.netloc)
    except NotAHost as wrong:
        raise NotAnOrigin(str(wrong)) from wrong
    return Origin(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme])


def parse_host(netloc: str) -> tuple[str, int | None]:
    """The host and the port of a Host header or of an origin's middle part. Raises NotAHost.

    One parser reads what the operator configured and what a request brings, so that the two cannot
    differ.
    A trailing dot is refused rather than dropped: it would be a second spelling of the same host.
    """
    text = netloc.lower()
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    elif not _PORT.match(port) or not 0 < int(port) < 65536:
        raise NotAHost("the port must be a number from 1 to 65535")
    if host.startswith("["):
        return _ipv6(host), int(port) if port else None
    if not _HOST.match(host):
        raise NotAHost("the host must be a name or an address, without blanks or other signs")
    return host, int(port) if port else None


def _ipv6(host: str) -> str:
    if not host.endswith("]"):
        raise NotAHost("the host in brackets must be an IPv6 address")
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    except ValueError as wrong:
        raise NotAHost("the host in brackets must be an IPv6 address") from wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment with its addresses; links are always built from the primary one."""

    id: bytes
    name: str
    primary: Origin
    others: tuple[Origin, ...] = ()

    @property
    def origins(self) -> tuple[Origin, ...]:
        """All addresses, the primary one first."""
        return (self.primary, *self.others)
