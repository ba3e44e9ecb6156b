"""What stands on the page of who could be reached by sent codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from twostep.core.address_readiness import Gap, SentBy
from twostep.core.contacts import ContactKind, ContactState
from twostep.flows.address_readiness import Count, Line

PATH = "/admin/readiness"
FILE_PATH = "/admin/readiness.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address bar asks for: people with this gap (None: with any), by which way, from a
    place on. ``after`` is a user's id in hexadecimal: no name stands in an address bar, which
    servers write into their logs.
    """

    way: SentBy
    gap: Gap | None = None
    after: str = ""

    def path(self, base: str = PATH) -> str:
        """Where this is."""
        parts = {"by": self.way.value, "lacks": self.gap or "", "after": self.after}
        return f"{base}?{urlencode({name: text for name, text in parts.items() if text})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressReadiness:
    """``/admin/readiness``. ``next_path`` is None on the last page."""

    template: ClassVar[str] = "address_readiness.html"

    csrf: str
    asked: Asked
    counts: Mapping[Gap, Count]
    lines: tuple[Line, ...]
    next_path: str | None = None

    def kind_to_try(self, line: Line) -> ContactKind | None:
        """Where a test message goes: an address that counts, a gateway before an email, as codes
        go. None: there is none.
        """
        counting = {each.kind for each in line.addresses if each.state is not ContactState.WAITING}
        order = (ContactKind.SMS_EMAIL, ContactKind.EMAIL, ContactKind.PHONE)
        return next((kind for kind in order if kind in counting), None)

    @property
    def ways(self) -> tuple[tuple[SentBy, str], ...]:
        """By which codes people may be reached, each with where that list is."""
        return tuple((way, Asked(way=way, gap=self.asked.gap).path()) for way in SentBy)

    @property
    def gaps(self) -> tuple[tuple[Gap, Count, str], ...]:
        """Each gap with its count and where its list is."""
        way = self.asked.way
        return tuple((gap, self.counts[gap], Asked(way=way, gap=gap).path()) for gap in Gap)

    @property
    def all_path(self) -> str:
        """Where the list of all gaps is."""
        return Asked(way=self.asked.way).path()

    @property
    def first_path(self) -> str | None:
        """Where the list begins, where this page is a later one."""
        asked = self.asked
        return Asked(way=asked.way, gap=asked.gap).path() if asked.after else None

    @property
    def file_path(self) -> str:
        """Where the same list is as a file."""
        return Asked(way=self.asked.way, gap=self.asked.gap).path(FILE_PATH)
