"""The list of who could be reached, as a file for a spreadsheet.

It is written page by page: a million users do not lie in memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from twostep.admin.csv_files import headed, written
from twostep.core.contacts import ContactKind
from twostep.flows.address_readiness import Line
from twostep.i18n import address_readiness as words


def heading(language: str) -> str:
    """The first line."""
    return headed(words.headings(language))


def lines(found: Iterable[Line], language: str) -> str:
    """A line for each person."""
    return written([_cells(line, language) for line in found])


def _cells(line: Line, language: str) -> tuple[str, ...]:
    lacks = "; ".join(words.label(gap, language) for gap in line.gaps)
    if line.carrier:
        ends = f", {line.ends_on.isoformat()}" if line.ends_on else ""
        lacks = f"{lacks} ({line.carrier}{ends})"
    return (
        line.name,
        words.yes_or_no(line.app, language),
        str(line.recovery_codes),
        *(_addresses(line, kind, language) for kind in ContactKind),
        lacks,
        " ".join(words.remedy(gap, language) for gap in line.gaps),
    )


def _addresses(line: Line, kind: ContactKind, language: str) -> str:
    return "; ".join(
        f"{each.masked} ({words.state_of_address(each.state, language)})"
        for each in line.addresses
        if each.kind is kind
    )
