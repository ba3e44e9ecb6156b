"""Before codes are sent, or a second step is required: who has no address that it could go to, who
depends on a gateway that ends, and whose last message did not arrive (CS-6).

``flows.readiness`` is something else: whether this process can answer requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from twostep.core.address_readiness import REACH_OF, Gap, SentBy, gaps_of, pairs_of
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.messages import DAY
from twostep.core.users import name_key
from twostep.delivery.carriers import Carrier, Standing, carrier_of, gateways_that_are
from twostep.flows import audit
from twostep.flows.contact_reading import BEGINNING, day_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.storage import address_readiness, users
from twostep.storage.address_readiness import Among, Has, Listed
from twostep.storage.database import Connection

MOST_COUNTED: Final = 10_000
"""Beyond it a count says *more than*: nobody decides otherwise for 20,000, and the page is quick
for a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many people; ``with_app`` of them have an authenticator app. ``more``: there are more
    than these.
    """

    people: int
    with_app: int
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as it may be shown."""

    kind: ContactKind
    state: ContactState
    masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person of the list. ``carrier`` and its last day, where a gateway is what lacks."""

    user_id: bytes
    name: str
    app: bool
    recovery_codes: int
    addresses: tuple[Address, ...]
    gaps: tuple[Gap, ...]
    carrier: str | None = None
    ends_on: date | None = None

    @property
    def ends_at(self) -> int | None:
        """The same day, in milliseconds."""
        return None if self.ends_on is None else (self.ends_on - BEGINNING).days * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some people in the order of their names. ``last``: the last of them, where there are more."""

    lines: tuple[Line, ...]
    last: Listed | None


def counts(installation: Installation, environment_id: bytes, way: SentBy) -> Mapping[Gap, Count]:
    """How many people each gap concerns."""
    today = day_of(installation.clock())

    def look(connection: Connection) -> Mapping[Gap, Count]:
        return {gap: _count(connection, environment_id, _among((gap,), way, today)) for gap in Gap}

    return installation.database.read(look)


def page(
    installation: Installation,
    environment_id: bytes,
    way: SentBy,
    *,
    gap: Gap | None,
    after: str,
    most: int,
) -> Page:
    """People with this gap (None: with any), whose names come after ``after``."""
    today = day_of(installation.clock())
    among = _among(tuple(Gap) if gap is None else (gap,), way, today)

    def look(connection: Connection) -> tuple[Sequence[Listed], Mapping[bytes, Has]]:
        found = address_readiness.page(
            connection, environment_id, among, after=after, most=most + 1
        )
        ids = [listed.user_id for listed in found[:most]]
        return found, address_readiness.what_they_have(connection, environment_id, ids)

    found, having = installation.database.read(look)
    lines = tuple(
        _line(listed, having.get(listed.user_id, Has()), way, today) for listed in found[:most]
    )
    return Page(lines=lines, last=found[most - 1] if len(found) > most else None)


def place_of(installation: Installation, environment_id: bytes, user_id: bytes) -> str:
    """Where somebody stands in the order of names; at its beginning where there is nobody."""
    user = installation.database.read(
        lambda connection: users.by_id(connection, environment_id, user_id)
    )
    return "" if user is None else name_key(user.name)


def note_download(
    installation: Installation, person: Person, *, gap: Gap | None, way: SentBy, visitor: Visitor
) -> None:
    """Write down that somebody took the list away as a file."""
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.ADDRESS_READINESS_DOWNLOADED,
            environment_id=person.user.environment_id,
            now=installation.clock(),
            actor=person.user.id,
            visitor=visitor,
            lacks="any" if gap is None else gap.value,
            by=way.value,
        )
    )


def _count(connection: Connection, environment_id: bytes, among: Among) -> Count:
    people, with_app = address_readiness.count(connection, environment_id, among, most=MOST_COUNTED)
    more = people > MOST_COUNTED
    return Count(people=min(people, MOST_COUNTED), with_app=with_app, more=more)


def _among(gaps: Sequence[Gap], way: SentBy, today: date) -> Among:
    gateways: list[str] = []
    if way is not SentBy.TEXT:
        for gap, standing in _GATEWAYS.items():
            if gap in gaps:
                gateways += gateways_that_are(standing, day=today)
    reaches = [pair for gap in gaps if gap in REACH_OF for pair in pairs_of(REACH_OF[gap], way)]
    return Among(reaches=tuple(reaches), gateways=tuple(gateways), failed=Gap.FAILED in gaps)


_GATEWAYS: Final = {
    Gap.DYING_GATEWAY: Standing.DYING,
    Gap.DEAD_GATEWAY: Standing.DEAD,
}


def _line(listed: Listed, has: Has, way: SentBy, today: date) -> Line:
    gaps = gaps_of(
        listed.standing,
        way,
        dying=gateways_that_are(Standing.DYING, day=today),
        dead=gateways_that_are(Standing.DEAD, day=today),
    )
    carrier: Carrier | None = None
    if listed.standing.gateway is not None and set(gaps) & set(_GATEWAYS):
        carrier = carrier_of(listed.standing.gateway)
    return Line(
        user_id=listed.user_id,
        name=listed.name,
        app=has.app,
        recovery_codes=has.recovery_codes,
        addresses=tuple(
            Address(kind=kind, state=state, masked=masked) for kind, state, masked in has.addresses
        ),
        gaps=gaps,
        carrier=carrier.name if carrier else None,
        ends_on=carrier.ends_on if carrier else None,
    )
