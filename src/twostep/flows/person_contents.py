"""What stands in the row of a person, for moving it to another installation: the mark over it is
made with a key that stays, so it is taken off there and made anew here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from twostep.core.audit import Visitor
from twostep.crypto.keys import KeyRing
from twostep.flows.audit import lookup_of, marked_content
from twostep.storage.people import StoredPerson

_MARK = "mark"


def parts_of(content: str | None) -> Mapping[str, str] | None:
    """The content without its mark; None where it was erased, or cannot be read."""
    if content is None:
        return None
    try:
        parts = json.loads(content)
        return {name: value for name, value in parts.items() if name != _MARK}
    except (AttributeError, ValueError, RecursionError):
        return None


def person_of(
    keys: KeyRing,
    environment_id: bytes,
    id_: bytes,
    *,
    is_user: bool,
    parts: Mapping[str, str] | None,
) -> StoredPerson:
    """The row as this installation would have written it. Raises ValueError for parts that no
    person has.
    """
    if parts is None:
        return StoredPerson(id=id_, user_id=id_ if is_user else None, lookup=None, content=None)
    names = {"name"} if is_user else {"address", "browser"}
    if parts.keys() != names:
        raise ValueError("not what stands in the row of a person")
    lookup = None
    if not is_user:
        visitor = Visitor(address=parts["address"], browser=parts["browser"])
        lookup = lookup_of(keys, environment_id, visitor)
    content = marked_content(keys, environment_id, id_, parts)
    return StoredPerson(id=id_, user_id=id_ if is_user else None, lookup=lookup, content=content)
