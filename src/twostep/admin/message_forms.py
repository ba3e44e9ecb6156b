"""What the address bar of **Messages** asks for, and the address bar that asks for it.

Whatever stands there that means nothing is left out of what is asked: a link that somebody cut
short shows more, and never an error of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from twostep.core.messages import FAILED, WAITING, MessageKind, MessageState, Route
from twostep.core.property_values import BadValue, Day
from twostep.flows.message_lists import Filter, Place

PATH: Final = "/admin/messages"

GROUPS: Final[Mapping[str, frozenset[MessageState]]] = {"waiting": WAITING, "failed": FAILED}
"""Words of the address bar that stand for several states."""

_PLACE = re.compile(r"(\d{1,15})-([0-9a-f]{32})", re.ASCII)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. ``user`` and ``address`` are an id and a keyed hash, in hexadecimal:
    neither a name nor an address stands in an address bar, which servers write into their logs.
    ``from_day`` is what was typed, ``from_moment`` what it means (None: no day).
    """

    user: str = ""
    address: str = ""
    state: str = ""
    kind: str = ""
    route: str = ""
    from_day: str = ""
    from_moment: int | None = None
    before: Place | None = None

    @property
    def wanted(self) -> Filter:
        """The same, as the storage looks for it."""
        states = GROUPS.get(self.state) or _one(MessageState, self.state)
        return Filter(
            user_id=bytes.fromhex(self.user) if self.user else None,
            address_hash=bytes.fromhex(self.address) if self.address else None,
            states=states,
            kinds=_one(MessageKind, self.kind),
            routes=_one(Route, self.route),
            made_from=self.from_moment,
        )

    @property
    def filtered(self) -> bool:
        """Whether something is left out, whoever the messages are for."""
        return bool(self.state or self.kind or self.route or self.from_moment is not None)

    def path(self) -> str:
        """Where this list is."""
        parts = {
            "user": self.user,
            "address": self.address,
            "state": self.state,
            "kind": self.kind,
            "route": self.route,
            "from": self.from_day,
            "before": "" if self.before is None else f"{self.before[0]}-{self.before[1].hex()}",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def at(self, before: Place | None) -> Asked:
        """Another page of the same list."""
        return replace(self, before=before)


def read(given: Mapping[str, str]) -> Asked:
    """What an address, or a form, asks for."""
    user, address = given.get("user", ""), given.get("address", "")
    state = given.get("state", "")
    from_day = given.get("from", "").strip()[:40]
    return Asked(
        user=user if re.fullmatch("[0-9a-f]{32}", user) else "",
        address=address if re.fullmatch("[0-9a-f]{64}", address) else "",
        state=_known(state, (*GROUPS, *MessageState)),
        kind=_known(given.get("kind", ""), MessageKind),
        route=_known(given.get("route", ""), Route),
        from_day=from_day,
        from_moment=_moment(from_day),
        before=_place(given.get("before", "")),
    )


def _known(text: str, values: Iterable[str]) -> str:
    return text if text in set(values) else ""


def _one(kind: type[E], value: str) -> frozenset[E]:
    return frozenset({kind(value)}) if value in set(kind) else frozenset()


def _moment(day: str) -> int | None:
    """The beginning of a day, in UTC. None for what is no day, and for nothing."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII):
        return None
    try:
        stored = Day().check(day)
    except BadValue:
        return None
    return int(stored) if stored else None


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    return None if found is None else (int(found[1]), bytes.fromhex(found[2]))
