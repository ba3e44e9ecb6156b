"""What stands on the page of the report. Moments are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.i18n.sentences import Sentence
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One row of a table: what, and how many."""

    words: Sentence
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedBy:
    """How many second steps somebody removed; the link leads to these events."""

    who: str
    number: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One removal in a sentence."""

    path: str
    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``/admin/report``: how it was at the end of a day.

    ``day`` is what stands in the field, ``ends_at`` the end of the day that is reported. ``counts``
    is None where there are too many people to be counted on a page. ``begins_at``: from when on the
    log is whole, where the day is earlier. ``csv`` leads to the list of people, ``removals_csv`` to
    the removals of the month.
    """

    template: ClassVar[str] = "report.html"

    day: str
    today: str
    starts_at: int
    counts: tuple[Counted, ...] | None
    sign_ins: tuple[Counted, ...]
    removed_by: tuple[RemovedBy, ...]
    removals: tuple[Removal, ...]
    more_removals: bool
    begins_at: int | None
    csv: str
    removals_csv: str
    errors: tuple[FieldError, ...] = ()
