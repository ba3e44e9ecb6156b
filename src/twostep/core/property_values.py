"""What a property's value may be: each kind checks what was typed, and knows which of two is
stricter.

A value is stored as text. A kind gives the one spelling that is stored, and takes that spelling
back, so that what was stored once can always be checked again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from twostep.core.countries import COUNTRIES

DAY = 86_400_000
"""In milliseconds."""

_BEGINNING = date(1970, 1, 1)
_WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

LINK_SCHEMES = frozenset({"https", "http", "mailto", "tel"})
"""Nothing but these, so no ``javascript:`` can stand in a page."""


class BadValue(ValueError):
    """The text is not a value of the property. The message names the bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few words, the laxest first where one is stricter than another."""

    values: tuple[str, ...]

    @property
    def bounds(self) -> str:
        """What it may be, for operators."""
        return f"one of: {', '.join(self.values)}"

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue."""
        if text.strip().lower() not in self.values:
            raise BadValue(f"it must be {self.bounds}")
        return text.strip().lower()

    def rank(self, value: str) -> int:
        """Where a stored value stands in the order of its kind."""
        return self.values.index(value)

    def shown(self, value: str) -> str:
        """A stored value as people write it."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumber:
    """A number without a fraction, both ends included."""

    least: int
    most: int

    @property
    def bounds(self) -> str:
        """What it may be, for operators."""
        return f"a whole number from {self.least} to {self.most}"

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue."""
        plain = text.strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) < 7):
            raise BadValue(f"it must be {self.bounds}")
        if not self.least <= int(plain) <= self.most:
            raise BadValue(f"it must be {self.bounds}")
        return str(int(plain))

    def rank(self, value: str) -> int:
        """Where a stored value stands in the order of its kind."""
        return int(value)

    def shown(self, value: str) -> str:
        """A stored value as people write it."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text, which may be empty. ``link``: it leads somewhere, by a scheme that is safe
    to show.
    """

    longest: int
    link: bool = False

    @property
    def bounds(self) -> str:
        """What it may be, for operators."""
        schemes = "; it begins with https://, http://, mailto: or tel:" if self.link else ""
        return f"one line of at most {self.longest} characters{schemes}"

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue."""
        if len(text) > self.longest or not text.isprintable():
            raise BadValue(f"it must be one line of at most {self.longest} characters")
        plain = text.strip()
        if self.link and plain and _scheme(plain) not in LINK_SCHEMES:
            raise BadValue("it must begin with https://, http://, mailto: or tel:")
        return plain

    def rank(self, value: str) -> int:
        """No line is stricter than another."""
        return 0

    def shown(self, value: str) -> str:
        """A stored value as people write it."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or nothing. Stored as the millisecond in which it begins, in UTC, on the server's
    clock: a deadline means the same moment to everybody (B-3). Nothing comes before every day.
    """

    @property
    def bounds(self) -> str:
        """What it may be, for operators."""
        return "a day written as 2026-05-01, or empty"

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue."""
        plain = text.strip()
        if not plain:
            return ""
        number = _beginning_of(plain) if _WRITTEN_DAY.fullmatch(plain) else plain
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise BadValue(f"it must be {self.bounds}")
        if int(number) % DAY or int(number) // DAY > (date.max - _BEGINNING).days:
            raise BadValue(f"it must be {self.bounds}")
        return str(int(number))

    def rank(self, value: str) -> int:
        """Where a stored value stands in the order of its kind."""
        return int(value or 0)

    def shown(self, value: str) -> str:
        """A stored value as people write it."""
        if not value.isdigit():
            return value
        return date.fromordinal(_BEGINNING.toordinal() + int(value) // DAY).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries:
    """Countries by their codes of two letters, in an order that counts, or none. Stored with a
    blank between.
    """

    @property
    def bounds(self) -> str:
        """What it may be, for operators."""
        return "codes of countries (ISO 3166) such as US, CA, GB, or empty"

    def check(self, text: str) -> str:
        """The value as it is stored. Raises BadValue."""
        codes = text.upper().replace(",", " ").split()
        unknown = sorted(code for code in codes if code not in COUNTRIES)
        if unknown:
            raise BadValue(f"it must be {self.bounds}; the United Kingdom is GB")
        return " ".join(dict.fromkeys(codes))

    def rank(self, value: str) -> int:
        """No list is stricter than another."""
        return 0

    def shown(self, value: str) -> str:
        """A stored value as people write it."""
        return ", ".join(value.split())


Kind = Choice | WholeNumber | Line | Day | Countries


def _scheme(text: str) -> str:
    try:
        return urlsplit(text).scheme
    except ValueError:
        # A bracket in what would be a host.
        return ""


def _beginning_of(written: str) -> str:
    """In milliseconds; "" for a day that no calendar has."""
    try:
        return str((date.fromisoformat(written) - _BEGINNING).days * DAY)
    except ValueError:
        return ""
