"""What the address bar of the list of users asks for, and the address bar that asks for it.

Whatever stands there that means nothing is left out of what is asked: a link that somebody cut
short shows more, and never an error of ours. An address and a user who was found by one stand there
as a keyed hash and as an id; and where a page ends, as an id: servers write address bars into their
logs. The words of a search stand there as they were typed, for they are what a link is sent for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from twostep.core.search_terms import words_of
from twostep.core.user_filters import SECOND_STEPS, SignedIn, UserState, Wanted, bounds_of
from twostep.core.users import without_controls
from twostep.flows.user_lists import Place, Whom

PATH: Final = "/admin/users"
FILE_PATH: Final = "/admin/users/export"

LONGEST_SEARCH: Final = 200
"""More than any name or address that somebody types here has."""

_PLACE = re.compile(r"(?:(\d{1,15})-)?([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. ``after`` and ``before``: a page that begins, or ends, at this place."""

    search: str = ""
    user: str = ""
    address: str = ""
    two_step: str = ""
    state: str = ""
    signed_in: str = ""
    after: Place | None = None
    before: Place | None = None

    def wanted(self, now: int) -> Wanted:
        """The same, as the storage looks for it. Days are counted back from ``now`` (ms)."""
        asked = SignedIn(self.signed_in) if self.signed_in else None
        since, before = bounds_of(asked, now)
        return Wanted(
            words=words_of(self.search),
            user_id=bytes.fromhex(self.user) if self.user else None,
            address_hash=bytes.fromhex(self.address) if self.address else None,
            second_steps=SECOND_STEPS.get(self.two_step, frozenset()),
            state=UserState(self.state) if self.state else None,
            never_signed_in=asked is SignedIn.NEVER,
            signed_in_from=since,
            signed_in_before=before,
        )

    @property
    def filters(self) -> dict[str, str]:
        """What is filtered by, whomever was searched for."""
        parts = {"two_step": self.two_step, "state": self.state, "signed_in": self.signed_in}
        return {name: value for name, value in parts.items() if value}

    @property
    def searched(self) -> bool:
        """Whether somebody was searched for."""
        return bool(self.search or self.user or self.address)

    def path(self, base: str = PATH) -> str:
        """Where this list is."""
        parts = {
            "search": self.search,
            "user": self.user,
            "address": self.address,
            **self.filters,
            "after": _written(self.after),
            "before": _written(self.before),
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{base}?{query}" if query else base

    def at(self, *, after: Place | None = None, before: Place | None = None) -> Asked:
        """Another page of the same list."""
        return replace(self, after=after, before=before)

    def about(self, typed: str, whom: Whom) -> Asked:
        """The first page of the same list, of whoever was searched for."""
        return replace(
            self.at(),
            search=typed if whom.words else "",
            user="" if whom.user_id is None else whom.user_id.hex(),
            address="" if whom.address_hash is None else whom.address_hash.hex(),
        )


def read(given: Mapping[str, str]) -> Asked:
    """What an address, or a form, asks for."""
    user, address = given.get("user", ""), given.get("address", "")
    after = _place(given.get("after", ""))
    return Asked(
        search=search_in(given.get("search", "")),
        user=user if re.fullmatch("[0-9a-f]{32}", user) else "",
        address=address if re.fullmatch("[0-9a-f]{64}", address) else "",
        two_step=_known(given.get("two_step", ""), SECOND_STEPS),
        state=_known(given.get("state", ""), UserState),
        signed_in=_known(given.get("signed_in", ""), SignedIn),
        after=after,
        before=None if after else _place(given.get("before", "")),
    )


def search_in(text: str) -> str:
    """What was typed to search for, as it may be shown again."""
    return without_controls(text).strip()[:LONGEST_SEARCH]


def _known(text: str, values: Iterable[str]) -> str:
    return text if text in set(values) else ""


def _written(place: Place | None) -> str:
    if place is None:
        return ""
    at = "" if place.signed_in_at is None else f"{place.signed_in_at}-"
    return f"{at}{place.user_id.hex()}"


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    at = None if found[1] is None else int(found[1])
    return Place(user_id=bytes.fromhex(found[2]), signed_in_at=at)
