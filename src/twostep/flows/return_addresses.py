"""Where reports of failure go: an address for each message (VERP), so that a report names it.

    bounces@example.org ──message, key──► bounces+BASE32@example.org

A mail server reports to the address from which a message came (RFC 5321 section 4.5.5), whatever
else stands in the report. So the message is named there, and marked with a key: nobody can name one
whose mail they have not seen. Threat: who has seen it, its recipient, can say that it did not
arrive; which harms nobody but themselves.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Final

from twostep.core.keys import KeyPurpose
from twostep.crypto.identifiers import ID_BYTES, keyed_hash
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import Secret
from twostep.delivery.mail_form import NotAnAddress
from twostep.flows.installation import Installation

_MARK_BYTES: Final = 10
"""80 bits of HMAC-SHA-256, the least that RFC 2104 section 5 advises. Each guess is a mail."""

_REFERENCE_LETTERS: Final = 42
"""26 bytes in base32, which survives a server that writes everything in lower case."""

MOST_LOCAL: Final = 64 - 1 - _REFERENCE_LETTERS
"""Characters before the @ of an operator's address: RFC 5321 section 4.5.3.1.1 allows 64 in all."""

_REFERENCE: Final = re.compile(rf"[^@\s<>+]{{1,64}}\+([a-z2-7]{{{_REFERENCE_LETTERS}}})@", re.ASCII)


def demand_room_for_reference(address: str) -> str:
    """The address, if a reference fits into it. Raises NotAnAddress, whose text says why not."""
    name = address.rpartition("@")[0]
    if len(name.encode()) > MOST_LOCAL or "+" in name:
        raise NotAnAddress(f"it has at most {MOST_LOCAL} characters before the @, and no plus sign")
    return address


def return_address(installation: Installation, address: str, message_id: bytes) -> str:
    """Where reports about this message go. Raises KeyMissing."""
    key = installation.keys.current(KeyPurpose.INDEX).secret
    name, _, domain = address.rpartition("@")
    marked = base64.b32encode(message_id + _mark(message_id, key)).decode()
    return f"{name}+{marked.rstrip('=').lower()}@{domain}"


def message_of(installation: Installation, address: str) -> bytes | None:
    """The id of the message for which this address was made, with whichever of our keys; or
    None.
    """
    found = _REFERENCE.match(address.strip().strip("<>").lower())
    if found is None:
        return None
    letters = found[1].upper()
    marked = base64.b32decode(letters + "=" * (-len(letters) % 8))
    message_id, mark = marked[:ID_BYTES], marked[ID_BYTES:]
    keys = _keys(installation)
    matches = [hmac.compare_digest(mark, _mark(message_id, key)) for key in keys]
    return message_id if any(matches) else None


def _keys(installation: Installation) -> Sequence[Secret[bytes]]:
    """All versions that are kept: a report may come after a rotation."""
    newest = installation.keys.current(KeyPurpose.INDEX)
    keys = [newest.secret]
    for version in range(1, newest.version):
        try:
            keys.append(installation.keys.at_version(KeyPurpose.INDEX, version).secret)
        except KeyMissing:
            continue
    return keys


def _mark(message_id: bytes, key: Secret[bytes]) -> bytes:
    return keyed_hash(key, b"bounce", message_id)[:_MARK_BYTES]
