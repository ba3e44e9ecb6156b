"""Lines of JSON that carry their own signature: what is kept where the database's writer cannot
reach it, and what says on which terms the log begins.

Promise: a line reads back exactly as it was signed, or not at all. Its ``type`` is among what is
signed, so that no line passes for one of another kind, and no MAC of the chain for a signature.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Final

LONGEST_LINE: Final = 500
"""A line has some 330 characters. More would only be work, or nested too deep to be parsed."""


class NotSigned(ValueError):
    """The line is none of that type, or was changed, or the key that signed it is not at hand."""


def signed_line(members: Mapping[str, object], *, key: bytes) -> str:
    """Return the members as one line of JSON without its newline, signed with HMAC-SHA-256.

    ``type`` and ``key_version`` are among them.
    """
    return _line({**members, "signature": _signature(members, key)})


def signed_members(
    line: str, *, purpose: str, key_of: Callable[[int], bytes]
) -> Mapping[str, object]:
    """Return the members of a line of that type. Raises NotSigned.

    ``key_of`` gives the key of a version and raises KeyError for one that it has not.
    """
    if len(line) > LONGEST_LINE:
        raise NotSigned("too long")
    try:
        members = json.loads(line)
        signature = members.pop("signature")
        right = _signature(members, key_of(members["key_version"]))
        genuine = hmac.compare_digest(right, signature)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise NotSigned("not a signed line") from wrong
    if not genuine or members["type"] != purpose:
        raise NotSigned("the signature does not fit")
    return dict(members)


def _line(members: Mapping[str, object]) -> str:
    return json.dumps(members, sort_keys=True, separators=(",", ":"))


def _signature(members: Mapping[str, object], key: bytes) -> str:
    return hmac.digest(key, _line(members).encode("utf-8"), "sha256").hex()
