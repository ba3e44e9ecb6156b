"""Telephone numbers as people write them, in the one form that is stored (E.164)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import phonenumbers


class NotANumber(ValueError):
    """The text is not a telephone number that exists. It is not repeated here."""


class NotAMobile(NotANumber):
    """It is the number of a landline, or one that costs more: premium, shared cost, personal."""


_NOWHERE: Final = "ZZ"
_MOBILE: Final = (
    phonenumbers.PhoneNumberType.MOBILE,
    # In some countries, as in the USA and Canada, nobody can tell by the number.
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def read_number(text: str, *, region: str) -> str:
    """``(555) 234-5678`` as ``+15552345678``. ``region`` (``US``) is where a number without a
    country is. Raises NotANumber.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NotANumber("this is not a telephone number") from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise NotANumber("no telephone has this number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobile:
    """A mobile number in the form of E.164, and its country."""

    number: str
    country: str


def read_mobile(text: str, *, region: str | None) -> Mobile:
    """A mobile number as people write it. ``region``: where one without a country is; None: then it
    is none. Raises NotANumber, and NotAMobile for one that costs more, or takes no texts.
    """
    number = read_number(text, region=region or _NOWHERE)
    parsed = phonenumbers.parse(number)
    if phonenumbers.number_type(parsed) not in _MOBILE:
        raise NotAMobile("this is not the number of a mobile")
    country = phonenumbers.region_code_for_number(parsed)
    if country is None:
        raise NotANumber("this number belongs to no country")
    return Mobile(number=number, country=country)


def national(number: str, *, region: str) -> str:
    """A stored number without its country, digits alone. Raises NotANumber for one of another."""
    parsed = phonenumbers.parse(number)
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        raise NotANumber("this number is of another country")
    return phonenumbers.national_significant_number(parsed)
