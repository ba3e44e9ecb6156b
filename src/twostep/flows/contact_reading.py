"""Reading an address as somebody typed it: exactly one, in the one form that is stored.

Threat: a field that takes two addresses sends the code to both; one that takes a display name or a
line break writes headers (AC-52). So a field takes one plain address and nothing around it. Nothing
is looked up in any directory or name server: whether it is theirs, a code will show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, assert_never

from email_validator import EmailNotValidError, validate_email

from twostep.core.contacts import ContactKind
from twostep.delivery.carriers import (
    CARRIERS,
    Carrier,
    DeadGateway,
    Standing,
    demand_living_gateway,
    gateway_address,
)
from twostep.delivery.mail_form import NotAnAddress, demand_address
from twostep.delivery.numbers import NotAMobile, NotANumber, read_mobile, read_number

LONGEST_TYPED: Final = 320
"""More than that is not looked at. An address has 254 characters at the most (RFC 5321 section
4.5.3.1.3)."""

BEGINNING: Final = date(1970, 1, 1)
_INTRANET: Final = (".local", ".localhost", ".test")
"""Names that no public server has (RFC 6761, RFC 6762): the library refuses them, and within an
intranet they are all right."""


class Problem(StrEnum):
    """Why an address cannot be used."""

    NOT_AN_ADDRESS = "not_an_address"
    NOT_A_NUMBER = "not_a_number"
    NO_CARRIER = "no_carrier"
    DEAD_GATEWAY = "dead_gateway"
    NOT_A_MOBILE = "not_a_mobile"
    """A landline, or a number that costs more."""
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    """No texts are sent to that country here."""
    NO_TEXTS = "no_texts"
    """No texts are sent to any number here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUsable:
    """What was typed is no address, or one to which nothing gets. ``carrier``: whose gateway is
    gone.
    """

    problem: Problem
    carrier: Carrier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCarrier:
    """A number and a carrier, of which the gateway's address is made."""

    number: str
    carrier: str


Typed = str | ByCarrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address that can be used. ``dying``: its gateway ends, or loses messages. ``country``: of
    a number.
    """

    text: str
    country: str = ""
    dying: Carrier | None = None


def read(
    kind: ContactKind, typed: Typed, *, now: int, home: str | None = None
) -> Address | NotUsable:
    """The address that was typed for this field. ``now`` (ms) says which gateways still work,
    ``home`` in which country a number is that was typed without one.
    """
    day = day_of(now)
    try:
        if kind is ContactKind.PHONE:
            mobile = read_mobile(_plain(typed), region=home)
            return Address(text=mobile.number, country=mobile.country)
        text, carrier = _read(kind, typed, day)
    except DeadGateway as dead:
        return NotUsable(problem=Problem.DEAD_GATEWAY, carrier=dead.carrier)
    except NotAnAddress:
        return NotUsable(problem=Problem.NOT_AN_ADDRESS)
    except NotAMobile:
        return NotUsable(problem=Problem.NOT_A_MOBILE)
    except NotANumber:
        return NotUsable(problem=Problem.NOT_A_NUMBER)
    except LookupError:
        return NotUsable(problem=Problem.NO_CARRIER)
    dies = carrier is not None and carrier.standing_on(day) is Standing.DYING
    return Address(text=text, dying=carrier if dies else None)


def day_of(now: int) -> date:
    """The day in UTC."""
    return BEGINNING + timedelta(milliseconds=now)


def choices(now: int) -> tuple[Carrier, ...]:
    """The carriers that a form offers: those whose gateway works, then those whose ends."""
    day = day_of(now)
    living = (each for each in CARRIERS if each.standing_on(day) is not Standing.DEAD)
    return tuple(sorted(living, key=lambda each: each.standing_on(day) is Standing.DYING))


def _read(kind: ContactKind, typed: Typed, day: date) -> tuple[str, Carrier | None]:
    """Raises NotAnAddress, NotANumber, DeadGateway, and LookupError for an unknown carrier."""
    match kind:
        case ContactKind.PHONE:
            raise NotANumber("numbers are read with their country")
        case ContactKind.SMS_EMAIL if isinstance(typed, ByCarrier):
            carrier = {each.key: each for each in CARRIERS}[typed.carrier]
            number = read_number(_cut(typed.number), region=carrier.region)
            return gateway_address(carrier, number, day=day), carrier
        case ContactKind.EMAIL | ContactKind.SMS_EMAIL:
            address = read_email(_plain(typed))
            return address, demand_living_gateway(address, day=day)
        case _:
            assert_never(kind)


def read_email(text: str) -> str:
    """One address in the form in which it is stored: no name, no quotes, the domain in ASCII and
    small letters. Raises NotAnAddress.
    """
    domain = text.rpartition("@")[2].lower()
    if domain.endswith(_INTRANET):
        return demand_address(f"{text.rpartition('@')[0]}@{domain}")
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_display_name=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
        )
    except EmailNotValidError:
        raise NotAnAddress("this is not one address that mail can be sent to") from None
    return demand_address(f"{found.local_part}@{found.ascii_domain}")


def _plain(typed: Typed) -> str:
    """Raises NotAnAddress for a number with a carrier, where no field asks for one."""
    if isinstance(typed, ByCarrier):
        raise NotAnAddress("this field takes no carrier")
    return _cut(typed)


def _cut(text: str) -> str:
    return text[:LONGEST_TYPED].strip(" ")
