"""Carriers and their gateways from mail to text message: which work, which end, which are gone.

In the United States they are ending one after the other. A message to a dead gateway is often
accepted, and never comes; so an address of one is refused with the reason, and one that ends is
warned about. What is not in this table (a private or a paid gateway) is neither: an operator knows
it better.

No carrier publishes a list. Each line says where it was read, and when; "reported" sources are
vendors who live from the replacement, and agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from twostep.delivery.numbers import national


class Standing(StrEnum):
    """What is known of a gateway."""

    WORKING = "working"
    DYING = "dying"
    """It ends on a day that is known, or is reported to lose messages."""
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier with its gateways, the one for texts first.

    ``ends_on``: the first day without it, where one is known. ``read_on``: when ``source`` was.
    """

    key: str
    name: str
    region: str
    domains: tuple[str, ...]
    standing: Standing
    ends_on: date | None = None
    source: str
    read_on: date

    def standing_on(self, day: date) -> Standing:
        """What a dying one is after its end."""
        if self.ends_on is not None and day >= self.ends_on:
            return Standing.DEAD
        return self.standing


class DeadGateway(ValueError):
    """Nothing sent there arrives. ``carrier`` says whose it was, and since when it is gone."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(f"the gateway of {carrier.name} does not deliver any more")
        self.carrier = carrier


_SHUTDOWNS: Final = "https://sigspan.com/carrier-gateway-shutdown (updated 2026-05-13)"
_TABLE: Final = (
    "https://www.textmagic.com/blog/use-email-to-sms-to-work-with-your-freelancers"
    " (updated 2026-06-02)"
)
_READ: Final = date(2026, 11, 21)

CARRIERS: Final = (
    Carrier(
        key="google_fi",
        name="Google Fi",
        region="US",
        domains=("msg.fi.google.com",),
        standing=Standing.WORKING,
        source=_TABLE,
        read_on=_READ,
    ),
    Carrier(
        key="verizon",
        name="Verizon",
        region="US",
        domains=("vtext.com", "vzwpix.com"),
        standing=Standing.DYING,
        ends_on=date(2027, 3, 31),
        source=_SHUTDOWNS,
        read_on=_READ,
    ),
    Carrier(
        key="us_cellular",
        name="UScellular",
        region="US",
        domains=("email.uscc.net", "mms.uscc.net"),
        standing=Standing.DYING,
        source=_TABLE,
        read_on=_READ,
    ),
    Carrier(
        key="cricket",
        name="Cricket",
        region="US",
        domains=("sms.cricketwireless.net", "mms.cricketwireless.net", "sms.mycricket.com"),
        standing=Standing.DYING,
        source=_TABLE,
        read_on=_READ,
    ),
    Carrier(
        key="att",
        name="AT&T",
        region="US",
        domains=("txt.att.net", "mms.att.net"),
        standing=Standing.DEAD,
        ends_on=date(2025, 6, 17),
        source=_SHUTDOWNS,
        read_on=_READ,
    ),
    Carrier(
        key="t_mobile",
        name="T-Mobile",
        region="US",
        domains=("tmomail.net",),
        standing=Standing.DEAD,
        ends_on=date(2024, 12, 1),
        source=f"{_SHUTDOWNS}, which says December 2024",
        read_on=_READ,
    ),
    Carrier(
        key="sprint",
        name="Sprint",
        region="US",
        domains=("messaging.sprintpcs.com", "pm.sprint.com"),
        standing=Standing.DEAD,
        source=f"{_SHUTDOWNS}: retired with the network",
        read_on=_READ,
    ),
)

_BY_DOMAIN: Final[Mapping[str, Carrier]] = {
    domain: carrier for carrier in CARRIERS for domain in carrier.domains
}


def carrier_of(address: str) -> Carrier | None:
    """Whose gateway an address leads to, or None: nobody's that this table knows."""
    return _BY_DOMAIN.get(gateway_of(address))


def gateway_of(address: str) -> str:
    """The domain of a gateway's address, in the one way in which it is compared."""
    return address.rpartition("@")[2].strip().rstrip(".").lower()


def gateways_that_are(standing: Standing, *, day: date) -> Mapping[str, Carrier]:
    """The domains of which this is known on that day, with whose they are."""
    return {
        domain: carrier
        for domain, carrier in _BY_DOMAIN.items()
        if carrier.standing_on(day) is standing
    }


def demand_living_gateway(address: str, *, day: date) -> Carrier | None:
    """Whose gateway it is. Raises DeadGateway."""
    carrier = carrier_of(address)
    if carrier is not None and carrier.standing_on(day) is Standing.DEAD:
        raise DeadGateway(carrier)
    return carrier


def gateway_address(carrier: Carrier, number: str, *, day: date) -> str:
    """The address by which a number (E.164) gets texts. Raises DeadGateway and NotANumber."""
    address = f"{national(number, region=carrier.region)}@{carrier.domains[0]}"
    demand_living_gateway(address, day=day)
    return address
