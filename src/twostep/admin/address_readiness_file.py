"""The list of who could be reached, as a file of comma-separated values (RFC 4180), in UTF-8.

Threat: a user name that begins like a formula is run by the spreadsheet that opens the file
(CWE-1236, AC-80). Such a cell gets an apostrophe in front, which spreadsheets take for "this is
text". The file is written page by page: a million users do not lie in memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from twostep.core.contacts import ContactKind
from twostep.flows.address_readiness import Line
from twostep.i18n import address_readiness as words

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are the wide forms, which some spreadsheets take for the others (OWASP, CSV
injection)."""


def heading(language: str) -> str:
    """The first line."""
    return written([words.headings(language)])


def lines(found: Iterable[Line], language: str) -> str:
    """A line for each person."""
    return written([_cells(line, language) for line in found])


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as the file has them; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell, as text and nothing else, also where blanks stand before the sign."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_BEGINS_A_FORMULA) else cell


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
