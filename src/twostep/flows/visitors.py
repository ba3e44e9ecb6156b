"""Who is on the other side of a request: what flows need to know of a browser before anybody signed
in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from twostep.core.audit import Visitor
from twostep.core.keys import KeyPurpose
from twostep.crypto.identifiers import keyed_hash
from twostep.crypto.keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser in the middle of a sign-in or a session.

    ``id`` is the SHA-256 of what only this browser holds: the visitor cookie before a sign-in, the
    session
    afterwards. ``devices`` are its lasting cookies by name: five people can share a browser. Wrong
    tries are forgiven to it, and to no other, when its own sign-in succeeds.
    """

    id: bytes
    visitor: Visitor
    devices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Networks:
    """The blocks of addresses in which a visitor's address lies, as keyed hashes: the counters of
    wrong tries by
    network need to compare blocks, and nobody needs to read them.
    """

    block: bytes
    wider: bytes


def networks_of(keys: KeyRing, visitor: Visitor) -> Networks:
    """The /32 and the /24 of an IPv4 address, the /64 and the /48 of an IPv6 address."""
    address = ipaddress.ip_address(visitor.address)
    narrow, wide = (32, 24) if address.version == 4 else (64, 48)
    return Networks(
        _hashed(keys, ipaddress.ip_network((address, narrow), strict=False)),
        _hashed(keys, ipaddress.ip_network((address, wide), strict=False)),
    )


def _hashed(keys: KeyRing, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bytes:
    return keyed_hash(keys.current(KeyPurpose.INDEX).secret, b"network", str(network).encode())[:8]
