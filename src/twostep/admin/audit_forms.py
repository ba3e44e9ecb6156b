"""What the address bar of **Audit log** asks for, and the address bar that asks for it.

Users stand there by their ids: no name gets into an address, which servers write into their logs.
Whatever means nothing is left out of what is asked: a link that somebody cut short shows more, and
never an error of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from twostep.core.audit import EventKind
from twostep.core.audit_groups import EventGroup, kinds_of
from twostep.core.property_values import BadValue, Day
from twostep.flows.audit_lists import Filter, Place

PATH: Final = "/admin/audit"

DAY_MS: Final = 24 * 60 * 60 * 1_000

_PLACE = re.compile(r"(\d{1,15})-([0-9a-f]{32})", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. ``who`` and ``whom`` are ids of users in hexadecimal, ``what`` a group of
    kinds or one kind. Of the days it is kept what was typed; ``from_moment`` is the beginning of
    the first and ``to_moment`` the end of the last, None where that is no day.
    """

    who: str = ""
    whom: str = ""
    what: str = ""
    from_day: str = ""
    to_day: str = ""
    from_moment: int | None = None
    to_moment: int | None = None
    before: Place | None = None

    @property
    def wanted(self) -> Filter:
        """The same, as the storage looks for it."""
        return Filter(
            actor=bytes.fromhex(self.who) if self.who else None,
            target=bytes.fromhex(self.whom) if self.whom else None,
            kinds=_kinds(self.what),
            from_at=self.from_moment,
            to_at=self.to_moment,
        )

    @property
    def filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.who or self.whom or self.what or self.from_moment or self.to_moment)

    def path(self, to: str = PATH) -> str:
        """Where this list is; or, with the path of a file, where the file with all of it is."""
        parts = {
            "who": self.who,
            "whom": self.whom,
            "what": self.what,
            "from": self.from_day,
            "to": self.to_day,
            "before": "" if self.before is None else f"{self.before[0]}-{self.before[1].hex()}",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{to}?{query}" if query else to

    def at(self, before: Place | None) -> Asked:
        """Another page of the same list."""
        return replace(self, before=before)


def read(given: Mapping[str, str]) -> Asked:
    """What an address, or a form, asks for."""
    what = given.get("what", "")
    from_day, to_day = (given.get(name, "").strip()[:40] for name in ("from", "to"))
    last = moment_of(to_day)
    return Asked(
        who=id_in(given.get("who", "")),
        whom=id_in(given.get("whom", "")),
        what=what if what in {*EventGroup, *EventKind} else "",
        from_day=from_day,
        to_day=to_day,
        from_moment=moment_of(from_day),
        to_moment=None if last is None else last + DAY_MS,
        before=_place(given.get("before", "")),
    )


def id_in(text: str) -> str:
    """The text where it is an id, else nothing."""
    return text if _ID.fullmatch(text) else ""


def moment_of(day: str) -> int | None:
    """The beginning of a day, in UTC. None for what is no day, and for nothing."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII):
        return None
    try:
        stored = Day().check(day)
    except BadValue:
        return None
    return int(stored) if stored else None


def _kinds(what: str) -> frozenset[EventKind]:
    if what in set(EventGroup):
        return kinds_of(EventGroup(what))
    return frozenset({EventKind(what)}) if what else frozenset()


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    return None if found is None else (int(found[1]), bytes.fromhex(found[2]))
