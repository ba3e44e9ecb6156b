"""Who is asking, and which environment is meant: worked out once for each request, from what cannot
be forged.

The environment is chosen by the request's own origin: scheme, host and port. Behind a proxy the
scheme and the
address of the visitor come from its headers, and only where the connection itself comes from a
proxy that the
operator named; from anybody else those headers are noise (R-09). Links are never built from a
request (AC-54).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostep.core.audit import Visitor
from twostep.core.environments import Environment, Origin, parse_host
from twostep.i18n.matters import Matter
from twostep.web.browsers import browser_name
from twostep.web.errors import StopRequest, bad_request

Headers = Sequence[tuple[bytes, bytes]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NOWHERE = "0.0.0.0"  # noqa: S104 - stands for "no address is known", nothing listens on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, as every page sees it. ``reference`` finds it in the log."""

    environment: Environment
    origin: Origin
    visitor: Visitor
    cookies: Mapping[str, str]
    nonce: str
    language: str
    reference: str


def header(headers: Headers, name: bytes) -> str | None:
    """The one value of a header, or None. Raises StopRequest where it comes more than once."""
    values = [value for key, value in headers if key == name]
    if len(values) > 1:
        raise bad_request()
    return values[0].decode("latin-1") if values else None


def origin_of(scope: Mapping[str, Any], trusted: Sequence[Network]) -> Origin:
    """The origin that this request was sent to. Raises StopRequest (400) for a Host that is none,
    or two.

    Plain HTTP counts on this machine alone; behind a proxy the proxy must say that it was HTTPS
    (AC-74).
    """
    headers: Headers = scope["headers"]
    try:
        host, port = parse_host(header(headers, b"host") or "")
    except ValueError:
        # NotAHost is one, and so is what Python says of a port of five thousand digits.
        raise bad_request() from None
    scheme: str = scope["scheme"]
    if _from_proxy(scope, trusted):
        said = header(headers, b"x-forwarded-proto")
        scheme = "https" if said == "https" else "http"
    origin = Origin(scheme, host, port or (443 if scheme == "https" else 80))
    if scheme != "https" and not origin.on_loopback:
        raise StopRequest(Matter.UNKNOWN_ADDRESS, 421)
    return origin


def visitor_of(scope: Mapping[str, Any], trusted: Sequence[Network]) -> Visitor:
    """The address and the browser behind this request."""
    agent = next((value for key, value in scope["headers"] if key == b"user-agent"), b"")
    return Visitor(address=_address(scope, trusted), browser=browser_name(agent.decode("latin-1")))


def _address(scope: Mapping[str, Any], trusted: Sequence[Network]) -> str:
    """The nearest address that no proxy of ours has: read from the right, because only the right
    end is ours.
    """
    peer = _peer(scope)
    if peer is None:
        return NOWHERE
    if not _is_trusted(peer, trusted):
        return str(peer)
    lines = [value for key, value in scope["headers"] if key == b"x-forwarded-for"]
    hops = b",".join(lines).decode("latin-1").split(",")
    for hop in reversed(hops):
        try:
            address = _plain(ipaddress.ip_address(hop.strip()))
        except ValueError:
            return str(peer)
        if not _is_trusted(address, trusted):
            return str(address)
        peer = address
    return str(peer)


def _from_proxy(scope: Mapping[str, Any], trusted: Sequence[Network]) -> bool:
    peer = _peer(scope)
    return peer is not None and _is_trusted(peer, trusted)


def _peer(scope: Mapping[str, Any]) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    client = scope.get("client")
    try:
        return _plain(ipaddress.ip_address(client[0])) if client else None
    except ValueError:
        return None


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address that came through an IPv6 socket is that IPv4 address: one visitor, one
    counter.
    """
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _is_trusted(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, trusted: Sequence[Network]
) -> bool:
    return any(address.version == block.version and address in block for block in trusted)
